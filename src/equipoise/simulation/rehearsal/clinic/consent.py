"""Signing the consent form in use, the first time and whenever a new version asks for it."""

from ....conduct.enrolment.consent import SignConsent
from ....conduct.organisation.consent_documents import document_in_use
from ..setting_up import FIRST_CONSENT
from .team import Clinic, Going


def sign_consent(clinic: Clinic, going: Going) -> None:
    """Sign the consent form in use, unless it is signed already; now and then an old one is offered first."""
    desk, site = clinic.desk, going.site
    today = desk.calendar.today(site.zone)
    current = document_in_use(desk.trial, site.number, going.language, today)
    assert current is not None
    if any(consent.document == current.document for consent in desk.participant(going.id).consents):
        return

    def signed(document: str) -> SignConsent:
        return SignConsent(participant=going.id, document=document, language=going.language, signed_on=today)

    if current.document != FIRST_CONSENT and going.by_chance(clinic.mishaps.old_consent):
        clinic.refused("consent of an old version", signed(FIRST_CONSENT), site)
    desk.at_site(site, "coordinator", signed(current.document))
    desk.counts["consents signed"] += 1
