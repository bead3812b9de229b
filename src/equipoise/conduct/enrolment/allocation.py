"""Allocation: the next place of the participant's stratum, by a randomisation number that says nothing of the arm.

The strata are read back before anything is allocated; where the source turns out to be otherwise later, the
stratum used stays and the true one is kept beside it (Yelland 2015, PMC4509880). A list that ends is an alarm: it
does not begin anew and is not made longer.
"""

from datetime import date

import msgspec

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...record.book import Turn
from ...record.event import Event
from ...record.gate import require_open_gate
from ..door.chapter import Chapter
from ..door.dates import day_in, today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import require_open
from ..door.services import Guards, Services
from ..door.state import Allocation, Participant, Trial
from ..organisation.sealed_list import largest_block, list_factors, stratum_name
from ..organisation.sites import require_enrolling
from ..safety.pauses import require_enrolment
from .consent import require_consent, require_not_left
from .criteria import hash_rules
from .source_values import source_for_eligibility
from .strata import derive_strata, name_strata


class ParticipantAllocated(Fact, frozen=True):
    """A participant got a place of the sealed list: `strata` as confirmed, `stratum` its name in the list.

    number: the randomisation number of the place, put in by the guard that takes it.
    """

    number: str
    stratum: str
    strata: dict[str, str] = {}

    def tell(self) -> str:
        """Give the number."""
        return f"was allocated randomisation number {self.number}"


class StratumCorrected(Fact, frozen=True):
    """The true strata of a participant turned out to be others; the place stays as it was given."""

    strata: dict[str, str]

    def tell(self) -> str:
        """Give the true strata."""
        return "true strata: " + ", ".join(f"{name}={level}" for name, level in self.strata.items())


class StratumNearlyFull(Fact, frozen=True):
    """An alarm: as many places are left in a stratum as two of the largest blocks hold, or fewer."""

    stratum: str
    left: int

    def tell(self) -> str:
        """Give the number of places."""
        return f"places left in stratum {self.stratum}: {self.left}"


class AllocateParticipant(Intent, frozen=True):
    """Allocate a participant; `strata` are the levels that the record gives, as read back by the investigator."""

    participant: str
    strata: dict[str, str] = {}


class CorrectStratum(Intent, frozen=True):
    """Keep the true strata of a participant beside those that were used."""

    participant: str
    strata: dict[str, str]


def _allocate(setting: Setting, trial: Trial, intent: AllocateParticipant) -> list[Outcome]:
    protocol, participant = setting.protocol, trial.participants[intent.participant]
    today = today_at(trial, setting.by, participant.site)
    require_open(trial, participant, role=setting.by.role)
    if participant.allocation is not None:
        raise DecisionRefused(
            f"{participant.id} has the randomisation number {participant.allocation.number} already; nobody is "
            "allocated twice"
        )
    require_not_left(participant)
    if "treatment" in participant.ended:
        raise DecisionRefused(f"treatment of {participant.id} ended on {participant.ended['treatment'].on}")
    require_enrolment(trial)
    require_enrolling(trial, participant.site, participant.protocol, today)
    require_consent(trial, participant, today)
    _require_eligible(protocol, participant)
    _require_visit(protocol, participant, today)
    strata = derive_strata(protocol, participant, today)
    if intent.strata != strata:
        raise DecisionRefused(
            f"read the strata of {participant.id} back as the record gives them, or correct the forms: "
            f"{name_strata(strata)}. Got {name_strata(intent.strata)}"
        )
    stratum = stratum_name({factor: strata[factor] for factor in list_factors(protocol)})
    left = places_left(trial, stratum)
    if left < 1:
        raise no_number(stratum, participant.id)
    allocated = Outcome(ParticipantAllocated(number="", stratum=stratum, strata=strata))
    untouched = left == trial.places.get(stratum)
    return [allocated, *warn_of_few(protocol, stratum, before=left, left=left - 1, first=untouched)]


def places_left(trial: Trial, stratum: str) -> int:
    """Count the places of a stratum that were neither allocated nor given up after a restore."""
    used = trial.allocated.get(stratum, 0) + trial.given_up.get(stratum, 0)
    return trial.places.get(stratum, 0) - used


def warn_of_few(protocol: Protocol, stratum: str, *, before: int, left: int, first: bool) -> list[Outcome]:
    """Return the alarm where few places are left that were not few `before`, or where the `first` is used."""
    few = 2 * largest_block(protocol)
    if left <= few and (before > few or first):
        return [Outcome(StratumNearlyFull(stratum=stratum, left=left))]
    return []


def no_number(stratum: str, participant: str) -> DecisionRefused:
    """Return the one refusal of all that touches the list, in the words that the vault uses too."""
    return DecisionRefused(
        f"no randomisation number can be given out in stratum {stratum} now, since its list is used up or is shut "
        "for a check; nothing was stored. Call the randomisation contact of the trial, and do not randomise by "
        f"other means. Got participant {participant}"
    )


def _require_eligible(protocol: Protocol, participant: Participant) -> None:
    """Refuse unless the participant was found eligible by the present criteria, on values that still stand."""
    verdict = participant.eligibility
    if verdict is None:
        raise DecisionRefused(f"eligibility of {participant.id} was not assessed yet; assess it first")
    if not verdict.eligible:
        raise DecisionRefused(f"{participant.id} is not eligible: {', '.join(verdict.not_met)}")
    if verdict.rules != hash_rules(protocol):
        raise DecisionRefused(
            f"the criteria have changed since {participant.id} was assessed; assess eligibility again"
        )
    source = source_for_eligibility(protocol, participant)
    changed = [source.name_value(name) for name, value in verdict.inputs.items() if source.value(name) != value]
    if changed:
        raise DecisionRefused(
            f"values have changed since {participant.id} was assessed; assess eligibility again. "
            f"Changed: {', '.join(changed)}"
        )


def _require_visit(protocol: Protocol, participant: Participant, today: date) -> None:
    """Refuse unless a visit at which the protocol plans randomisation is held today."""
    planned = protocol.schedule.activities.get("randomisation", ())
    held = [participant.visits[visit].on for visit in planned if visit in participant.visits]
    if planned and today not in held:
        labels = " or ".join(protocol.visit_label(visit) for visit in planned)
        raise DecisionRefused(
            f"{participant.id} is allocated on the day of visit {labels}; record first that it takes place today, "
            f"{today}"
        )


def _correct(setting: Setting, trial: Trial, intent: CorrectStratum) -> list[Outcome]:
    protocol, participant = setting.protocol, trial.participants[intent.participant]
    require_open(trial, participant, role=setting.by.role)
    place = participant.allocation
    if place is None:
        raise DecisionRefused(
            f"{participant.id} was not allocated; correct the forms, the strata follow from them"
        )
    true = derive_strata(protocol, participant, day_in(place.at, trial.sites[participant.site].zone))
    if intent.strata != true:
        raise DecisionRefused(
            f"the true strata of {participant.id} are those that the record gives; correct the forms first. They "
            f"give {name_strata(true)}. Got {name_strata(intent.strata)}"
        )
    if true == (place.true_strata or place.strata):
        raise DecisionRefused(f"these strata of {participant.id} are known already: {name_strata(true)}")
    return [Outcome(StratumCorrected(strata=true))]


def _take_place(
    turn: Turn, services: Services, _: Trial, intent: AllocateParticipant, outcomes: list[Outcome], request: str
) -> list[Outcome]:
    """Take the next place of the stratum in the transaction of the allocation; its number goes into the fact."""
    allocated, *alarms = outcomes
    assert isinstance(allocated.fact, ParticipantAllocated)
    require_open_gate(turn)
    stratum = allocated.fact.stratum
    if services.allocate is None:
        raise no_number(stratum, intent.participant)
    if services.prepare is not None:
        services.prepare(intent.participant, allocated.fact.strata, request)
    number = services.allocate(turn.connection, stratum, intent.participant, request)
    fact = msgspec.structs.replace(allocated.fact, number=number)
    return [msgspec.structs.replace(allocated, fact=fact), *alarms]


GUARDS: Guards = {AllocateParticipant: _take_place}


def _allocated(trial: Trial, event: Event, fact: ParticipantAllocated) -> None:
    assert event.participant is not None
    place = Allocation(number=fact.number, stratum=fact.stratum, strata=dict(fact.strata), at=event.at)
    trial.participants[event.participant].allocation = place
    trial.allocated[fact.stratum] = trial.allocated.get(fact.stratum, 0) + 1


def _corrected(trial: Trial, event: Event, fact: StratumCorrected) -> None:
    assert event.participant is not None
    place = trial.participants[event.participant].allocation
    assert place is not None
    place.true_strata = dict(fact.strata)


def _warned(_: Trial, __: Event, ___: StratumNearlyFull) -> None:
    """Change nothing: an alarm is read in the trail, and the places left follow from the allocations."""


CHAPTER = Chapter(
    decisions={AllocateParticipant: _allocate, CorrectStratum: _correct},
    evolutions={
        ParticipantAllocated: _allocated,
        StratumCorrected: _corrected,
        StratumNearlyFull: _warned,
    },
    roles={AllocateParticipant: ("investigator",), CorrectStratum: ("investigator",)},
)
