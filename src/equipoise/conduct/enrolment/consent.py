"""Consent: signed on a version of the form, renewed where a new version asks for it, withdrawn."""

from datetime import date

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import Consent, Trial


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


def _signed(trial: Trial, event: Event, fact: ConsentSigned) -> None:
    assert event.participant is not None
    consent = Consent(document=fact.document, language=fact.language, signed_on=fact.signed_on)
    trial.participants[event.participant].consents.append(consent)


def _withdrawn(trial: Trial, event: Event, fact: ConsentWithdrawn) -> None:
    assert event.participant is not None
    trial.participants[event.participant].consent_withdrawn_on = fact.on
