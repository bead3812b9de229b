"""How long a mixed model for repeated measures takes here and in R's mmrm, and the ratio.

    OPENBLAS_NUM_THREADS=1 POLARS_MAX_THREADS=1 uv run python benchmarks/mmrm.py
        [--participants 200 1000 5000 20000] [--repeats 7] [--gaps 0.02] [--df kenward-roger satterthwaite]

Three arms, ten visits, unstructured covariance, about 15% dropout and intermittent gaps. Timed is the whole call
from a long data frame to coefficients, covariance, and the contrasts of each arm with placebo at every visit, in
medians of CPU seconds on one thread after one call to warm up. R is run where Rscript has mmrm and emmeans: the
same data, model and method of degrees of freedom (Kenward-Roger-Linear, Satterthwaite), once for each size.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from equipoise.statistics import mmrm

VISITS = 10
ARMS = ("Placebo", "Low", "High")
FORMULA = "CHG ~ BASE + STRATUM + ARM * VISIT"
R_METHODS = {"kenward-roger": "Kenward-Roger-Linear", "satterthwaite": "Satterthwaite"}
R_PROGRAM = """
suppressMessages({library(mmrm); library(emmeans)})
args <- commandArgs(TRUE); d <- read.csv(args[1], stringsAsFactors = TRUE)
d$ARM <- relevel(d$ARM, "Placebo"); d$USUBJID <- factor(d$USUBJID); d$VISIT <- factor(d$VISIT)
seconds <- sum(system.time({
  vcov <- if (args[2] == "Satterthwaite") "Asymptotic" else "Kenward-Roger-Linear"
  method <- if (args[2] == "Satterthwaite") "Satterthwaite" else "Kenward-Roger"
  fit <- mmrm(CHG ~ BASE + STRATUM + ARM * VISIT + us(VISIT | USUBJID), d, method = method, vcov = vcov)
  found <- as.data.frame(contrast(emmeans(fit, ~ ARM | VISIT), "trt.vs.ctrl"))
})[1:2])
cat(sprintf('{"seconds": %.4f, "log_likelihood": %.8f}', seconds, as.numeric(logLik(fit))))
"""


def draw_trial(participants: int, gaps: float) -> pl.DataFrame:
    """Draw a trial on the scale of CD4 counts, its visits in long form."""
    rng = np.random.default_rng(participants)
    visit = np.arange(1, VISITS + 1)
    sd = 100.0 + 8.0 * visit
    correlation = 0.55 + 0.4 * 0.9 ** np.abs(np.subtract.outer(visit, visit))
    np.fill_diagonal(correlation, 1.0)
    factor = np.linalg.cholesky(correlation * np.outer(sd, sd))
    arm = np.arange(participants) % len(ARMS)
    base = rng.normal(180.0, 60.0, participants)
    change = rng.normal(size=(participants, VISITS)) @ factor.T
    change += 5.0 * visit + 2.0 * arm[:, None] * visit - 0.2 * (base - 180.0)[:, None]
    left = np.maximum.accumulate(rng.random((participants, VISITS)) < 0.15 / VISITS, axis=1)
    seen = ~left & (rng.random((participants, VISITS)) >= gaps)
    who, when = np.nonzero(seen)
    return pl.DataFrame(
        {
            "USUBJID": [f"P{place:05d}" for place in who],
            "VISIT": [f"V{place + 1:02d}" for place in when],
            "ARM": [ARMS[place] for place in arm[who]],
            "STRATUM": np.where(who % 2, "A", "B"),
            "BASE": base[who],
            "CHG": change[who, when],
        }
    )


def time_here(data: pl.DataFrame, df: str, repeats: int) -> tuple[float, float]:
    """Median CPU seconds of the fit with its contrasts, and its log-likelihood."""
    seconds = []
    for _ in range(repeats + 1):
        start = time.process_time()
        fit = mmrm(FORMULA, data, subject="USUBJID", visit="VISIT", df=df, reference={"ARM": "Placebo"})
        fit.contrasts("ARM", versus="Placebo", by="VISIT")
        seconds.append(time.process_time() - start)
    return statistics.median(seconds[1:]), fit.log_likelihood


def time_r(data: pl.DataFrame, df: str) -> tuple[float, float] | None:
    """CPU seconds of R's mmrm with emmeans and its log-likelihood, or None where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        program, rows = Path(folder, "mmrm.R"), Path(folder, "trial.csv")
        program.write_text(R_PROGRAM)
        data.write_csv(rows)
        done = subprocess.run(
            ["Rscript", str(program), str(rows), R_METHODS[df]], capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        return None
    answer = json.loads(done.stdout)
    return answer["seconds"], answer["log_likelihood"]


def main() -> None:
    """Print a line for each size and method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--participants", type=int, nargs="+", default=[200, 1000, 5000, 20000])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--gaps", type=float, default=0.02)
    parser.add_argument("--df", nargs="+", choices=list(R_METHODS), default=list(R_METHODS))
    asked = parser.parse_args()
    titles = f"{'participants':>12} {'rows':>8} {'method':>14} {'here, s':>9} {'R mmrm, s':>10} {'ratio':>8}"
    print(f"{titles}  log-likelihood")
    for participants in asked.participants:
        data = draw_trial(participants, asked.gaps)
        for df in asked.df:
            seconds, likelihood = time_here(data, df, asked.repeats)
            peer = time_r(data, df)
            theirs = "not there" if peer is None else f"{peer[0]:.2f}"
            ratio = "" if peer is None else f"{peer[0] / seconds:.0f}"
            both = f"{likelihood:.5f}" + ("" if peer is None else f" / {peer[1]:.5f}")
            print(f"{participants:>12} {data.height:>8} {df:>14} {seconds:>9.3f} {theirs:>10} {ratio:>8}  {both}")


if __name__ == "__main__":
    main()
