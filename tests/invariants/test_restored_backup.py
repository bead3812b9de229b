"""Invariant 12: after an old state was put back, allocation and dosing stay shut until it is reconciled.

However it was put back: by `restore`, by hand, or as a snapshot of the whole machine, where only the anchors that
lie outside the database tell. And no slot that was given out after that state is ever given out again.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from equipoise.conduct.door.fact import By
from equipoise.conduct.door.state import form_key
from equipoise.conduct.follow_up.infusions import OrderInfusion
from equipoise.errors import DecisionRefused
from equipoise.line import read_places
from equipoise.record import back_up
from equipoise.record.gate import open_gate
from equipoise.trial.restoring import reconcile_trial
from equipoise.trial.steps import issue_bag, stamp_of
from equipoise.vault.bags import DoseOrder
from equipoise.vault.doses import Weighing

from .allocations import given_twice
from .by_hand import allocate_by_hand
from .clients import allocate
from .conftest import TrialAt
from .mutation import rewrite_function
from .rewind import Rewind
from .scripted import Scripted

WAITING = 8
BEFORE = ("01-001", "01-002", "02-001")
"""Allocated before the backup; an infusion is ordered for the first, weighed is the second as well."""

AFTER = ("01-003", "02-002", "02-003")
"""Allocated after it, so that what was put back does not know of them."""


@dataclass
class PutBack:
    """A trial as it was put back: the numbers told since, and how far each list was seen to be used."""

    script: Scripted
    told: dict[str, str]
    witnessed: dict[str, int]


def as_of_the_backup(trial_at: TrialAt) -> Scripted:
    script = trial_at("eligible", WAITING)
    for who in BEFORE:
        allocate(script.running.door, who, script.now())
    for who in BEFORE[:2]:
        script.save(who, "W0", "vitals", weight=61.3, pulse=72)
    script.do(OrderInfusion(participant=BEFORE[0], visit="W0"), "investigator")
    return script


def go_on(script: Scripted) -> tuple[dict[str, str], dict[str, int]]:
    """Allocate those who come after the backup; return their numbers, and the positions that are witnessed."""
    told = {who: allocate(script.running.door, who, script.now()) for who in AFTER}
    places = read_places(script.running.book.connection)
    return told, {stratum: used.taken for stratum, used in places.items()}


def by_restore(trial_at: TrialAt, home: Path) -> PutBack:
    script = as_of_the_backup(trial_at)
    back_up(trial_at.server, home / "backup")
    told, witnessed = go_on(script)
    return PutBack(trial_at.restored(home / "backup", script.folder), told, witnessed)


def by_hand(trial_at: TrialAt, home: Path) -> PutBack:
    """Put a backup back with PostgreSQL's own program, which knows of no gate."""
    script = as_of_the_backup(trial_at)
    back_up(trial_at.server, home / "backup")
    told, witnessed = go_on(script)
    server = trial_at.database()
    program = [server.binary("pg_restore"), f"--dbname={server.admin_url}", str(home / "backup")]
    subprocess.run(program, check=True)
    return PutBack(trial_at.attach(script.folder), told, witnessed)


def as_a_snapshot(trial_at: TrialAt, _: Path) -> PutBack:
    """Put the whole database back as it was, byte by byte: in itself it has no sign of that."""
    script = as_of_the_backup(trial_at)
    snapshot = Rewind(script, trial_at.admin)
    told, witnessed = go_on(script)
    anchors = script.running.folder.anchors.read_bytes()
    snapshot.back()
    script.running.folder.anchors.write_bytes(anchors)
    return PutBack(trial_at.attach(script.folder), told, witnessed)


def tried(script: Scripted, trial_at: TrialAt) -> dict[str, str]:
    """Try to allocate and to dose by every door; return what each said, `open` where it was."""
    first, second = BEFORE[:2]
    today = script.today()
    weighing = Weighing(Decimal("61.3"), "kg", today)
    order = DoseOrder(
        order=f"{second}/W0", participant=second, intervention="cells", visit="W0", weighing=weighing, on=today
    )

    def by() -> By:
        return script.by("pharmacist")

    conduct = trial_at.server.connect("conduct")
    ways: dict[str, Callable[[], object]] = {
        "allocate": lambda: allocate(script.running.door, AFTER[0], script.now()),
        "allocate by SQL": lambda: allocate_by_hand(conduct, AFTER[1], script.now(), "by hand"),
        "order an infusion": lambda: script.do(OrderInfusion(participant=second, visit="W0"), "investigator"),
        "prepare a dose": lambda: script.vault.call(
            "prepare_dose", None, stamp=stamp_of(by(), "by hand", rehearsed=True), order=order
        ),
        "give out a bag": lambda: issue_bag(script.running, script.vault, by(), first, f"{first}/W0"),  # type: ignore[arg-type]
    }
    said = dict.fromkeys(ways, "open")
    for name, way in ways.items():
        try:
            way()
        except DecisionRefused as refused:
            said[name] = str(refused)
        except psycopg.Error as error:
            said[name] = str(error)
    return said


def not_shut(script: Scripted, trial_at: TrialAt) -> list[str]:
    """Return the doors to allocation and dosing that are open, or shut for another reason than the check."""
    return [
        f"{name}: {said}"
        for name, said in tried(script, trial_at).items()
        if "until it is reconciled" not in said
        and "until the numbers already used have been reconciled" not in said
    ]


def given_again(put_back: PutBack, trial_at: TrialAt) -> list[str]:
    """Allocate all who wait; return what was given out a second time since the state that was put back."""
    script = put_back.script
    for who, one in script.running.door.refresh().participants.items():
        if one.allocation is None:
            allocate(script.running.door, who, script.now())
    numbers = {
        one.allocation.number
        for who, one in script.trial.participants.items()
        if one.allocation is not None and who not in BEFORE
    }
    assert len(numbers) == WAITING - len(BEFORE)
    return sorted(numbers & set(put_back.told.values())) + given_twice(trial_at.admin)


def reconcile(put_back: PutBack) -> dict[str, int]:
    script = put_back.script
    return reconcile_trial(
        script.running, script.vault, script.by("list custodian"), put_back.witnessed,  # type: ignore[arg-type]
        ("custodian", "unblinder"), "by the letters of allocation",
    )  # fmt: skip


@pytest.mark.parametrize("put_back", [by_restore, by_hand, as_a_snapshot])
def test_allocation_and_dosing_stay_shut_until_reconciled_and_no_slot_is_given_again(
    trial_at: TrialAt, tmp_path: Path, put_back: Callable[[TrialAt, Path], PutBack]
) -> None:
    state = put_back(trial_at, tmp_path)
    assert not_shut(state.script, trial_at) == []

    assert reconcile(state) == {"site=01": 1, "site=02": 2}

    assert given_again(state, trial_at) == []
    after = tried(state.script, trial_at)
    assert {after[name] for name in ("order an infusion", "prepare a dose", "give out a bag")} == {"open"}


def test_other_work_goes_on_meanwhile(trial_at: TrialAt, tmp_path: Path) -> None:
    script = by_restore(trial_at, tmp_path).script
    script.save(AFTER[0], "W0", "vitals", weight=70.0, pulse=70)
    assert script.participant(AFTER[0]).forms[form_key("W0", "vitals")].values["weight"].value == 70.0


def test_with_its_gate_left_open_a_restored_trial_would_give_slots_again(
    trial_at: TrialAt, tmp_path: Path
) -> None:
    state = by_restore(trial_at, tmp_path)
    for record in ("record", "vault_record"):
        open_gate(trial_at.admin, record, "nobody has looked")
    assert len(not_shut(state.script, trial_at)) == 5
    assert len(given_again(state, trial_at)) == len(AFTER)


def test_without_the_anchors_a_snapshot_put_back_would_give_slots_again(
    trial_at: TrialAt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equipoise.trial.running.shut_gate_if_behind", lambda *_: None)
    state = as_a_snapshot(trial_at, tmp_path)
    assert len(not_shut(state.script, trial_at)) == 5
    assert len(given_again(state, trial_at)) == len(AFTER)


def test_without_giving_up_the_witnessed_slots_reconciling_would_give_them_again(
    trial_at: TrialAt, tmp_path: Path
) -> None:
    state = by_restore(trial_at, tmp_path)
    rewrite_function(trial_at.admin, "vault.void_up_to(text, integer)", ("s.taken < last", "false"))
    reconcile(state)
    assert len(given_again(state, trial_at)) == len(AFTER)
