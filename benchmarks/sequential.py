"""How long group sequential designs take here and in R rpact, and the ratios.

    OPENBLAS_NUM_THREADS=1 uv run python benchmarks/sequential.py [--repeats 20]

Whole calls: bounds, drift, inflation and what is spent. Medians of CPU seconds after a first call. rpact gives
bounds by `getDesignGroupSequential` and inflation by `getDesignCharacteristics`, so both are timed. R is left out
where there is no Rscript with rpact.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from equipoise.statistics.sequential import (
    BetaSpending,
    conditional_power,
    final_analysis,
    group_sequential,
    repeated_p,
)

DESIGN = group_sequential(3)
CALLS: Mapping[str, Callable[[], object]] = {
    "Lan-DeMets OBF, 3 looks": lambda: group_sequential(3),
    "Lan-DeMets OBF, 10 looks": lambda: group_sequential(10),
    "O'Brien-Fleming, 3 looks": lambda: group_sequential(3, bounds="obrien-fleming"),
    "Pocock, 10 looks": lambda: group_sequential(10, bounds="pocock"),
    "beta spending, 3 looks": lambda: group_sequential(3, futility=BetaSpending("lan-demets-obrien-fleming")),
    "beta spending, binding": lambda: group_sequential(
        3, futility=BetaSpending("lan-demets-obrien-fleming"), binding=True
    ),
    "conditional power": lambda: conditional_power(DESIGN, 1, 1.5, drift=3.0),
    "repeated p, look 2": lambda: repeated_p(DESIGN, 2, 2.2),
    "final analysis, look 2": lambda: final_analysis(DESIGN, 2, 2.6, 1.0),
}
R_PROGRAM = """
suppressMessages(library(rpact))
repeats <- as.integer(commandArgs(TRUE)[1])
cpu <- function(f) { f(); t <- replicate(repeats, sum(system.time(f())[1:2])); mean(t) }
whole <- function(...) function() getDesignCharacteristics(getDesignGroupSequential(...))
design <- getDesignGroupSequential(kMax = 3, typeOfDesign = "asOF")
data <- getDataset(n1 = c(30, 30), n2 = c(30, 30), means1 = c(4, 6), means2 = c(0, 0), stDevs1 = c(10, 10),
  stDevs2 = c(10, 10))
stage <- function(k) getStageResults(design, data, stage = k, normalApproximation = TRUE)
one <- stage(1); two <- stage(2)
quietly <- function(f) function() invisible(capture.output(suppressMessages(f())))
calls <- list(
  "Lan-DeMets OBF, 3 looks" = whole(kMax = 3, typeOfDesign = "asOF"),
  "Lan-DeMets OBF, 10 looks" = whole(kMax = 10, typeOfDesign = "asOF"),
  "O'Brien-Fleming, 3 looks" = whole(kMax = 3, typeOfDesign = "OF"),
  "Pocock, 10 looks" = whole(kMax = 10, typeOfDesign = "P"),
  "beta spending, 3 looks" = whole(kMax = 3, typeOfDesign = "asOF", typeBetaSpending = "bsOF", beta = 0.1),
  "beta spending, binding" = whole(kMax = 3, typeOfDesign = "asOF", typeBetaSpending = "bsOF", beta = 0.1,
    bindingFutility = TRUE),
  "conditional power" = quietly(function() getConditionalPower(one, nPlanned = c(60, 60), thetaH1 = 4,
    assumedStDev = 10)),
  "repeated p, look 2" = quietly(function() getRepeatedPValues(two)),
  "final analysis, look 2" = quietly(function() getFinalConfidenceInterval(design, data, stage = 2,
    normalApproximation = TRUE)))
seconds <- sapply(calls, cpu)
cat(sprintf("{%s}", paste(sprintf('"%s": %.6f', names(seconds), seconds), collapse = ", ")))
"""


def median_seconds(call: Callable[[], object], repeats: int) -> float:
    """Median CPU seconds of `call` after one call to warm up."""
    call()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def time_r(repeats: int) -> dict[str, float]:
    """Time R rpact on the same designs; empty where it cannot be run."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "time.R").write_text(R_PROGRAM)
        run = subprocess.run(
            ["Rscript", "time.R", str(repeats)], cwd=folder, capture_output=True, text=True, check=False
        )
    text = run.stdout[run.stdout.find("{") :] if run.returncode == 0 else ""
    return dict(json.loads(text)) if text else {}


def main() -> None:
    """Print a row a call."""
    parser = argparse.ArgumentParser(description="Time group sequential designs against rpact.")
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    here = {name: median_seconds(call, options.repeats) for name, call in CALLS.items()}
    r = time_r(options.repeats)
    print(f"{'':28}{'here, ms':>10}{'rpact, ms':>11}{'rpact/here':>12}")
    for name, own in here.items():
        peer, ratio = (f"{1e3 * r[name]:.1f}", f"{r[name] / own:.0f}") if name in r else ("-", "-")
        print(f"{name:28}{1e3 * own:10.2f}{peer:>11}{ratio:>12}")


if __name__ == "__main__":
    main()
