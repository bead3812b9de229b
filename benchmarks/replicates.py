"""How many simulated trials a CPU second analyses here, beside a loop over the single method and one in R.

    OPENBLAS_NUM_THREADS=1 uv run python benchmarks/replicates.py [--repeats 5]

Best of the repeats, in CPU seconds of one thread, data drawn beforehand; loops run over fewer trials. R is left
out where there is no Rscript with survival.
"""

import argparse
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from equipoise.errors import EstimationFailed
from equipoise.statistics import ancova
from equipoise.statistics.categorical import fisher_exact
from equipoise.statistics.multiplicity import dunnett
from equipoise.statistics.replicates import (
    cut_at_events,
    draw_group_sequential,
    replicate_ancova,
    replicate_cox,
    replicate_dunnett,
    replicate_log_rank,
    replicate_proportions,
    replicate_rank_sum,
    replicate_t_test,
)
from equipoise.statistics.sequential import group_sequential
from equipoise.statistics.survival import cox, log_rank
from equipoise.statistics.threads import on_one_thread

R_PROGRAM = """
suppressMessages(library(survival)); set.seed(1)
rate <- function(times, f) round(times / sum(system.time(for (i in seq_len(times)) f())[1:2]), 1)
arm <- factor(rep(0:2, 80)); x <- rnorm(240, 150, 40); y <- 0.5 * x + rnorm(240, 0, 30)
t72 <- rexp(72); e72 <- rep(1:0, 36); a72 <- rep(0:1, each = 36)
t500 <- rexp(500); a500 <- rep(0:1, 250); entry <- runif(500); tab <- matrix(c(9, 15, 4, 20), 2)
cut <- function() {
  end <- sort(entry + t500)[300]; seen <- entry + t500 <= end; now <- entry < end
  survdiff(Surv(pmin(t500, end - entry)[now], seen[now]) ~ a500[now])
}
cat(sprintf('{"ancova": %f, "log_rank": %f, "events": %f, "cox": %f, "fisher": %f}',
  rate(500, function() summary(lm(y ~ x + arm))), rate(500, function() survdiff(Surv(t72, e72) ~ a72)),
  rate(300, cut), rate(200, function() coxph(Surv(t72, e72) ~ a72)), rate(2000, function() fisher.test(tab))))
"""


@dataclass(frozen=True)
class Case:
    """A kind of analysis: many trials at once, one by the single method, its name in R, the goal."""

    name: str
    trials: int
    batch: Callable[[], object]
    alone: Callable[[int], object] | None = None
    loop: int = 30
    in_r: str = ""
    goal: int = 0


def draw_cases(rng: np.random.Generator) -> list[Case]:
    """Draw the data of each kind of analysis."""
    return [*ancova_cases(rng), *survival_cases(rng), *other_cases(rng)]


def ancova_cases(rng: np.random.Generator) -> list[Case]:
    """Three arms and a covariate; two arms of a trial of many sites."""
    trials, n = 20_000, 240
    arm = np.arange(n) % 3
    base = rng.normal(150.0, 40.0, (trials, n))
    x = np.empty((trials, n, 4))
    x[..., 0], x[..., 1], x[..., 2], x[..., 3] = 1.0, base, arm == 1, arm == 2
    y = 0.5 * base + rng.normal(0.0, 30.0, (trials, n))
    gaps = np.where(rng.random(y.shape) < 0.1, np.nan, y)

    def alone(trial: int) -> object:
        frame = pl.DataFrame({"y": y[trial], "x": base[trial], "arm": arm.astype(str)})
        return ancova("y ~ x + arm", frame).contrasts("arm")

    many, large = 500, 522
    sites = np.zeros((many, large, 37))
    sites[..., 0], sites[..., 1] = 1.0, rng.normal(150.0, 40.0, (many, large))
    for place in range(1, 3):
        sites[..., 1 + place] = np.arange(large) % 3 == place
    for place in range(1, 34):
        sites[..., 3 + place] = np.arange(large) % 34 == place
    outcome = rng.normal(size=(many, large))
    return [
        Case(
            "ANCOVA, 3 arms, n 240",
            trials,
            lambda: replicate_ancova(y, x, np.eye(4)[2:]),
            alone,
            30,
            "ancova",
            120_000,
        ),
        Case("  with a tenth missing", trials, lambda: replicate_ancova(gaps, x, np.eye(4)[2:])),
        Case("  34 sites, n 522", many, lambda: replicate_ancova(outcome, sites, np.eye(37)[2:4])),
    ]


def survival_cases(rng: np.random.Generator) -> list[Case]:
    """Two arms of 36 followed for a while; 500 participants who enter over time, cut at 300 events."""
    trials, n = 20_000, 72
    arm = np.repeat([0, 1], n // 2)
    time_to, event = rng.exponential(10.0, (trials, n)), rng.random((trials, n)) < 0.6
    days, strata = np.ceil(time_to), rng.integers(0, 4, (trials, n))
    large, size = 4_000, 500
    entry, later = rng.uniform(0.0, 12.0, (large, size)), rng.exponential(10.0, (large, size))
    seen, arms = rng.random((large, size)) < 0.95, np.arange(size) % 2

    def frame(trial: int) -> pl.DataFrame:
        return pl.DataFrame({"t": time_to[trial], "e": event[trial], "a": arm})

    def at_events() -> object:
        cut = cut_at_events(entry, later, seen, 300)
        return replicate_log_rank(cut.time, cut.event, arms, arms=2, participants=cut.participants)

    def cut_alone(trial: int) -> object:
        calendar = np.where(seen[trial], entry[trial] + later[trial], np.inf)
        end = np.sort(calendar)[299]
        columns = {"t": np.minimum(later[trial], end - entry[trial]), "e": calendar <= end, "a": arms}
        return log_rank(pl.DataFrame(columns).filter(pl.col("t") > 0), "t", "e", "a")

    def many_log_rank(times: np.ndarray, **options: np.ndarray) -> Callable[[], object]:
        return lambda: replicate_log_rank(times, event, arm, arms=2, **options)

    return [
        Case(
            "log-rank, 72",
            trials,
            many_log_rank(time_to),
            lambda k: log_rank(frame(k), "t", "e", "a"),
            loop=100,
            in_r="log_rank",
            goal=50_000,
        ),
        Case("  whole days", trials, many_log_rank(days)),
        Case("  weeks of whole days", trials, many_log_rank(days / 7.0)),
        Case("  4 strata", trials, many_log_rank(time_to, strata=strata)),
        Case("log-rank, 500 cut at 300", large, at_events, cut_alone, loop=100, in_r="events", goal=30_000),
        Case(
            "Cox, 72",
            trials,
            lambda: replicate_cox(time_to, event, arm, arms=2),
            lambda k: cox(["a"], frame(k), time="t", event="e"),
            loop=50,
            in_r="cox",
        ),
    ]


def other_cases(rng: np.random.Generator) -> list[Case]:
    """Responses, means, ranks, two doses against one control, and looks without participants."""
    trials, n = 20_000, 72
    arm = np.arange(n) % 3
    response, value = (rng.random((trials, n)) < 0.3).astype(float), rng.normal(size=(trials, n))
    estimate, df = rng.normal(0.0, 2.0, (trials, 2)), np.full((trials, 2), 236.0)
    covariance = np.array([[2.0, 1.0], [1.0, 2.0]]) + rng.uniform(0.0, 0.2, (trials, 1, 1))
    design = group_sequential(3)

    def table(trial: int) -> object:
        frame = pl.DataFrame({"y": response[trial, arm < 2], "a": arm[arm < 2]})
        try:
            return fisher_exact(frame, "y", "a")
        except EstimationFailed:
            return None

    return [
        Case(
            "Fisher, 3 arms and pairs, 72",
            trials,
            lambda: replicate_proportions(response, arm, arms=3),
            table,
            loop=50,
            in_r="fisher",
        ),
        Case("t test, 3 arms, 72", trials, lambda: replicate_t_test(value, arm, arms=3)),
        Case("rank sum, 3 arms, 72", 2_000, lambda: replicate_rank_sum(value[:2_000], arm, arms=3)),
        Case(
            "Dunnett, 2 doses: p",
            trials,
            lambda: replicate_dunnett(estimate, covariance, df),
            lambda k: dunnett(estimate[k], covariance[k], df=df[k]),
            loop=20,
        ),
        Case("  with limits", trials, lambda: replicate_dunnett(estimate, covariance, df).lower),
        Case(
            "group sequential, 3 looks",
            2_000_000,
            lambda: draw_group_sequential(design, 0.0, 2_000_000, np.random.default_rng(1)),
            goal=4_500_000,
        ),
    ]


def trials_per_second(call: Callable[[], object], trials: int, repeats: int) -> float:
    """Trials per CPU second, the best of `repeats` after one call to warm up."""
    call()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return trials / min(seconds)


def run_alone(alone: Callable[[int], object], trials: int) -> None:
    """Analyse the first trials one by one."""
    for trial in range(trials):
        alone(trial)


def run_r() -> dict[str, float]:
    """Trials per CPU second in R; empty where it cannot be run."""
    if shutil.which("Rscript") is None:
        return {}
    run = subprocess.run(["Rscript", "-e", R_PROGRAM], capture_output=True, text=True, check=False)
    return dict(json.loads(run.stdout)) if run.returncode == 0 else {}


@on_one_thread
def main() -> None:
    """Print a row a kind of analysis."""
    parser = argparse.ArgumentParser(description="Time the analysis of many simulated trials at once.")
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    r = run_r()
    print(f"{'trials per CPU second':34}{'here':>11}{'goal':>11}{'single':>9}{'ratio':>8}{'R':>9}{'ratio':>8}")
    for case in draw_cases(np.random.default_rng(1)):
        here = trials_per_second(case.batch, case.trials, repeats)
        row = f"{case.name:34}{here:11,.0f}{case.goal or '':>11}"
        if case.alone is not None:
            single = trials_per_second(partial(run_alone, case.alone, case.loop), case.loop, 1)
            row += f"{single:9,.0f}{here / single:8,.0f}"
        if case.in_r in r:
            row += f"{r[case.in_r]:9,.0f}{here / r[case.in_r]:8,.0f}"
        print(row)


if __name__ == "__main__":
    main()
