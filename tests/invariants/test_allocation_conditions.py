"""Invariant 5: nobody is allocated unless every condition holds, by whichever door it is asked for.

The conditions: an open site that is active on the participant's protocol version; a valid consent of the version
that is asked for; eligibility passed, on values that still stand, by the rules as they are; the strata complete
and those of the record; taking part still; and the day of the visit. What the database can judge by itself it
refuses to whoever comes to it directly, with the rights of the blinded role.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.conduct.closing.locks import HoldScope
from equipoise.conduct.door.state import Scope
from equipoise.conduct.enrolment import allocation
from equipoise.conduct.enrolment.allocation import AllocateParticipant
from equipoise.conduct.enrolment.consent import WithdrawConsent
from equipoise.conduct.enrolment.screening import AssessEligibility
from equipoise.conduct.forms.entry import SaveForm
from equipoise.conduct.organisation.consent_documents import ApproveConsentDocument
from equipoise.conduct.organisation.sites import CloseSite
from equipoise.errors import DecisionRefused
from equipoise.record import canonical
from equipoise.record.event import GIVEN

from .conftest import TrialAt
from .mutation import drop_trigger
from .rewind import Rewind, rewinding
from .scripted import SITES, Scripted, allocate

Strata = dict[str, str]


# --- conditions, each broken by a step at the door where there is one, else in the state at work


def close_site(script: Scripted, who: str) -> None:
    script.do(CloseSite(site=script.participant(who).site), "sponsor")


def leave_version(script: Scripted, who: str) -> None:
    script.trial.sites[script.participant(who).site].versions.clear()


def lose_consent(script: Scripted, who: str) -> None:
    script.participant(who).consents.clear()


def ask_for_new_consent(script: Scripted, who: str) -> None:
    site = script.participant(who).site
    today = script.today(site)
    newer = ApproveConsentDocument(
        document="2.0", language="en", site=site, protocol=script.version, valid_from=today, renew=True
    )
    script.do(newer, "sponsor")


def withdraw(script: Scripted, who: str) -> None:
    today = script.today(script.participant(who).site)
    script.do(WithdrawConsent(participant=who, on=today), "coordinator")


def never_assess(script: Scripted, who: str) -> None:
    script.participant(who).eligibility = None


def find_not_eligible(script: Scripted, who: str) -> None:
    script.do(AssessEligibility(participant=who, judged={"I3": False}), "investigator")


def change_value(script: Scripted, who: str) -> None:
    on = script.participant(who).visits["SCR"].on
    assert on is not None
    changed = SaveForm(
        participant=who, form="immunology", visit="SCR", on=on, values={"cd4": 211}, reason="copied wrongly"
    )
    script.do(changed, "coordinator")


def change_rules(script: Scripted, who: str) -> None:
    verdict = script.participant(who).eligibility
    if verdict is not None:
        verdict.rules = "those of another day"


def end_treatment(script: Scripted, who: str) -> None:
    today = str(script.today(script.participant(who).site))
    script.save(who, "", "end_of_treatment", treatment_ended=today, treatment_end_why="WITHDRAWAL BY SUBJECT")


def end_participation(script: Scripted, who: str) -> None:
    today = str(script.today(script.participant(who).site))
    script.save(who, "", "end_of_study", study_ended=today, study_end_why="WITHDRAWAL BY SUBJECT")


def lock_participant(script: Scripted, who: str) -> None:
    script.do(HoldScope(scope=Scope(participant=who), locked=True), "data manager", site="")


def come_another_day(script: Scripted, who: str) -> None:
    script.wait(1)


@dataclass(frozen=True)
class Condition:
    """A condition: what breaks it, and the guards of the decision that see it, by their names."""

    breaks: Callable[[Scripted, str], None]
    guards: tuple[str, ...]
    says: str


# in an order in which one does not stand in the way of the next
CONDITIONS: Mapping[str, Condition] = {
    "values unchanged since they were assessed": Condition(
        change_value, ("_require_eligible",), "values have changed since"
    ),
    "found eligible": Condition(find_not_eligible, ("_require_eligible",), "is not eligible: I3"),
    "treatment not ended": Condition(end_treatment, (), "treatment of .* ended"),
    "the consent asked for now": Condition(
        ask_for_new_consent, ("require_consent",), "has to sign consent form 2.0"
    ),
    "consent not withdrawn": Condition(withdraw, ("require_not_left", "require_consent"), "withdrew consent"),
    "participation not ended": Condition(end_participation, ("require_not_left",), "participation of .* ended"),
    "not locked": Condition(lock_participant, ("require_open",), "was locked by"),
    "an open site": Condition(close_site, ("require_enrolling",), "was closed"),
    "a site active on this version": Condition(leave_version, ("require_enrolling",), "is not activated for"),
    "a signed consent": Condition(lose_consent, ("require_consent",), "has not signed a consent form"),
    "assessed": Condition(never_assess, ("_require_eligible",), "was not assessed yet"),
    "the rules it was assessed by": Condition(change_rules, ("_require_eligible",), "criteria have changed"),
    "the day of the visit": Condition(come_another_day, ("_require_visit",), "on the day of visit"),
}
WRONG_STRATA: Mapping[str, Callable[[str], Strata]] = {
    "none": lambda site: {},
    "another level": lambda site: {"site": next(other for other in SITES if other != site)},
    "one too many": lambda site: {"site": site, "sex": "F"},
    "another factor": lambda site: {"sex": "F"},
}


def allocated_though(rewind: Rewind, script: Scripted, who: str, strata: Strata) -> list[str]:
    """Ask for the allocation at the door; return what is wrong about an answer that should have been a refusal."""
    before, found = rewind.stored(), []
    intent = AllocateParticipant(participant=who, strata=strata)
    by = script.by("investigator", script.participant(who).site)
    try:
        script.running.door.submit(intent, by, "the allocation")
        found.append(f"{who} was allocated")
    except DecisionRefused:
        pass
    except psycopg.Error as error:
        found.append(f"refused by the database alone, in its own words: {error}")
    if rewind.stored() != before:
        found.append("something was stored")
    return found


def test_with_every_condition_kept_a_participant_is_allocated(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 2)
    allocate(script, ["01-001", "02-001"])
    assert all(one.allocation is not None for one in script.trial.participants.values())


@pytest.fixture
def rewind(trial_at: TrialAt) -> Iterator[Rewind]:
    script = trial_at("eligible", 2)
    with rewinding(script, trial_at.server) as kept:
        yield kept


def test_nobody_is_allocated_while_any_of_the_conditions_is_broken(rewind: Rewind) -> None:
    script = rewind.script
    broken = st.lists(st.sampled_from(list(CONDITIONS)), unique=True, max_size=3)
    strata = st.sampled_from(["right", *WRONG_STRATA])

    @settings(max_examples=40, deadline=None)
    @given(broken, strata, st.sampled_from(["01-001", "02-001"]))
    def holds(broken: Sequence[str], read_back: str, who: str) -> None:
        site = script.participant(who).site
        with rewind.example():
            for name, condition in CONDITIONS.items():
                if name in broken:
                    try_to_break(condition, script, who)
            levels = WRONG_STRATA[read_back](site) if read_back in WRONG_STRATA else {"site": site}
            found = allocated_though(rewind, script, who, levels)
        if broken or read_back != "right":
            assert found == []
        else:
            assert found == [f"{who} was allocated", "something was stored"]

    holds()


def try_to_break(condition: Condition, script: Scripted, who: str) -> None:
    """Break a condition, unless one that was broken before stands in the way."""
    try:
        condition.breaks(script, who)
    except DecisionRefused:
        assert script.participant(who).consent_withdrawn_on or "treatment" in script.participant(who).ended


def test_each_condition_alone_keeps_a_participant_out_and_the_refusal_names_it(rewind: Rewind) -> None:
    script = rewind.script
    for condition in CONDITIONS.values():
        with rewind.example():
            condition.breaks(script, "01-001")
            with pytest.raises(DecisionRefused, match=condition.says):
                allocate(script, ["01-001"])
    for levels in WRONG_STRATA.values():
        with (
            rewind.example(),
            pytest.raises(DecisionRefused, match="read the strata of 01-001 back as the record"),
        ):
            script.do(AllocateParticipant(participant="01-001", strata=levels("01")), "investigator")


def test_without_its_guards_each_condition_would_let_a_participant_in(
    rewind: Rewind, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = rewind.script
    for trigger, table in (("require_allocatable", "vault.allocation"), ("refuse_locked", "record.event")):
        drop_trigger(rewind.admin, trigger, table)
    for name, condition in CONDITIONS.items():
        if not condition.guards:
            continue  # written into the decision itself
        with rewind.example(), monkeypatch.context() as patch:
            for guard in condition.guards:
                patch.setattr(allocation, guard, lambda *_, **__: None)
            condition.breaks(script, "01-001")
            assert allocated_though(rewind, script, "01-001", {"site": "01"}), name
    with rewind.example(), monkeypatch.context() as patch:
        asked = WRONG_STRATA["another level"]("01")
        patch.setattr(allocation, "derive_strata", lambda *_: asked)
        assert allocated_though(rewind, script, "01-001", asked)


# --- by direct SQL, with the rights of the blinded role


@dataclass(frozen=True)
class Direct:
    """What a script can do with the connection of conduct and without the program."""

    script: Scripted
    connection: psycopg.Connection[Any]

    def write(self, who: str, kind: str, **payload: object) -> None:
        """Append an event, as good as any."""
        site = who.partition("-")[0]
        row = {
            "at": self.script.by("investigator", site).at,
            "zone": SITES[site],
            "actor": f"investigator.{site}",
            "role": "investigator",
            "site": site,
            "participant": who,
            "kind": kind,
            "version": 1,
            "payload": canonical(payload),
            "reason": None,
            "request": f"{kind} of {who}",
            "part": 1,
        }
        values = ", ".join(f"%({name})s" for name in GIVEN)
        self.connection.execute(f"INSERT INTO record.event ({', '.join(GIVEN)}) VALUES ({values})".encode(), row)

    def take(self, who: str, *, event: bool = True) -> str:
        """Take a slot as the door does: the slot first, then its event, in one transaction."""
        stratum = f"site={who.partition('-')[0]}"
        with self.connection.transaction():
            row = self.connection.execute("SELECT vault.take_next(%s, %s, %s)", (stratum, who, f"by hand {who}"))
            (number,) = row.fetchone() or ("",)
            if event:
                self.write(who, "ParticipantAllocated", number=number, stratum=stratum)
        return str(number)


def screened_by_hand(direct: Direct, who: str = "01-900", **changes: object) -> str:
    """Write down a participant by hand, of whom everything is as it must be but for the changes."""
    script = direct.script
    signed = str(script.today())
    with direct.connection.transaction():  # with somebody's identity, which the database asks for as well
        direct.write(who, "ParticipantScreened", protocol=changes.get("protocol", script.version))
        direct.connection.execute("INSERT INTO identity.person VALUES (%s, '01', '')", (who,))
        direct.connection.execute("INSERT INTO identity.key VALUES (%s, '', 'a mark of its own')", (who,))
    if "consent" not in changes:
        direct.write(who, "ConsentSigned", document="1.0", language="en", signed_on=signed)
    if "eligible" not in changes or changes["eligible"] is not None:
        eligible = changes.get("eligible", True)
        direct.write(who, "EligibilityAssessed", eligible=eligible, criteria={}, rules="")
    return who


def nobody_of_that_name(direct: Direct) -> str:
    return "01-900"


def not_consented(direct: Direct) -> str:
    return screened_by_hand(direct, consent=None)


def at_another_version(direct: Direct) -> str:
    return screened_by_hand(direct, protocol="0" * 64)


def not_assessed(direct: Direct) -> str:
    return screened_by_hand(direct, eligible=None)


def assessed_not_eligible(direct: Direct) -> str:
    return screened_by_hand(direct, eligible=False)


def assessed_again_not_eligible(direct: Direct) -> str:
    find_not_eligible(direct.script, "01-001")
    return "01-001"


def withdrawn(direct: Direct) -> str:
    withdraw(direct.script, "01-001")
    return "01-001"


def asked_for_new_consent(direct: Direct) -> str:
    ask_for_new_consent(direct.script, "01-001")
    return "01-001"


def at_a_closed_site(direct: Direct) -> str:
    close_site(direct.script, "01-001")
    return "01-001"


def at_a_locked_site(direct: Direct) -> str:
    direct.script.do(HoldScope(scope=Scope(site="01"), locked=True), "data manager", site="")
    return "01-001"


REFUSED_TO_SQL: Mapping[str, Callable[[Direct], str]] = {
    case.__name__.replace("_", " "): case
    for case in (
        nobody_of_that_name,
        not_consented,
        at_another_version,
        not_assessed,
        assessed_not_eligible,
        assessed_again_not_eligible,
        withdrawn,
        asked_for_new_consent,
        at_a_closed_site,
        at_a_locked_site,
    )
}


def taken_though(rewind: Rewind, direct: Direct, who: str) -> list[str]:
    """Take a slot by direct SQL; return what is wrong about an answer that should have been a refusal."""
    before = rewind.stored()
    try:
        number = direct.take(who)
    except psycopg.Error as error:
        found = [] if (error.sqlstate or "").startswith("QG") else [f"refused for another reason: {error}"]
    else:
        found = [f"{who} took {number}"]
    return found + ([] if rewind.stored() == before else ["something was stored"])


@pytest.fixture
def direct(rewind: Rewind, trial_at: TrialAt) -> Direct:
    return Direct(rewind.script, trial_at.server.connect("conduct"))


def test_the_database_gives_no_slot_to_whoever_the_record_does_not_show_as_ready(
    rewind: Rewind, direct: Direct
) -> None:
    for name, case in REFUSED_TO_SQL.items():
        with rewind.example():
            assert taken_though(rewind, direct, case(direct)) == [], name
    with rewind.example():
        assert direct.take(screened_by_hand(direct)).startswith("R-"), "with nothing broken it is given"
    with rewind.example():
        assert direct.take("01-001").startswith("R-")


def test_without_its_trigger_the_database_would_give_a_slot_to_any_of_them(rewind: Rewind, direct: Direct) -> None:
    drop_trigger(rewind.admin, "require_allocatable", "vault.allocation")
    drop_trigger(rewind.admin, "refuse_locked", "record.event")
    for name, case in REFUSED_TO_SQL.items():
        with rewind.example():
            assert taken_though(rewind, direct, case(direct)), name


def test_a_consent_that_was_signed_anew_opens_the_way_again(rewind: Rewind, direct: Direct) -> None:
    ask_for_new_consent(direct.script, "01-001")
    signed = {"document": "2.0", "language": "en", "signed_on": str(direct.script.today())}
    direct.write("01-001", "ConsentSigned", **signed)
    assert direct.take("01-001").startswith("R-")


def alone(rewind: Rewind, direct: Direct) -> list[str]:
    """Take a slot without its event, and write an event without its slot; return what went through."""
    found = []
    with rewind.example():
        try:
            direct.take("01-001", event=False)
            found.append("a slot without its event")
        except psycopg.Error as error:
            assert error.sqlstate == "QG003"
    for number in ("R-00000-0", ""):
        with rewind.example():
            try:
                direct.write("01-001", "ParticipantAllocated", number=number, stratum="site=01")
                found.append("an event without its slot")
            except psycopg.Error as error:
                assert error.sqlstate == "QG004"
    with rewind.example():
        number = direct.take("01-001")
        try:
            direct.write("02-001", "ParticipantAllocated", number=number, stratum="site=02")
            found.append("an event with the slot of another")
        except psycopg.Error as error:
            assert error.sqlstate == "QG004"
    return found


def test_a_slot_without_its_event_is_refused_at_commit_and_an_event_without_its_slot_at_once(
    rewind: Rewind, direct: Direct
) -> None:
    assert alone(rewind, direct) == []


def test_without_their_triggers_slot_and_event_could_stand_alone(rewind: Rewind, direct: Direct) -> None:
    drop_trigger(rewind.admin, "require_its_event", "vault.allocation")
    drop_trigger(rewind.admin, "require_its_slot", "record.event")
    assert set(alone(rewind, direct)) == {
        "a slot without its event",
        "an event without its slot",
        "an event with the slot of another",
    }
