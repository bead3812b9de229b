"""How long log-rank tests and Cox regressions take here, in R survival and in lifelines, and the ratios.

    OPENBLAS_NUM_THREADS=1 uv run python benchmarks/survival.py [--rows 10000 100000] [--repeats 5]

Seven covariates (six numbers, one arm of text), half the times censored; `continuous` times are all different,
`tied` ones are whole days. Medians of CPU seconds, from a data frame to the result; a first call warms up. One
thread, as R uses: threads that wait would be counted. R is left out where there is no Rscript with survival.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from equipoise.statistics.survival import cox, log_rank

NUMBERS = [f"x{place}" for place in range(6)]
R_PROGRAM = """
suppressMessages(library(survival))
args <- commandArgs(TRUE); d <- read.csv(args[1]); repeats <- as.integer(args[2])
cpu <- function(f) { f(); t <- replicate(repeats, sum(system.time(f())[1:2])); median(t) }
cat(sprintf('{"log_rank": %.5f, "cox": %.5f}',
  cpu(function() survdiff(Surv(time, event) ~ arm, d)),
  cpu(function() coxph(Surv(time, event) ~ x0 + x1 + x2 + x3 + x4 + x5 + arm, d, ties = "efron"))))
"""


def draw_trial(rows: int, *, tied: bool) -> pl.DataFrame:
    """Draw a trial of `rows` participants with proportional hazards."""
    rng = np.random.default_rng(rows)
    numbers = rng.normal(size=(len(NUMBERS), rows))
    active = rng.integers(0, 2, rows)
    time = rng.exponential(size=rows) * np.exp(-0.2 * numbers.sum(axis=0) - 0.3 * active) * 365
    return pl.DataFrame(dict(zip(NUMBERS, numbers, strict=True))).with_columns(
        pl.Series("arm", np.where(active == 1, "Active", "Placebo")),
        pl.Series("time", np.ceil(time) if tied else time),
        pl.Series("event", rng.integers(0, 2, rows)),
    )


def median_seconds(call: Callable[[], object], repeats: int) -> float:
    """Median CPU seconds of `call` after one call to warm up."""
    call()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def time_here(data: pl.DataFrame, repeats: int) -> dict[str, float]:
    """Time this package."""
    return {
        "log_rank": median_seconds(lambda: log_rank(data, "time", "event", "arm"), repeats),
        "cox": median_seconds(lambda: cox([*NUMBERS, "arm"], data, time="time", event="event"), repeats),
    }


def time_lifelines(data: pl.DataFrame, repeats: int) -> dict[str, float]:
    """Time lifelines, which wants numbers in a pandas frame: made beforehand."""
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.statistics import multivariate_logrank_test

    frame = pd.DataFrame(data.to_dict(as_series=False))
    numbers = frame.assign(arm=(frame["arm"] == "Active").astype(float))
    return {
        "log_rank": median_seconds(
            lambda: multivariate_logrank_test(frame["time"], frame["arm"], frame["event"]), repeats
        ),
        "cox": median_seconds(lambda: CoxPHFitter().fit(numbers, "time", "event"), repeats),
    }


def time_r(data: pl.DataFrame, repeats: int) -> dict[str, float]:
    """Time R survival on the same rows; empty where it cannot be run."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        data.write_csv(Path(folder) / "trial.csv")
        (Path(folder) / "time.R").write_text(R_PROGRAM)
        run = subprocess.run(
            ["Rscript", "time.R", "trial.csv", str(repeats)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    return dict(json.loads(run.stdout)) if run.returncode == 0 else {}


def main() -> None:
    """Print a row a method, kind of times and number of rows."""
    parser = argparse.ArgumentParser(description="Time log-rank tests and Cox regressions against their peers.")
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print(f"{'':32}{'here, s':>10}{'R, s':>10}{'lifelines':>11}{'R/here':>9}{'lifelines/here':>16}")
    for rows in options.rows:
        for tied in (True, False):
            data = draw_trial(rows, tied=tied)
            here, peers = time_here(data, options.repeats), time_lifelines(data, options.repeats)
            r = time_r(data, options.repeats)
            for method in ("log_rank", "cox"):
                name = f"{method} {'tied' if tied else 'continuous'} {rows}"
                own = here[method]
                r_seconds = f"{r[method]:.4f}" if r else "-"
                r_ratio = f"{r[method] / own:.1f}" if r else "-"
                print(
                    f"{name:32}{own:10.4f}{r_seconds:>10}{peers[method]:11.4f}{r_ratio:>9}"
                    f"{peers[method] / own:16.1f}"
                )


if __name__ == "__main__":
    main()
