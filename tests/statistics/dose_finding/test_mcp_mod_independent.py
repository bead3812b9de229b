"""Dose finding agrees with DoseFinding 1.4 (mcpmod_mult.json) and 1.0.3, multcomp, mvtnorm (references/r).

Closed forms: relative 1e-9. Nonlinear fits: 1e-6, where DoseFinding's optimiser went to its end. Probabilities of
mvtnorm by Genz and Bretz are simulated: 1e-4 absolute for p, 6e-4 for critical values and power; those by Miwa's
algorithm: 1e-8.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from equipoise.statistics import (
    DoseEstimates,
    candidate_models,
    contrast_test_power,
    contrast_test_sample_size,
    dose_means,
    fit_dose_estimates,
    fit_dose_response,
    guess_parameters,
    mcp_mod,
    multiple_contrast_test,
    optimal_contrasts,
    williams_contrasts,
)
from equipoise.statistics.dose_finding import Candidates, Contrasts, DoseResponseFit
from equipoise.statistics.multivariate import t_equicoordinate_quantile, t_maximum_p

DOSES = [0, 10, 25, 50, 100]
BOUNDS = {
    "emax": (1, 400),
    "sigEmax": ((1, 300), (0.5, 12)),
    "exponential": (10, 300),
    "logistic": ((-50, 200), (1, 80)),
    "betaMod": ((0.05, 4), (0.05, 4)),
}
BINARY_BOUNDS = {"emax": (0.1, 500), "sigEmax": ((0.1, 400), (0.3, 10)), "exponential": (30, 600)}
EARLY = ("logistic", "betaMod")  # where DoseFinding's optimiser stops short: its RSS is larger by 1e-12


def close(value: Any, rel: float = 1e-9) -> Any:
    return pytest.approx(np.asarray(value, dtype=float), rel=rel, abs=1e-11)


@pytest.fixture(scope="module")
def newer(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "mcpmod_mult.json").read_text()))


@pytest.fixture(scope="module")
def older(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "dose_finding.out.json").read_text()))


@pytest.fixture(scope="module")
def exact(references: Path) -> dict[str, Any]:
    return dict(json.loads((references / "r" / "dose_finding_exact.out.json").read_text()))


@pytest.fixture(scope="module")
def dose5(references: Path) -> pl.DataFrame:
    return pl.read_csv(references / "dose5.csv")


@pytest.fixture(scope="module")
def trial(older: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(older["trial"])


@pytest.fixture(scope="module")
def candidates() -> Candidates:
    models = {
        "emax": 20,
        "linear": None,
        "sigEmax": (30, 3),
        "exponential": 40,
        "quadratic": -0.007,
        "logistic": (50, 12),
    }
    return candidate_models(DOSES, models, placebo_effect=8, maximum_effect=80)


@pytest.fixture(scope="module")
def falling() -> Candidates:
    models = {
        "linear": None,
        "emax": 30,
        "sigEmax": (40, 3),
        "quadratic": -0.007,
        "exponential": 50,
        "logistic": (40, 10),
    }
    return candidate_models(DOSES, models, maximum_effect=-10)


@pytest.fixture(scope="module")
def both_ways() -> dict[str, Candidates]:
    up = {
        "linear": None,
        "linlog": None,
        "emax": [10, 40],
        "sigEmax": [(30, 3), (60, 5)],
        "exponential": 40,
        "quadratic": -0.007,
        "logistic": (50, 12),
        "betaMod": (0.6, 1.2),
    }
    down = {"linear": None, "emax": 20, "quadratic": -0.008, "exponential": 60, "betaMod": (1, 0.5)}
    return {
        "up": candidate_models(DOSES, up, placebo_effect=8, maximum_effect=80),
        "down": candidate_models(DOSES, down, placebo_effect=100, maximum_effect=-30, scal=150, off=5),
    }


@pytest.fixture(scope="module")
def binary(older: dict[str, Any]) -> DoseEstimates:
    given = older["binary"]
    return DoseEstimates(given["dose"], given["estimate"], given["covariance"])


@pytest.fixture(scope="module")
def binary_adjusted(binary: DoseEstimates) -> DoseEstimates:
    k = binary.doses.size - 1
    change = np.hstack([-np.ones((k, 1)), np.eye(k)])
    estimate, covariance = change @ binary.estimate, change @ binary.covariance @ change.T
    return DoseEstimates(binary.doses[1:], estimate, covariance, placebo_adjusted=True)


def test_candidates_have_the_parameters_and_means_of_the_newer_version(
    newer: dict[str, Any], candidates: Candidates
) -> None:
    expected = newer["candidates"]
    for one in candidates.candidates:
        assert list(one.parameters.values()) == close(expected["parameters"][one.label], 1e-11)
    assert candidates.means.drop("dose").to_numpy() == close(expected["mean_response"], 1e-10)


@pytest.mark.parametrize("way", ["up", "down"])
def test_candidates_have_the_means_and_doses_of_the_older_version(
    older: dict[str, Any], both_ways: dict[str, Candidates], way: str
) -> None:
    expected, models = older[way], both_ways[way]
    assert list(models.labels) == expected["labels"]
    assert models.means.drop("dose").to_numpy() == close(expected["means"])
    # DoseFinding searches the doses of betaMod to some six digits
    assert models.target_doses(20)["dose"].to_list() == pytest.approx(expected["TD"], rel=1e-6)
    assert models.effective_doses(0.7)["dose"].to_list() == pytest.approx(expected["ED"], rel=1e-6)


@pytest.mark.parametrize(
    ("key", "arguments", "tolerance"),
    [
        ("emax", ("emax", 20, 0.5, {}), 1e-12),
        ("emax_local", ("emax", 20, 0.5, {"local": True, "highest": 100}), 1e-12),
        ("emax_two", ("emax", [10, 30], [0.4, 0.7], {}), 1e-12),
        ("exponential", ("exponential", 50, 0.2, {"highest": 100}), 1e-6),
        ("exponential_two", ("exponential", [30, 60], [0.1, 0.3], {"highest": 100}), 1e-6),
        ("logistic", ("logistic", [30, 60], [0.2, 0.9], {}), 1e-12),
        ("logistic_three", ("logistic", [20, 50, 80], [0.2, 0.4, 0.9], {}), 1e-12),
        ("logistic_local", ("logistic", [30, 60], [0.2, 0.9], {"local": True, "highest": 100}), 1e-6),
        ("sigEmax", ("sigEmax", [10, 50], [0.2, 0.8], {}), 1e-12),
        ("sigEmax_three", ("sigEmax", [10, 30, 60], [0.2, 0.5, 0.9], {}), 1e-12),
        ("sigEmax_local", ("sigEmax", [10, 50], [0.2, 0.8], {"local": True, "highest": 100}), 1e-4),
        ("quadratic", ("quadratic", 30, 0.7, {}), 1e-12),
        ("quadratic_above", ("quadratic", 90, 0.8, {"below_top": False}), 1e-12),
        ("betaMod", ("betaMod", 40, 0.8, {"dose_at_top": 80, "scal": 120}), 1e-12),
    ],
)
def test_guesses(older: dict[str, Any], key: str, arguments: Any, tolerance: float) -> None:
    model, dose, share, options = arguments
    found = guess_parameters(model, dose, share, **options)
    assert list(found.values()) == pytest.approx(older["guess"][key], rel=tolerance)


@pytest.mark.parametrize(
    ("key", "weights", "kind"),
    [
        ("equal_n", 1, "unconstrained"),
        ("unequal_n_30_15_15_15_25", [30, 15, 15, 15, 25], "unconstrained"),
        ("constrained_equal_n", 1, "constrained"),
    ],
)
def test_contrasts_of_the_newer_version(
    newer: dict[str, Any], candidates: Candidates, key: str, weights: Any, kind: Any
) -> None:
    found = optimal_contrasts(candidates, weights=weights, kind=kind)
    assert found.matrix == close(newer["contrasts"][key], 1e-10)
    if key == "equal_n":
        assert found.correlation == close(newer["contrasts"]["corr_equal_n"], 1e-10)


@pytest.mark.parametrize("way", ["up", "down"])
def test_contrasts_for_a_covariance_weights_and_differences_from_placebo(
    older: dict[str, Any], both_ways: dict[str, Candidates], way: str
) -> None:
    expected, models, s = older[way], both_ways[way], np.array(older["S"])
    weights = [3, 1, 1, 2, 2]
    assert optimal_contrasts(models, covariance=s).matrix == close(expected["contrasts_S"])
    assert optimal_contrasts(models, weights=weights).matrix == close(expected["contrasts_w"])
    constrained = optimal_contrasts(models, covariance=s, kind="constrained").matrix
    assert constrained == close(expected["constrained_S"])
    constrained = optimal_contrasts(models, weights=weights, kind="constrained").matrix
    assert constrained == close(expected["constrained_w"])
    change = np.hstack([-np.ones((4, 1)), np.eye(4)])
    adjusted = optimal_contrasts(models, covariance=change @ s @ change.T, doses=DOSES[1:], placebo_adjusted=True)
    assert adjusted.matrix == close(expected["adjusted"])


def test_contrast_test_with_a_covariate_of_the_newer_version(
    newer: dict[str, Any], candidates: Candidates, dose5: pl.DataFrame
) -> None:
    expected = newer["mct"]["with_base"]
    test = multiple_contrast_test(dose_means("chg ~ base", dose5, dose="dose"), candidates)
    assert test.table["t"].to_list() == close(list(expected["tstat"].values()), 1e-10)
    assert test.contrasts.matrix == close(expected["contMat"], 1e-10)
    assert test.correlation == close(expected["corMat"], 1e-10)
    assert test.table["p"].to_list() == pytest.approx(list(expected["p_adjusted"].values()), abs=expected["p_tol"])
    assert test.critical_value == pytest.approx(expected["critical_value"], abs=6e-4)


@pytest.mark.parametrize(
    ("key", "options"),
    [("test_one", {}), ("test_two", {"alternative": "two-sided", "alpha": 0.05}), ("test_weak", {})],
)
def test_contrast_test_with_covariates_and_a_falling_response(
    older: dict[str, Any], trial: pl.DataFrame, falling: Candidates, key: str, options: dict[str, Any]
) -> None:
    expected = older[key]
    data = trial.with_columns(resp=pl.Series(older["weak_resp"])) if key == "test_weak" else trial
    test = multiple_contrast_test(dose_means("resp ~ base + site", data, dose="dose"), falling, **options)
    assert test.table["t"].to_list() == close(expected["t"])
    assert test.contrasts.matrix == close(expected["contrasts"])
    assert test.table["p"].to_list() == pytest.approx(expected["p"], abs=1e-4)
    assert test.critical_value == pytest.approx(expected["critical"], abs=6e-4)


def test_generalised_contrast_test(
    older: dict[str, Any], binary: DoseEstimates, binary_adjusted: DoseEstimates
) -> None:
    models = {"emax": 10, "quadratic": -0.003, "exponential": 80, "linear": None, "sigEmax": (30, 2)}
    candidates = candidate_models(binary.doses.tolist(), models)
    test, expected = multiple_contrast_test(binary, candidates), older["binary"]["test"]
    assert test.table["t"].to_list() == close(expected["t"])
    assert test.table["p"].to_list() == pytest.approx(expected["p"], abs=1e-4)
    assert test.critical_value == pytest.approx(expected["critical"], abs=6e-4)
    adjusted = multiple_contrast_test(binary_adjusted, candidates)
    assert adjusted.table["t"].to_list() == close(older["adjusted"]["test"]["t"])
    assert adjusted.table["t"].to_list() == close(test.table["t"])
    assert adjusted.table["p"].to_list() == close(test.table["p"], 1e-8)


@pytest.mark.parametrize("df", ["Inf", "110", "9"])
def test_joint_probabilities_without_random_numbers(exact: dict[str, Any], df: str) -> None:
    expected = exact[f"df_{df}"]
    models = candidate_models(DOSES, {"linear": None, "emax": 10, "exponential": 20}, maximum_effect=0.5)
    contrasts = optimal_contrasts(models, weights=exact["n"])
    correlation, freedom = contrasts.correlation, float(df)
    p = t_maximum_p(exact["t"], correlation, freedom, two_sided=False)
    assert p == pytest.approx(expected["p"], rel=1e-8)
    critical = t_equicoordinate_quantile(0.975, correlation, freedom, two_sided=False)
    assert critical == pytest.approx(expected["critical"], rel=1e-8)
    power = contrast_test_power(models, n=exact["n"], sd=1, df=freedom)
    assert power.table["power"].to_list() == pytest.approx(expected["power"], rel=1e-8)
    assert power.critical_value == pytest.approx(expected["critical"], rel=1e-8)


@pytest.mark.parametrize("model", ["linear", "emax"])
def test_fits_with_a_covariate_of_the_newer_version(
    newer: dict[str, Any], dose5: pl.DataFrame, model: str
) -> None:
    expected = newer["fits_with_base"][model]
    fit = fit_dose_response("chg ~ base", dose5, dose="dose", model=model)
    assert fit.parameters.keys() == expected["coefs"].keys()
    assert list(fit.parameters.values()) == close(list(expected["coefs"].values()), 2e-7)
    assert fit.rss == close(expected["rss"], 1e-10)
    assert fit.df == expected["df"]
    assert fit.aic == close(expected["AIC"], 1e-11)
    assert covariance(fit) == close(expected["vcov"], 2e-7)
    curve = fit.effects(expected["effect_curve"]["dose"])
    assert curve["estimate"].to_list() == close(expected["effect_curve"]["fit"], 1e-7)
    assert curve["se"].to_list() == close(expected["effect_curve"]["se"], 1e-7)
    assert fit.target_dose(40) == close(expected["TD_delta40"], 1e-7)
    assert fit.effective_dose(0.5) == close(expected["ED50"], 1e-7)
    # DoseFinding stops just inside the bound
    assert fit.at_bound == (("ed50",) if model == "emax" else ())


@pytest.mark.parametrize(
    "model", ["linear", "linlog", "quadratic", "emax", "sigEmax", "exponential", "logistic", "betaMod"]
)
def test_fits_to_participants(older: dict[str, Any], trial: pl.DataFrame, model: str) -> None:
    expected, bounds = older["fits"][model], BOUNDS.get(model)
    fit = fit_dose_response("resp ~ base + site", trial, dose="dose", model=model, bounds=bounds, scal=120, off=1)
    tolerance = 2e-5 if model in EARLY else 2e-7
    assert list(fit.parameters.values()) == close(list(expected["coef"].values()), tolerance)
    assert fit.rss <= expected["rss"] * (1 + 1e-14)
    assert fit.rss == close(expected["rss"])
    assert [fit.aic, fit.bic] == close([expected["aic"], expected["bic"]])
    assert covariance(fit) == close(expected["vcov"], 2e-3 if model in EARLY else 1e-5)
    at = [0, 5, 20, 70, 100]
    assert fit.means(at)["estimate"].to_list() == close(expected["means"], 1e-6)
    assert fit.means(at)["se"].to_list() == close(expected["means_se"], 1e-5 if model in EARLY else 1e-6)
    assert fit.effects(at)["estimate"].to_list() == close(expected["effects"], 1e-5 if model in EARLY else 1e-6)
    assert fit.effects(at)["se"].to_list() == close(expected["effects_se"], 1e-5 if model in EARLY else 1e-6)
    assert fit.target_dose(5, "decreasing") == close(expected["TD"], 1e-6)
    assert fit.effective_dose(0.5) == close(expected["ED"], 1e-6)


def test_an_inner_solution_of_nls(older: dict[str, Any], trial: pl.DataFrame) -> None:
    expected = older["nls"]["emax"]
    fit = fit_dose_response("resp ~ base + site", trial, dose="dose", model="emax", bounds=(1, 400))
    assert list(fit.parameters.values()) == close(expected["coef"], 1e-6)
    assert fit.coefficients["se"].to_list() == close(expected["se"], 1e-6)
    assert fit.rss == close(expected["rss"], 1e-12)


@pytest.mark.parametrize("model", ["linear", "quadratic", "emax", "sigEmax", "exponential"])
def test_fits_to_estimates(older: dict[str, Any], binary: DoseEstimates, model: str) -> None:
    expected = older["binary"]["fits"][model]
    fit = fit_dose_estimates(binary, model=model, bounds=BINARY_BOUNDS.get(model))
    assert list(fit.parameters.values()) == close(list(expected["coef"].values()), 2e-7)
    assert covariance(fit) == close(expected["vcov"], 1e-6)
    assert fit.gaic == close(expected["gaic"], 1e-8)
    at = [0, 7, 30, 150]
    for table, name in ((fit.means(at), "means"), (fit.effects(at), "effects")):
        assert table["estimate"].to_list() == close(expected[name], 1e-7)
        assert table["se"].to_list() == close(expected[f"{name}_se"], 1e-7)
    assert fit.target_dose(0.6) == close(expected["TD"], 1e-7)
    assert fit.effective_dose(0.5) == close(expected["ED"], 1e-7)


def test_a_fit_to_differences_from_placebo(older: dict[str, Any], binary_adjusted: DoseEstimates) -> None:
    expected = older["adjusted"]
    fit = fit_dose_estimates(binary_adjusted, model="emax", bounds=BINARY_BOUNDS["emax"])
    assert fit.parameters == pytest.approx(expected["coef"], rel=2e-7)
    assert covariance(fit) == close(expected["vcov"], 2e-7)
    assert fit.gaic == close(expected["gaic"])
    assert fit.target_dose(0.6) == close(expected["TD"], 2e-7)


@pytest.mark.parametrize(("selection", "key"), [("aic", "AIC"), ("max-t", "maxT"), ("average", "aveAIC")])
def test_the_whole_procedure(
    older: dict[str, Any], trial: pl.DataFrame, falling: Candidates, selection: Any, key: str
) -> None:
    expected = older["mcpmod"][key]
    bounds = {name: limits for name, limits in BOUNDS.items() if name != "betaMod"}
    result = mcp_mod(
        "resp ~ base + site", trial, dose="dose", candidates=falling, delta=5, selection=selection, bounds=bounds
    )
    doses = dict(zip(result.models["model"], result.models["target_dose"], strict=True))
    assert doses == pytest.approx(expected["doses"], rel=1e-6)
    if key == "aveAIC":
        weights = dict(zip(result.models["model"], result.models["weight"], strict=True))
        assert weights == pytest.approx(expected["selected"], rel=1e-7)
        assert result.target_dose == pytest.approx(
            sum(expected["selected"][name] * dose for name, dose in expected["doses"].items()), rel=1e-6
        )
    else:
        assert result.selected == expected["selected"]
        assert result.target_dose == close(expected["doses"][expected["selected"]], 1e-6)


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("equal_20", {"n": 20, "sd": 1}),
        ("equal_60", {"n": 60, "sd": 1}),
        ("unequal", {"n": [40, 20, 20, 20, 30], "sd": 1}),
        ("two_sided", {"n": 30, "sd": 1, "alternative": "two-sided", "alpha": 0.05}),
        ("covariance", {"alpha": 0.05}),
    ],
)
def test_power(older: dict[str, Any], key: str, options: dict[str, Any]) -> None:
    design = {"covariance": np.array(older["S"]) / 200} if key == "covariance" else {}
    found = contrast_test_power(planned(), **options, **design)
    assert found.table["power"].to_list() == pytest.approx(older["power"][key], abs=6e-4)


def test_sample_size(older: dict[str, Any]) -> None:
    equal = contrast_test_sample_size(planned(), sd=1, power=0.8)
    assert list(equal.n or ()) == older["power"]["sample_size"]
    unequal = contrast_test_sample_size(planned(), sd=1, power=0.8, ratio=[2, 1, 1, 1, 2], summary="min")
    assert list(unequal.n or ()) == older["power"]["sample_size_min"]


def test_contrasts_of_williams_type(older: dict[str, Any], trial: pl.DataFrame) -> None:
    expected = older["williams_contrasts"]
    contrasts = williams_contrasts([30, 15, 20, 15, 25], DOSES)
    assert contrasts.matrix == close(np.transpose(expected["matrix"]))
    data = trial.with_columns(resp=pl.Series(older["weak_resp"]))
    downwards = Contrasts(contrasts.labels, contrasts.doses, -contrasts.matrix, contrasts.covariance)
    test = multiple_contrast_test(dose_means("resp ~ 1", data, dose="dose"), downwards)
    assert (-test.table["t"]).to_list() == close(expected["t"])
    assert test.table["p"].to_list() == pytest.approx(expected["p"], abs=1e-6)


def planned() -> Candidates:
    models = {"linear": None, "emax": 20, "sigEmax": (30, 3), "exponential": 40, "quadratic": -0.007}
    return candidate_models(DOSES, models, maximum_effect=0.5)


def covariance(fit: DoseResponseFit) -> Any:
    assert fit.covariance is not None
    return fit.covariance.drop("term").to_numpy()
