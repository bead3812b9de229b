"""What the tests of the plan share: a protocol with two doses and its plan."""

from collections.abc import Iterator

import pytest

from equipoise.design import DesignResult, MeasurementMoments, plan_design
from equipoise.design.options import option
from equipoise.protocol import Protocol
from equipoise.report.design import PlanPage, build_plan

from ...design.trials import one_visit, responding, small_trial, three_visits

MORE = """  interim: {looks: [0.3, 0.95], futility: 0}
  sensitivity: {effect: [0.4 cells/uL, 0.6 cells/uL], sd: [0.8, 1.0], dropout: [0.1, 0.2]}
provenance:
  population: pilot
  interventions: pilot
  arms: pilot
  randomisation: assumed; usual
  blinding: assumed; usual
  schedule: pilot
  forms: assumed; usual
  analysis_sets: assumed; usual
  estimands: assumed; usual
  analyses: assumed; usual
  assumptions: pilot; as seen there
  design: assumed; 90% is usual"""


def moments(effects: tuple[float, ...]) -> MeasurementMoments:
    return three_visits(effects, stay=(0.95, 0.9, 0.85))


@pytest.fixture(scope="session")
def trial() -> Protocol:
    return small_trial("mmrm", doses=2, size=150, multiplicity="dunnett", more=MORE)


@pytest.fixture(autouse=True, scope="session")
def few_trials() -> Iterator[None]:
    """Draw fewer trials than a plan on paper; what is drawn is tested by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(option, "TRIALS", 1000)
        yield


@pytest.fixture(scope="session")
def result(trial: Protocol) -> DesignResult:
    others = {"ancova": one_visit([0.5, 0.4]), "responders": responding([0.2, 0.4, 0.3]), "relapses": "no events"}
    return plan_design(trial, {"none": moments((0.0, 0.0)), "planned": moments((0.5, 0.4))}, others=others)


@pytest.fixture(scope="session")
def page(trial: Protocol, result: DesignResult) -> PlanPage:
    return build_plan(trial, result)


@pytest.fixture(scope="session")
def chinese(trial: Protocol, result: DesignResult) -> PlanPage:
    return build_plan(trial, result, "zh")
