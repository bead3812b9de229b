"""Consent: signed on a version of the form, renewed where a new version asks for it, withdrawn (ICH E6(R3) 2.8).

The version is the one in use at the site, in the language of the participant, on the day of the signature, and
belongs to the participant's version of the protocol or a later one. Whether a changed form has to be signed anew
is declared when it is approved, so that a corrected comma asks nobody to sign again. Who signs the form of a newer
version goes on by that version from then on.
"""

from datetime import date

import msgspec

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import require_open
from ..door.state import Consent, ConsentDocument, Participant, Trial
from ..organisation.consent_documents import document_as_signed, document_in_use
from .moving import ParticipantMoved, is_active, is_newer


class ConsentSigned(Fact, frozen=True):
    """A participant signed a version of the consent form."""

    document: str
    language: str
    signed_on: date

    def tell(self) -> str:
        """Name the version."""
        return f"signed consent form {self.document} ({self.language}) on {self.signed_on}"


class ConsentWithdrawn(Fact, frozen=True):
    """A participant withdrew consent: from then on nothing is recorded but safety that is owed to the person."""

    on: date

    def tell(self) -> str:
        """Say so."""
        return "withdrew consent"


class SignConsent(Intent, frozen=True):
    """Record the signature under a version of the consent form."""

    participant: str
    document: str
    language: str
    signed_on: date


class WithdrawConsent(Intent, frozen=True):
    """Record that a participant withdraws consent."""

    participant: str
    on: date


class DueConsent(msgspec.Struct, frozen=True):
    """A consent to be renewed: the form to be signed, and the day since which that is due."""

    participant: str
    document: str
    language: str
    since: date


def due_consents(trial: Trial, on: date) -> list[DueConsent]:
    """Return whose consent has to be renewed on a day, in the order of screening.

    Those who withdrew, whose participation ended, and who were found not eligible are asked nothing any more.
    """
    due = (due_consent(trial, participant, on) for participant in trial.participants.values())
    return [found for found in due if found is not None]


def require_consent(trial: Trial, participant: Participant, on: date) -> None:
    """Raise DecisionRefused unless a participant has consented, has not withdrawn, and has renewed it if due."""
    if participant.consent_withdrawn_on is not None:
        raise DecisionRefused(f"{participant.id} withdrew consent on {participant.consent_withdrawn_on}")
    if not participant.consents:
        raise DecisionRefused(f"{participant.id} has not signed a consent form yet; record the signature first")
    due = due_consent(trial, participant, on)
    if due is not None:
        raise DecisionRefused(
            f"{participant.id} has to sign consent form {due.document} ({due.language}) first, which since "
            f"{due.since} asks for a new signature. Got form {_newest(participant).document}"
        )


def require_not_left(participant: Participant) -> None:
    """Raise DecisionRefused where consent was withdrawn, or screening, participation or life has ended."""
    if participant.consent_withdrawn_on is not None:
        raise DecisionRefused(f"{participant.id} withdrew consent on {participant.consent_withdrawn_on}")
    for what in ("screening", "participation", "life"):
        if what in participant.ended:
            ending = participant.ended[what]
            raise DecisionRefused(f"{what} of {participant.id} ended on {ending.on}: {ending.why}")


def _sign(setting: Setting, trial: Trial, intent: SignConsent) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    require_open(trial, participant, role=setting.by.role)
    require_not_left(participant)
    today = today_at(trial, setting.by, participant.site)
    if intent.signed_on > today:
        raise DecisionRefused(
            f"a consent form cannot be signed on a day to come; today is {today}. Got {intent.signed_on}"
        )
    document = _require_in_use(trial, participant, intent)
    if any(document_as_signed(trial, participant.site, consent) == document for consent in participant.consents):
        raise DecisionRefused(
            f"{participant.id} has signed consent form {intent.document} ({intent.language}) already"
        )
    first = _first_examination(participant)
    if not participant.consents and first is not None and first < intent.signed_on:
        raise DecisionRefused(
            f"the consent form has to be signed before the first examination, which was on {first}; check both "
            f"dates. Got {intent.signed_on}"
        )
    signed = ConsentSigned(document=intent.document, language=intent.language, signed_on=intent.signed_on)
    outcomes = [Outcome(signed)]
    newer = is_newer(trial, participant, document.protocol)
    if newer and is_active(trial, participant.site, document.protocol, intent.signed_on):
        outcomes.append(Outcome(ParticipantMoved(protocol=document.protocol)))
    return outcomes


def _require_in_use(trial: Trial, participant: Participant, intent: SignConsent) -> ConsentDocument:
    """Return the version of the form that is signed, which must be the one to be signed on that day."""
    document = document_in_use(trial, participant.site, intent.language, intent.signed_on)
    if document is None:
        raise DecisionRefused(
            f"no consent form in this language was approved at site {participant.site} by {intent.signed_on}. "
            f"Got {intent.language}"
        )
    if document.document != intent.document:
        raise DecisionRefused(
            f"at site {participant.site} the consent form to be signed on {intent.signed_on} in this language "
            f"({intent.language}) is {document.document}, valid from {document.valid_from}. Got {intent.document}"
        )
    if trial.versions.index(document.protocol) < trial.versions.index(participant.protocol):
        raise DecisionRefused(
            f"{participant.id} takes part by a newer version of the protocol than that of this consent form; the "
            f"sponsor has to approve a newer form for site {participant.site}. Got {intent.document}"
        )
    return document


def _withdraw(setting: Setting, trial: Trial, intent: WithdrawConsent) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    require_open(trial, participant, role=setting.by.role)
    if participant.consent_withdrawn_on is not None:
        raise DecisionRefused(f"{participant.id} withdrew consent before, on {participant.consent_withdrawn_on}")
    if not participant.consents:
        raise DecisionRefused(f"{participant.id} has not signed a consent form, so there is nothing to withdraw")
    today, signed = today_at(trial, setting.by, participant.site), min(c.signed_on for c in participant.consents)
    if not signed <= intent.on <= today:
        raise DecisionRefused(
            f"consent is withdrawn between the day it was signed ({signed}) and today ({today}). Got {intent.on}"
        )
    return [Outcome(ConsentWithdrawn(on=intent.on))]


def due_consent(trial: Trial, participant: Participant, on: date) -> DueConsent | None:
    """Return the consent that one participant has to renew on a day; None where nothing is asked."""
    over = participant.consent_withdrawn_on is not None or participant.ended.keys() - {"treatment"}
    failed = participant.eligibility is not None and not participant.eligibility.eligible
    if over or failed or not participant.consents:
        return None
    consent = _newest(participant)
    signed = document_as_signed(trial, participant.site, consent)
    newer = [
        document.valid_from
        for document in trial.consent_documents
        if document.renew
        and (document.site, document.language) == (participant.site, consent.language)
        and document.valid_from <= on
        and (signed is None or document.valid_from > signed.valid_from)
    ]
    now = document_in_use(trial, participant.site, consent.language, on)
    if not newer or now is None:
        return None
    return DueConsent(participant.id, now.document, consent.language, min(newer))


def _newest(participant: Participant) -> Consent:
    return max(participant.consents, key=lambda consent: consent.signed_on)


def _first_examination(participant: Participant) -> date | None:
    held = [visit.on for visit in participant.visits.values() if visit.on is not None]
    recorded = [entry.on for entry in participant.forms.values() if entry.removed is None]
    return min([*held, *recorded], default=None)


def _signed(trial: Trial, event: Event, fact: ConsentSigned) -> None:
    assert event.participant is not None
    consent = Consent(document=fact.document, language=fact.language, signed_on=fact.signed_on)
    trial.participants[event.participant].consents.append(consent)


def _withdrawn(trial: Trial, event: Event, fact: ConsentWithdrawn) -> None:
    assert event.participant is not None
    trial.participants[event.participant].consent_withdrawn_on = fact.on


CHAPTER = Chapter(
    decisions={SignConsent: _sign, WithdrawConsent: _withdraw},
    evolutions={ConsentSigned: _signed, ConsentWithdrawn: _withdrawn},
    roles={
        SignConsent: ("investigator", "coordinator"),
        WithdrawConsent: ("investigator", "coordinator"),
    },
)
