"""How treatment, participation or life ended; the form that says so is named in the protocol by `ends`.

Who has left comes to no further visit and gets no further infusion; harm that shows later is still recorded.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from ...errors import DecisionRefused
from ...protocol.model import Form
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact
from ..door.state import Leaving, Participant, Trial, Value

Ending = Literal["treatment", "participation", "life"]
_LEFT = {"life": "died", "participation": "left the trial", "screening": "was not taken into the trial"}


class ParticipantEnded(Fact, frozen=True, kw_only=True):
    """Treatment, participation or life ended, as a form of the protocol says; `why` is a code of that form."""

    what: Ending
    on: date
    why: str

    def tell(self) -> str:
        """Give what ended and why."""
        return f"{self.what} ended on {self.on}: {self.why}"


class EndingAnnulled(Fact, frozen=True, kw_only=True):
    """The form that said so was struck out: treatment, participation or life has not ended."""

    what: Ending

    def tell(self) -> str:
        """Give what has not ended."""
        return f"{self.what} has not ended: the form that said so was struck out"


def ending_of(form: Form, values: Mapping[str, Value], on: date) -> ParticipantEnded | None:
    """Return what a filled-in form ends: its first date item is the day, its first code item the reason.

    Where the day is not known, that of the record (`on`) counts; a form without a reason gives DEATH for the end
    of life, else UNKNOWN.
    """
    if form.ends is None:
        return None
    day = next((values[name] for name, item in form.items.items() if item.type == "date" and name in values), None)
    why = next((values[name] for name, item in form.items.items() if item.type == "code" and name in values), None)
    return ParticipantEnded(
        what=form.ends,
        on=date.fromisoformat(str(day.value)) if day is not None and day.value is not None else on,
        why=_spoken(why) or ("DEATH" if form.ends == "life" else "UNKNOWN"),
    )


def require_taking_part(participant: Participant, on: date) -> None:
    """Refuse what a participant can no longer do, or not yet, on a day: no consent, withdrawn, left, dead."""
    signed = min((consent.signed_on for consent in participant.consents), default=None)
    if signed is None:
        raise DecisionRefused(f"{participant.id} has not signed a consent form; record the consent first")
    if on < signed:
        raise DecisionRefused(
            f"{participant.id} signed the consent form on {signed}, and nothing of the trial may be done before; "
            f"check the date. Got {on}"
        )
    if participant.consent_withdrawn_on is not None:
        raise DecisionRefused(
            f"{participant.id} withdrew consent on {participant.consent_withdrawn_on}; "
            "only adverse events and the end of treatment, participation or life may still be recorded"
        )
    for what, verb in _LEFT.items():
        ended = participant.ended.get(what)
        if ended is not None and on > ended.on:
            raise DecisionRefused(f"{participant.id} {verb} on {ended.on}; check the date. Got {on}")


def require_not_seen_later(participant: Participant, ending: ParticipantEnded) -> None:
    """Refuse an end of participation or life that lies before a visit at which the participant was seen."""
    if ending.what == "treatment":
        return
    for key, visit in participant.visits.items():
        if visit.on is not None and visit.on > ending.on:
            raise DecisionRefused(
                f"{participant.id} was seen at visit {key} on {visit.on}, so {ending.what} cannot "
                f"have ended before; check both dates. Got {ending.on}"
            )


def _spoken(value: Value | None) -> str | None:
    if value is None:
        return None
    return str(value.value) if value.value is not None else value.missing


def _ended(trial: Trial, event: Event, fact: ParticipantEnded) -> None:
    assert event.participant is not None
    trial.participants[event.participant].ended[fact.what] = Leaving(on=fact.on, why=fact.why)


def _annulled(trial: Trial, event: Event, fact: EndingAnnulled) -> None:
    assert event.participant is not None
    del trial.participants[event.participant].ended[fact.what]


CHAPTER = Chapter(decisions={}, evolutions={ParticipantEnded: _ended, EndingAnnulled: _annulled})
