"""How many participants passed each step of the trial: the numbers of a CONSORT 2025 flow diagram.

They come from the results of the disposition analysis, so that diagram and table agree; a number that the results
do not have is None, and the diagram says that the data do not tell.
"""

from dataclasses import dataclass

from ...analysis.result import TrialResults
from ..language import Labels
from ..tables.disposition import is_randomised, reason_words
from ..tables.lookup import Lookup


@dataclass(frozen=True)
class Reason:
    """A reason and how many it concerns."""

    label: str
    count: int


@dataclass(frozen=True)
class ArmFlow:
    """One arm: allocated, received the intervention, ended early, in the primary analysis, and why not."""

    label: str
    allocated: int
    received: int | None = None
    discontinued: int | None = None
    discontinued_why: tuple[Reason, ...] = ()
    analysed: int | None = None
    left_out: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Flow:
    """The flow of participants: assessed, excluded and why, entered, then arm by arm."""

    entered: int
    randomised: bool
    arms: tuple[ArmFlow, ...]
    screened: int | None = None
    excluded: int | None = None
    excluded_why: tuple[Reason, ...] = ()


def count_flow(results: TrialResults, labels: Labels) -> Flow:
    """Collect the numbers of the flow diagram; without a disposition analysis only the arms' sizes are known."""
    found = next((r for r in results.done.values() if r.spec.method == "disposition"), None)
    in_arms = labels.counts("")
    if found is None:
        arms = tuple(ArmFlow(labels.arm(arm), in_arms[arm]) for arm in labels.arms)
        return Flow(sum(arm.allocated for arm in arms), is_randomised(labels), arms)
    lookup = Lookup(found)
    arms = tuple(_arm(lookup, labels, arm) for arm in labels.arms)
    return Flow(
        entered=sum(arm.allocated for arm in arms),
        randomised=is_randomised(labels),
        arms=arms,
        screened=_count(lookup, "", "screened"),
        excluded=_count(lookup, "", "screen failure"),
        excluded_why=_reasons(lookup, labels, "", "screen failure"),
    )


def _arm(lookup: Lookup, labels: Labels, arm: str) -> ArmFlow:
    return ArmFlow(
        label=labels.arm(arm),
        allocated=_count(lookup, arm, "randomised") or 0,
        received=_count(lookup, arm, "treated"),
        discontinued=_count(lookup, arm, "discontinued"),
        discontinued_why=_reasons(lookup, labels, arm, "discontinued"),
        analysed=_count(lookup, arm, "analysed"),
        left_out=_reasons(lookup, labels, arm, "not analysed"),
    )


def _count(lookup: Lookup, arm: str, milestone: str) -> int | None:
    count = lookup.at(arm=arm, group=f"milestone={milestone}")["count"]
    return None if count is None else int(count)


def _reasons(lookup: Lookup, labels: Labels, arm: str, milestone: str) -> tuple[Reason, ...]:
    """Return the reasons below a milestone that concern somebody."""
    found = lookup.select(arm=arm, keys={"milestone", "reason"}, having="count")
    return tuple(
        Reason(reason_words(numbers.group["reason"], labels), int(numbers["count"] or 0))
        for numbers in found
        if numbers.group["milestone"] == milestone and numbers["count"]
    )
