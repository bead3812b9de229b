"""How many whole trials a second `equipoise simulate` gets through, part by part, and what workers add.

    OPENBLAS_NUM_THREADS=1 uv run python benchmarks/simulation.py [--trials 1000] [--workers 2]

First CPU seconds of one process: drawing participants, then each analysis of the protocol. Then wall seconds of a
run by one process and by several, and the largest memory. The methods alone, beside R, are in `replicates.py` and
`replicates_mmrm.py`.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

from equipoise.simulation.analyses.simulated import METHODS
from equipoise.simulation.population import Population, chunk_streams
from equipoise.simulation.run.settings import CHUNK, settings_of
from equipoise.simulation.run.simulate import simulate

WARM = 8 * CHUNK
"""Trials before the clock starts: by then every worker has begun."""


def parts(name: str, chunks: int) -> None:
    """Print trials a CPU second of drawing and of each analysis, and of all of it."""
    settings = settings_of(name, 1)
    analyses = settings.analyses()
    population = settings.population("planned")
    assert isinstance(population, Population)
    population.draw(chunk_streams(0, 0), CHUNK)
    spent: dict[str, float] = {}
    for chunk in range(chunks):
        start = time.process_time()
        trials = population.draw(chunk_streams(1, chunk), CHUNK)
        spent["drawing"] = spent.get("drawing", 0.0) + time.process_time() - start
        for analysis in analyses.names:
            spec = settings.protocol().analyses[analysis]
            start = time.process_time()
            METHODS[spec.method](settings.protocol(), analysis, spec, trials)
            spent[analysis] = spent.get(analysis, 0.0) + time.process_time() - start
    done = chunks * CHUNK
    print(f"\n{name}: {population.participants} participants, trials a CPU second")
    for part, seconds in spent.items():
        print(f"  {part:22}{done / seconds:12,.0f}")
    print(f"  {'all of it':22}{done / sum(spent.values()):12,.0f}")


def workers(name: str, trials: int, number: int) -> None:
    """Print wall seconds of a run by one process and by `number`; each has found its feet before."""
    settings = settings_of(name, 1, only=("cd4_mmrm",))
    print(f"\n{name}: wall seconds of {trials:,} trials of one scenario, the mixed model alone")
    spent = {}
    for count in (1, number):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            simulate(settings, CHUNK, out, scenarios=("none",))
            began: list[float] = []

            def note(done: int, _: int, began: list[float] = began, warm: int = WARM) -> None:
                if not began and done > warm:
                    began.append(time.perf_counter())

            simulate(settings, trials + WARM, out, scenarios=("none",), workers=count, progress=note)
            spent[count] = time.perf_counter() - began[0]
            print(f"  {count} worker{'s' if count > 1 else ' '}{spent[count]:12.1f}")
    print(f"  times as fast {spent[1] / spent[number]:10.2f}")


def main() -> None:
    """Print every part."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=4 * CHUNK)
    options.add_argument("--workers", type=int, default=min(2, multiprocessing.cpu_count()))
    given = options.parse_args()
    for name in ("hucmsc_inr", "hucmsc_confirm"):
        parts(name, max(1, given.trials // CHUNK))
    workers("hucmsc_inr", 24 * given.trials, given.workers)
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\nlargest memory of this process {largest:.2f} GiB")


if __name__ == "__main__":
    main()
