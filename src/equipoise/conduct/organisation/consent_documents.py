"""Versions of the consent form: by site, language and date of approval; a new one may ask for renewed consent."""

from datetime import date

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import ConsentDocument, Trial


class ConsentDocumentApproved(Fact):
    """A version of the consent form may be used at a site; `renew`: participants must sign it anew."""

    document: str
    language: str
    site: str
    protocol: str
    valid_from: date
    renew: bool = False

    def tell(self) -> str:
        """Name the version."""
        return f"consent form {self.document} ({self.language}) was approved at site {self.site}"


class ApproveConsentDocument(Intent):
    """Approve a version of the consent form for a site."""

    document: str
    language: str
    site: str
    protocol: str
    valid_from: date
    renew: bool = False


def _approved(trial: Trial, _: Event, fact: ConsentDocumentApproved) -> None:
    trial.consent_documents.append(
        ConsentDocument(
            document=fact.document,
            language=fact.language,
            site=fact.site,
            protocol=fact.protocol,
            valid_from=fact.valid_from,
            renew=fact.renew,
        )
    )
