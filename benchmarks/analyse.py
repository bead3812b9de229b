"""How long `equipoise analyse` takes, whole process, and how much memory: the pilot, and a copy 79 times its size.

    uv run python benchmarks/analyse.py PILOT_ADAM_FOLDER [--copies 79]

Prints wall and CPU seconds and peak memory, beside the goals, and the ratio to what merely reading the same files
with polars takes, which is the limit that no program can beat.
"""

import argparse
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import polars as pl

LABORATORY = ("adlbc",)
PASSED_OVER = ("adlbh", "adlbhy")


def read_seconds(folder: Path) -> float:
    """Seconds to read every Parquet file of a folder."""
    start = time.perf_counter()
    for file in sorted(folder.glob("*.parquet")):
        pl.read_parquet(file)
    return time.perf_counter() - start


def write_copies(source: Path, target: Path, copies: int) -> int:
    """Write the datasets with each participant `copies` times; return the number of laboratory rows."""
    rows = 0
    for file in sorted(source.glob("*.parquet")):
        if file.stem in PASSED_OVER:
            continue
        frame = pl.read_parquet(file)
        numbers = pl.DataFrame({"copy": range(copies)})
        many = frame.join(numbers, how="cross").with_columns(
            (pl.col("USUBJID") + "-" + pl.col("copy").cast(pl.String)).alias("USUBJID")
        )
        many.drop("copy").write_parquet(target / file.name)
        rows += many.height if file.stem in LABORATORY else 0
    return rows


def measure(data: Path, out: Path) -> tuple[float, float, float]:
    """Run the analysis in a process of its own; return wall seconds, CPU seconds and peak memory in GiB."""
    command = [
        sys.executable,
        "-m",
        "equipoise.cli",
        "analyse",
        "cdiscpilot01",
        "--data",
        str(data),
        "--out",
        str(out),
    ]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise SystemExit(f"the analysis ended with status {status}")
    assert isinstance(usage, resource.struct_rusage)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20


def main() -> None:
    """Print both measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--copies", type=int, default=79)
    arguments = parser.parse_args()
    print(f"{'data':34}{'wall s':>8}{'CPU s':>8}{'GiB':>7}{'goal s':>8}{'goal GiB':>10}{'x reading':>11}")
    with tempfile.TemporaryDirectory() as scratch:
        large = Path(scratch) / "large"
        large.mkdir()
        # In a process of its own: a child's peak memory begins with that of the process it was forked from.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            rows = pool.submit(write_copies, arguments.folder, large, arguments.copies).result()
            limits = [pool.submit(read_seconds, folder).result() for folder in (arguments.folder, large)]
        cases = (
            (arguments.folder, "the pilot, 254 participants", 15, 1),
            (large, f"{arguments.copies} copies", 60, 6),
        )
        for (folder, name, goal, memory_goal), limit in zip(cases, limits, strict=True):
            wall, cpu, memory = measure(folder, Path(scratch) / "out" / folder.name)
            print(f"{name:34}{wall:8.1f}{cpu:8.1f}{memory:7.2f}{goal:8}{memory_goal:10}{wall / limit:11.0f}")
        print(f"the copies hold {254 * arguments.copies} participants and {rows} laboratory rows")


if __name__ == "__main__":
    main()
