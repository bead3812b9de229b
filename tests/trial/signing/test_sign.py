"""To sign takes the password of who signs: by the command, never by a step, and nothing is stored without it."""

from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted
from typer.testing import CliRunner, Result

from equipoise.cli.app import app
from equipoise.conduct.closing.signatures import content_hash, signature_state
from equipoise.errors import DataError, DecisionRefused
from equipoise.trial.signing.credentials import set_password

WHO, PASSWORD = "01-001", "a password of mine"


@pytest.fixture
def script(trial_at: TrialAt) -> Scripted:
    script = trial_at("infused", 1)
    set_password(script.running.folder.credentials, "investigator.01", PASSWORD, script.now(), cost="minimal")
    return script


def run(script: Scripted, *words: str, typed: str = "", password: str = "") -> Result:
    told = CliRunner().invoke(app, [*words], input=typed, env={"EQUIPOISE_PASSWORD": password})
    script.running.door.refresh()
    return told


def test_the_right_password_signs_what_was_shown(script: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("sign", str(script.folder), WHO, "--by", "investigator.01")
    told = run(script, *words, typed="y\n", password=PASSWORD)
    assert told.exit_code == 0, told.output
    assert f"content {content_hash(script.participant(WHO))[:12]}" in told.output
    assert signature_state(script.participant(WHO)) == "intact"
    assert "intact: 1" in run(script, "signatures", str(script.folder)).output


def test_a_wrong_password_signs_nothing_and_is_an_event(script: Scripted) -> None:
    before = script.trial.sequence
    told = run(
        script, "sign", str(script.folder), WHO, "--by", "investigator.01", typed="y\n", password="wrong one"
    )
    assert isinstance(told.exception, DecisionRefused)
    assert "not the password of investigator.01; nothing was signed" in str(told.exception)
    (event,) = script.running.book.read(after=before)
    assert (event.kind, event.actor, event.site) == ("PasswordRefused", "investigator.01", "01")


def test_what_may_not_be_signed_is_refused_before_a_password_counts(script: Scripted) -> None:
    told = run(
        script,
        "sign",
        str(script.folder),
        WHO,
        "--by",
        "investigator.01",
        "--content",
        "ab" * 32,
        password="wrong",
    )
    assert "have changed since you looked at them" in str(told.exception)


def test_by_a_step_nobody_signs(script: Scripted) -> None:
    told = run(
        script, "step", str(script.folder), "Sign", f"participant={WHO}", "meaning=yes",
        f"content={content_hash(script.participant(WHO))}", "--by", "investigator.01", "--role", "investigator",
    )  # fmt: skip
    assert isinstance(told.exception, DataError)
    assert "use `equipoise sign`" in str(told.exception)


def test_a_password_is_set_by_the_command(script: Scripted, tmp_path: Path) -> None:
    new = "another password\n"
    told = run(script, "password", str(script.folder), "--by", "investigator.02", typed=new * 2)
    assert "is set" in told.output
    assert "nobody is entered" in str(run(script, "password", str(script.folder), "--by", "nobody").exception)
