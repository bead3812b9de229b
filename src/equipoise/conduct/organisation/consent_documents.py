"""Versions of the consent form: by site, language and date of approval; a new one may ask for renewed consent."""

from collections.abc import Iterable
from datetime import date

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Consent, ConsentDocument, Trial
from .sites import require_site
from .versions import require_issued


class ConsentDocumentApproved(Fact, frozen=True):
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


class ApproveConsentDocument(Intent, frozen=True):
    """Approve a version of the consent form for a site."""

    document: str
    language: str
    site: str
    protocol: str
    valid_from: date
    renew: bool = False


def document_in_use(trial: Trial, site: str, language: str, on: date) -> ConsentDocument | None:
    """Return the consent form of a site in a language on a day, the newest that is valid by then; else None."""
    return _newest(
        document
        for document in trial.consent_documents
        if document.site == site and document.language == language and document.valid_from <= on
    )


def document_as_signed(trial: Trial, site: str, consent: Consent) -> ConsentDocument | None:
    """Return the consent form that a participant of a site has signed, as it was approved by then."""
    return _newest(
        document
        for document in trial.consent_documents
        if (document.site, document.document, document.language) == (site, consent.document, consent.language)
        and document.valid_from <= consent.signed_on
    )


def _newest(documents: Iterable[ConsentDocument]) -> ConsentDocument | None:
    """Return the one valid last; of two from the same day, the one approved later."""
    return max(enumerate(documents), key=lambda d: (d[1].valid_from, d[0]), default=(0, None))[1]


def _approve(setting: Setting, trial: Trial, intent: ApproveConsentDocument) -> list[Outcome]:
    require_site(trial, intent.site)
    require_issued(trial, intent.protocol)
    languages = setting.protocol.trial.languages
    if intent.language not in languages:
        raise DecisionRefused(
            f"a consent form is in a language of the protocol, {' or '.join(languages)}. Got {intent.language}"
        )
    if not intent.document.strip():
        raise DecisionRefused("a version of the consent form needs a name, such as 2.0 of 1 June 2026")
    same = (intent.document, intent.language, intent.site, intent.protocol)
    for document in trial.consent_documents:
        if same == (document.document, document.language, document.site, document.protocol):
            raise DecisionRefused(
                f"consent form {intent.document} ({intent.language}) was approved at site {intent.site} before, "
                f"valid from {document.valid_from}; a changed one needs a new name"
            )
    approved = ConsentDocumentApproved(
        document=intent.document,
        language=intent.language,
        site=intent.site,
        protocol=intent.protocol,
        valid_from=intent.valid_from,
        renew=intent.renew,
    )
    return [Outcome(approved, site=intent.site)]


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


CHAPTER = Chapter(
    decisions={ApproveConsentDocument: _approve},
    evolutions={ConsentDocumentApproved: _approved},
    roles={ApproveConsentDocument: ("sponsor",)},
)
