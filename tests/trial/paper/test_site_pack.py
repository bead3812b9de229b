"""The paper pack of a running trial: people, participants with the visits due, the same whatever the arms."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.command_line import equipoise
from tests.invariants.conftest import TrialAt, database_url, protocols_are_read_once
from tests.invariants.scripted import ARMS, SITES, Scripted, begin, bring, let_in
from tests.invariants.test_non_interference import another_database, by_the_same_dice
from tests.servers import running_server

from equipoise.conduct.forms.entry import SaveForm
from equipoise.conduct.organisation.people import EndRole
from equipoise.errors import DataError
from equipoise.report.folder import MANIFEST
from equipoise.trial.paper.site import site_state
from equipoise.trial.paper.write import PACK, write_pack, write_site_packs

__all__ = ["protocols_are_read_once"]

WHO = "01-001"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """Four participants at two sites, all infused for the first time."""
    trials = TrialAt("wheel", tmp_path, monkeypatch)
    yield trials("infused", 4)
    trials.close()


def text_of(file: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(file).pages)


def test_a_participant_stands_there_with_number_and_the_next_visits(script: Scripted) -> None:
    state = site_state(script.running.protocol, script.trial, "01", script.now())
    first = next(one for one in state.participants if one.participant == WHO)
    day_1 = script.participant(WHO).visits["W0"].on
    allocation = script.participant(WHO).allocation
    assert day_1 is not None and allocation is not None
    week_4 = day_1 + timedelta(days=28)
    assert first.number == allocation.number
    assert [(due.visit, due.opens, due.closes) for due in first.due] == [
        ("W4", str(week_4 - timedelta(days=7)), str(week_4 + timedelta(days=7))),
        ("W8", str(week_4 + timedelta(days=21)), str(week_4 + timedelta(days=35))),
    ]
    assert (first.last_visit, first.last_on) == ("W0", str(day_1))
    assert all(one.participant.startswith("01-") for one in state.participants)


def test_open_queries_are_counted(script: Scripted) -> None:
    on = script.today("01")
    again = SaveForm(participant=WHO, form="vitals", visit="W0", on=on, values={"pulse": 130}, reason="read again")
    script.do(again, "nurse")
    state = site_state(script.running.protocol, script.trial, "01", script.now())
    assert {one.participant: one.queries for one in state.participants}[WHO] == 1


def test_people_stand_there_as_long_as_they_hold_a_role(script: Scripted) -> None:
    def names(site: str) -> set[str]:
        return {one.name for one in site_state(script.running.protocol, script.trial, site, script.now()).people}

    let_in(script, "sun", "coordinator", "01")
    assert {"Coordinator.01", "Sun", "Pharmacist"} <= names("01")
    assert "Sun" not in names("02")
    script.do(EndRole(person="sun", role="coordinator", site="01"), "sponsor")
    script.wait(1)
    assert "Sun" not in names("01")
    assert "Statistician" not in names("01"), "nobody calls the statistician in an outage"


def test_the_pack_of_a_site_names_it_in_every_head_and_nobody_by_name(script: Scripted, tmp_path: Path) -> None:
    running = script.running
    out = tmp_path / "pack"
    files = write_site_packs(out, running.door.protocols, script.trial, script.now(), "en", ["01"])
    assert files == (PACK, "site-01.pdf")
    assert {file.name for file in out.iterdir()} == {*files, MANIFEST}
    listed = text_of(out / "site-01.pdf")
    number = script.participant(WHO).allocation
    assert number is not None and number.number in listed and WHO in listed
    assert "02-001" not in listed and "Hospital 01" in listed
    assert "Person 0" not in listed, "the record holds no names of participants, so the paper cannot"
    assert not [arm for arm in ARMS if arm in listed or "Canary" in listed]


def test_a_pack_is_written_over_an_older_one_and_over_nothing_else(script: Scripted, tmp_path: Path) -> None:
    protocol = script.running.protocol
    first = write_pack(tmp_path / "pack", protocol, "en")
    before = (tmp_path / "pack" / PACK).read_bytes()
    assert write_pack(tmp_path / "pack", protocol, "en") == first == (PACK,)
    assert (tmp_path / "pack" / PACK).read_bytes() == before
    own = tmp_path / "own"
    own.mkdir()
    (own / "letter.txt").write_text("mine")
    with pytest.raises(DataError):
        write_pack(own, protocol, "en")
    assert [file.name for file in own.iterdir()] == ["letter.txt"]


def test_a_language_that_the_protocol_has_not_and_a_site_that_is_not_there_are_refused(
    script: Scripted, tmp_path: Path
) -> None:
    out, door = tmp_path / "pack", script.running.door
    with pytest.raises(DataError, match=r"has its texts in: en. Got zh"):
        write_pack(out, script.running.protocol, "zh")
    with pytest.raises(DataError, match=r"there are: 01, 02. Got 07"):
        write_site_packs(out, door.protocols, script.trial, script.now(), "en", ["07"])
    assert not out.exists()


def test_the_command_writes_the_pack_of_a_protocol_and_of_a_trial(
    script: Scripted, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    script.running.book.flush()
    told = equipoise(capsys, "paper", script.folder, "--out", tmp_path / "all", "--json")
    assert json.loads(told.said)["files"] == [PACK, "site-01.pdf", "site-02.pdf"]
    assert equipoise(capsys, "paper", "actg175", "--out", tmp_path / "one").said.endswith(f"holds {PACK}")
    wrong = equipoise(capsys, "paper", "actg175", "--out", tmp_path / "two", "--site", "01")
    assert wrong.status == 2 and "are for a running trial" in wrong.error
    site = equipoise(
        capsys, "paper", script.folder, "--out", tmp_path / "own", "--by", "nurse.01", "--role", "nurse"
    )
    assert site.status == 0 and not (tmp_path / "own" / "site-02.pdf").exists()
    nosy = ("--by", "nurse.01", "--role", "nurse", "--site", "02")
    assert equipoise(capsys, "paper", script.folder, "--out", tmp_path / "two", *nosy).status == 2
    unknown = equipoise(capsys, "paper", "hucmsc_in", "--out", tmp_path / "two")
    assert unknown.status == 2 and "hucmsc_inr" in unknown.error
    assert not (tmp_path / "two").exists()


def test_two_worlds_that_differ_in_the_arms_print_the_same(tmp_path: Path) -> None:
    def world(turned: bool) -> dict[str, bytes]:
        home = tmp_path / f"{turned}"
        home.mkdir()
        server_of = another_database(running_server("wheel"))
        with server_of as server, database_url(server), by_the_same_dice(turned=turned):
            script = begin(home / "trial", flush=False)
            bring(script, 3, "infused")
            script.running.book.flush()
            write_site_packs(
                home / "out", script.running.door.protocols, script.trial, script.now(), "en", list(SITES)
            )
            script.close()
        return {file.name: file.read_bytes() for file in (home / "out").iterdir()}

    straight, turned = world(turned=False), world(turned=True)
    assert {"site-01.pdf", "site-02.pdf", PACK} < straight.keys()
    assert straight == turned
