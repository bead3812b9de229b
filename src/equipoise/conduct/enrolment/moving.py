"""Participants move to a new version of the protocol: with the consent form that belongs to it, or by a step.

From then on the new version says what is asked for; what was recorded before keeps the version by which it was
recorded. A version reaches a participant only after the site was activated for it (ICH E6(R3) 4.3.5), and where it
came with a consent form to be signed anew, only after the signature (2.8.2).
"""

from datetime import date

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import require_open
from ..door.state import Participant, Trial
from ..organisation.consent_documents import document_as_signed
from ..organisation.sites import require_site
from ..organisation.versions import require_issued


class ParticipantMoved(Fact, frozen=True):
    """A participant goes on by a newer version of the protocol."""

    protocol: str

    def tell(self) -> str:
        """Name the version."""
        return f"goes on by protocol version {self.protocol[:12]}"


class MoveParticipant(Intent, frozen=True):
    """Let a participant go on by a newer version of the protocol."""

    participant: str
    protocol: str


def is_newer(trial: Trial, participant: Participant, protocol: str) -> bool:
    """Return whether a version was issued after that of the participant."""
    return trial.versions.index(protocol) > trial.versions.index(participant.protocol)


def is_active(trial: Trial, site: str, protocol: str, on: date) -> bool:
    """Return whether a site may work on a version on a day."""
    since = require_site(trial, site).versions.get(protocol)
    return since is not None and since <= on


def _move(setting: Setting, trial: Trial, intent: MoveParticipant) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    require_open(trial, participant, role=setting.by.role)
    require_issued(trial, intent.protocol)
    if over := participant.ended.keys() - {"treatment"}:
        raise DecisionRefused(f"{' and '.join(sorted(over))} of {participant.id} ended; nothing is asked any more")
    if not is_newer(trial, participant, intent.protocol):
        raise DecisionRefused(
            f"{participant.id} takes part by version {participant.protocol[:12]}, and moves to a newer one only. "
            f"Got {intent.protocol[:12]}"
        )
    today = today_at(trial, setting.by, participant.site)
    if not is_active(trial, participant.site, intent.protocol, today):
        raise DecisionRefused(
            f"site {participant.site} is not activated for protocol version {intent.protocol[:12]}; the sponsor "
            "activates it once the ethics committee of the site has approved this version"
        )
    _require_signed_anew(trial, participant, intent.protocol, today)
    return [Outcome(ParticipantMoved(protocol=intent.protocol))]


def _require_signed_anew(trial: Trial, participant: Participant, protocol: str, today: date) -> None:
    """Refuse where the version came with a consent form to be signed anew, and the participant has not."""
    wanted = [
        document
        for document in trial.consent_documents
        if document.renew
        and (document.site, document.protocol) == (participant.site, protocol)
        and document.valid_from <= today
    ]
    signed = [document_as_signed(trial, participant.site, consent) for consent in participant.consents]
    if wanted and not any(document is not None and document.protocol == protocol for document in signed):
        raise DecisionRefused(
            f"{participant.id} has to sign the consent form of this version first, {wanted[-1].document}; "
            "the signature moves the participant"
        )


def _moved(trial: Trial, event: Event, fact: ParticipantMoved) -> None:
    assert event.participant is not None
    trial.participants[event.participant].protocol = fact.protocol


CHAPTER = Chapter(
    decisions={MoveParticipant: _move},
    evolutions={ParticipantMoved: _moved},
    roles={MoveParticipant: ("investigator", "coordinator")},
)
