"""Screening: a person gets a screening number, which stays the participant's id; then the criteria are assessed."""

from ...record.event import Event
from ..door.dates import local_date
from ..door.fact import Fact, Intent
from ..door.state import Eligibility, Participant, Scalar, Trial


class ParticipantScreened(Fact, frozen=True):
    """A person was registered for screening; who it is stands in the identities of the site, not here."""

    protocol: str

    def tell(self) -> str:
        """Say so."""
        return "was registered for screening"


class CriterionVerdict(Fact, frozen=True, kw_only=True):
    """A criterion as assessed: whether it is met, and the inputs of its rule or the word of the investigator."""

    met: bool
    inputs: dict[str, Scalar] = {}
    judged: bool = False


class EligibilityAssessed(Fact, frozen=True, kw_only=True):
    """Every numbered criterion was assessed; `rules` is the hash of their rules as they stood."""

    eligible: bool
    criteria: dict[str, CriterionVerdict]
    not_met: tuple[str, ...] = ()
    rules: str

    def tell(self) -> str:
        """Name what keeps the person out."""
        return "is eligible" if self.eligible else f"is not eligible: {', '.join(self.not_met)}"


class ScreenParticipant(Intent, frozen=True):
    """Register a person for screening at a site; the identity is kept apart from the record, encrypted."""

    site: str
    identity: dict[str, str]


class AssessEligibility(Intent, frozen=True):
    """Assess all criteria by the forms of the screening visit; `judged` holds the investigator's word on the rest.

    judged: by id of each criterion without a rule, whether the person fulfils what it says.
    """

    participant: str
    judged: dict[str, bool]


def _screened(trial: Trial, event: Event, fact: ParticipantScreened) -> None:
    assert event.participant is not None
    assert event.site is not None
    trial.participants[event.participant] = Participant(
        id=event.participant, site=event.site, screened_on=local_date(event), protocol=fact.protocol
    )


def _assessed(trial: Trial, event: Event, fact: EligibilityAssessed) -> None:
    assert event.participant is not None
    trial.participants[event.participant].eligibility = Eligibility(
        eligible=fact.eligible, assessed_at=event.at, not_met=fact.not_met
    )
