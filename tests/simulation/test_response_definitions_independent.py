"""What each definition of a response gives with no effect and with one, against an earlier calculation.

The table is a Monte Carlo calculation of 100,000 participants by other code, rounded to two decimals: nine
visits, eligibility by a count of at most 250 cells/uL, which is the baseline too, CV of a count 17%, drift +20
and its SD 45 cells/uL over 48 weeks, an effect that grows evenly to week 48. Half a unit of the last digit and
four Monte Carlo errors of both calculations are allowed.
"""

from math import sqrt

import numpy as np
import pytest

from equipoise.protocol import Protocol
from equipoise.protocol.model import Effect, Endpoint, Estimand
from equipoise.simulation.estimands import measure_outcomes, time_outcomes
from equipoise.simulation.population import Population, VirtualTrials, chunk_streams, draw_trials

from ..shipped import shipped

DRAWN = 100_000
TABLE = {
    0: (0.70, 0.49, 0.35, 0.68),
    20: (0.78, 0.59, 0.47, 0.77),
    31: (0.82, 0.64, 0.53, 0.81),
    50: (0.88, 0.73, 0.64, 0.87),
    75: (0.93, 0.83, 0.76, 0.93),
    100: (0.97, 0.90, 0.85, 0.97),
}
"""By the effect at week 48: ever 30%, confirmed at the next visit, at week 48 only, ever 50 cells/uL."""

FIRST = {"item": "cd4", "time_to": "first", "baseline": ["SCR"], "better": "higher"}
DEFINITIONS = {
    "ever_30": FIRST | {"rule": "cd4 >= 1.3 * baseline"},
    "confirmed_30": FIRST | {"rule": "cd4 >= 1.3 * baseline", "confirmed_by": "next visit"},
    "week_48_30": {"item": "cd4", "at": ["W48"], "baseline": ["SCR"], "response": "cd4 >= 1.3 * baseline"},
    "ever_50": FIRST | {"rule": "change >= 50"},
}


def with_effect(cells: int) -> Protocol:
    """The phase II trial with one effect and nothing that interrupts it."""
    plan = shipped("hucmsc_inr")
    assert plan.assumptions is not None
    effect = Effect.model_validate({"high": f"{cells} cells/uL", "reached_by": "W48"})
    given = plan.assumptions.model_copy(update={"scenarios": {"effect": effect}, "intercurrent_events": {}})
    return plan.model_copy(update={"assumptions": given})


def share(plan: Protocol, name: str, trials: VirtualTrials) -> float:
    """The share of participants who respond by a definition."""
    endpoint = Endpoint.model_validate(DEFINITIONS[name])
    timed = endpoint.kind == "time to event"
    summary = "hazard ratio" if timed else "difference in proportions"
    estimand = Estimand(question="", variable=endpoint, set="full", summary=summary)  # type: ignore[arg-type]
    if timed:
        return float(time_outcomes(plan, name, estimand, trials).event.mean())
    return float(measure_outcomes(plan, estimand, trials).outcome.mean())


@pytest.mark.parametrize("cells", TABLE)
def test_the_table_of_definitions_is_reproduced(cells: int) -> None:
    plan = with_effect(cells)
    population = Population(plan, "effect", rules=("randomised",), size=1000)
    trials = draw_trials(population, chunk_streams(48, 0), DRAWN // 1000, arm=0, leave=False)
    for name, expected in zip(DEFINITIONS, TABLE[cells], strict=True):
        error = sqrt(2 * expected * (1 - expected) / DRAWN)
        assert share(plan, name, trials) == pytest.approx(expected, abs=0.005 + 4 * error), name


def test_placebo_alone_reaches_the_published_share_of_responders() -> None:
    """70.8% of the control arm responded: 17 of 24."""
    plan = with_effect(0)
    population = Population(plan, None, rules=("randomised",))
    trials = draw_trials(population, chunk_streams(1, 0), 500)
    control = trials.arm == trials.arms.index("placebo")
    endpoint = Endpoint.model_validate(DEFINITIONS["ever_30"])
    estimand = Estimand(question="", variable=endpoint, set="full", summary="hazard ratio")
    responded = time_outcomes(plan, "ever_30", estimand, trials).event
    shares = np.array([r[c].mean() for r, c in zip(responded, control, strict=True)])
    assert np.quantile(shares, 0.05) < 17 / 24 < np.quantile(shares, 0.95)
