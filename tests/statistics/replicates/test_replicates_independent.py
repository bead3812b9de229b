"""Many trials at once agree with R, trial by trial (r/replicates.R: stats, survival, multcomp), and with rpact.

Tolerances: 1e-9 relative; Cox 1e-6 (`coxph` stops at 1e-9 of its likelihood, which leaves that in the estimates);
Dunnett's p of two arms 1e-7, critical values 2e-4 (multcomp searches them no closer). Shares of simulated trials:
4 Monte Carlo standard errors of both simulations together.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equipoise.statistics.distributions import Floats
from equipoise.statistics.replicates import (
    draw_group_sequential,
    replicate_ancova,
    replicate_change,
    replicate_cox,
    replicate_dunnett,
    replicate_log_rank,
    replicate_proportions,
    replicate_rank_sum,
    replicate_survival,
    replicate_t_test,
)
from equipoise.statistics.sequential import group_sequential

REFERENCES = Path(__file__).parents[2] / "references"
R = json.loads((REFERENCES / "r" / "replicates.out.json").read_text())
TRIALS: list[dict[str, Any]] = R["trials"]
EXACT = 1e-9


def column(name: str) -> Floats:
    """A column of the data of all trials: trials x participants."""
    return np.array([trial["data"][name] for trial in TRIALS], dtype=float)


def expected(*path: str | int) -> Floats:
    """What R found, of all trials."""
    found = []
    for trial in TRIALS:
        value: Any = trial
        for step in path:
            value = value[step]
        found.append(value)
    return np.array(found, dtype=float)


def pairs(name: str) -> Floats:
    """What R found for the arms 1 and 2 against 0: trials x 2 x ...."""
    return np.stack([expected("pairs", place, name) for place in range(2)], axis=1)


ARM, SITE = column("arm").astype(int), column("site").astype(int)
TIME, EVENT = column("time"), column("event")


def test_analysis_of_covariance_and_dunnett() -> None:
    x = column("x")
    indicators = [SITE == 1, SITE == 2, SITE == 3, ARM == 1, ARM == 2]
    covariates = np.stack([np.ones(x.shape), x, *indicators], axis=-1).astype(float)
    contrasts = np.eye(7)[5:]
    found = replicate_ancova(column("y"), covariates, contrasts)
    for name in ("estimate", "se", "t", "p"):
        assert getattr(found, name) == pytest.approx(expected("ancova", name), rel=EXACT), name
    assert found.df[:, 0] == pytest.approx(expected("ancova", "df"))
    assert found.sigma == pytest.approx(expected("ancova", "sigma"), rel=EXACT)
    lower, upper = found.limits()
    assert lower == pytest.approx(expected("ancova", "lower"), rel=EXACT)
    assert upper == pytest.approx(expected("ancova", "upper"), rel=EXACT)
    f, p = found.joint_test()
    assert f == pytest.approx(expected("ancova", "f"), rel=EXACT)
    assert p == pytest.approx(expected("ancova", "f_p"), rel=EXACT)

    single = replicate_dunnett(found.estimate, found.covariance, found.df)
    assert single.adjusted_p == pytest.approx(expected("dunnett", "adjusted"), abs=1e-7)
    assert single.critical[:, 0] == pytest.approx(expected("dunnett", "critical"), abs=2e-4)
    down = replicate_dunnett(found.estimate, found.covariance, found.df, procedure="step-down")
    assert down.adjusted_p == pytest.approx(expected("dunnett", "step_down"), abs=1e-7)


@pytest.mark.parametrize("stratified", [False, True])
def test_log_rank(stratified: bool) -> None:
    name = "stratified" if stratified else "log_rank"
    found = replicate_log_rank(TIME, EVENT, ARM, arms=3, strata=SITE if stratified else None)
    assert np.stack([found.chi2, found.p], axis=1) == pytest.approx(expected(name), rel=EXACT)
    assert np.stack([found.pair_chi2, found.pair_p], axis=2) == pytest.approx(pairs(name), rel=EXACT)


def test_cox() -> None:
    for place in range(2):
        two = np.isin(ARM, [0, place + 1])
        found = replicate_cox(TIME, EVENT, np.where(ARM > 0, 1, 0), arms=2, participants=two)
        got = np.column_stack([found.estimate, found.se, found.z, found.p])
        assert got == pytest.approx(pairs("cox")[:, place], rel=1e-6)
    found = replicate_cox(TIME, EVENT, ARM, arms=3, strata=SITE)
    assert found.estimate == pytest.approx(expected("cox_stratified", "estimate"), rel=1e-6)
    assert found.se == pytest.approx(expected("cox_stratified", "se"), rel=1e-6)


def test_survival() -> None:
    found = replicate_survival(TIME, EVENT, ARM, [5.0, 15.0], arms=3)
    assert found.survival.reshape(3, 6) == pytest.approx(expected("survival", "survival"), rel=EXACT)
    assert found.se.reshape(3, 6) == pytest.approx(expected("survival", "se"), rel=EXACT)


def test_proportions() -> None:
    response = column("response")
    fisher = replicate_proportions(response, ARM, arms=3, test="fisher")
    assert fisher.p == pytest.approx(expected("fisher"), rel=EXACT)
    assert fisher.pair_p == pytest.approx(pairs("fisher"), rel=EXACT)
    pearson = replicate_proportions(response, ARM, arms=3, test="chi-square")
    assert pearson.p == pytest.approx(expected("chi_square"), rel=EXACT)
    assert pearson.pair_p == pytest.approx(pairs("chi_square"), rel=EXACT)
    cmh = replicate_proportions(response, ARM, arms=3, strata=SITE, test="cochran-mantel-haenszel")
    assert np.stack([cmh.chi2, cmh.p], axis=1) == pytest.approx(expected("cmh"), rel=EXACT)
    assert np.stack([cmh.pair_chi2, cmh.pair_p], axis=2) == pytest.approx(pairs("cmh"), rel=EXACT)


def test_means_and_ranks() -> None:
    y = column("y")
    for variance, name in (("welch", "welch"), ("pooled", "pooled")):
        found = replicate_t_test(y, ARM, arms=3, variance=variance)  # type: ignore[arg-type]
        assert np.stack([found.t, found.df, found.p], axis=2) == pytest.approx(pairs(name), rel=EXACT)
    within = replicate_change(y - 70.0, ARM, arms=3)
    got = np.stack([within.estimate, within.se, within.df, within.t, within.p], axis=2)
    assert got == pytest.approx(expected("within"), rel=EXACT)
    assert replicate_rank_sum(y, ARM, arms=3).p == pytest.approx(pairs("wilcoxon"), rel=EXACT)


@pytest.mark.parametrize("place", [0, 1], ids=["no effect", "effect"])
def test_group_sequential_trials_of_rpact(place: int) -> None:
    """With an effect, rpact's t tests reject some thousandths of the trials earlier or later than z does."""
    simulated = json.loads((REFERENCES / "design.json").read_text())["simulation"]["means_asOF"]
    design = group_sequential(3)
    # 240 participants, SD 110: drift of 50 = 50 / 110 root 60
    drift = simulated["effect"][place] / 110.0 * np.sqrt(60.0)
    trials, theirs = 400_000, simulated["iterations"][0][place]
    found = draw_group_sequential(design, drift, trials, np.random.default_rng(1))
    slack = 0.0 if place == 0 else 0.006
    for look, shares in enumerate(simulated["rejectPerStage"], 1):
        share = shares[place]
        error = np.sqrt(share * (1.0 - share) * (1.0 / trials + 1.0 / theirs))
        assert abs((found.rejected & (found.stage == look)).mean() - share) < 4.0 * error + slack
    participants = 240.0 * found.information.mean()
    assert participants == pytest.approx(simulated["expectedNumberOfSubjects"][place], abs=0.05 + 100.0 * slack)
