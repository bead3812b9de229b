"""What inference promises over many trials, and where its methods meet."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.errors import EstimationFailed
from equipoise.statistics import mmrm

TRIALS = 250


def _trial(rng: np.random.Generator, participants: int = 30) -> pl.DataFrame:
    """Draw a small trial without effect: four visits, correlations 0.8^lag, dropout at random."""
    visits = 4
    sd = np.array([1.0, 1.2, 1.5, 1.8])
    sigma = np.outer(sd, sd) * 0.8 ** np.abs(np.subtract.outer(range(visits), range(visits)))
    y = rng.multivariate_normal(np.zeros(visits), sigma, participants)
    last = np.where(rng.random(participants) < 0.3, rng.integers(2, visits, participants), visits)
    frame = pl.DataFrame(
        {
            "ID": np.repeat(np.arange(participants), visits),
            "ARM": np.repeat(np.array(["A", "B"])[np.arange(participants) % 2], visits),
            "VISIT": np.tile(np.arange(visits), participants),
            "Y": y.ravel(),
        }
    )
    return frame.filter(pl.Series(np.arange(visits)[None, :] < last[:, None]).explode())


def _last(data: pl.DataFrame, **options: Any) -> dict[str, Any]:
    fit = mmrm("Y ~ ARM * C(VISIT)", data, subject="ID", visit="VISIT", **options)
    return fit.contrasts("ARM", by="VISIT").filter(pl.col("VISIT") == 3).row(0, named=True)


@pytest.fixture(scope="module")
def trials() -> pl.DataFrame:
    """The contrast at the last visit and the joint test of the interaction in 250 trials of 30 participants."""
    rng = np.random.default_rng(20240229)
    rows = []
    for _ in range(TRIALS):
        fit = mmrm("Y ~ ARM * C(VISIT)", _trial(rng), subject="ID", visit="VISIT")
        last = fit.contrasts("ARM", by="VISIT").filter(pl.col("VISIT") == 3).row(0, named=True)
        rows.append({**last, "joint": fit.type_three()["p"][-1]})
    return pl.DataFrame(rows)


def test_kenward_roger_keeps_size_and_coverage_in_small_samples(trials: pl.DataFrame) -> None:
    """Size at 5% and coverage at 95% within three Monte Carlo errors."""
    rejected = (trials["p"] < 0.05).sum()
    error = 3.0 * np.sqrt(0.05 * 0.95 / TRIALS)
    assert rejected / TRIALS == pytest.approx(0.05, abs=error)
    assert ((trials["lower"] < 0.0) & (trials["upper"] > 0.0)).sum() == TRIALS - rejected


def test_p_values_of_kenward_rogers_joint_test_are_uniform(trials: pl.DataFrame) -> None:
    """Kolmogorov's distance is below its 1% limit."""
    order = trials["joint"].sort().to_numpy()
    distance = np.abs(order - (np.arange(TRIALS) + 0.5) / TRIALS).max()
    assert distance < 1.63 / np.sqrt(TRIALS)


def test_the_jackknife_is_leaving_participants_out() -> None:
    """CR3 is the sum over participants of the squared change when one is left out, Sigma kept."""
    data = _trial(np.random.default_rng(1))
    fit = mmrm(
        "Y ~ ARM * C(VISIT)", data, subject="ID", visit="VISIT", covariance="cs", df="residual", variance="CR3"
    )
    x, y = fit._design.matrix, fit._design.response
    places = fit._measured.places
    same = np.equal.outer(places.participant, places.participant)
    sigma = fit.covariance.drop("VISIT").to_numpy()[np.ix_(places.visit, places.visit)] * same
    whole = _weighted(x, y, sigma)
    total = np.zeros((x.shape[1],) * 2)
    for one in range(places.participants):
        kept = places.participant != one
        change = _weighted(x[kept], y[kept], sigma[np.ix_(kept, kept)]) - whole
        total += np.outer(change, change)
    np.testing.assert_allclose(fit.vcov.drop("term").to_numpy(), total, rtol=1e-8, atol=1e-12)


def _weighted(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any], sigma: np.ndarray[Any, Any]) -> Any:
    w = np.linalg.inv(sigma)
    return np.linalg.solve(x.T @ w @ x, x.T @ w @ y)


def test_small_sample_corrections_of_the_empirical_variance_are_ordered() -> None:
    data = _trial(np.random.default_rng(3))
    se = [
        _last(data, df="residual", variance=kind, covariance=["us", "cs"])["se"]
        for kind in ("CR0", "CR1", "CR2", "CR3")
    ]
    assert se == sorted(se)


def test_methods_meet_in_large_samples() -> None:
    data = _trial(np.random.default_rng(4), participants=2000)
    rows = [
        _last(data, df=df)
        for df in ("kenward-roger", "kenward-roger-second-order", "satterthwaite", "residual", "between-within")
    ]
    rows.append(_last(data, df="satterthwaite", variance="CR2"))
    for row in rows[1:]:
        assert row["se"] == pytest.approx(rows[0]["se"], rel=0.05)
        assert row["p"] == pytest.approx(rows[0]["p"], abs=0.02)


def test_a_test_of_one_row_is_the_square_of_its_t() -> None:
    data = _trial(np.random.default_rng(6))
    for df in ("kenward-roger", "kenward-roger-second-order", "satterthwaite", "residual", "between-within"):
        fit = mmrm("Y ~ ARM * C(VISIT)", data, subject="ID", visit="VISIT", df=df)
        row = fit.coefficients.filter(pl.col("term") == "ARM[T.B]").row(0, named=True)
        test = fit.test("ARM[T.B]")
        assert test.f == pytest.approx(row["t"] ** 2, rel=1e-9)
        assert test.df_residual == pytest.approx(row["df"], rel=1e-7)
        assert test.p == pytest.approx(row["p"], rel=1e-7)


def test_leverage_of_one_has_no_jackknife() -> None:
    """A participant alone in a level determines a coefficient; CR0 can still be computed."""
    data = _trial(np.random.default_rng(8)).with_columns(
        SITE=pl.when(pl.col("ID") == 5).then(pl.lit("own")).otherwise(pl.lit("rest"))
    )
    options: dict[str, Any] = {"subject": "ID", "visit": "VISIT", "covariance": "cs", "df": "residual"}
    assert mmrm("Y ~ SITE + ARM", data, variance="CR0", **options).coefficients["se"].is_finite().all()
    with pytest.raises(EstimationFailed, match="no participant alone determines"):
        mmrm("Y ~ SITE + ARM", data, variance="CR3", **options)
