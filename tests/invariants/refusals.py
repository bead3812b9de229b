"""Bad input to a trial in the middle of its work: what is tried, by which door, and by which words it is refused.

Each case first prepares what it needs, then tries what must be refused. Those of the blinded side are tried at the
door of the program or at the vault's blinded door; the others by those who may know arms.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from equipoise.conduct.closing.exports import ExportData
from equipoise.conduct.closing.locks import CutData, HoldScope, LockTrial
from equipoise.conduct.closing.signatures import Sign
from equipoise.conduct.closing.unblinding import UnblindTrial
from equipoise.conduct.door.fact import Intent
from equipoise.conduct.door.state import Scope
from equipoise.conduct.enrolment.allocation import AllocateParticipant
from equipoise.conduct.enrolment.consent import SignConsent, WithdrawConsent
from equipoise.conduct.enrolment.screening import AssessEligibility, ScreenParticipant
from equipoise.conduct.follow_up.infusions import IssueBag, OrderInfusion
from equipoise.conduct.follow_up.visits import HoldVisit
from equipoise.conduct.forms.entry import SaveForm
from equipoise.conduct.organisation.consent_documents import ApproveConsentDocument
from equipoise.conduct.organisation.people import GrantRole
from equipoise.errors import DecisionRefused
from equipoise.trial.steps import break_code, issue_bag, stamp_of, unblind_trial
from equipoise.trial.vault_process import open_vault
from equipoise.vault.bags import Bag, DoseOrder
from equipoise.vault.doses import Weighing
from equipoise.vault.service import CodeBreak

from .scripted import Scripted
from .work import W0, W4, W8

FIRST, SECOND, THIRD, SCREENED, EXAMINED, ELIGIBLE = "01-001", "02-001", "01-002", "01-003", "01-004", "01-005"
"""Participants of the trial at work: three infused, the others on their way."""


@dataclass(frozen=True)
class Case:
    """Something that must be refused, and a part of the sentence by which it is."""

    name: str
    says: str
    tries: Callable[[Scripted], object]
    before: Callable[[Scripted], object] = lambda _: None
    blinded: bool = True
    kind: type[Exception] = DecisionRefused


def do(role: str, intent: Intent, **how: str) -> Callable[[Scripted], object]:
    """Try a step at the door, in a role."""
    return lambda script: script.do(intent, role, **how)


def save(who: str, visit: str, form: str, role: str = "coordinator", **given: Any) -> Callable[[Scripted], object]:
    """Fill in a form; `reason`, `missing`, `expected` and `on` are those of the step, all else are values."""
    own = {name: given.pop(name) for name in ("reason", "missing", "expected", "on", "repeat") if name in given}

    def tries(script: Scripted) -> object:
        on = script.participant(who).visits[visit].on if visit else script.today()
        said = {"on": on, **own}
        return script.do(SaveForm(participant=who, form=form, visit=visit, values=given, **said), role)

    return tries


def today(script: Scripted, days: int = 0) -> date:
    return script.today() + timedelta(days)


def order(
    script: Scripted, who: str, weight: str = "61.3", *, days: int = 0, visit: str = W4, unit: str = "kg"
) -> Any:
    """Let the vault prepare a dose, by its own door."""
    on = today(script)
    weighing = Weighing(Decimal(weight), unit, on - timedelta(days))
    asked = DoseOrder(
        order=f"{who}/{visit}", participant=who, intervention="cells", visit=visit, weighing=weighing, on=on
    )
    return script.vault.call("prepare_dose", Bag, stamp=stamp(script, "pharmacist"), order=asked)


def stamp(script: Scripted, role: str, site: str | None = None) -> Any:
    """Stamp a step of the vault, by a key that no other step has."""
    by = script.by(role, site)
    return stamp_of(by, f"{role} asks at {by.at}", rehearsed=True)


def approve_new_consent(script: Scripted) -> None:
    newer = ApproveConsentDocument(
        document="2.0", language="en", site="01", protocol=script.version, valid_from=today(script), renew=True
    )
    script.do(newer, "sponsor")


def allocate_by_an_old_weight(script: Scripted) -> None:
    """Bring somebody to the first infusion whose only weight is of 29 days ago."""
    who, on = SCREENED, today(script, -29)
    script.do(SignConsent(participant=who, document="1.0", language="en", signed_on=on), "coordinator")
    script.hold(who, "SCR", on)
    script.save(who, "SCR", "demography", age=41, sex="F", pregnant="N")
    script.save(who, "SCR", "vitals", weight=61.3, pulse=70)
    script.save(who, "SCR", "immunology", cd4=210)
    script.do(AssessEligibility(participant=who, judged={"I3": True}), "investigator")
    script.hold(who, W0)
    script.do(AllocateParticipant(participant=who, strata={"site": "01"}), "investigator")


def break_of(
    who: str, role: str, reason: str = "an emergency", *, at_the_vault: bool = False
) -> Callable[[Scripted], object]:
    """Try to break a code: by the step that asks the record first, or at the vault itself."""

    def tries(script: Scripted) -> object:
        if not at_the_vault:
            return break_code(script.running, script.vault, script.by(role, "01"), who, reason)
        asked = stamp(script, role, "01")
        return script.vault.call("break_code", CodeBreak, stamp=asked, participant=who, reason=reason)

    return tries


def use_up(script: Scripted, *, in_the_vault_only: bool = False) -> None:
    """Let the list of site 01 be used up; the vault may know of more than the record does."""
    with script.running.server.connect_admin() as admin:
        admin.execute("UPDATE vault.stratum SET taken = places WHERE name = 'site=01'")
    if not in_the_vault_only:
        script.trial.allocated["site=01"] = script.trial.places["site=01"]


ALLOCATE = do("investigator", AllocateParticipant(participant=ELIGIBLE, strata={"site": "01"}))
PERSON = {"name": "Person 0", "birth_date": "1984-05-06", "sex": "F"}
"""Who was the first to be screened."""

CASES: tuple[Case, ...] = (
    # those that the issue lists
    Case("a wrong unit", "alone or in kg. Got 61 lb", save(FIRST, W4, "vitals", weight="61 lb", reason="typing")),
    Case(
        "a visit outside its window",
        "is 21 days before its window",
        lambda script: script.hold(FIRST, W8),
    ),
    Case(
        "a consent of an old version",
        "is 2.0, valid from .*. Got 1.0",
        lambda script: script.do(
            SignConsent(participant=SCREENED, document="1.0", language="en", signed_on=today(script)),
            "coordinator",
        ),
        approve_new_consent,
    ),
    Case(
        "an ineligible participant",
        f"{ELIGIBLE} is not eligible: I3",
        ALLOCATE,
        do("investigator", AssessEligibility(participant=ELIGIBLE, judged={"I3": False})),
    ),
    Case(
        "a weight too old for its order",
        "must be at most 28 d old at the visit",
        do("investigator", OrderInfusion(participant=SCREENED, visit=W0)),
        allocate_by_an_old_weight,
    ),
    Case(
        "a weight too old for the vault", "must be at most 28 d old", lambda script: order(script, FIRST, days=29)
    ),
    Case(
        "a weight of 700 kg on a form",
        "between 30 and 200",
        save(FIRST, W4, "vitals", weight=700, reason="typing"),
    ),
    Case(
        "a weight of 700 kg for the vault",
        "must lie between 30 and 200 kg",
        lambda script: order(script, FIRST, "700"),
    ),
    Case("a weight in another unit", "must be in kg", lambda script: order(script, FIRST, "135", unit="lb")),
    Case(
        "a double click under two keys",
        "has already been ordered",
        do("investigator", OrderInfusion(participant=FIRST, visit=W4)),
    ),
    Case(
        "a form for a withdrawn participant",
        "withdrew consent on",
        save(FIRST, W4, "immunology", cd4=260),
        lambda script: script.do(WithdrawConsent(participant=FIRST, on=today(script)), "coordinator"),
    ),
    Case(
        "a value for a locked visit",
        "visit W4 was locked by Data.Manager",
        save(FIRST, W4, "immunology", cd4=260),
        do("data manager", HoldScope(scope=Scope(visit=W4), locked=True)),
    ),
    Case("a list that is used up", "no randomisation number can be given out", ALLOCATE, use_up),
    Case(
        "a list that is used up by what the vault alone knows",
        "no randomisation number can be given out",
        ALLOCATE,
        lambda script: use_up(script, in_the_vault_only=True),
    ),
    Case(
        "a wrong passphrase",
        "passphrase",
        lambda script: open_vault(script.folder, ("the first half of the key", "a guess")),
        blinded=False,
    ),
    # what else people get wrong
    Case(
        "a person who is there already",
        "was registered in the trial before, with the number 01-001",
        do("coordinator", ScreenParticipant(site="01", identity=PERSON)),
    ),
    Case(
        "a person who is there at another site",
        "was registered in the trial before, at another site",
        do("coordinator", ScreenParticipant(site="02", identity=PERSON)),
    ),
    Case(
        "a person without a name",
        "a person is registered by name, birth_date and sex",
        do(
            "coordinator",
            ScreenParticipant(site="01", identity={"name": "", "birth_date": "1984-05-06", "sex": "F"}),
        ),
    ),
    Case(
        "a number that nobody has",
        "check the number",
        do("coordinator", WithdrawConsent(participant="01-999", on=date(2026, 3, 2)), site="01"),
    ),
    Case(
        "a step of another role",
        "is for: investigator. Got nurse",
        do("nurse", AllocateParticipant(participant=ELIGIBLE, strata={"site": "01"})),
    ),
    Case(
        "a step at another site",
        "is not coordinator at site 01",
        do("coordinator", WithdrawConsent(participant=FIRST, on=date(2026, 3, 2)), person="coordinator.02"),
    ),
    Case(
        "strata read back wrongly",
        "read the strata of",
        do("investigator", AllocateParticipant(participant=ELIGIBLE, strata={"site": "02"})),
    ),
    Case(
        "an allocation of who was allocated",
        "already; nobody is allocated twice",
        do("investigator", AllocateParticipant(participant=FIRST, strata={"site": "01"})),
    ),
    Case(
        "eligibility without its forms",
        "fill in first",
        do("investigator", AssessEligibility(participant=SCREENED, judged={"I3": True})),
        lambda script: script.do(
            SignConsent(participant=SCREENED, document="1.0", language="en", signed_on=today(script)),
            "coordinator",
        ),
    ),
    Case("a form that the protocol has not", "did you mean vitals", save(FIRST, W4, "vital", weight=61)),
    Case("an item that the form has not", "did you mean weight", save(FIRST, W4, "vitals", wieght=61)),
    Case(
        "a value that is no number",
        "must be a number with a decimal point",
        save(FIRST, W4, "immunology", cd4="two hundred"),
    ),
    Case(
        "a code that is none",
        "Sex must be one of its codes",
        save(EXAMINED, "SCR", "demography", sex="W", reason="typing"),
    ),
    Case(
        "a change without its reason", "please say why Pulse rate is changed", save(FIRST, W4, "vitals", pulse=74)
    ),
    Case(
        "a change of what another has changed since",
        "since you opened it",
        save(FIRST, W4, "vitals", pulse=74, reason="typing", expected=1),
    ),
    Case("a form that lacks a value", "must be filled in", save(FIRST, W4, "immunology")),
    Case(
        "a missing code that is none",
        "did you mean UNKNOWN",
        save(FIRST, W4, "immunology", missing={"cd4": "UNKNOWM"}),
    ),
    Case(
        "a masked value on a form", "is recorded by the vault once", save(FIRST, W0, "antibodies", hla_class_1=17)
    ),
    Case(
        "a day that is to come",
        "must not lie in the future",
        lambda script: script.do(HoldVisit(participant=THIRD, visit="W12", on=today(script, 30)), "coordinator"),
    ),
    Case("a visit that is recorded already", "is already recorded", lambda script: script.hold(FIRST, W4)),
    Case(
        "a bag of a number that was given out",
        "was given out for order",
        lambda script: script.do(
            IssueBag(participant=FIRST, order=f"{FIRST}/W4", bag=next(iter(script.trial.bags)), volume="100 mL"),
            "pharmacist",
        ),
    ),
    Case(
        "a bag of another volume",
        "the same for everybody",
        do("pharmacist", IssueBag(participant=FIRST, order=f"{FIRST}/W4", bag="B-1", volume="90 mL")),
    ),
    Case(
        "a dose for nobody",
        "there is no such order",
        lambda script: issue_bag(script.running, script.vault, script.by("pharmacist"), SECOND, f"{SECOND}/W8"),
    ),
    Case("a dose for who has no number", "has no randomisation number", lambda script: order(script, ELIGIBLE)),
    Case(
        "a dose that was prepared otherwise",
        "with another content",
        lambda script: order(script, FIRST, "70", visit=W0),
    ),
    Case(
        "a masked value of an item that is none",
        "is not masked",
        lambda script: script.vault.call(
            "enter_masked",
            None,
            stamp=stamp(script, "laboratory"),
            participant=FIRST,
            item="cd4",
            value=1,
            visit=W4,
            form="immunology",
            reason=None,
        ),
    ),
    Case(
        "a masked value for who has no number",
        "has no randomisation number",
        lambda script: script.vault.call(
            "enter_masked",
            None,
            stamp=stamp(script, "laboratory"),
            participant=ELIGIBLE,
            item="hla_class_1",
            value=1,
            visit=W0,
            form="antibodies",
            reason=None,
        ),
    ),
    Case(
        "an envelope without its reason",
        "with the person who opened it and the reason",
        lambda script: script.vault.call(
            "report_envelope",
            None,
            stamp=stamp(script, "investigator", "01"),
            participant=FIRST,
            reason="",
            opened_by="",
            opened_at=script.now(),
        ),
    ),
    Case(
        "a signature on what has changed",
        "have changed since you looked",
        do("investigator", Sign(participant=FIRST, meaning="seen", content="0" * 64)),
    ),
    Case("a lock with open points", "cannot be locked yet; open are", do("data manager", LockTrial())),
    Case(
        "a cut before the newest event",
        "the data can be cut at a day from",
        lambda script: script.do(CutData(through=today(script, -9)), "data manager"),
    ),
    Case(
        "an unblinded export before the end of the blind",
        "only blinded data can be exported",
        do(
            "data manager",
            ExportData(blind="unblinded", purpose="a look", sequence=1, rows={"dm": 1}, hashes={"dm": "0"}),
        ),
    ),
    Case(
        "a role on the other side of the blind",
        "can therefore never hold",
        lambda script: script.do(
            GrantRole(person="nurse.01", role="pharmacist", since=today(script), training="seen"),
            "sponsor",
            site="",
        ),
    ),
    Case(
        "a key that is too long",
        "a request key has 1 to 200 characters",
        lambda script: script.do(
            HoldVisit(participant=THIRD, visit="W12", on=today(script)), "coordinator", request="k" * 201
        ),
    ),
    # of those who may know arms
    Case(
        "a code break without its reason",
        "say why the code of",
        break_of(FIRST, "investigator", " "),
        blinded=False,
    ),
    Case(
        "a code break without its reason, at the vault",
        "say why the treatment must be known",
        break_of(FIRST, "investigator", " ", at_the_vault=True),
        blinded=False,
    ),
    Case("a code break by a nurse", "is for: investigator, ", break_of(FIRST, "nurse"), blinded=False),
    Case(
        "a code break by a nurse, at the vault",
        "only investigator or safety unblinder",
        break_of(FIRST, "nurse", at_the_vault=True),
        blinded=False,
    ),
    Case(
        "a code break for who has no number",
        "was never allocated, so there is no code to break",
        break_of(ELIGIBLE, "investigator"),
        blinded=False,
    ),
    Case(
        "a code break for who has no number, at the vault",
        "has no randomisation number",
        break_of(ELIGIBLE, "investigator", at_the_vault=True),
        blinded=False,
    ),
    Case(
        "all codes before the lock",
        "lock the trial first",
        lambda script: unblind_trial(script.running, script.vault, script.by("key holder"), ("a", "b")),
        blinded=False,
    ),
    Case(
        "all codes before the lock, at the door",
        "only after the data of the whole trial are locked",
        do("key holder", UnblindTrial(holders=("holder.1", "holder.2"))),
        blinded=False,
    ),
    Case(
        "all codes by wrong passphrases",
        "passphrase",
        lambda script: script.vault.call(
            "unblind_all", None, stamp=stamp(script, "key holder"), passphrases=["a", "b"], data="0" * 64
        ),
        blinded=False,
    ),
    Case(
        "the preparation of no bag",
        "no dose was prepared for this order",
        lambda script: script.vault.call(
            "show_preparation", None, stamp=stamp(script, "pharmacist"), order="01-001/W12"
        ),
        blinded=False,
    ),
    Case(
        "a preparation shown to the blinded",
        "only pharmacist or unblinded monitor",
        lambda script: script.vault.call(
            "show_preparation", None, stamp=stamp(script, "nurse", "01"), order="01-001/W0"
        ),
        blinded=False,
    ),
    Case(
        "what was disclosed before it is",
        "the codes are closed until both holders",
        lambda script: script.vault.call("show_disclosed", None),
        blinded=False,
    ),
    Case(
        "a reconciliation by one",
        "two different persons",
        lambda script: script.vault.call(
            "reconcile",
            None,
            stamp=stamp(script, "list custodian"),
            witnessed={},
            signers=("custodian", "custodian"),
            reason="a restore",
        ),
        blinded=False,
    ),
)
