"""What must hold in dose finding whatever the data: invariances, closed forms, optima, sizes, refusals."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics import (
    DoseEstimates,
    average_by_bootstrap,
    average_fits,
    candidate_models,
    contrast_test_power,
    contrast_test_sample_size,
    dose_means,
    fit_dose_estimates,
    fit_dose_response,
    guess_parameters,
    mcp_mod,
    mcp_mod_estimates,
    multiple_contrast_test,
    optimal_contrasts,
    plot_dose_response,
    t_test,
    williams,
    williams_critical_value,
)
from equipoise.statistics.dose_finding import williams_p
from equipoise.statistics.dose_finding.fits.search import Search
from equipoise.statistics.dose_finding.models import find_shape

DOSES = [0.0, 10.0, 25.0, 50.0, 100.0]
NONLINEAR = {
    "emax": (20.0,),
    "sigEmax": (30.0, 3.0),
    "exponential": (60.0,),
    "logistic": (50.0, 12.0),
    "betaMod": (0.8, 1.4),
}
MODELS = {
    "emax": 20,
    "linear": None,
    "sigEmax": (30, 3),
    "exponential": 40,
    "quadratic": -0.007,
    "logistic": (50, 12),
}


def drawn(seed: int, effect: float = 10.0, n: int = 12) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    dose = np.repeat(DOSES, n)
    base = rng.normal(50, 8, dose.size)
    y = 3 + 0.2 * base + effect * dose / (20 + dose) + rng.normal(0, 4, dose.size)
    return pl.DataFrame({"dose": dose, "base": base, "y": y})


@pytest.mark.parametrize("model", NONLINEAR)
def test_derivatives_are_those_of_the_curve(model: str) -> None:
    shape, at = find_shape(model, 100.0), np.array([0.0, 5.0, 33.0, 100.0])
    theta = np.array(NONLINEAR[model])
    for place in range(theta.size):
        step = np.zeros(theta.size)
        step[place] = 1e-6 * theta[place]
        ahead, behind = shape.columns(at, theta + step), shape.columns(at, theta - step)
        numeric = (ahead - behind)[:, 0] / (2 * step[place])
        assert shape.derivatives(at, theta)[:, place] == pytest.approx(numeric, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("model", ["linear", "linlog", "quadratic", *NONLINEAR])
def test_target_and_effective_doses_give_their_effects(model: str) -> None:
    guess = {"linear": None, "linlog": None, "quadratic": -0.007}.get(model, NONLINEAR.get(model))
    for maximum in (30.0, -30.0):
        one = candidate_models(DOSES, {model: guess}, placebo_effect=5, maximum_effect=maximum).candidates[0]
        for share in (0.1, 0.5, 0.9):
            dose = one.effective_dose(share)
            assert dose is not None
            assert one.means([dose])[0] == pytest.approx(5 + share * maximum, rel=1e-9)
        grid = one.means(np.linspace(0, 100, 2001)) - 5
        assert np.abs(grid).max() == pytest.approx(30, rel=1e-4)


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_no_contrast_has_a_larger_noncentrality_than_the_optimal_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(5, 5))
    s = root @ root.T + np.eye(5)
    candidates = candidate_models(DOSES, MODELS, maximum_effect=rng.choice([-2.0, 3.0]))
    free = optimal_contrasts(candidates, covariance=s)
    bound = optimal_contrasts(candidates, covariance=s, kind="constrained")

    def ratio(c: NDArray[np.float64], mu: NDArray[np.float64]) -> float:
        return float(c @ mu / np.sqrt(c @ s @ c))

    for place, one in enumerate(candidates.candidates):
        mu = one.means(DOSES)
        other = rng.normal(size=5)
        other -= other.mean()
        best = ratio(free.matrix[:, place], mu)
        assert abs(ratio(other, mu)) <= best + 1e-9
        held = bound.matrix[:, place]
        assert held.sum() == pytest.approx(0, abs=1e-12)
        assert (held[1:] * np.sign(one.maximum_effect) >= -1e-12).all()
        assert ratio(held, mu) <= best + 1e-9
        if (free.matrix[1:, place] * np.sign(one.maximum_effect) >= 0).all():
            assert held == pytest.approx(free.matrix[:, place], abs=1e-9)


@pytest.mark.parametrize("model", NONLINEAR)
def test_a_curve_without_noise_is_found_again(model: str) -> None:
    theta = NONLINEAR[model]
    shape = find_shape(model, 100.0)
    doses = np.array([0.0, 5, 10, 20, 40, 60, 80, 100])
    means = 7 + 11 * shape.standardised(doses, theta)
    fit = fit_dose_estimates(DoseEstimates(doses, means, np.diag(1 + doses / 50)), model=model)
    found = [fit.parameters[name] for name in shape.nonlinear]
    assert found == pytest.approx(theta, rel=1e-6)
    assert fit.rss == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("model", NONLINEAR)
def test_no_point_of_a_random_search_fits_better(model: str) -> None:
    shape, rng = find_shape(model, 100.0), np.random.default_rng(5)
    for _ in range(5):
        means = rng.normal(size=5)
        search = Search.of(shape, shape.bounds, np.array(DOSES), np.diag(rng.uniform(0.5, 2, 5)), intercept=True)
        best = search.best(means)
        low, high = np.array(shape.bounds).T
        tried = low * (high / low) ** rng.random((4000, low.size))
        target = search.transform @ means

        def explained(theta: NDArray[np.float64], *, at: Search = search, wanted: object = target) -> NDArray:
            curves = at.shape.curves(at.doses, theta) @ at.transform.T
            return np.asarray((curves @ wanted) ** 2 / (curves**2).sum(axis=-1))

        assert explained(best[None])[0] >= explained(tried).max() * (1 - 1e-12)
        assert explained(search.many(means[None]))[0] >= explained(tried).max() * (1 - 1e-3)


@given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-50, 50))
@settings(max_examples=6, deadline=None)
def test_fits_follow_scale_and_shift_of_the_response(seed: int, scale: float, shift: float) -> None:
    data = drawn(seed)
    moved = data.with_columns(y=pl.col("y") * scale + shift)
    one = fit_dose_response("y ~ base", data, dose="dose", model="emax")
    two = fit_dose_response("y ~ base", moved, dose="dose", model="emax")
    assert two.parameters["ed50"] == pytest.approx(one.parameters["ed50"], rel=1e-5)
    assert two.parameters["eMax"] == pytest.approx(scale * one.parameters["eMax"], rel=1e-5)
    assert two.rss == pytest.approx(scale**2 * one.rss, rel=1e-9)


def test_the_order_of_rows_and_the_unit_of_doses_do_not_matter() -> None:
    data = drawn(3)
    candidates = candidate_models(DOSES, MODELS)
    in_grams = candidate_models(
        [dose / 1000 for dose in DOSES],
        {
            "emax": 0.02,
            "linear": None,
            "sigEmax": (0.03, 3),
            "exponential": 0.04,
            "quadratic": -7,
            "logistic": (0.05, 0.012),
        },
    )
    one = mcp_mod("y ~ base", data, dose="dose", candidates=candidates, delta=4)
    two = mcp_mod(
        "y ~ base", data.sample(fraction=1, shuffle=True, seed=1), dose="dose", candidates=candidates, delta=4
    )
    three = mcp_mod(
        "y ~ base", data.with_columns(pl.col("dose") / 1000), dose="dose", candidates=in_grams, delta=4
    )
    assert two.target_dose == pytest.approx(one.target_dose, rel=1e-7)
    assert three.target_dose == pytest.approx((one.target_dose or 0) / 1000, rel=1e-6)
    assert three.test.p == pytest.approx(one.test.p, rel=1e-7)


def test_least_squares_over_participants_is_generalised_least_squares_over_means() -> None:
    data = drawn(8)
    means = dose_means("y ~ base", data, dose="dose")
    for model in ("linear", "quadratic", "emax", "sigEmax"):
        one = fit_dose_response("y ~ base", data, dose="dose", model=model)
        two = fit_dose_estimates(means, model=model)
        at = [0, 5, 30, 90]
        assert two.means(at)["estimate"].to_list() == pytest.approx(one.means(at)["estimate"].to_list(), rel=1e-8)


def test_an_average_of_one_model_is_that_model_and_weights_sum_to_one() -> None:
    data = drawn(2)
    fits = [fit_dose_response("y ~ 1", data, dose="dose", model=name) for name in ("linear", "emax", "quadratic")]
    assert average_fits(fits[:1]).means(DOSES)["se"].to_list() == pytest.approx(
        fits[0].means(DOSES)["se"].to_list()
    )
    average = average_fits(fits)
    assert average.weights.sum() == pytest.approx(1)
    curves = np.stack([fit.effects(DOSES)["estimate"].to_numpy() for fit in fits])
    assert average.effects(DOSES)["estimate"].to_numpy() == pytest.approx(average.weights @ curves)


def test_a_bootstrap_repeats_itself_and_of_a_linear_model_has_the_known_spread() -> None:
    estimates = dose_means("y ~ base", drawn(1), dose="dose")
    linear = average_by_bootstrap(estimates, ["linear"], rng=np.random.default_rng(1), draws=4000)
    fit = fit_dose_estimates(estimates, model="linear")
    table = linear.means([0, 50, 100], level=0.9)
    se = fit.means([0, 50, 100])["se"].to_numpy()
    assert table["estimate"].to_numpy() == pytest.approx(fit.means([0, 50, 100])["estimate"].to_numpy(), abs=0.1)
    assert (table["upper"] - table["lower"]).to_numpy() == pytest.approx(2 * 1.6449 * se, rel=0.06)
    models = ["emax", "linear", "sigEmax", "quadratic"]
    one, two = (average_by_bootstrap(estimates, models, rng=np.random.default_rng(7), draws=100) for _ in range(2))
    assert one.means(DOSES).equals(two.means(DOSES))
    assert one.selected["share"].sum() == pytest.approx(1)
    target = one.target_dose(4)
    assert target["share"] is not None
    assert target["share"] > 0.5


def test_power_at_no_effect_is_the_level_and_rises_with_the_sample_size() -> None:
    tiny = candidate_models(DOSES, MODELS, maximum_effect=1e-9)
    assert contrast_test_power(tiny, n=20, sd=1).table["power"].to_list() == pytest.approx([0.025] * 6, abs=1e-6)
    planned = candidate_models(DOSES, {"emax": 20, "linear": None}, maximum_effect=0.6)
    found = contrast_test_sample_size(planned, sd=1, power=0.9, summary="min")
    assert found.n is not None
    assert found.smallest >= 0.9
    assert contrast_test_power(planned, n=found.n[0] - 1, sd=1).smallest < 0.9


def test_the_size_of_the_contrast_test_is_its_level() -> None:
    rng, candidates = np.random.default_rng(11), candidate_models(DOSES, MODELS)
    contrasts = optimal_contrasts(candidates, weights=8)
    n, draws = 8, 20000
    values = rng.normal(size=(draws, 5, n))
    means, sd = values.mean(axis=2), np.sqrt(values.var(axis=2, ddof=1).mean(axis=1))
    scale = np.sqrt((contrasts.matrix**2).sum(axis=0) / n)
    largest = (means @ contrasts.matrix / scale).max(axis=1) / sd
    critical = contrast_test_power(candidates, n=n, sd=1).critical_value
    assert (largest > critical).mean() == pytest.approx(0.025, abs=4 * np.sqrt(0.025 * 0.975 / draws))


def test_mcp_mod_without_a_significant_contrast_gives_no_curve() -> None:
    data = drawn(4, effect=0.0)
    result = mcp_mod("y ~ base", data, dose="dose", candidates=candidate_models(DOSES, MODELS), delta=4)
    assert result.selected is None
    assert result.target_dose is None
    assert result.models.is_empty()
    with pytest.raises(EstimationFailed, match="needs a significant contrast"):
        result.means([0, 10])
    assert plot_dose_response(result).startswith("<svg")


def test_a_model_that_cannot_be_fitted_is_named_and_left_out() -> None:
    doses = [0.0, 10.0, 100.0]
    estimates = DoseEstimates(doses, [0, 6, 10], np.eye(3))
    candidates = candidate_models(doses, {"sigEmax": (10, 2), "linear": None})
    result = mcp_mod_estimates(estimates, candidates=candidates, delta=5)
    assert result.selected == "linear"
    assert "needs as many doses" in result.failed["sigEmax"]


def test_a_figure_repeats_itself_and_names_the_target_dose() -> None:
    result = mcp_mod("y ~ base", drawn(1), dose="dose", candidates=candidate_models(DOSES, MODELS), delta=4)
    svg = plot_dose_response(result, dose_label="Dose (mg)")
    assert svg == plot_dose_response(result, dose_label="Dose (mg)")
    assert f"target dose {result.target_dose:.4g}" in svg
    assert "Dose (mg)" in svg


def test_williams_with_one_dose_is_a_t_test_and_pooling_changes_what_falls() -> None:
    data = pl.DataFrame({"d": [0] * 4 + [1] * 4, "y": [1.0, 2, 3, 2, 4, 5, 3, 6]})
    test = williams(data, "y", "d")
    assert test.table["p"][0] == pytest.approx(t_test(data, "y", "d", versus=0, variance="pooled").p / 2, rel=1e-9)
    data = pl.DataFrame({"d": [0, 0, 1, 1, 2, 2, 3, 3], "y": [0.0, 1, 3, 4, 2, 2.5, 5, 6]})
    assert williams(data, "y", "d").table["pooled"].to_list() == pytest.approx([2.875, 2.875, 5.5])
    turned = williams(data.with_columns(-pl.col("y")), "y", "d", direction="decreasing")
    assert turned.table["t"].to_list() == pytest.approx(williams(data, "y", "d").table["t"].to_list())


def test_the_size_of_williams_test_is_its_level_with_unequal_groups() -> None:
    rng, n, draws = np.random.default_rng(3), np.array([12, 5, 8, 4]), 40000
    means = rng.normal(size=(draws, 4)) / np.sqrt(n)
    sd = np.sqrt(rng.chisquare(25, draws) / 25)
    pooled = np.max([(means[:, u:] * n[u:]).sum(axis=1) / n[u:].sum() for u in (1, 2, 3)], axis=0)
    t = (pooled - means[:, 0]) / (sd * np.sqrt(1 / 12 + 1 / 4))
    critical = williams_critical_value(0.05, n.tolist(), 25)
    assert (t >= critical).mean() == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / draws))
    assert williams_p(critical, n.tolist(), 25) == pytest.approx(0.05, rel=1e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: candidate_models([0, 10], {"Emax": 3}), "did you mean emax"),
        (lambda: candidate_models([5, 10], {"linear": None}), "from 0"),
        (lambda: candidate_models([0, 10, 10], {"linear": None}), "none twice"),
        (lambda: candidate_models(["a"], {"linear": None}), "doses must be numbers"),  # type: ignore[list-item]
        (lambda: candidate_models(DOSES, {"emax": -3}), "ed50 above 0"),
        (lambda: candidate_models(DOSES, {"emax": []}), "one or more"),
        (lambda: candidate_models(DOSES, {"emax": "a"}), "must be numbers"),  # type: ignore[dict-item]
        (
            lambda: mcp_mod(
                "y ~ 1", drawn(1, 0.0), dose="dose", candidates=candidate_models(DOSES, MODELS), delta=-1
            ),
            "above 0",
        ),
        (lambda: candidate_models(DOSES, {"sigEmax": 3}), "needs ed50 and h"),
        (lambda: candidate_models(DOSES, {"exponential": 0.01}), "overflows"),
        (lambda: candidate_models(DOSES, {"sigEmax": (0.0001, 60)}, maximum_effect=0), "other than 0"),
        (lambda: candidate_models(DOSES, {"betaMod": (1, 1)}, scal=90), "above the highest dose"),
        (lambda: optimal_contrasts(candidate_models(DOSES, MODELS)), "either weights or a covariance"),
        (lambda: optimal_contrasts(candidate_models(DOSES, MODELS), weights=[1, 2]), "as many weights"),
        (
            lambda: optimal_contrasts(candidate_models(DOSES, MODELS), covariance=np.ones((5, 5))),
            "positive definite",
        ),
        (lambda: DoseEstimates([0, 1], [1, np.nan], np.eye(2)), "finite"),
        (lambda: DoseEstimates([0, 1], [1, 2, 3], np.eye(2)), "k estimates"),
        (lambda: guess_parameters("exponential", 50, 0.6, highest=100), "below dose / highest"),
        (lambda: guess_parameters("logistic", 50, 0.6), "2 or more doses"),
        (lambda: guess_parameters("sigEmax", [10, 50], [0.8, 0.2]), "rise with the dose"),
        (lambda: contrast_test_power(candidate_models(DOSES, MODELS), n=20), "sd above 0"),
        (lambda: contrast_test_power(candidate_models(DOSES, MODELS), n=[3, 4], sd=1), "group sizes"),
        (lambda: contrast_test_power(candidate_models(DOSES, MODELS), n=2.5, sd=1), "group sizes"),  # type: ignore[arg-type]
        (
            lambda: mcp_mod("y ~ base", drawn(1), dose="dos", candidates=candidate_models(DOSES, MODELS)),
            "mean dose",
        ),
        (lambda: fit_dose_response("y ~ dose", drawn(1), dose="dose", model="emax"), "no covariate"),
        (lambda: fit_dose_response("y ~ 1", drawn(1), dose="dose", model="emax", bounds=(5, 1)), "in order"),
        (lambda: williams(drawn(1), "y", "dose", alpha=0.7), "at most 0.5"),
        (
            lambda: multiple_contrast_test(
                DoseEstimates([0, 5, 9], [1, 2, 3], np.eye(3)),
                optimal_contrasts(candidate_models(DOSES, MODELS), weights=1),
            ),
            "same doses",
        ),
    ],
)
def test_wrong_input_is_refused_in_a_sentence(call: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        call()  # type: ignore[operator]


def test_data_that_cannot_give_a_model_are_refused() -> None:
    one_dose = drawn(1).filter(pl.col("dose") == 0)
    with pytest.raises(EstimationFailed, match="two doses"):
        dose_means("y ~ 1", one_dose, dose="dose")
    with pytest.raises(EstimationFailed, match="as many doses"):
        fit_dose_response("y ~ 1", drawn(1).filter(pl.col("dose") < 20), dose="dose", model="sigEmax")
