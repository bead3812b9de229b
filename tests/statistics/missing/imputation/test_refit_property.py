"""Refits made together are those that `maximise` finds one at a time."""

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.missing.imputation.model import fit_imputation_model
from equipoise.statistics.missing.imputation.outcomes import Outcomes, read_outcomes
from equipoise.statistics.missing.imputation.refit import refit_all
from equipoise.statistics.missing.imputation.resample import draw_bootstrap_counts
from equipoise.statistics.repeated_measures.maximise import maximise


@pytest.fixture(scope="module")
def outcomes(trial72: pl.DataFrame) -> Outcomes:
    early = trial72.filter(pl.col("VISIT").is_in(["W04", "W12", "W24", "W48"]))
    return read_outcomes(
        "CHG ~ ARM*VISIT + BASE + STRATUM", early, subject="USUBJID", visit="VISIT", arm="ARM", reference="Placebo"
    )


@pytest.mark.parametrize(
    ("covariance", "by_arm", "reml"),
    [("us", False, True), ("us", True, True), ("us", False, False), ("ar1h", False, True), ("cs", True, True)],
)
def test_leaving_each_participant_out_gives_the_fit_of_the_others(
    outcomes: Outcomes, covariance: str, by_arm: bool, reml: bool
) -> None:
    model = fit_imputation_model(outcomes, covariance=covariance, by_arm=by_arm, reml=reml)
    counts = (1.0 - np.eye(72))[::12]
    agree(model, counts, len(counts))


def test_bootstrap_samples_give_their_own_fit(outcomes: Outcomes) -> None:
    model = fit_imputation_model(outcomes)
    agree(model, draw_bootstrap_counts(outcomes.arm, 8, np.random.default_rng(1)), 6)


def agree(model, counts: np.ndarray, at_least: int) -> None:
    refits = refit_all(model.maximum, counts[:, model.used], reml=model.reml)
    assert refits.settled.sum() >= at_least
    for at in np.flatnonzero(refits.settled):
        single = maximise(model.sums.reweighted(counts[at, model.used]), model.structure, reml=model.reml)
        assert refits.gamma[at] == pytest.approx(single.point.gamma, rel=1e-6, abs=1e-8)
        for group, one in enumerate(single.point.covariances):
            assert refits.sigma[at, group] == pytest.approx(one.sigma, rel=1e-6)
