"""The posterior of complete data is known: draws must have its moments."""

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.missing.imputation.impute import Parameters
from equipoise.statistics.missing.imputation.model import fit_imputation_model
from equipoise.statistics.missing.imputation.outcomes import read_outcomes
from equipoise.statistics.missing.imputation.posterior import draw_inverse_wishart, draw_posterior
from equipoise.statistics.missing.imputation.resample import draw_bootstrap_counts


def complete(n: int) -> pl.DataFrame:
    rng = np.random.default_rng(2)
    arm = np.arange(n) % 2
    values = rng.multivariate_normal([0.0, 1.0], [[1.0, 0.7], [0.7, 2.0]], size=n) + arm[:, None]
    return pl.DataFrame(
        {
            "ID": np.repeat(np.arange(n), 2),
            "VISIT": np.tile(["V1", "V2"], n),
            "ARM": np.repeat(np.array(["A", "B"])[arm], 2),
            "Y": values.ravel(),
        }
    )


def test_draws_have_the_posterior_moments_of_complete_data() -> None:
    n, draws = 30, 4000
    outcomes = read_outcomes("Y ~ ARM*VISIT", complete(n), subject="ID", visit="VISIT", arm="ARM", reference="A")
    start = fit_imputation_model(outcomes).parameters
    drawn = draw_posterior(outcomes, start, draws, np.random.default_rng(3), burn_in=20)
    centred = (
        outcomes.values - np.array([outcomes.values[outcomes.arm == a].mean(axis=0) for a in (0, 1)])[outcomes.arm]
    )
    scatter = centred.T @ centred
    # flat prior of four means, Jeffreys for the matrix: inverse Wishart with n - 2 degrees of freedom
    mean = scatter / (n - 2 - 2 - 1)
    assert drawn.covariance[:, 0].mean(axis=0) == pytest.approx(mean, rel=0.04)
    assert drawn.beta.mean(axis=0) == pytest.approx(start.beta[0], abs=0.03)
    spread = np.cov(drawn.beta[:, [0, 1]], rowvar=False)
    assert spread[0, 0] == pytest.approx(mean[0, 0] / 15, rel=0.1)


def test_inverse_wishart_draws_have_their_mean() -> None:
    scatter = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]])
    drawn = draw_inverse_wishart(np.repeat(scatter[None], 20_000, axis=0), 12, np.random.default_rng(1))
    assert drawn.mean(axis=0) == pytest.approx(scatter / (12 - 3 - 1), abs=0.02)


def test_bootstrap_counts_keep_the_size_of_each_arm() -> None:
    arm = np.array([0, 0, 0, 1, 1, 1, 1])
    counts = draw_bootstrap_counts(arm, 50, np.random.default_rng(1))
    assert (counts[:, arm == 0].sum(axis=1) == 3).all()
    assert (counts[:, arm == 1].sum(axis=1) == 4).all()


def test_a_refit_without_a_participant_is_the_fit_of_the_others() -> None:
    data = (
        complete(20)
        .with_row_index()
        .with_columns(pl.when(pl.col("index") % 7 == 3).then(None).otherwise("Y").alias("Y"))
    )
    settings = {"subject": "ID", "visit": "VISIT", "arm": "ARM", "reference": "A"}
    model = fit_imputation_model(read_outcomes("Y ~ ARM*VISIT", data, **settings))
    counts = np.ones((2, 20))
    counts[1, 4] = 0.0
    refitted = model.refit(counts)
    others = fit_imputation_model(read_outcomes("Y ~ ARM*VISIT", data.filter(pl.col("ID") != 4), **settings))
    same(refitted, 1, others.parameters)
    same(refitted, 0, model.parameters)


def same(several: Parameters, at: int, one: Parameters) -> None:
    assert several.beta[at] == pytest.approx(one.beta[0], rel=1e-8)
    assert several.covariance[at] == pytest.approx(one.covariance[0], rel=1e-8)
