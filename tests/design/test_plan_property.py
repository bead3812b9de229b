"""The whole plan: parts that must agree with each other, sensitivity to the assumptions, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from equipoise.design import DesignResult, MeasurementMoments, plan_design, set_targets
from equipoise.design.sensitivity import Assumed, assume
from equipoise.errors import EstimationFailed, ProtocolError
from equipoise.protocol import Protocol
from equipoise.statistics.distributions import Floats

from .trials import arms_of, exponential, one_visit, responding, small_trial, three_visits

MORE = "  sensitivity: {effect: [0.4 cells/uL, 0.5 cells/uL], sd: [0.8, 1.0], dropout: [0.1, 0.2, 0.3]}"
TIMES = np.array([29.0, 57.0, 85.0]) / 85.0


def with_leaving(share: float, missed: float) -> tuple[Floats, Floats]:
    """Patterns of three visits where leaving is exponential and each visit is missed by chance."""
    staying = np.concatenate([[1.0], (1 - share) ** TIMES, [0.0]])
    last = -np.diff(staying)
    patterns = np.array([[a, b, c] for a in (1.0, 0.0) for b in (1.0, 0.0) for c in (1.0, 0.0)])
    shares = np.zeros(len(patterns))
    for kept, chance in enumerate(last):
        for place, pattern in enumerate(patterns):
            if not pattern[kept:].any():
                seen = pattern[:kept].sum()
                shares[place] += chance * (1 - missed) ** seen * missed ** (kept - seen)
    return patterns, shares


def leaving(share: float, missed: float = 0.05, effects: tuple[float, ...] = (0.5, 0.4)) -> MeasurementMoments:
    patterns, shares = with_leaving(share, missed)
    moments = three_visits(effects)
    return replace(moments, patterns=patterns, shares=np.tile(shares, (len(effects) + 1, 1)))


@pytest.fixture(scope="module")
def trial() -> Protocol:
    return small_trial("mmrm", doses=2, size=180, multiplicity="dunnett", more=MORE)


@pytest.fixture(scope="module")
def result(trial: Protocol) -> DesignResult:
    return plan_design(trial, {"none": leaving(0.2, effects=(0.0, 0.0)), "planned": leaving(0.2)})


def test_the_claim_asks_for_the_arm_that_needs_most(result: DesignResult) -> None:
    sizes = {one.arm: one.randomised for one in result.required}
    assert sizes[""] == pytest.approx(max(sizes["dose_1"] or 0, sizes["dose_2"] or 0))
    for one in result.required:
        assert one.complete is not None and one.randomised is not None and one.per_arm is not None
        assert one.complete < one.randomised <= sum(one.per_arm) < one.randomised + 3


def test_without_effect_the_familywise_error_is_alpha(result: DesignResult) -> None:
    none = result.scenarios[0]
    assert none.power.familywise == pytest.approx(0.05, abs=1e-4)
    assert none.power.all_arms == 0.0


def test_the_grid_at_the_planned_values_is_the_plan(trial: Protocol) -> None:
    moments = leaving(0.2, effects=(0.5, 0.5))
    sd = plan_design(trial, {"planned": moments}).model.sd
    more = f"  sensitivity: {{effect: [0.5 cells/uL], sd: [{sd!r}], dropout: [0.2]}}"
    same = small_trial("mmrm", doses=2, size=180, multiplicity="dunnett", more=more)
    result = plan_design(same, {"planned": moments})
    (cell,) = result.grid
    assert cell.participants == pytest.approx(result.claimed.randomised, rel=1e-9)
    assert cell.power == pytest.approx(min(result.planned.power.each), rel=1e-7)


def test_the_grid_moves_as_it_must(result: DesignResult) -> None:
    size = {(c.assumed.effect, c.assumed.sd, c.assumed.dropout): c.participants for c in result.grid}
    assert len(size) == 12
    assert size[0.4, 1.0, 0.2] > size[0.5, 1.0, 0.2] > size[0.5, 0.8, 0.2]  # type: ignore[operator]
    assert size[0.5, 1.0, 0.1] < size[0.5, 1.0, 0.2] < size[0.5, 1.0, 0.3]  # type: ignore[operator]


@pytest.mark.parametrize("share", [0.05, 0.2, 0.4])
def test_another_dropout_reweights_patterns_as_if_they_were_drawn_with_it(trial: Protocol, share: float) -> None:
    found = assume(trial, leaving(0.2), Assumed(dropout=share), "planned", 1.0)
    assert isinstance(found, MeasurementMoments)
    assert found.shares == pytest.approx(leaving(share).shares, abs=1e-12)


def test_leaving_is_added_where_nobody_leaves_by_assumption(trial: Protocol) -> None:
    assert trial.assumptions is not None
    assumptions = trial.assumptions.model_copy(update={"dropout": None})
    staying = trial.model_copy(update={"assumptions": assumptions})
    found = assume(staying, leaving(0.0), Assumed(dropout=0.3), "planned", 1.0)
    expected = leaving(0.3)
    assert isinstance(found, MeasurementMoments)
    known = {tuple(p): s for p, s in zip(found.patterns.tolist(), found.shares[0], strict=True)}
    for pattern, share in zip(expected.patterns.tolist(), expected.shares[0], strict=True):
        assert known.get(tuple(pattern), 0.0) == pytest.approx(share, abs=1e-12)


def test_every_number_is_a_row_of_the_table(result: DesignResult) -> None:
    rows = result.rows()
    parts = set(rows["part"])
    assert {"plan", "size", "detectable", "power", "looks", "calendar", "sensitivity", "curve"} <= parts
    power = rows.filter((rows["part"] == "power") & (rows["statistic"] == "power") & (rows["arm"] == "dose_1"))
    assert power["value"].to_list() == [one.power.each[0] for one in result.scenarios]
    assert rows.filter(rows["part"] == "sensitivity").height == 2 * len(result.grid)


def test_the_same_plan_twice_is_the_same(trial: Protocol, result: DesignResult) -> None:
    again = plan_design(trial, {"none": leaving(0.2, effects=(0.0, 0.0)), "planned": leaving(0.2)})
    assert again == result


@pytest.mark.parametrize(
    ("analysis", "moments"),
    [
        ("ranks", one_visit([0.5])),
        ("welch", one_visit([0.5], [1.0, 1.2])),
        ("fisher", responding([0.3, 0.6])),
        ("relapses", exponential([0.1, 0.04])),
    ],
)
def test_every_kind_of_analysis_can_be_planned(analysis: str, moments: object) -> None:
    more = "  sensitivity: {effect: [0.5], dropout: [0.1]}" if analysis in ("fisher", "relapses") else ""
    result = plan_design(small_trial(analysis, more=more), {"planned": moments})  # type: ignore[dict-item]
    size = result.claimed.randomised
    assert size is not None and 20 < size < 500
    assert 0 < result.planned.power.each[0] < 1
    assert result.detectable["dose_1"] is not None
    assert (len(result.reestimated) > 0) == (analysis in ("ranks", "welch"))


def test_other_analyses_have_their_power_or_a_reason(trial: Protocol) -> None:
    others = {"ancova": one_visit([0.5, 0.4]), "responders": responding([0.2, 0.4, 0.3]), "relapses": "no events"}
    found = {one.analysis: one for one in plan_design(trial, {"planned": leaving(0.2)}, others=others).others}
    assert found["responders"].measure == "difference in proportions"
    assert found["responders"].effects == pytest.approx({"dose_1": 0.2, "dose_2": 0.1})
    assert 0 < found["ancova"].power["dose_2"] < found["ancova"].power["dose_1"] < 1
    assert found["relapses"].reason == "no events"


def refuse(sentence: str, trial: Protocol, moments: object) -> None:
    with pytest.raises(ProtocolError, match=sentence):
        plan_design(trial, {"planned": moments})  # type: ignore[dict-item]


def test_what_cannot_be_planned_is_refused_in_one_sentence() -> None:
    flat = one_visit([0.5], [1.0, 0.0])
    refuse("must vary in every arm.*Got variances 1, 0", small_trial("student"), flat)
    refuse("must vary in every arm.*Got shares 0, 0.5", small_trial("responders"), responding([0.0, 0.5]))
    refuse("needs events in every arm.*dose_1", small_trial("relapses"), exponential([0.1, 0.0]))
    refuse("none that the method ancova can be planned for", small_trial("ancova"), responding([0.1, 0.5]))
    with pytest.raises(ProtocolError, match="must hold the planned scenario"):
        plan_design(small_trial("ancova"), {"none": one_visit([0.5])})
    with pytest.raises(EstimationFailed, match="on the side that is better"):
        plan_design(small_trial("ancova"), {"planned": one_visit([-0.5])})
    without = small_trial("ancova").model_copy(update={"design": None})
    refuse("has no `design`", without, one_visit([0.5]))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"power": 90.0}, "did you mean 0.9\\? Got 90"),
        ({"power": 0.3}, "power must lie between 0.5 and 1"),
        ({"alpha": 5.0}, "did you mean 0.05\\? Got 5"),
        ({"alpha": -0.1}, "alpha must lie between 0 and 0.5"),
    ],
)
def test_impossible_targets_are_refused(values: dict[str, float], sentence: str) -> None:
    with pytest.raises(ProtocolError, match=sentence):
        set_targets(small_trial(), **values)


def test_targets_replace_those_of_the_protocol() -> None:
    changed = set_targets(small_trial(), power=0.8, alpha=0.01).design
    assert changed is not None
    assert (changed.power, changed.alpha) == (0.8, 0.01)


def test_an_arm_without_effect_is_left_out_of_the_claim() -> None:
    trial = small_trial("ancova", doses=2, multiplicity="dunnett")
    result = plan_design(trial, {"planned": one_visit([0.5, 0.0])})
    sizes = {one.arm: one.randomised for one in result.required}
    assert sizes[""] == sizes["dose_1"]
    assert sizes["dose_2"] is None
    assert result.planned.power.familywise < 0.05
    assert arms_of(2)[1:] == result.arms
