"""Screening: a person gets a screening number, which stays the participant's id; then the criteria are assessed.

Nothing personal comes into a fact: who the person is goes to the identities of the site, in the same transaction.
"""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from ...errors import DecisionRefused, suggest
from ...record.book import Turn
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import local_date, today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import require_open
from ..door.services import Guards, Services
from ..door.state import Eligibility, Participant, Scalar, Trial
from ..organisation.sites import version_in_use
from .consent import require_consent, require_not_left
from .criteria import Assessment, assess_criteria, criteria_of, hash_rules
from .identities import require_identity
from .source_values import SourceValues, source_for_eligibility


class ParticipantScreened(Fact, frozen=True):
    """A person was registered for screening; who it is stands in the identities of the site, not here."""

    protocol: str

    def tell(self) -> str:
        """Say so."""
        return "was registered for screening"


class CriterionVerdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A criterion as assessed: whether it is met, and the inputs of its rule or the word of the investigator."""

    met: bool
    inputs: dict[str, Scalar] = {}
    judged: bool = False


class EligibilityAssessed(Fact, frozen=True, kw_only=True):
    """The numbered criteria were assessed; `rules` is the hash of their rules as they stood.

    criteria: every one where the person is eligible, else those that were decided.
    """

    eligible: bool
    criteria: dict[str, CriterionVerdict]
    not_met: tuple[str, ...] = ()
    rules: str

    def tell(self) -> str:
        """Name what keeps the person out."""
        return "is eligible" if self.eligible else f"is not eligible: {', '.join(self.not_met)}"


class IdentityDestroyed(Fact, frozen=True):
    """The key of a participant's identity was destroyed: from then on nobody can say who it was."""

    def tell(self) -> str:
        """Say so."""
        return "identity was destroyed for good"


class ScreenParticipant(Intent, frozen=True):
    """Register a person for screening at a site; the identity is kept apart from the record, encrypted.

    identity: `name`, `birth_date` (ISO 8601), `sex`; `distinction` and `contact` where needed.
    """

    APART: ClassVar[tuple[str, ...]] = ("identity",)  # a hash of it would outlive the key that is destroyed

    site: str
    identity: dict[str, str]

    def __repr__(self) -> str:
        return f"ScreenParticipant(site={self.site!r}, identity=...)"


class AssessEligibility(Intent, frozen=True):
    """Assess all criteria by the forms of the screening visit; `judged` holds the investigator's word on the rest.

    judged: by id of each criterion without a rule, whether the person fulfils what it says.
    """

    participant: str
    judged: dict[str, bool]


class DestroyIdentity(Intent, frozen=True):
    """Destroy the identity of a participant who is not, or no longer, in the trial."""

    participant: str
    reason: str


def _screen(setting: Setting, trial: Trial, intent: ScreenParticipant) -> list[Outcome]:
    by = setting.by
    today = today_at(trial, by, intent.site)
    version = version_in_use(trial, intent.site, today)
    number = 1 + sum(one.rpartition("-")[0] == intent.site for one in trial.participants)
    person = Participant(id=f"{intent.site}-{number:03d}", site=intent.site, screened_on=today, protocol=version)
    require_open(trial, person, role=by.role)
    require_identity(intent.identity, today)
    return [Outcome(ParticipantScreened(protocol=version), participant=person.id, site=intent.site)]


def _assess(setting: Setting, trial: Trial, intent: AssessEligibility) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    require_open(trial, participant, role=setting.by.role)
    require_not_left(participant)
    if participant.allocation is not None:
        raise DecisionRefused(f"{participant.id} was allocated; eligibility is not assessed any more")
    require_consent(trial, participant, today_at(trial, setting.by, participant.site))
    _require_judgeable(setting, intent.judged)
    source = source_for_eligibility(setting.protocol, participant)
    assessment = assess_criteria(source, intent.judged)
    if not assessment.not_met:
        _require_complete(source, assessment)
    criteria = {
        name: CriterionVerdict(met=verdict.met, inputs=dict(verdict.inputs), judged=verdict.judged)
        for name, verdict in assessment.verdicts.items()
    }
    assessed = EligibilityAssessed(
        eligible=not assessment.not_met,
        criteria=criteria,
        not_met=assessment.not_met,
        rules=hash_rules(setting.protocol),
    )
    return [Outcome(assessed)]


def _require_judgeable(setting: Setting, judged: Mapping[str, bool]) -> None:
    judgeable = [name for name, criterion in criteria_of(setting.protocol).items() if criterion.judged]
    for name in judged:
        if name not in judgeable:
            raise DecisionRefused(
                f"the investigator judges the criteria {', '.join(judgeable) or 'that have no rule: none here'}; "
                f"the others follow from the forms{suggest(name, judgeable, stop='.')} Got {name}"
            )


def _require_complete(source: SourceValues, assessment: Assessment) -> None:
    """Refuse to call a person eligible while a criterion is open; say which forms and words are wanted."""
    who = source.participant.id
    if assessment.lacking:
        raise DecisionRefused(
            f"eligibility of {who} cannot be decided yet; fill in first: {source.name_forms(assessment.lacking)}"
        )
    if assessment.unjudged:
        criteria = criteria_of(source.protocol)
        wanted = "; ".join(f"{name} ({criteria[name].text.say()})" for name in assessment.unjudged)
        raise DecisionRefused(
            f"eligibility of {who} cannot be decided yet; the investigator has to say whether it is so: {wanted}"
        )


def _destroy(_: Setting, trial: Trial, intent: DestroyIdentity) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    if participant.identity_destroyed_at is not None:
        raise DecisionRefused(f"the identity of {participant.id} was destroyed before")
    if not intent.reason.strip():
        raise DecisionRefused("say why the identity is destroyed, such as: asked for by the person on 3 May 2026")
    in_trial = participant.allocation is not None and participant.consent_withdrawn_on is None
    if in_trial and not participant.ended.keys() & {"participation", "life"}:
        raise DecisionRefused(
            f"{participant.id} is in the trial, and the site has to know who it is; end participation first"
        )
    return [Outcome(IdentityDestroyed(), reason=intent.reason)]


def _keep_identity(
    turn: Turn, services: Services, _: Trial, intent: ScreenParticipant, outcomes: list[Outcome], __: str
) -> list[Outcome]:
    """Store the identity in the transaction of the screening; refuses a person who is there already."""
    screened = outcomes[0]
    assert screened.participant is not None
    if services.identities is None:
        raise DecisionRefused("nobody can be registered here, as the table of identities is not at hand")
    services.identities.store(turn.connection, screened.participant, intent.site, intent.identity)
    return outcomes


def _destroy_key(
    turn: Turn, services: Services, _: Trial, intent: DestroyIdentity, outcomes: list[Outcome], __: str
) -> list[Outcome]:
    """Destroy the key of the identity in the transaction of its event."""
    if services.identities is None:
        raise DecisionRefused("no identity can be destroyed here, as the table of identities is not at hand")
    services.identities.destroy(turn.connection, intent.participant)
    return outcomes


GUARDS: Guards = {ScreenParticipant: _keep_identity, DestroyIdentity: _destroy_key}


def _screened(trial: Trial, event: Event, fact: ParticipantScreened) -> None:
    assert event.participant is not None
    assert event.site is not None
    trial.participants[event.participant] = Participant(
        id=event.participant, site=event.site, screened_on=local_date(event), protocol=fact.protocol
    )


def _assessed(trial: Trial, event: Event, fact: EligibilityAssessed) -> None:
    assert event.participant is not None
    trial.participants[event.participant].eligibility = Eligibility(
        eligible=fact.eligible,
        assessed_at=event.at,
        not_met=fact.not_met,
        inputs={name: value for verdict in fact.criteria.values() for name, value in verdict.inputs.items()},
        rules=fact.rules,
    )


def _destroyed(trial: Trial, event: Event, _: IdentityDestroyed) -> None:
    assert event.participant is not None
    trial.participants[event.participant].identity_destroyed_at = event.at


CHAPTER = Chapter(
    decisions={ScreenParticipant: _screen, AssessEligibility: _assess, DestroyIdentity: _destroy},
    evolutions={
        ParticipantScreened: _screened,
        EligibilityAssessed: _assessed,
        IdentityDestroyed: _destroyed,
    },
    roles={
        ScreenParticipant: ("investigator", "coordinator"),
        AssessEligibility: ("investigator",),
        DestroyIdentity: ("investigator",),
    },
)
