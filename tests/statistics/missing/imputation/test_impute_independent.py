"""Imputed values: at the parameters of rbmi, and under every strategy by a program in R that goes one by one."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.missing.analysis import prepare_ancova
from equipoise.statistics.missing.imputation.impute import Parameters, impute_visits
from equipoise.statistics.missing.imputation.model import fit_imputation_model
from equipoise.statistics.missing.imputation.outcomes import Outcomes, read_outcomes


def by_program(references: Path) -> dict:
    return json.loads((references / "r" / "imputation.out.json").read_text(encoding="utf-8"))


def read(trial72: pl.DataFrame, formula: str, strategy: str) -> Outcomes:
    return read_outcomes(
        formula,
        trial72,
        subject="USUBJID",
        visit="VISIT",
        arm="ARM",
        reference="Placebo",
        strategy=strategy,
        strategy_from="ICE",
        keep=["BASE", "STRATUM"],
    )


@pytest.mark.parametrize("strategy", ["MAR", "JR"])
def test_imputed_values_are_those_of_rbmi_at_its_parameters(
    trial72: pl.DataFrame, references: Path, strategy: str
) -> None:
    expected = json.loads((references / "rbmi_trial72.json").read_text(encoding="utf-8"))["cs"]
    model = expected["imputation_model"]
    outcomes = read(trial72, "CHG ~ ARM + VISIT + BASE + STRATUM", strategy)
    covariance = np.array(model["sigma"]["Placebo"])[None, None]
    parameters = Parameters(np.array(model["beta"])[None], covariance, np.zeros(3, dtype=int))
    values = impute_visits(outcomes, parameters)[0]
    who, visits = outcomes.people["USUBJID"].to_list(), list(outcomes.visits)
    wanted = expected[strategy]["imputed_values_full_sample"]
    assert len(wanted) == int((~outcomes.observed).sum())
    for row in wanted:
        found = values[who.index(row["USUBJID"]), visits.index(row["VISIT"])]
        assert found == pytest.approx(row["value"], rel=1e-7)


@pytest.mark.parametrize("strategy", ["MAR", "J2R", "CR", "CIR", "LMCF"])
def test_arms_with_covariances_of_their_own_are_joined_to_the_reference(
    trial72: pl.DataFrame, references: Path, strategy: str
) -> None:
    expected = by_program(references)
    outcomes = read(trial72, "CHG ~ ARM + VISIT + BASE + STRATUM + ARM:VISIT", strategy)
    crossed = expected["crossed"]
    covariance = np.array([crossed["sigma"], expected["by_arm"]["own"]])[None]
    parameters = Parameters(np.array(crossed["beta"])[None], covariance, np.array([0, 1, 1]))
    values = impute_visits(outcomes, parameters)[0][~outcomes.observed]
    assert values == pytest.approx(np.array(expected["by_arm"][strategy]["values"]), rel=1e-9)


def test_the_unstructured_maximum_is_that_of_newton_steps_in_r(trial72: pl.DataFrame, references: Path) -> None:
    expected = by_program(references)["main"]
    outcomes = read(trial72, "CHG ~ ARM + VISIT + BASE + STRATUM", "MAR")
    parameters = fit_imputation_model(outcomes).parameters
    assert parameters.beta[0] == pytest.approx(np.array(expected["beta"]), rel=1e-7)
    assert parameters.covariance[0, 0] == pytest.approx(np.array(expected["sigma"]), rel=1e-6)
    same_values(outcomes, impute_visits(outcomes, parameters)[0], expected["MAR"])


@pytest.mark.parametrize("strategy", ["MAR", "J2R", "CR", "CIR", "LMCF"])
def test_every_strategy_gives_the_values_and_estimates_of_a_program_in_r(
    trial72: pl.DataFrame, references: Path, strategy: str
) -> None:
    outcomes = read(trial72, "CHG ~ ARM*VISIT + BASE + STRATUM", strategy)
    values = impute_visits(outcomes, fit_imputation_model(outcomes).parameters)[0]
    same_values(outcomes, values, by_program(references)["crossed"][strategy])


def same_values(outcomes: Outcomes, values: np.ndarray, expected: dict) -> None:
    assert values[~outcomes.observed] == pytest.approx(np.array(expected["values"]), rel=1e-6, abs=1e-5)
    ancova = prepare_ancova("CHG ~ ARM + BASE + STRATUM", outcomes, "Placebo")
    contrasts = ancova.estimate(values)[:, len(ancova.arms) :]
    assert contrasts == pytest.approx(np.array(expected["contrasts"]), rel=1e-6, abs=1e-6)
