"""Invariant 16: locked means locked, by whichever door: the program, the command line, direct SQL.

A scope is a site, a participant, a visit, a form, or all data. A lock closes it to everybody, a freeze to the
roles of a site; what lies outside stays open. To open it again takes a reason, and after a lock another person.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from equipoise.cli.app import app
from equipoise.conduct.access import attestation, identity, links, passwords
from equipoise.conduct.closing import exports, locks, signatures, unblinding
from equipoise.conduct.closing.locks import HoldScope, LockTrial, Release, UnlockTrial
from equipoise.conduct.closing.signatures import Sign, content_hash
from equipoise.conduct.door.chapters import DECISIONS
from equipoise.conduct.door.fact import By, Intent
from equipoise.conduct.door.scope import SITE_ROLES, require_open
from equipoise.conduct.door.state import Scope
from equipoise.conduct.enrolment import allocation, consent, ending, moving, reconciliation, screening
from equipoise.conduct.enrolment.allocation import CorrectStratum
from equipoise.conduct.enrolment.moving import MoveParticipant
from equipoise.conduct.enrolment.screening import DestroyIdentity
from equipoise.conduct.follow_up import infusions, visits
from equipoise.conduct.follow_up.infusions import OrderInfusion
from equipoise.conduct.forms import entry
from equipoise.conduct.laboratory import results
from equipoise.conduct.organisation import consent_documents, drills, people, sealed_list, sites, versions
from equipoise.conduct.quality import coding, queries, review, second_entry, verification
from equipoise.conduct.safety import pauses, reporting, watch
from equipoise.conduct.supply import packing, preparation, quarantine, returns, shipments
from equipoise.conduct.transfer import several
from equipoise.errors import DecisionRefused
from equipoise.record import Event
from equipoise.record.event import GIVEN
from equipoise.trial.guards import DATA

from .conftest import TrialAt
from .mutation import drop_trigger
from .rewind import Rewind, rewinding
from .scripted import Scripted, unblind
from .work import W4, Change, prepared_work

ORGANISATION = (
    *(consent_documents, drills, people, sealed_list, sites, versions, exports, unblinding),
    *(reporting, watch, pauses),
    *(packing, shipments, quarantine, returns),
    *(queries, verification, review),
    *(attestation, identity, links, passwords, reconciliation),
)
"""Chapters that change no data of participants; reports of harm are owed after a lock too."""

CLOSES = {HoldScope, Release, LockTrial, UnlockTrial, locks.CutData, Sign, DestroyIdentity, coding.LoadDictionary}
"""Steps that are about data and leave them as they are."""

WITH_KITS = set(preparation.CHAPTER.decisions)
"""Steps of a trial with kits, which this script has not: `test_kits.py` tries them."""

OF_QUALITY = {coding.CodeTerms, coding.CodeTerm, *second_entry.CHAPTER.decisions}
"""Steps of a trial with a dictionary and double entry: `tests/conduct/quality/test_locked.py` tries them."""

OF_LABORATORIES = set(results.CHAPTER.decisions)
"""Steps of a trial with laboratories: `test_laboratory_import.py` tries them."""

OF_OTHER_SYSTEMS = set(several.CHAPTER.decisions)
"""Steps with data of another system: `tests/conduct/transfer/test_several_property.py` tries them."""

GUARDED = (allocation, consent, ending, moving, screening, infusions, visits, entry)
"""Modules whose decisions ask whether the data are open."""

NEVER = (CorrectStratum, MoveParticipant, OrderInfusion)
"""Of these the script has none that would be allowed; their refusal must come from the lock all the same."""

PREPARED = (
    *preparation.CHAPTER.evolutions,
    coding.TermCoded,
    *second_entry.CHAPTER.evolutions,
    *results.CHAPTER.evolutions,
)
"""Facts of such trials."""

SCOPES = (
    Scope(site="01"),
    Scope(participant="01-001"),
    Scope(visit=W4),
    Scope(form="vitals"),
    Scope(site="01", visit=W4, form="immunology"),
    Scope(),
)


Work = tuple[Rewind, Sequence[Change]]


@pytest.fixture
def work(each_server: str, trial_at: TrialAt) -> Iterator[Work]:
    name, folder, changes = prepared_work(each_server)
    with rewinding(trial_at.copy(name, folder), trial_at.server) as rewind:
        yield rewind, changes


def covers(scope: Scope, concerned: Scope) -> bool:
    return all(
        bound is None or bound == getattr(concerned, what)
        for what in Scope.__struct_fields__
        if (bound := getattr(scope, what)) is not None
    )


def hold(script: Scripted, scope: Scope, *, locked: bool = True) -> None:
    script.do(HoldScope(scope=scope, locked=locked), "data manager", site="")


def test_every_step_of_conduct_is_one_that_changes_data_or_one_that_leaves_them() -> None:
    organisation = {intent for chapter in ORGANISATION for intent in chapter.CHAPTER.decisions}
    asking = {intent for chapter in GUARDED for intent in chapter.CHAPTER.decisions} - CLOSES
    apart = WITH_KITS | OF_QUALITY | OF_LABORATORIES | OF_OTHER_SYSTEMS
    assert organisation | CLOSES | asking | apart == set(DECISIONS)
    assert {*locks.CHAPTER.decisions, *signatures.CHAPTER.decisions} <= CLOSES


def test_the_script_tries_every_step_that_changes_data(work: Work) -> None:
    asking = {intent for chapter in GUARDED for intent in chapter.CHAPTER.decisions} - CLOSES
    assert {type(change.intent) for change in work[1]} == asking


# --- the door of the program


def changed_though(
    rewind: Rewind, changes: Sequence[Change], scope: Scope | None, *, locked: bool = True
) -> list[str]:
    """Try every change while a scope is held (None: all data, by the lock of the trial); return what is wrong."""
    script, found = rewind.script, []
    for change in changes:
        with rewind.example():
            if scope is None:
                script.do(LockTrial(), "data manager")
            else:
                hold(script, scope, locked=locked)
            closed, before = scope is None or covers(scope, change.concerns), rewind.stored()
            try:
                script.do(change.intent, change.role)
                said = "done"
            except DecisionRefused as refused:
                said = "closed" if "locked" in str(refused) or "frozen" in str(refused) else f"refused: {refused}"
            except psycopg.Error as error:
                said = f"refused by the database alone: {error}"
            unchanged = rewind.stored() == before
        if closed and not (said == "closed" and unchanged):
            found.append(f"{change} {said}")
        if not closed and said != "done" and not isinstance(change.intent, NEVER):
            found.append(f"{change} was not to be touched, and is {said}")
    return found


def test_a_locked_scope_refuses_every_change_to_it_and_none_to_others(work: Work) -> None:
    for scope in SCOPES:
        assert changed_though(*work, scope) == [], scope


def test_a_frozen_scope_refuses_every_change_by_the_roles_of_a_site(work: Work) -> None:
    rewind, changes = work
    assert {change.role for change in changes} <= SITE_ROLES
    for scope in (Scope(site="01"), Scope(visit=W4)):
        assert changed_though(rewind, changes, scope, locked=False) == [], scope


def test_a_freeze_does_not_stop_other_roles_and_a_lock_does(work: Work) -> None:
    script = work[0].script
    participant = script.participant("01-001")
    hold(script, Scope(site="01"), locked=False)
    require_open(script.trial, participant, role="data manager")
    hold(script, Scope(site="01"), locked=True)
    with pytest.raises(DecisionRefused, match="was locked by"):
        require_open(script.trial, participant, role="data manager")


def test_the_lock_of_the_trial_refuses_every_change(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    rewind, changes = work
    monkeypatch.setattr(locks, "checklist", lambda *_: {})  # in the middle of the work much is open
    signed = Sign(participant="01-001", meaning="seen", content=content_hash(rewind.script.participant("01-001")))
    assert changed_though(rewind, [*changes, Change(signed, "investigator", Scope())], None) == []


def test_without_its_guard_in_the_decisions_only_the_database_refuses_and_without_both_nobody(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewind, changes = work
    allowed = [change for change in changes if not isinstance(change.intent, NEVER)]
    for module in GUARDED:
        monkeypatch.setattr(module, "require_open", lambda *_, **__: None)
    found = changed_though(rewind, allowed, Scope())
    assert [what.partition(":")[0] for what in found] == [
        f"{change} refused by the database alone" for change in allowed
    ]
    assert all("these data are locked" in what for what in found)
    drop_trigger(rewind.admin, "refuse_locked", "record.event")
    assert changed_though(rewind, allowed, Scope()) == [f"{change} done" for change in allowed]


# --- direct SQL, with the rights of the blinded role


def samples(rewind: Rewind, changes: Sequence[Change]) -> list[Event]:
    """Return an event of every kind that is data: of the record, and of what could be done next."""
    script = rewind.script
    events = list({(event.kind, event.participant): event for event in script.running.book.read()}.values())
    for change in changes:
        if not isinstance(change.intent, NEVER):
            with rewind.example():
                events += script.do(change.intent, change.role)
    data = {fact.__name__ for fact in DATA}
    events = [event for event in events if event.kind in data]
    events.append(replace_fields(events[0], kind="StratumCorrected", payload='{"strata":{"site":"02"}}'))
    events.append(replace_fields(events[0], kind="ParticipantMoved", payload=f'{{"protocol":"{"b" * 64}"}}'))
    order = f'{{"order":"{events[0].participant}/{W4}"}}'
    events += [replace_fields(events[0], kind=fact.__name__, payload=order) for fact in PREPARED]
    assert {event.kind for event in events} == data
    return events


def replace_fields(event: Event, **fields: object) -> Event:
    return Event(**{name: fields.get(name, getattr(event, name)) for name in Event.__struct_fields__})


def scope_of(event: Event) -> Scope:
    """Say what an event concerns, by its own words."""
    said = json.loads(event.payload)
    visit = said.get("visit") or said.get("key") or (said["order"].split("/")[1] if "order" in said else None)
    return Scope(site=event.site, participant=event.participant, visit=visit, form=said.get("form"))


def stored_though(rewind: Rewind, events: list[Event], conduct: psycopg.Connection, scope: Scope) -> list[str]:
    """Append events by direct SQL while a scope is held; return what is wrong."""
    found = []
    columns = ", ".join(GIVEN)
    insert = f"INSERT INTO record.event ({columns}) VALUES ({', '.join(f'%({name})s' for name in GIVEN)})"
    for event in events:
        row = {name: getattr(event, name) for name in GIVEN}
        row |= {"at": rewind.script.trial.at + timedelta(hours=1), "request": "by hand", "part": 1}
        try:
            with conduct.transaction(force_rollback=True):
                conduct.execute(insert.encode(), row)
            closed = False
        except psycopg.Error as error:
            # what comes after the lock: an allocation without its slot, a second one, a second screening, no kit
            assert error.sqlstate in ("QG001", "QG004", "QG006", "QG007", "23505"), error
            closed = error.sqlstate == "QG001"
        if closed != covers(scope, scope_of(event)):
            found.append(f"{event.kind} of {event.participant} was {'refused' if closed else 'stored'}")
    return found


NOTHING = Scope(participant="nobody")


def test_the_database_refuses_every_event_in_a_locked_scope_and_by_a_site_in_a_frozen_one(
    work: Work, trial_at: TrialAt
) -> None:
    rewind, changes = work
    by_sites = samples(rewind, changes)
    by_others = [replace_fields(event, role="data manager") for event in by_sites]
    conduct = trial_at.server.connect("conduct")
    for scope in SCOPES:
        with rewind.example() as script:
            assert stored_though(rewind, [*by_sites, *by_others], conduct, NOTHING) == []
            hold(script, scope, locked=False)
            assert stored_though(rewind, by_sites, conduct, scope) == []
            assert stored_though(rewind, by_others, conduct, NOTHING) == []
            hold(script, scope)
            assert stored_though(rewind, [*by_sites, *by_others], conduct, scope) == []
            released = Release(scope=scope, reason="a slip")
            script.do(released, "data manager", person="data.manager.2", site="")
            assert stored_though(rewind, [*by_sites, *by_others], conduct, NOTHING) == []


def test_without_its_trigger_the_database_would_store_them(work: Work, trial_at: TrialAt) -> None:
    rewind, changes = work
    events = samples(rewind, changes)
    conduct = trial_at.server.connect("conduct")
    drop_trigger(rewind.admin, "refuse_locked", "record.event")
    for scope in SCOPES:
        with rewind.example() as script:
            hold(script, scope)
            assert stored_though(rewind, events, conduct, scope)


# --- the command line


def told(folder: Path, *arguments: str) -> str:
    """Run a command; return what it says, or by which sentence it is refused."""
    done = CliRunner().invoke(app, [arguments[0], str(folder), *arguments[1:]])
    if done.exception is None:
        return done.output
    assert isinstance(done.exception, DecisionRefused), done.exception
    return f"refused: {done.exception}"


def test_the_command_line_refuses_what_is_locked_as_every_other_door_does(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewind, _ = work
    script = rewind.script
    monkeypatch.setattr("equipoise.cli.conduct.acting_as", lambda person, role: By(person, role, script.now()))
    on = str(script.participant("01-001").visits[W4].on)
    save = (
        *("step", "SaveForm", "participant=01-001", "form=immunology", f"visit={W4}", f"on={on}"),
        *('values={"cd4": 260}', "--by", "coordinator.01", "--role", "coordinator"),
    )
    randomise = ("randomise", "01-005", "--by", "investigator.01", "--stratum", "site=01")
    for scope in SCOPES:
        for command, concerned in (
            (save, Scope(site="01", participant="01-001", visit=W4, form="immunology")),
            (randomise, Scope(site="01", participant="01-005")),
        ):
            with rewind.example():
                script.do(HoldScope(scope=scope, locked=True), "data manager", site="")
                before = rewind.stored()
                said = told(script.folder, *command)
                if covers(scope, concerned):
                    assert "was locked by Data.Manager" in said
                    assert rewind.stored() == before
                else:
                    assert "recorded at" in said
    with rewind.example(), monkeypatch.context() as patch:
        script.do(HoldScope(scope=Scope(), locked=True), "data manager", site="")
        drop_trigger(rewind.admin, "refuse_locked", "record.event")
        patch.setattr(entry, "require_open", lambda *_, **__: None)
        assert "recorded at" in told(script.folder, *save), "the guards taken out"


# --- opening again


def opened_though(rewind: Rewind, held: Callable[[Scripted], None], opening: Callable[[str], Intent]) -> list[str]:
    """Open again without a reason, and by who has locked; return what was allowed."""
    found = []
    for reason, person in (("", "data.manager.2"), ("  ", "data.manager.2"), ("a slip", "data.manager")):
        with rewind.example() as script:
            held(script)
            before = rewind.stored()
            try:
                script.do(opening(reason), "data manager", person=person, site="")
            except DecisionRefused as refused:
                assert "say why" in str(refused) or "another person must" in str(refused)
            if rewind.stored() != before:
                found.append(f"{person} opened again by the reason '{reason}'")
    return found


WAYS: Mapping[str, tuple[Callable[[Scripted], None], Callable[[str], Intent]]] = {
    "a scope": (
        lambda script: hold(script, Scope(site="01")),
        lambda reason: Release(scope=Scope(site="01"), reason=reason),
    ),
    "the trial": (
        lambda script: script.do(LockTrial(), "data manager") and None,
        lambda reason: UnlockTrial(reason=reason),
    ),
}


def test_what_is_locked_is_opened_again_for_a_reason_and_by_another_person_only(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "checklist", lambda *_: {})
    rewind, _ = work
    for held, opening in WAYS.values():
        assert opened_though(rewind, held, opening) == []
        with rewind.example() as script:
            held(script)
            (opened,) = script.do(opening("a slip"), "data manager", person="data.manager.2", site="")
            assert opened.reason == "a slip"
            script.save("01-001", W4, "immunology", cd4=260)


def test_without_their_guards_reason_and_other_person_would_not_be_asked_for(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "checklist", lambda *_: {})
    monkeypatch.setattr(locks, "_require_reason", lambda *_: None)
    rewind, _ = work
    rewind.admin.execute("ALTER TABLE record.event DROP CONSTRAINT reason")
    for held, opening in WAYS.values():
        assert len(opened_though(rewind, held, opening)) == 2


def test_once_the_codes_are_open_the_data_stay_locked_for_good(trial_at: TrialAt) -> None:
    script = trial_at("locked", 1)
    unblind(script)
    with pytest.raises(DecisionRefused, match="stay locked for good"):
        script.do(UnlockTrial(reason="a slip"), "data manager", person="data.manager.2")
