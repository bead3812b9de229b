"""How many simulated trials a second the batched mixed model for repeated measures fits; ratio to single fits.

    OPENBLAS_NUM_THREADS=1 POLARS_MAX_THREADS=1 uv run python benchmarks/replicates_mmrm.py
        [--trials 1000] [--repeats 7] [--df satterthwaite]

Unstructured covariance, restricted likelihood, contrasts of both doses with placebo at the last visit; 15% leave
at a random visit. CPU seconds on one thread, the least of the repeats, as other work on a machine only adds to
them. `mmrm` fits five of the same trials one by one. R's mmrm fits 4.7 trials a second of the first shape with
Satterthwaite's degrees of freedom (1.3 with Kenward and Roger's), measured on a machine of this kind. `unit` is
the time of one multiplication of 200 x 200 matrices: compare machines and moments by it.
"""

import argparse
import time

import numpy as np
import polars as pl

from equipoise.statistics import mmrm
from equipoise.statistics.replicates.repeated_measures import replicate_mmrm
from equipoise.statistics.threads import on_one_thread

# participants, visits, sites common to the visits, share of values missing between visits, share of --trials
SHAPES = {
    "3 arms x 6 visits, n = 240": (240, 6, 1, 0.0, 1.0),
    "72 x 10, 4 sites, gaps 3%": (72, 10, 5, 0.03, 1.0),
    "72 x 10, 4 sites, dropout only": (72, 10, 5, 0.0, 1.0),
    "522 x 6, 29 sites, dropout only": (522, 6, 30, 0.0, 0.3),
    "522 x 6, 29 sites, gaps 3%": (522, 6, 30, 0.03, 0.05),
    "360 x 5, 29 sites, gaps 3%": (360, 5, 30, 0.03, 0.05),
    "72 x 5, 4 sites, gaps 3%": (72, 5, 5, 0.03, 1.0),
}
ARMS = 3
R_MMRM = {"satterthwaite": 4.7, "kenward-roger": 1.3}


def draw_trials(trials: int, participants: int, visits: int, sites: int, gaps: float):
    """Draw outcomes, covariates (constant, baseline, doses, sites), and which of them are by visit."""
    rng = np.random.default_rng(participants)
    place = np.arange(visits)
    sd = 60.0 + 5.0 * place
    correlation = 0.55 + 0.4 * 0.9 ** np.abs(np.subtract.outer(place, place))
    np.fill_diagonal(correlation, 1.0)
    outcome = rng.normal(size=(trials, participants, visits))
    outcome = outcome @ np.linalg.cholesky(correlation * np.outer(sd, sd)).T
    baseline = rng.normal(180.0, 60.0, (trials, participants))
    outcome -= 0.2 * (baseline - 180.0)[:, :, None]
    left = np.maximum.accumulate(rng.random(outcome.shape) < 0.15 / visits, axis=2)
    left[:, :, 0] = False
    outcome[left | (rng.random(outcome.shape) < gaps)] = np.nan
    arm = np.broadcast_to(np.arange(participants) % ARMS, baseline.shape)
    site = rng.permuted(np.tile(np.arange(participants) % sites, (trials, 1)), axis=1)
    columns = [np.ones_like(baseline), baseline]
    columns += [(arm == one).astype(float) for one in range(1, ARMS)]
    columns += [(site == one).astype(float) for one in range(1, sites)]
    return outcome, np.stack(columns, axis=2), np.repeat([True, False], [1 + ARMS, sites - 1])


def long_frame(outcome, covariates, sites: int) -> pl.DataFrame:
    """Lay out one trial as a row for each measurement."""
    who, when = np.nonzero(~np.isnan(outcome))
    arm = covariates[:, 2:4] @ [1, 2]
    site = covariates[:, 4:] @ np.arange(1, sites)
    return pl.DataFrame(
        {
            "ID": who,
            "VISIT": [f"V{at:02d}" for at in when],
            "ARM": [f"A{int(at)}" for at in arm[who]],
            "SITE": [f"S{int(at):02d}" for at in site[who]],
            "BASE": covariates[who, 1],
            "Y": outcome[who, when],
        }
    )


def least_seconds(work, repeats: int) -> float:
    """Least CPU seconds of `repeats` calls, after one to warm up."""
    work()
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


@on_one_thread
def main() -> None:
    """Print a line for each shape."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--df", choices=["satterthwaite", "kenward-roger", "residual"], default="satterthwaite")
    asked = parser.parse_args()
    square = np.random.default_rng(1).normal(size=(200, 200))
    title = f"{'trials per CPU second':>34} {'batch':>8} {'mmrm':>6} {'ratio':>6} {'to R':>6} {'unit, us':>9}"
    print(f"{title}  converged")
    for name, (participants, visits, sites, gaps, share) in SHAPES.items():
        trials = max(1, int(asked.trials * share))
        outcome, covariates, by_visit = draw_trials(trials, participants, visits, sites, gaps)
        size = int(np.where(by_visit, visits, 1).sum())
        rows = np.eye(size)[[3 * visits - 1, 4 * visits - 1]]
        fits = replicate_mmrm(outcome, covariates, by_visit, rows, df=asked.df)
        batch = trials / least_seconds(
            lambda: replicate_mmrm(outcome, covariates, by_visit, rows, df=asked.df),  # noqa: B023
            asked.repeats,
        )
        formula = "Y ~ BASE * VISIT + ARM * VISIT" + (" + SITE" if sites > 1 else "")
        frames = [long_frame(outcome[at], covariates[at], sites) for at in range(min(5, trials))]
        single = len(frames) / least_seconds(
            lambda: [mmrm(formula, frame, subject="ID", visit="VISIT", df=asked.df) for frame in frames],  # noqa: B023
            1,
        )
        to_r = f"{batch / R_MMRM[asked.df]:.0f}" if name.startswith("3 arms") and asked.df in R_MMRM else ""
        unit = 1e6 * least_seconds(lambda: square @ square, 50)
        line = f"{name:>34} {batch:>8.0f} {single:>6.1f} {batch / single:>6.0f} {to_r:>6} {unit:>9.0f}"
        print(f"{line}  {fits.converged.mean():.4f}", flush=True)


if __name__ == "__main__":
    main()
