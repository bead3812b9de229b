"""Invariant 18: of two who edit one form at once the second is told so; nothing is merged or lost in silence."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from equipoise.conduct.door.door import Door
from equipoise.conduct.door.fact import By
from equipoise.conduct.door.state import form_key
from equipoise.conduct.forms.entry import SaveForm
from equipoise.errors import DecisionRefused

from .clients import open_door
from .conftest import TrialAt
from .scripted import Scripted

WHO, VISIT, FORM = "01-001", "W0", "vitals"
EDITORS = ("investigator.01", "coordinator.01", "nurse.01")
CONFLICT = "since you opened it"
Values = dict[str, float]


def saved_at_once(trial_at: TrialAt, script: Scripted, expected: int, wanted: Sequence[Values]) -> list[str]:
    """Let everybody save their own values of the form that all have opened; return what each is told."""
    doors = [open_door(trial_at.server.connect("conduct"), script.running.door.protocols) for _ in wanted]
    start = Barrier(len(wanted))

    def save(n: int, door: Door) -> str:
        person = EDITORS[n % len(EDITORS)]
        edit = SaveForm(
            participant=WHO, form=FORM, visit=VISIT, on=script.today(), values=dict(wanted[n]),
            reason="read again from the scales", expected=expected,
        )  # fmt: skip
        start.wait()
        try:
            door.submit(edit, By(person, person.removesuffix(".01"), script.now()))
        except DecisionRefused as refused:
            return str(refused)
        return "saved"

    with ThreadPoolExecutor(len(wanted)) as pool:
        return list(pool.map(save, range(len(wanted)), doors))


def lost_or_merged(script: Scripted, wanted: Sequence[Values], told: Sequence[str]) -> list[str]:
    """Return what is wrong: more or fewer than one who saved, values that are not theirs, another refusal."""
    winners = [values for values, answer in zip(wanted, told, strict=True) if answer == "saved"]
    wrong = [answer for answer in told if answer != "saved" and CONFLICT not in answer]
    if len(winners) != 1:
        wrong.append(f"{len(winners)} of {len(told)} were told that they saved")
    entry = script.running.door.refresh().participants[WHO].forms[form_key(VISIT, FORM)]
    stored = {item: value.value for item, value in entry.values.items()}
    if stored not in winners:
        wrong.append(f"the form says {stored}, which nobody entered as it stands")
    return wrong


def edited(trial_at: TrialAt, editors: int = 3) -> list[str]:
    """Let editors change the form that they have all seen, each in one item only where the others leave it."""
    script = trial_at("eligible", 4)
    script.save(WHO, VISIT, FORM, weight=61.0, pulse=70)
    expected = script.participant(WHO).forms[form_key(VISIT, FORM)].sequence
    wanted: list[Values] = [
        {"weight": 61.0, "pulse": 71 + n} if n % 2 else {"weight": 62.0 + n, "pulse": 70} for n in range(editors)
    ]
    return lost_or_merged(script, wanted, saved_at_once(trial_at, script, expected, wanted))


def test_of_three_who_change_a_form_at_once_one_saves_and_two_are_told(trial_at: TrialAt) -> None:
    assert edited(trial_at) == []


def test_of_three_who_begin_a_form_at_once_one_saves_and_two_are_told(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4)
    wanted: list[Values] = [{"weight": 61.0 + n, "pulse": 70 + n} for n in range(3)]
    assert lost_or_merged(script, wanted, saved_at_once(trial_at, script, 0, wanted)) == []


def test_who_is_told_may_look_again_and_save(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4)
    wanted: list[Values] = [{"weight": 61.0, "pulse": 70}, {"weight": 63.0, "pulse": 75}]
    told = saved_at_once(trial_at, script, 0, wanted)
    (late,) = (values for values, answer in zip(wanted, told, strict=True) if answer != "saved")
    expected = script.running.door.refresh().participants[WHO].forms[form_key(VISIT, FORM)].sequence
    assert saved_at_once(trial_at, script, expected, [late]) == ["saved"]
    assert lost_or_merged(script, [late], ["saved"]) == []


def test_without_its_guard_the_second_would_overwrite_the_first(
    trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("equipoise.conduct.forms.entry.require_as_seen", lambda *_: None)
    assert "3 of 3 were told that they saved" in edited(trial_at)
