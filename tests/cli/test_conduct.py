"""A trial by commands: begun, sealed, conducted, backed up and restored; closed, opened and archived."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from tests.command_line import Ended, equipoise
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import HOLDERS, SECRETS, TRIAL, Scripted

from equipoise.conduct.closing.signatures import Sign, content_hash
from equipoise.conduct.door.fact import By
from equipoise.record import open_server
from equipoise.trial.ceremony import seal_list
from equipoise.trial.folder import find_door

TODAY = datetime.now(UTC).date()
LATE, APPROVED = TODAY - timedelta(14), TODAY - timedelta(60)
WHO = "01-001"

Run = Callable[..., Ended]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command that must end well, or with the status that is given."""
    for number, secret in enumerate(SECRETS, start=1):
        monkeypatch.setenv(f"EQUIPOISE_PASSPHRASE_{number}", secret)

    def run(*arguments: object, status: int = 0) -> Ended:
        ended = equipoise(capsys, *arguments)
        assert ended.status == status, ended
        return ended

    return run


class Trial:
    """A trial in a folder, worked on by commands."""

    def __init__(self, run: Run, folder: Path) -> None:
        self.run, self.folder = run, folder

    def __call__(self, command: str, *arguments: object, status: int = 0) -> Ended:
        return self.run(command, self.folder, *arguments, status=status)

    def step(self, step: str, person: str, role: str, /, status: int = 0, **fields: object) -> Ended:
        """Do a step; fields that are no text are given as JSON."""
        given = [
            f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in fields.items()
        ]
        return self("step", step, *given, "--by", person, "--role", role, status=status)

    def save(self, visit: str, form: str, on: object, who: str = WHO, **values: object) -> Ended:
        return self.step(
            "SaveForm",
            "coordinator.01",
            "coordinator",
            participant=who,
            visit=visit,
            form=form,
            on=str(on),
            values=values,
        )


@pytest.fixture
def live(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    """A live trial on the server in its folder, which runs until the test ends."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr("equipoise.trial.ceremony.seal_list", partial(seal_list, cost="minimal"))
    opened = run("open", TRIAL, tmp_path / "trial", "--sponsor", "sponsor", "--administrator", "administrator")
    assert "trial scripted is open in" in opened.said
    with open_server(tmp_path / "trial"):
        yield Trial(run, tmp_path / "trial")


def set_up(trial: Trial, shares: Path) -> None:
    """Let sites and people in, seal the list, activate the site."""
    trial.step("OpenSite", "administrator", "administrator", site="01", name="One", country="CHN", zone="UTC")
    people = {f"{role}.01": role for role in ("investigator", "coordinator", "nurse")}
    people |= {"pharmacist": "pharmacist", "data.manager": "data manager", "custodian": "list custodian"}
    people |= {holder: "key holder" for holder, _ in HOLDERS}
    for person, role in people.items():
        trial.step("EnterPerson", "administrator", "administrator", person=person, name=person.title())
        at = {"site": "01"} if person.endswith(".01") else {}
        trial.step(
            "GrantRole", "sponsor", "sponsor", person=person, role=role, since=str(APPROVED), training="seen", **at
        )
    version = next((trial.folder / "protocols").glob("*.yaml")).stem
    consent = {"document": "1.0", "language": "en", "site": "01", "protocol": version}
    trial.step("ApproveConsentDocument", "sponsor", "sponsor", **consent, valid_from=str(APPROVED))
    shares.mkdir()
    files = [shares / "one", shares / "two"]
    sealed = trial(
        "seal",
        "--by",
        "custodian",
        *(f"--share={file}" for file in files),
        "--holder=holder.1",
        "--holder=holder.2",
    )
    assert re.search(r"the list is sealed; places by stratum: site=01: 2[4-9]\n", sealed.said)
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert files[0].read_text() != files[1].read_text()
    trial.step("ActivateSite", "sponsor", "sponsor", site="01", protocol=version, approved_on=str(APPROVED))


def enter(trial: Trial, name: str = "A Person") -> None:
    """Take a person from screening to the day of the first infusion."""
    person = {"name": name, "birth_date": "1984-05-06", "sex": "F"}
    screened = trial.step("ScreenParticipant", "coordinator.01", "coordinator", site="01", identity=person)
    assert f"{WHO} was registered for screening" in screened.said
    assert name not in screened.said
    on = str(LATE)
    trial.step(
        "SignConsent",
        "coordinator.01",
        "coordinator",
        participant=WHO,
        document="1.0",
        language="en",
        signed_on=on,
    )
    trial.step("HoldVisit", "coordinator.01", "coordinator", participant=WHO, visit="SCR", on=on)
    trial.save("SCR", "demography", LATE, age=41, sex="F", pregnant="N")
    trial.save("SCR", "vitals", LATE, weight=61.3, pulse=70)
    trial.save("SCR", "immunology", LATE, cd4=210)
    trial.step("AssessEligibility", "investigator.01", "investigator", participant=WHO, judged={"I3": True})
    trial.step("HoldVisit", "coordinator.01", "coordinator", participant=WHO, visit="W0", on=str(TODAY))


@pytest.fixture
def served(live: Trial) -> Iterator[Callable[[], None]]:
    """Give what lets the vault run in a process of its own, until the test ends."""
    running: list[subprocess.Popen[bytes]] = []

    def serve() -> None:
        running.append(subprocess.Popen([sys.executable, "-m", "equipoise.cli", "vault", str(live.folder)]))
        deadline = time.monotonic() + 60
        while find_door(live.folder, unblinded=True) is None:
            assert running[-1].poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)

    yield serve
    for process in running:
        process.terminate()
        process.wait(10)


def test_a_trial_is_conducted_by_commands(live: Trial, served: Callable[[], None], tmp_path: Path) -> None:
    set_up(live, tmp_path / "shares")
    enter(live)
    given = live(
        "randomise", WHO, "--by", "investigator.01", "--stratum", "site=01", "--request", "a key", "--json"
    )
    (event,) = [event for event in json.loads(given.said) if event["kind"] == "ParticipantAllocated"]
    again = live(
        "randomise", WHO, "--by", "investigator.01", "--stratum", "site=01", "--request", "a key", "--json"
    )
    assert again.said == given.said, "the same key gives the same answer"
    number = event["payload"]["number"]
    live.save("W0", "vitals", TODAY, weight=61.3, pulse=72)
    live.step("OrderInfusion", "investigator.01", "investigator", participant=WHO, visit="W0")
    served()
    bag = json.loads(live("dose", WHO, f"{WHO}/W0", "--by", "pharmacist", "--show", "--json").said)
    assert bag["volume"] == "100 mL"
    assert set(bag) == {"bag", "volume", "arm", "content"}
    broken = live("unblind", "--by", "investigator.01", "--participant", WHO, "--reason", "an emergency")
    assert broken.said.startswith(f"{WHO}: Canary")
    refused = live(
        "unblind", "--by", "nurse.01", "--role", "nurse", "--participant", WHO, "--reason", "curious", status=2
    )
    assert "is for: investigator" in refused.error
    told = live("history", "--participant", WHO).said
    assert f"was allocated randomisation number {number}" in told
    assert "the code was broken (vault). Reason: an emergency" in told
    assert "Canary" not in told
    assert bag["arm"] not in told
    exported = live("export", "--by", "data.manager", "--out", tmp_path / "out", "--purpose", "a review")
    assert "datasets were written to" in exported.said
    assert WHO in (tmp_path / "out" / "dm.json").read_text()
    line, places = live("witness").said.splitlines()
    assert line.startswith("event ")
    assert places.startswith("site=01: 1 of 2")
    counts = json.loads(live("verify", "--json").said)
    assert counts["participants"] == 1
    checked = live("lock", "--by", "data.manager", "--check").said
    assert "participants without a signature" in checked
    assert "cannot be locked yet; open are" in live("lock", "--by", "data.manager", status=2).error


def test_a_trial_is_backed_up_restored_and_reconciled_by_commands(
    live: Trial, served: Callable[[], None], run: Run, tmp_path: Path
) -> None:
    set_up(live, tmp_path / "shares")
    enter(live)
    saved = live("backup", "--out", tmp_path / "backup").said
    assert "holds the trial with" in saved
    live("randomise", WHO, "--by", "investigator.01", "--stratum", "site=01")

    copy = Trial(run, tmp_path / "copy")
    kept = shutil.ignore_patterns("database", "checkpoints", "*.json.lock")
    shutil.copytree(live.folder, copy.folder, ignore=kept)
    assert "allocation and dosing are shut" in copy("restore", tmp_path / "backup").said
    with open_server(copy.folder):
        refused = copy("randomise", WHO, "--by", "investigator.01", "--stratum", "site=01", status=2)
        assert "shut until the numbers already used have been reconciled" in refused.error
        vouched = ("--signer=sponsor", "--signer=custodian", "--reason", "the letters", "--position=site=01:1")
        opened = copy("reconcile", "--by", "custodian", *vouched)
        assert opened.said.splitlines() == ["site=01: slots given up: 1", "allocation is open again"]
        copy("randomise", WHO, "--by", "investigator.01", "--stratum", "site=01")
        assert copy("witness").said.splitlines()[1].startswith("site=01: 2 of 2")


def test_a_trial_is_closed_opened_and_archived_by_commands(
    trial_at: TrialAt, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script: Scripted = trial_at("ended", 6)
    at_the_clock(script, monkeypatch)
    monkeypatch.setattr("equipoise.cli.vault.reach_vault", lambda *_: nullcontext(script.vault))
    trial = Trial(run, script.folder)
    monkeypatch.setenv("EQUIPOISE_NEW_PASSWORD", "a password of some length")
    monkeypatch.setenv("EQUIPOISE_PASSWORD", "a password of some length")
    assert "the password of investigator.01 is set" in trial("password", "--by", "investigator.01").said
    for who in script.trial.participants:
        content = content_hash(script.participant(who))
        if who == WHO:
            signed = trial("sign", who, "--by", "investigator.01", "--content", content)
            assert f"was signed: I have reviewed these data (content {content[:12]})" in signed.said
        else:
            script.do(Sign(participant=who, meaning="I have reviewed these data", content=content), "investigator")
    assert set(json.loads(trial("signatures", "--json").said).values()) == {"intact"}
    locked = trial("lock", "--by", "data.manager").said
    assert "the trial was locked (6 participants" in locked
    opened = trial(
        "unblind", "--all", "--by", "holder.1", "--role", "key holder", "--out", tmp_path / "opened.json"
    )
    assert opened.said == "codes opened: 6"
    assert len(json.loads((tmp_path / "opened.json").read_text())["doses"]) == 12
    exported = trial(
        *("export", "--by", "statistician", "--role", "trial statistician", "--out", tmp_path / "out"),
        *("--purpose", "the analysis", "--unblinded", "--format", "csv"),
    )
    assert "datasets were written to" in exported.said
    assert "Canary placebo" in (tmp_path / "out" / "dm.csv").read_text()
    kept = ("archive", "--out", tmp_path / "archive", "--documents", tmp_path / "documents")
    assert "must lie in a folder" in trial(*kept, status=2).error
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "minutes.txt").write_text("minutes of the safety board", encoding="utf-8")
    assert "proves it" in trial(*kept).said
    assert (tmp_path / "archive" / "documents" / "minutes.txt").exists()
    assert "were made again, the same" in run("verify", tmp_path / "archive").said
    assert "the trial was unblinded by holder.1 and holder.2" in run("history", tmp_path / "archive").said
    page = tmp_path / "archive" / "index.html"
    page.write_bytes(page.read_bytes()[:-1])
    assert "index.html was changed" in run("verify", tmp_path / "archive", status=1).error


def at_the_clock(script: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands act at the time of the rehearsal."""
    for module in ("conduct", "vault", "sign"):
        monkeypatch.setattr(
            f"equipoise.cli.{module}.acting_as", lambda person, role: By(person, role, script.by("auditor").at)
        )


# --- what is wrong is said in one sentence, with the exit status of an error of the user

WRONG: tuple[tuple[tuple[str, ...], str], ...] = (
    (("step", "ScreenPerson"), "there is no step called ScreenPerson; there are: "),
    (("step", "HoldVisit", "visit"), "a field must be given as name=value, such as participant=01-001. Got visit"),
    (("step", "SaveForm", "values={"), "field values must be JSON where it begins with a bracket"),
    (("step", "HoldVisit", "participant=01-001", "visit=W0", "on=soon"), "on must be a date as in 2026-05-31"),
    (("step", "CloseSite", "site=01"), "say who does this and in which role: --by PERSON --role ROLE"),
    (("step", "CloseSite", "site=01", "--by", "x", "--role", "sponsor"), "nobody is entered in this trial as x"),
    (("randomise", "09-001", "--by", "investigator.01"), "nobody has the screening number 09-001"),
    (
        ("seal", "--by", "custodian", "--share", "a", "--holder", "b"),
        "the ceremony needs --holder twice and --share",
    ),
    (("unblind", "--by", "investigator.01"), "say whose code is to be broken with --participant, or --all"),
    (("export", "--by", "x", "--out", "o", "--purpose", "p", "--format", "sas"), "the format must be one of"),
    (("archive", "--out", "o", "--language", "fr"), "the language of the report must be en or zh. Got fr"),
    (("backup", "--out", "."), "a backup is written to a file that does not exist yet"),
    (("restore", "nowhere"), "there is no backup at this path"),
    (("reconcile", "--by", "c", "--signer", "a", "--reason", "r", "--position", "x:1"), "--signer twice. Got 1"),
    (
        ("reconcile", "--by", "c", "--signer", "a", "--signer", "b", "--reason", "r", "--position", "x"),
        "a position must be given as STRATUM:N",
    ),
    (("dose", "01-001", "01-001/W0", "--by", "pharmacist"), "there is no such order"),
)


@pytest.fixture
def trial(trial_at: TrialAt, run: Run, monkeypatch: pytest.MonkeyPatch) -> Trial:
    script = trial_at("eligible", 2)
    at_the_clock(script, monkeypatch)
    return Trial(run, script.folder)


def test_what_is_wrong_is_said_in_one_sentence_and_ends_with_2(trial: Trial) -> None:
    for (command, *arguments), says in WRONG:
        ended = trial(command, *arguments, status=2)
        assert says in ended.error, command
        assert len(ended.error.splitlines()) == 1
        assert ended.said == ""


def test_a_folder_without_a_trial_is_refused_by_every_command(run: Run, tmp_path: Path) -> None:
    for command in (
        ("randomise", "01-001", "--by", "x", "--stratum", "site=01"),
        ("lock", "--by", "x"),
        ("history",),
        ("witness",),
        ("verify",),
        ("step", "CloseSite", "site=01", "--by", "x", "--role", "sponsor"),
    ):
        assert "holds no trial" in Trial(run, tmp_path)(command[0], *command[1:], status=2).error


def test_a_step_without_fields_tells_what_it_takes_and_who_may(trial: Trial) -> None:
    told = trial("step", "AllocateParticipant").said
    assert "fields: participant, strata" in told
    assert "roles: investigator" in told


def test_strata_are_read_back_before_anything_is_stored(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(yes: bool) -> Callable[[str], bool]:
        return lambda question: asked.append(question) or yes

    monkeypatch.setattr("typer.confirm", answer(False))
    refused = trial("randomise", WHO, "--by", "investigator.01", status=2)
    assert "nothing was stored; correct the forms from which the levels follow" in refused.error
    monkeypatch.setattr("typer.confirm", answer(True))
    assert f"{WHO} was allocated randomisation number" in trial("randomise", WHO, "--by", "investigator.01").said
    assert asked == [f"{WHO}: site 01. Is this right?"] * 2


def test_passphrases_that_are_wrong_open_no_vault(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUIPOISE_PASSPHRASE_2", "a guess")
    assert "the key of the vault does not open" in trial("vault", status=2).error
