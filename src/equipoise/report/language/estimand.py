"""An estimand in words: its five attributes (ICH E9(R1) A.3.3) and how missing values are handled."""

from dataclasses import dataclass

from ...protocol import Protocol
from ...protocol.model import Endpoint
from .labels import Labels


@dataclass(frozen=True)
class Attribute:
    """A named attribute, with one line of text or several."""

    name: str
    lines: tuple[str, ...]


# what these methods make of the values that the estimand leaves missing
_BY_METHOD = {
    "mmrm": "left to the model, as missing at random",
    "tipping point": "imputed as missing at random, then changed by a delta",
    "reference-based imputation": "imputed under each assumption",
}


def describe_estimand(protocol: Protocol, name: str, method: str, labels: Labels) -> tuple[Attribute, ...]:
    """Say question, treatments, population, variable, intercurrent events, summary and missing values.

    `method`: of the analysis that answers the question.
    """
    say = labels.say
    estimand = protocol.estimands[name]
    versus = estimand.versus or protocol.control
    compared = estimand.arms or tuple(arm for arm in protocol.arms if arm != versus)
    by_id = dict(zip(protocol.arms, labels.arms.values(), strict=True))
    treatments = labels.say.listing([by_id[arm] for arm in compared])
    if versus is not None and versus not in compared:
        treatments = say("{arms} against {versus}", arms=treatments, versus=by_id[versus])
    events = tuple(
        say(
            "{event}: {strategy}",
            event=protocol.intercurrent_events[event].label.say(labels.language),
            strategy=say(strategy),
        )
        for event, strategy in estimand.intercurrent.items()
    )
    attributes = [
        Attribute(say("Question"), (estimand.question.say(labels.language),)),
        Attribute(say("Treatments"), (treatments,)),
        Attribute(say("Population"), (labels.analysis_set(estimand.set),)),
        Attribute(say("Variable"), (_variable(protocol, estimand.variable, name, labels),)),
        Attribute(say("Intercurrent events"), events or (say("none declared"),)),
        Attribute(say("Summary measure"), (say(estimand.summary),)),
    ]
    if estimand.variable.kind != "time to event":
        attributes.append(Attribute(say("Missing values"), (say(_BY_METHOD.get(method, estimand.missing)),)))
    return tuple(attributes)


def _variable(protocol: Protocol, endpoint: Endpoint, name: str, labels: Labels) -> str:
    say = labels.say
    if endpoint.kind == "time to event":
        rule = f": {endpoint.rule}" if endpoint.rule else ""
        return say("time to the first event{rule} ({parameter})", rule=rule, parameter=endpoint.parameter or name)
    assert endpoint.item is not None
    visits = labels.say.listing([protocol.visit_label(visit, labels.language) for visit in endpoint.at])
    item = labels.parameter(labels.context.parameter(endpoint.item))
    if endpoint.response is not None:
        return say("{item} at {visits}: response if {rule}", item=item, visits=visits, rule=endpoint.response)
    return say("{item} at {visits}: {summary}", item=item, visits=visits, summary=say(endpoint.summary))
