"""Logistic fits: closed forms, invariances, standardised risks with their coverage, and what is refused."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.generalised import logistic

QUICK = settings(max_examples=8, deadline=None)
SEEDS = st.integers(0, 10_000)


def draw_trial(seed: int, n: int = 120, effect: float = 0.6) -> pl.DataFrame:
    """Draw a trial of two arms, randomised in blocks of 4 within two strata."""
    rng = np.random.default_rng(seed)
    stratum = np.sort(rng.integers(0, 2, n))
    arm = np.empty(n, dtype=object)
    for code in (0, 1):
        size = int((stratum == code).sum())
        blocks = np.concatenate([rng.permutation(["A", "A", "B", "B"]) for _ in range(size // 4 + 1)])
        arm[stratum == code] = blocks[:size]
    x = rng.normal(size=n)
    odds = -0.3 + 1.2 * stratum + 0.8 * x + effect * (arm == "B")
    response = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int)
    return pl.DataFrame({"arm": arm.astype(str), "stratum": stratum.astype(str), "x": x, "response": response})


@QUICK
@given(SEEDS)
def test_a_saturated_model_gives_the_proportions(seed: int) -> None:
    data = draw_trial(seed)
    cells = data.group_by("stratum", "arm").agg(pl.col("response").mean()).sort("stratum", "arm")
    assume(cells["response"].is_between(0, 1, closed="none").all())
    fit = logistic("response ~ arm * stratum", data)
    found = fit.probabilities("arm", by="stratum")
    np.testing.assert_allclose(found["probability"], cells["response"], rtol=1e-9)


@QUICK
@given(SEEDS)
def test_one_factor_is_the_two_by_two_table(seed: int) -> None:
    data = draw_trial(seed)
    fit = logistic("response ~ arm", data)
    cells = np.array(
        [[data.filter(arm=one, response=y).height for y in (0, 1)] for one in ("A", "B")], dtype=float
    )
    ratio = fit.odds_ratios("arm")
    assert ratio["estimate"].item() == pytest.approx(np.log(cells[1, 1] * cells[0, 0] / cells[1, 0] / cells[0, 1]))
    assert ratio["se"].item() == pytest.approx(np.sqrt((1 / cells).sum()))
    # Firth's penalty adds 1/2 to each cell of a saturated table
    firth = logistic("response ~ arm", data, penalised="firth").odds_ratios("arm")
    half = cells + 0.5
    expected = np.log(half[1, 1] * half[0, 0] / half[1, 0] / half[0, 1])
    assert firth["estimate"].item() == pytest.approx(expected, rel=1e-8, abs=1e-9)
    # risks: proportions, with the variance p(1 - p) / (n - 1) of Ye and p(1 - p) / n of the others
    share, size = cells[:, 1] / cells.sum(axis=1), cells.sum(axis=1)
    for variance, divisor in {"ge": size, "sandwich": size, "ye": size - 1, "ye residual": size - 1}.items():
        risks = fit.standardised_risks("arm", variance=variance)  # type: ignore[arg-type]
        np.testing.assert_allclose(risks["risk"], share, rtol=1e-10)
        np.testing.assert_allclose(risks["se"], np.sqrt(share * (1 - share) / divisor), rtol=1e-8)


@QUICK
@given(SEEDS)
def test_order_names_and_the_other_outcome(seed: int) -> None:
    data = draw_trial(seed)
    fit = logistic("response ~ arm + stratum + x", data)
    other = data.with_columns(
        pl.col("arm").replace_strict({"A": "z", "B": "y"}), response=1 - pl.col("response"), x=1000 - pl.col("x")
    ).sample(fraction=1.0, shuffle=True, seed=seed)
    turned = logistic("response ~ arm + stratum + x", other, reference={"arm": "z"})
    one, two = fit.odds_ratios("arm", limits="profile"), turned.odds_ratios("arm", limits="profile")
    assert two["estimate"].item() == pytest.approx(-one["estimate"].item(), rel=1e-7, abs=1e-9)
    assert two["lower"].item() == pytest.approx(1 / one["upper"].item(), rel=1e-7)
    a, b = fit.standardised_effects("arm", strata="stratum"), turned.standardised_effects("arm", strata="stratum")
    for measure in ("risk_difference", "odds_ratio"):  # a risk ratio of the other outcome is another number
        for name, sign in {"z": -1, "se": 1}.items():
            expected = sign * a.filter(measure=measure)[name].item()
            assert b.filter(measure=measure)[name].item() == pytest.approx(expected, rel=1e-6, abs=1e-9)


@QUICK
@given(SEEDS, st.sampled_from([0.8, 0.95, 0.99]))
def test_profile_limits_reach_the_quantile(seed: int, level: float) -> None:
    """At a limit, the model with that coefficient as offset has a likelihood ratio of the chi-square quantile."""
    data = draw_trial(seed)
    fit = logistic("response ~ arm + x", data)
    upper = fit.profile_limits(level=level).filter(term="x")["upper"].item()
    held = logistic("response ~ arm", data.with_columns(held=pl.col("x") * upper), offset="held")
    quantile = {0.8: 1.642374415149813, 0.95: 3.841458820694124, 0.99: 6.634896601021213}[level]
    assert 2 * (fit.log_likelihood - held.log_likelihood) == pytest.approx(quantile, rel=1e-7)


def test_levels_of_a_text_outcome_can_be_the_event() -> None:
    data = draw_trial(1)
    text = data.with_columns(
        outcome=pl.when(pl.col("response") == 1).then(pl.lit("cured")).otherwise(pl.lit("ill"))
    )
    fit = logistic("outcome ~ arm + x", text, event="cured")
    assert fit.coefficients.equals(logistic("response ~ arm + x", data).coefficients)


def test_coverage_of_the_standardised_risk_difference() -> None:
    """200 trials in blocks within strata: the intervals hold the truth as often as they say, four MC errors."""
    effects = [draw_trial(seed, 20_000) for seed in (901, 902, 903, 904)]
    truth = np.mean(
        [
            logistic("response ~ arm + stratum + x", data).standardised_effects("arm", variance="ge")["estimate"][
                0
            ]
            for data in effects
        ]
    )
    cases: dict[str, dict[str, Any]] = {
        "ye": {"variance": "ye", "strata": "stratum"},
        "ge": {"variance": "ge"},
        "sandwich": {"variance": "sandwich"},
    }
    held = dict.fromkeys(cases, 0)
    for seed in range(200):
        fit = logistic("response ~ arm + x", draw_trial(seed, 200))
        for name, options in cases.items():
            row = fit.standardised_effects("arm", **options).row(0, named=True)
            held[name] += row["lower"] <= truth <= row["upper"]
    for count in held.values():
        assert abs(count / 200 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 200)


def test_strata_of_the_randomisation_make_the_variance_smaller() -> None:
    fit = logistic("response ~ arm + x", draw_trial(17, 400))
    plain = fit.standardised_effects("arm", variance="ye")["se"][0]
    assert fit.standardised_effects("arm", variance="ye", strata="stratum")["se"][0] < plain


REFUSED: dict[str, tuple[type[Exception], str, dict[str, Any]]] = {
    "never ~ arm + x": (EstimationFailed, r"arm\[T.B\]: arm B has no event among .* use penalised='firth'", {}),
    "always ~ arm + x": (EstimationFailed, r"arm A has an event in every row", {}),
    "split ~ x": (EstimationFailed, "no finite coefficient fits x", {}),
    "three ~ arm": (DataError, "must be 0 or 1", {}),
    "response ~ arm": (DataError, "no level of that name", {"event": 2}),
    "response ~ x": (DataError, "penalised must be firth", {"penalised": "ridge"}),
    "response ~ x + arm": (DataError, "covariance model only", {"penalised": "firth", "covariance": "HC0"}),
}


@pytest.mark.parametrize("formula", REFUSED)
def test_refusals_name_what_is_wrong(formula: str) -> None:
    in_b = pl.col("arm") == "B"
    data = draw_trial(4).with_columns(
        never=pl.when(in_b).then(0).otherwise("response"),
        always=pl.when(in_b).then("response").otherwise(1),
        split=(pl.col("x") > 0).cast(int),
        three=pl.lit(3),
    )
    kind, sentence, options = REFUSED[formula]
    with pytest.raises(kind, match=sentence):
        logistic(formula, data, **options)


@pytest.mark.parametrize("formula", ["never ~ arm + x", "split ~ x"])
def test_firth_gives_finite_limits_where_the_likelihood_has_no_maximum(formula: str) -> None:
    data = draw_trial(4).with_columns(
        never=pl.when(pl.col("arm") == "B").then(0).otherwise("response"), split=(pl.col("x") > 0).cast(int)
    )
    limits = logistic(formula, data, penalised="firth").profile_limits()
    assert limits.select(pl.col("lower", "upper").is_finite().all()).row(0) == (True, True)


def test_effects_of_an_outcome_that_never_varies_are_refused() -> None:
    fit = logistic("response ~ arm", draw_trial(4).with_columns(response=1), penalised="firth")
    with pytest.raises(EstimationFailed, match="outcomes that vary"):
        fit.standardised_effects("arm")


def test_a_separated_model_names_few_of_many_levels() -> None:
    data = draw_trial(4).with_columns(arm="P" + (pl.int_range(120) // 2).cast(pl.String))
    with pytest.raises(EstimationFailed, match=r"no finite coefficient fits .*, \.\.\.: arm") as refusal:
        logistic("response ~ arm", data)
    assert len(str(refusal.value)) < 500


def test_variances_that_do_not_apply_are_refused() -> None:
    fit = logistic("response ~ arm + x", draw_trial(4).with_columns(weight=2.0), weights="weight")
    with pytest.raises(DataError, match="without offset or weights"):
        fit.standardised_risks("arm")
    with pytest.raises(DataError, match="go with variance ye"):
        fit.standardised_risks("arm", variance="ge", strata="stratum")
    with pytest.raises(DataError, match="must have a column"):
        logistic("response ~ arm", draw_trial(4)).standardised_risks("arm", strata="site")
