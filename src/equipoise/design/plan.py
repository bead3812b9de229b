"""Plans a trial: from its protocol and the moments of its population to everything that `DesignResult` holds."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import EquipoiseError, ProtocolError, suggest
from ..protocol import Protocol, Quantity
from ..protocol.model import Ancova, Categorical, Cox, Design, KaplanMeier, Mmrm, RankSum, TTest
from ..statistics.distributions import Floats
from .comparisons import Model
from .models import (
    plan_ancova,
    plan_mmrm,
    plan_rank_sum,
    plan_responses,
    plan_t_test,
    plan_times,
)
from .models.measurements import LinearModel, PairModel
from .models.times import TimeModel
from .moments import ByScenario, MeasurementMoments, Moments, ResponseMoments, TimeMoments
from .options import Calendar, Reestimated, compare_options, plan_calendar, plan_reestimation
from .procedure import Procedure
from .result import (
    Curve,
    DesignResult,
    OtherAnalysis,
    Precisely,
    Requirement,
    ScenarioPower,
    by_arm,
)
from .sensitivity import Sensible, assume, evaluate, grid_of, without_missing
from .size import (
    Question,
    claimed_power,
    detectable_effect,
    effective,
    power_at,
    power_of_arm,
    require_size,
    required_size,
    whole_arms,
)

Planned = Ancova | Mmrm | TTest | RankSum | Categorical | KaplanMeier | Cox
SPREADS = (0.8, 0.9, 1.0, 1.1, 1.2)
"""Standard deviations of blinded re-estimation, over the planned one, where the protocol names none."""


def plan_design(
    protocol: Protocol, moments: ByScenario, *, others: Mapping[str, Moments | str] | None = None
) -> DesignResult:
    """Plan the trial of a protocol from the moments of its planned analysis under each scenario.

    others: moments of other analyses under the planned scenario, by name; a text says why there are none. Raises
    ProtocolError where the protocol has no `design`, no size or no control, the outcome does not vary, or the
    moments lack the planned scenario; EstimationFailed where no size has the power.
    """
    design, spec = planned_analysis(protocol)
    if protocol.size is None:
        raise ProtocolError(
            f"protocol {protocol.trial.id} plans no number of participants; give randomisation.size"
        )
    if design.scenario not in moments:
        raise ProtocolError(
            f"the moments must hold the planned scenario{suggest(design.scenario, moments)} Got {design.scenario}"
        )
    question = Question(_procedure(spec, design, moments[design.scenario], protocol), design.power, design.claim)
    models = {name: model_of(protocol, spec, one) for name, one in moments.items()}
    model = models[design.scenario]
    allocation = model.allocation
    size = protocol.size
    required = _requirements(protocol, spec, moments[design.scenario], model, question, allocation)
    again: tuple[Reestimated, ...] = ()
    if isinstance(model, LinearModel | PairModel):
        deviations = list(design.sensitivity.sd) or [model.sd * one for one in SPREADS]
        again = plan_reestimation(model, question, size, deviations)
    estimand = protocol.estimands[spec.estimand]
    return DesignResult(
        trial=protocol.trial.id,
        analysis=design.analysis,
        method=model.method,
        measure=model.measure,
        unit=_unit(protocol, spec, model),
        visit=estimand.variable.at[-1] if estimand.variable.at else "",
        control=estimand.versus or protocol.control or "",
        arms=model.arms,
        allocation=tuple(float(one) for one in allocation),
        participants=size,
        scenario=design.scenario,
        power=design.power,
        alpha=design.alpha,
        sides=design.sides,
        claim=design.claim,
        multiplicity=question.procedure.name,
        model=_precisely(model, size),
        required=required,
        detectable={arm: detectable_effect(model, question, size, place) for place, arm in enumerate(model.arms)},
        scenarios=tuple(_scenario(protocol, name, one, question, size) for name, one in models.items()),
        options=compare_options(model, question, size, allocation, design.interim),
        reestimated=again,
        calendar=_calendar(protocol, spec, model, size),
        grid=_grid(protocol, spec, moments[design.scenario], model, question, size),
        curves=_curves(models, question, size, required),
        others=tuple(_other(protocol, name, one, design) for name, one in (others or {}).items()),
    )


def set_targets(protocol: Protocol, *, power: float | None = None, alpha: float | None = None) -> Protocol:
    """Return the protocol with another power or alpha of its design; ProtocolError for impossible ones."""
    design = protocol.design
    if design is None:
        raise ProtocolError(_NO_DESIGN.format(trial=protocol.trial.id))
    if power is not None and not 0.5 < power < 1:
        near = power / 100 if 50 < power < 100 else 0.9
        raise ProtocolError(f"power must lie between 0.5 and 1 (exclusive); did you mean {near:g}? Got {power:g}")
    if alpha is not None and not 0 < alpha < 0.5:
        near = alpha / 100 if 0.5 < alpha < 50 else 0.05
        raise ProtocolError(f"alpha must lie between 0 and 0.5 (exclusive); did you mean {near:g}? Got {alpha:g}")
    changed = {"power": power or design.power, "alpha": alpha or design.alpha}
    return protocol.model_copy(update={"design": design.model_copy(update=changed)})


_NO_DESIGN = "protocol {trial} has no `design`: say which analysis, scenario and power its size is planned for"


def planned_analysis(protocol: Protocol) -> tuple[Design, Planned]:
    """Return the design and the analysis it plans; ProtocolError where there is none that can be planned."""
    design = protocol.design
    if design is None:
        raise ProtocolError(_NO_DESIGN.format(trial=protocol.trial.id))
    spec = protocol.analyses.get(design.analysis)
    if spec is None:
        raise ProtocolError(
            f"design.analysis must name an analysis{suggest(design.analysis, protocol.analyses)} "
            f"Got {design.analysis}"
        )
    if not isinstance(spec, Planned):
        raise ProtocolError(f"design.analysis must compare arms. Got {design.analysis}, which is {spec.method}")
    return design, spec


def can_be_planned(spec: object) -> bool:
    """Tell whether an analysis compares arms by a method that can be planned."""
    return isinstance(spec, Planned)


def model_of(protocol: Protocol, spec: Planned, moments: Moments) -> Model:
    """Build the model of an analysis from its moments; ProtocolError where the two do not go together."""
    if isinstance(moments, MeasurementMoments):
        if isinstance(spec, Mmrm):
            return plan_mmrm(protocol, spec, moments)
        if isinstance(spec, Ancova):
            return plan_ancova(protocol, spec, moments)
        if isinstance(spec, TTest):
            return plan_t_test(protocol, spec, moments)
        if isinstance(spec, RankSum):
            return plan_rank_sum(protocol, spec, moments)
    if isinstance(moments, ResponseMoments) and isinstance(spec, Categorical):
        return plan_responses(protocol, spec, moments)
    if isinstance(moments, TimeMoments) and isinstance(spec, KaplanMeier | Cox):
        return plan_times(protocol, spec, moments)
    raise ProtocolError(
        f"the outcome of estimand {spec.estimand} is none that the method {spec.method} can be planned for"
    )


def _procedure(spec: Planned, design: Design, moments: Moments, protocol: Protocol) -> Procedure:
    name = spec.multiplicity if isinstance(spec, Ancova | Mmrm) else "none"
    order: tuple[int, ...] = ()
    if isinstance(spec, Ancova | Mmrm) and spec.sequence:
        arms = model_of(protocol, spec, moments).arms
        order = tuple(arms.index(arm) for arm in spec.sequence if arm in arms)
    return Procedure(name, design.alpha, design.sides, order)


def _unit(protocol: Protocol, spec: Planned, model: Model) -> str:
    if model.measure != "difference in means":
        return ""
    variable = protocol.estimands[spec.estimand].variable
    item = protocol.items.get(variable.item or "")
    if variable.summary == "percent change from baseline":
        return "%"
    return "" if item is None or item.unit is None else item.unit


def _precisely(model: Model, size: int) -> Precisely:
    if isinstance(model, LinearModel):
        return Precisely(model.sd, 1.0 - model.lost, model.at(size).common_df)
    if isinstance(model, PairModel):
        return Precisely(model.sd, float(model.seen.sum() / model.allocation.sum()), model.at(size).common_df)
    return Precisely(None, None, None)


def _requirements(
    protocol: Protocol, spec: Planned, moments: Moments, model: Model, question: Question, allocation: Floats
) -> tuple[Requirement, ...]:
    complete = (
        model_of(protocol, spec, without_missing(moments)) if isinstance(moments, MeasurementMoments) else None
    )
    found = []
    for place, arm in [(None, ""), *enumerate(model.arms)]:
        size = required_size(model, question, place)
        if place is None:
            require_size(size, question)
        before = None if complete is None else required_size(complete, question, place)
        found.append(Requirement(arm, before, size, None if size is None else whole_arms(size, list(allocation))))
    return tuple(found)


def _scenario(protocol: Protocol, name: str, model: Model, question: Question, size: int) -> ScenarioPower:
    return ScenarioPower(
        name, assumed_effects(protocol, name), by_arm(model.arms, model.effects), power_at(model, question, size)
    )


def assumed_effects(protocol: Protocol, scenario: str) -> dict[str, float]:
    """Return the differences that a scenario assumes, in the unit of the main item; none where it is unknown."""
    given = protocol.assumptions
    if given is None or scenario not in given.scenarios or given.participant is None:
        return {}
    item = protocol.items.get(given.participant.item)
    unit = "" if item is None or item.unit is None else item.unit

    def number(difference: Quantity) -> float:
        return difference.to(unit)

    return {arm: number(one) for arm, one in given.scenarios[scenario].differences.items()}


def _calendar(protocol: Protocol, spec: Planned, model: Model, size: int) -> Calendar | None:
    assert protocol.design is not None
    if isinstance(model, TimeModel):
        day = 1 + Quantity.parse(f"{model.horizon:.6f} {model.unit}").to("day")
    else:
        day = float(protocol.schedule.visits[protocol.estimands[spec.estimand].variable.at[-1]].target)
    interim = protocol.design.interim
    return plan_calendar(protocol, size, day, (0.5,) if interim is None else interim.looks)


def _grid(
    protocol: Protocol, spec: Planned, moments: Moments, model: Model, question: Question, size: int
) -> tuple[Sensible, ...]:
    assert protocol.design is not None
    sd = model.sd if isinstance(model, LinearModel | PairModel) else 1.0
    found = []
    known: dict[tuple[float | None, float | None], Model] = {}
    for assumed in grid_of(protocol, model.measure):
        key = (assumed.sd, assumed.dropout)
        if key not in known:
            known[key] = model_of(protocol, spec, assume(protocol, moments, assumed, protocol.design.scenario, sd))
        found.append(evaluate(known[key], question, assumed, size))
    return tuple(found)


def _curves(
    models: Mapping[str, Model], question: Question, size: int, required: Sequence[Requirement]
) -> tuple[Curve, ...]:
    claimed = required[0].randomised or size
    last = 1.6 * max(size, claimed)
    sizes = np.unique(np.rint(np.linspace(0.15 * min(size, claimed), last, 41)))
    return tuple(
        Curve(
            name,
            tuple(float(n) for n in sizes),
            tuple(claimed_power(model, question, float(n)) for n in sizes),
        )
        for name, model in models.items()
        if effective(model).any()
    )


def _other(protocol: Protocol, name: str, moments: Moments | str, design: Design) -> OtherAnalysis:
    spec = protocol.analyses[name]
    method = str(spec.method)
    if isinstance(moments, str):
        return OtherAnalysis(name, method, "", {}, {}, moments)
    assert isinstance(spec, Planned)
    assert protocol.size is not None
    try:
        model = model_of(protocol, spec, moments)
        question = Question(_procedure(spec, design, moments, protocol), design.power, "each")
        power = [power_of_arm(model, question, protocol.size, place) for place in range(len(model.arms))]
    except EquipoiseError as failure:
        return OtherAnalysis(name, method, "", {}, {}, str(failure))
    return OtherAnalysis(
        name, model.method, model.measure, by_arm(model.arms, model.effects), by_arm(model.arms, np.array(power))
    )
