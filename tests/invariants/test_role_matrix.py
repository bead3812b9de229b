"""Invariant 22: what a role may do it can do, and everything else is refused.

Every role by every step, handler, question and command, at the real doors; and a role at another site, one that
has ended, one that has not yet begun. `role_table.py` is the table that is held against the program, typed in by
hand: a step, handler, question or command that nobody has listed there makes these tests fail.
"""

import itertools
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
import pytest
import typer
from tests.command_line import equipoise

from equipoise.cli import app
from equipoise.conduct.access.questions import QUESTIONS, require_may_ask
from equipoise.conduct.door import chapters
from equipoise.conduct.door.chapters import INTENTS
from equipoise.conduct.door.fact import By, Intent
from equipoise.conduct.door.roles import role_matrix
from equipoise.conduct.organisation.people import EnterPerson, GrantRole
from equipoise.conduct.organisation.wall import ROLES, side_of
from equipoise.errors import DecisionRefused, EquipoiseError
from equipoise.trial.access.at_the_vault import ANYBODY, HANDLERS
from equipoise.trial.steps import stamp_of
from equipoise.trial.vault_process import BLINDED as AT_BLINDED_DOOR
from equipoise.trial.vault_process import vault_handlers

from .at_hand import vault_at_hand
from .conftest import TrialAt
from .role_table import (
    AT_A_SITE,
    BLINDED,
    BLINDED_DOOR,
    COMMANDS,
    FILES,
    NAMES_NOBODY,
    NO_TRIAL,
    ONE_BY_ONE,
    OPEN,
    TABLE,
    UNBLINDED,
    listed,
)
from .scripted import APPROVED, TRIAL, Scripted

FOR_THE_ROLE = re.compile(
    r"is for: |may ask this of the vault|this is shown to |is not [\w ]+ (at all sites|at site \w+|today)"
)
"""How everything that is refused for the role says so."""

P, ORDER = "01-001", "01-001/W0"
LONG = ("drill",)
"""Commands that take too long to be carried out here; `tests/trial` does."""


class Staff(NamedTuple):
    """By role: who holds it here, who at site 02 only, who held it until today, who will hold it tomorrow."""

    here: Mapping[str, str]
    elsewhere: Mapping[str, str]
    former: Mapping[str, str]
    coming: Mapping[str, str]


@pytest.fixture(scope="module")
def each_server() -> str:
    """The server of the wheel: roles are no matter of the database."""
    return "wheel"


@pytest.fixture
def script(trial_at: TrialAt) -> Scripted:
    """A trial with a participant at each site who was infused."""
    return trial_at("infused", 2)


@pytest.fixture
def staff(script: Scripted) -> Staff:
    """Somebody in every role, and those whose role counts elsewhere, no longer or not yet."""
    today = script.today()
    long_ago, site_of = today - APPROVED, {role: "01" if role in AT_A_SITE else None for role in TABLE}

    def hire(kind: str, role: str, site: str | None, since: date, until: date | None = None) -> str:
        person = f"{kind} {role}"
        script.do(EnterPerson(person=person, name=person.title()), "sponsor", person="sponsor")
        grant = GrantRole(person=person, role=role, site=site, since=since, until=until, training="seen")
        script.do(grant, "sponsor", person="sponsor")
        return person

    return Staff(
        {role: hire("here", role, site_of[role], long_ago) for role in TABLE},
        {role: hire("elsewhere", role, "02", long_ago) for role in TABLE},
        {role: hire("former", role, site_of[role], long_ago, today) for role in TABLE},
        {role: hire("coming", role, site_of[role], today + timedelta(days=30)) for role in TABLE},
    )


# --- what is asked for: one example of each step and of each handler, which need not be allowed for other reasons


def example(kind: type[Intent], script: Scripted) -> Intent:
    """Make a step of a kind that concerns 01-001, or site 01, or the trial; from the names of its fields."""
    today = str(script.today())
    text: dict[str, object] = {
        **dict.fromkeys(
            ("reason", "note", "comment", "answer", "question", "meaning", "purpose", "training"), "said"
        ),
        **dict.fromkeys(("name", "country", "method", "generator", "public_key", "list_hash", "hash"), "named"),
        **dict.fromkeys(
            ("bag", "kit", "volume", "chosen", "edition", "content", "laboratory", "witness"), "given"
        ),
        **dict.fromkeys(("on", "since", "through", "signed_on", "valid_from", "approved_on"), today),
        **dict.fromkeys(("seen", "sequence", "minutes", "failures", "steps"), 1),
        **dict.fromkeys(("lowest", "highest"), 5.0),
        **dict.fromkeys(("locked", "changed", "suspected"), True),
        **{name: {} for name in ("rows", "hashes", "places", "judged", "given_up", "records", "scope")},
        **{"participant": P, "site": "01", "order": ORDER, "visit": "W4", "form": "vitals", "item": "pulse"},
        **{"record": "W0/vitals/1", "query": "Q1", "clock": "none", "how": "vault", "keep": "first"},
        **{"dictionary": "events", "blind": "blinded", "document": "1.0", "language": "en", "zone": "UTC"},
        **{"person": "nobody", "role": "nurse", "protocol": script.version, "shipment": "01/S1", "why": "OTHER"},
        **{"identity": {"name": "A", "birth_date": "1980-01-01", "sex": "F"}, "strata": {"site": "01"}},
        **{"holders": ["holder.1", "holder.2"], "signers": ["a", "b"], "intervention": "cells"},
        **{"cartons": [], "kits": [], "ranges": []},
        **{"forms": [{"participant": P, "form": "vitals", "visit": "W4", "on": today}]},
        **{
            "manifest": {
                "laboratory": "L",
                "file": "f",
                "sha256": "0" * 64,
                "rows": 0,
                "code_list": "0" * 8,
                "created_at": f"{today}T00:00:00Z",
            }
        },
    }
    text |= {"RecordDrill": {"through": 1}, "ImportResults": {"rows": []}}.get(kind.__name__, {})
    fields = {one.name: text[one.name] for one in msgspec.structs.fields(kind) if one.required}
    if "site" in kind.__struct_fields__ and kind.__name__ in ("ReportPasswordSet", "ReportPasswordRefused"):
        fields["site"] = "01"
    return msgspec.convert(fields, kind, strict=False)


OF_HANDLER: dict[str, dict[str, object]] = {
    "announce": {},
    "prepare_slot": {"participant": P, "factors": {}},
    "prepare_dose": {"order": SimpleNamespace(participant=P, order=ORDER)},
    "show_preparation": {"order": "01-001/W12"},
    "enter_masked": {
        **{"participant": P, "item": "pulse", "value": 1, "visit": "W0", "form": "antibodies", "reason": None}
    },
    "break_code": {"participant": P, "reason": " "},
    "print_envelopes": {"site": "01", "participants": [], "password": "short", "language": "en"},
    "report_envelope": {"participant": P, "reason": " ", "opened_by": "", "opened_at": None},
    "unblind_all": {"passphrases": ["a", "b"], "data": ""},
    "reconcile": {"witnessed": {}, "signers": ("a", "a"), "reason": "r"},
    "pick_kit": {"order": ORDER, "participant": P, "carton": "none"},
    "receive_lot": {"lot": SimpleNamespace(lot="L", intervention="none"), "on": None},
    "pack_cartons": {"intervention": "none", "number": 1, "on": None},
    "show_packing": {"cartons": ("none",)},
    "record_preparation": {"order": ORDER, "kit": "none", "concentration": None, "viability": None},
    "give_up_preparation": {"order": ORDER, "reason": " "},
    "find_lot": {"lot": "none", "reason": "r"},
    "lot_accounts": {},
    "check_stopping": {},
    "show_stopping": {},
    "open_case": {"participant": P, "record": "r", "reason": " "},
    "record_report": {"participant": "01-999", "record": "r", "authority": "a", "report": None},
    "open_for_board": {"sequence": 1, "data": ""},
    "list_masked": {},
    "show_record": {},
    "verify_accounts": {"note": " "},
    "audit_list": {"shares": []},
    "enter_results": {"results": [], "file": ""},
}


def ask_the_door(script: Scripted, kind: type[Intent], by: By) -> str:
    """Try a step; return what was said where it was refused for the role, else nothing."""
    return said_of_role(lambda: script.running.door.require_allowed(example(kind, script), by))


def ask_the_vault(script: Scripted, name: str, by: By) -> str:
    """Ask the vault; return what was said where it was refused for the role, else nothing."""
    stamp = stamp_of(by, f"{by.person} {name}", rehearsed=True)
    return said_of_role(lambda: script.vault.call(name, None, stamp=stamp, **OF_HANDLER[name]))


def said_of_role(ask: Callable[[], object]) -> str:
    try:
        ask()
    except (EquipoiseError, AttributeError, TypeError, KeyError) as refused:  # of arguments that are none
        return str(refused) if FOR_THE_ROLE.search(str(refused)) else ""
    return ""


def pairs(names: Iterator[str] | Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return itertools.product(TABLE, names)


# --- the table and the program say the same


def test_the_table_has_every_role_and_each_stands_on_its_side(script: Scripted) -> None:
    assert {*BLINDED, *UNBLINDED, *OPEN} == set(TABLE) == set(ROLES)
    sides = {role: side_of(script.running.protocol, role) for role in TABLE}
    assert {role for role, side in sides.items() if side == "blinded"} == set(BLINDED)
    assert {role for role, side in sides.items() if side == "unblinded"} == set(UNBLINDED)


def test_every_step_handler_and_question_is_allowed_to_exactly_those_of_the_table() -> None:
    assert {(one.role, one.intent) for one in role_matrix()} == listed()
    assert {(role, name) for name, roles in HANDLERS.items() for role in roles} == listed("vault:")
    assert {(role, one) for one, roles in QUESTIONS.items() for role in roles} == listed("see:")
    assert {intent for _, intent in listed()} == set(INTENTS)


def test_every_handler_of_the_vault_is_in_the_table(script: Scripted) -> None:
    assert {*HANDLERS, *ANYBODY} == set(vault_handlers(script.vault.vault))
    assert set(ANYBODY) == set(NAMES_NOBODY)
    assert set(AT_BLINDED_DOOR) == set(BLINDED_DOOR)
    assert set(OF_HANDLER) == set(HANDLERS)


def test_every_command_is_in_the_table() -> None:
    assert sorted([*COMMANDS, *NO_TRIAL, *FILES, *ONE_BY_ONE]) == sorted(command_names())


def command_names() -> Iterator[str]:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name, command in commands.items():
        within = getattr(command, "commands", None)
        yield from [name] if within is None else (f"{name} {one}" for one in within)


# --- at the doors


def test_every_step_is_done_for_its_roles_and_refused_to_all_others_with_nothing_stored(
    script: Scripted, staff: Staff
) -> None:
    wrong, before = [], script.running.book.head()
    for role, name in pairs(INTENTS):
        said = ask_the_door(script, INTENTS[name], script.by(role, person=staff.here[role]))
        if bool(said) == ((role, name) in listed()) and (role, name) not in REACHES_FURTHER:
            wrong.append(f"{role} {name}: {said or 'allowed'}")
    assert not wrong, "\n".join(wrong)
    assert script.running.book.head() == before


REACHES_FURTHER = {("investigator", "ExportData")}
"""Allowed at the own site only, while the example is of all sites: `test_the_export_of_a_site` asks for that."""


def test_an_unlisted_step_that_is_carried_out_is_refused_and_leaves_the_record_as_it_is(
    script: Scripted, staff: Staff
) -> None:
    before, state = script.running.book.head(), msgspec.msgpack.encode(script.trial)
    for role, name in sorted(set(pairs(INTENTS)) - listed()):
        with pytest.raises(DecisionRefused, match=FOR_THE_ROLE):
            script.do(example(INTENTS[name], script), role, person=staff.here[role])
    assert script.running.book.head() == before
    assert msgspec.msgpack.encode(script.trial) == state


@pytest.mark.parametrize("whose", ["elsewhere", "former", "coming"])
def test_a_role_elsewhere_no_longer_or_not_yet_is_as_good_as_none(
    script: Scripted, staff: Staff, whose: str
) -> None:
    people: Mapping[str, str] = getattr(staff, whose)
    steps = {(role, name) for role, name in listed() if not ask_of(script, people, role, name)}
    assert steps == set()
    handlers = {
        (role, name)
        for role, name in listed("vault:")
        if not ask_the_vault(script, name, script.by(role, person=people[role]))
    }
    assert handlers == set()
    shown = {
        (role, question)
        for role, question in listed("see:")
        if not said_of_role(
            lambda role=role, question=question: require_may_ask(  # type: ignore[misc]
                script.trial, script.by(role, person=people[role]), question, "01"
            )
        )
    }
    assert shown == set()


def ask_of(script: Scripted, people: Mapping[str, str], role: str, name: str) -> str:
    return ask_the_door(script, INTENTS[name], script.by(role, person=people[role]))


def test_the_export_of_a_site_is_for_its_investigator(script: Scripted, staff: Staff) -> None:
    own = msgspec.structs.replace(example(INTENTS["ExportData"], script), site="01")
    here, there = (script.by("investigator", person=one["investigator"]) for one in (staff.here, staff.elsewhere))
    assert not said_of_role(lambda: script.running.door.require_allowed(own, here))
    assert said_of_role(lambda: script.running.door.require_allowed(own, there))


def test_the_vault_answers_the_roles_of_a_handler_and_refuses_all_others(script: Scripted, staff: Staff) -> None:
    wrong = []
    for role, name in sorted(set(pairs(HANDLERS)), key=lambda pair: pair in listed("vault:")):
        before = script.vault.vault.book.head()
        said = ask_the_vault(script, name, script.by(role, person=staff.here[role]))
        allowed = (role, name) in listed("vault:")
        if bool(said) == allowed or not (allowed or script.vault.vault.book.head() == before):
            wrong.append(f"{role} {name}: {said or 'answered'}")
    assert not wrong, "\n".join(wrong)


def test_a_role_that_is_only_claimed_is_refused_by_the_vault(script: Scripted, staff: Staff) -> None:
    for name, roles in HANDLERS.items():
        for role in roles:
            said = ask_the_vault(script, name, script.by(role, person=staff.here["monitor"]))
            assert f"Here Monitor is not {role}" in said


def test_for_its_own_site_nobody_is_shown_a_participant_of_another(script: Scripted, staff: Staff) -> None:
    by = script.by("pharmacist", person=staff.elsewhere["pharmacist"])
    asked = {"password": "long enough for a pdf", "language": "en", "site": "02", "participants": [P]}
    with pytest.raises(DecisionRefused, match=r"of site 02 only\. Got 01-001"):
        script.vault.call("print_envelopes", None, stamp=stamp_of(by, "envelopes", rehearsed=True), **asked)


def test_every_question_is_answered_to_its_roles_and_to_nobody_else(script: Scripted, staff: Staff) -> None:
    for role, question in pairs(QUESTIONS):
        by = script.by(role, person=staff.here[role])
        said = said_of_role(lambda by=by, question=question: require_may_ask(script.trial, by, question))  # type: ignore[misc]
        assert bool(said) != ((role, question) in listed("see:")), (role, question, said)


def test_nobody_is_ever_given_a_role_on_the_other_side(script: Scripted, staff: Staff) -> None:
    sides = {**dict.fromkeys(BLINDED, 1), **dict.fromkeys(UNBLINDED, 2), **dict.fromkeys(OPEN, 0)}
    for held, role in itertools.product(TABLE, TABLE):
        for people in (staff.here, staff.former):
            grant = GrantRole(person=people[held], role=role, site="02", since=script.today(), training="seen")
            refused = ""
            try:
                script.running.door.require_allowed(grant, script.by("sponsor", person="sponsor"))
            except DecisionRefused as error:
                refused = str(error)
            assert ("side of the blind" in refused) == ({sides[held], sides[role]} == {1, 2}), (
                held,
                role,
                refused,
            )


# --- the command line


@pytest.fixture
def files(script: Scripted, tmp_path: Path) -> dict[str, str]:
    """Files that commands ask for."""
    given = {
        "person": '{"name": "A", "birth_date": "1980-01-01", "sex": "F"}',
        "share": "1: 48213-7",
        "terms": "term,decoded\nCough,Cough\n",
        "protocol": TRIAL.read_text(encoding="utf-8").replace("phase: II", "phase: III"),
    }
    results = "participant,visit,collected,test,value,unit\n01-001,W0,2026-03-02T08:00,cd4,215,cells/uL\n"
    said = {"laboratory": "L", "file": "results.csv", "sha256": sha256(results.encode()).hexdigest(), "rows": 1}
    said |= {"code_list": script.version[:8], "created_at": "2026-03-02T09:00:00Z", "tests": {"cd4": "cd4"}}
    given |= {"results.csv": results, "manifest": json.dumps(said), "ranges": "test,valid_from,unit,low,high\n"}
    for name, content in given.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return {name.partition(".")[0]: str(tmp_path / name) for name in given}


def test_every_command_is_done_for_its_roles_and_refused_to_all_others(
    script: Scripted,
    staff: Staff,
    files: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vault_at_hand(monkeypatch, script)
    monkeypatch.setattr("equipoise.trial.running.attach_trial", lambda *_, **__: Kept(script))
    # building the commands anew for each of a thousand runs would take most of the time
    monkeypatch.setattr(sys.modules["equipoise.cli.app"], "app", typer.main.get_command(app))
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "a secret of the test")
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    wrong, runs = [], itertools.count()
    for name, command in COMMANDS.items():
        for role in sorted(TABLE, key=lambda role: role in command.roles):
            if role in command.roles and name in LONG:
                continue
            new = tmp_path / f"new {next(runs)}"
            new.mkdir()
            told = {word: shlex.quote(value) for word, value in {**files, "new": str(new)}.items()}
            by, quoted = shlex.quote(staff.here[role]), shlex.quote(role)
            words = shlex.split(command.words.format(by=by, role=quoted, **told))
            before = (script.running.book.head(), script.vault.vault.book.head())
            ended = equipoise(capsys, *name.split(), script.folder, *words)
            refused = ended.status == 2 and FOR_THE_ROLE.search(ended.error) is not None
            stored = (script.running.book.head(), script.vault.vault.book.head()) != before
            if refused == (role in command.roles) or (refused and (stored or any(new.iterdir()))):
                wrong.append(f"{name} by {role}: {ended.status} {ended.error or ended.said}"[:200])
    assert not wrong, "\n".join(wrong)


class Kept:
    """The trial of the script for a command, which closes nothing."""

    def __init__(self, script: Scripted) -> None:
        self._running = script.running
        self._running.door.refresh()

    def __enter__(self) -> Any:
        return self._running

    def __exit__(self, *_: object) -> None:
        """Leave it open for the next command."""


# --- and the tests find what they are for


def test_a_role_too_many_is_found(script: Scripted, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = INTENTS["LockTrial"]
    changed = {**chapters.ROLES, kind: (*chapters.ROLES[kind], "nurse")}
    monkeypatch.setattr("equipoise.conduct.door.roles.ROLES", changed)
    assert {(one.role, one.intent) for one in role_matrix()} - listed() == {("nurse", "LockTrial")}


def test_without_the_check_in_the_vault_a_claimed_role_would_be_believed(
    script: Scripted, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = script.by("pharmacist", person=staff.here["monitor"])
    assert ask_the_vault(script, "lot_accounts", by)
    monkeypatch.setattr("equipoise.trial.access.at_the_vault.require_held", lambda *_: None)
    assert not ask_the_vault(script, "lot_accounts", by)


def test_without_a_row_a_handler_is_not_served(script: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = script.vault.vault
    fewer = {name: roles for name, roles in HANDLERS.items() if name != "find_lot"}
    monkeypatch.setattr("equipoise.trial.access.at_the_vault.HANDLERS", fewer)
    with pytest.raises(KeyError, match="find_lot"):
        vault_handlers(vault)
