"""Pages of safety, statistics and closing: who sees them, what they show, that their steps leave events."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pypdf import PdfReader
from tests.invariants.scripted import CANARIES, Scripted, let_in
from tests.trial.safety.conftest import trials, ward
from tests.trial.safety.ward import RECORD, report
from tests.web.pages.listed import do, rows_of, wait_for
from tests.web.portals import Portals, serve

from equipoise.conduct.closing.checklist import checklist
from equipoise.conduct.organisation.people import EndRole

At = Callable[..., Portals]
WHO = "01-001"
CASE = f"/safety/{WHO}/?record={RECORD}"

__all__ = ["trials", "ward"]


@pytest.fixture
def safe(ward: Scripted) -> Portals:
    """The ward behind its portals, with a serious event of 01-001."""
    report(ward, WHO)
    return serve(ward)


def newest(portals: Portals) -> str:
    return portals.running.book.newest(1)[0].kind


def test_what_is_left_is_said_in_words(safe: Portals) -> None:
    from equipoise.web.pages.oversight.safety import left

    at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert left(at + timedelta(days=2, hours=3), at) == ("2 d 3 h left", "due")
    assert left(at - timedelta(minutes=61), at) == ("overdue by 1 h 1 min", "overdue")


def test_a_case_is_assessed_by_the_monitor_and_by_nobody_else(safe: Portals) -> None:
    monitor, manager = safe.client("medical monitor"), safe.client("data.manager")
    rows = rows_of(monitor, "/safety/")
    assert [row[1] for row in rows if row[0] == WHO and "embolism" in row[1]] == ["Pulmonary embolism"]
    assert any(row[0] == WHO and "overdue" in row[3] for row in rows if len(row) > 4), "the clock ran out long ago"
    said = {"what": "assess", "suspected": "Y", "unexpected": "unexpected"}
    assert do(monitor, CASE, comment="", **said) == 422
    assert do(manager, CASE, comment="a clear case", **said) == 422
    assert do(monitor, CASE, comment="a clear case", **said) == 302
    assert safe.running.door.refresh().participants[WHO].assessments[RECORD].unexpected
    assert "a clear case" in manager.get(CASE).content.decode()
    assert monitor.get(CASE.replace(RECORD, "/adverse_event/9")).status_code == 404


def test_clocks_are_met_and_not_lifted_while_a_report_is_due(safe: Portals) -> None:
    monitor = safe.client("medical monitor")
    clock = next(
        name
        for name, one in safe.running.door.trial.participants[WHO].clocks.items()
        if one.met_at is None and one.lifted is None
    )
    assert do(monitor, CASE, what="lift", clock=clock, reason="it was nothing") == 422
    assert do(monitor, CASE, what="meet", clock=clock, sent="at noon") == 422
    assert do(safe.client("data.manager"), CASE, what="meet", clock=clock) == 422
    assert do(monitor, CASE, what="meet", clock=clock) == 302
    assert newest(safe) == "ClockMet"


def test_the_report_of_a_case_is_the_blinded_twin(safe: Portals) -> None:
    answer = safe.client("medical monitor").get(f"/safety/{WHO}/report/?record={RECORD}")
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert WHO in text
    text = text.replace("Canary placebo", "")  # "cells or placebo" stands on every report, whoever it is about
    assert not any(canary in text for canary in CANARIES)


def test_enrolment_is_paused_by_decision_and_resumed_by_the_sponsor(safe: Portals) -> None:
    monitor, sponsor = safe.client("medical monitor"), safe.client("sponsor")
    assert do(monitor, "/safety/enrolment/", what="pause", reason="") == 422
    assert do(safe.client("auditor"), "/safety/enrolment/", what="pause", reason="no") == 422
    assert do(monitor, "/safety/enrolment/", what="pause", reason="two embolisms") == 302
    assert "two embolisms" in sponsor.get("/safety/").content.decode()
    assert do(monitor, "/safety/enrolment/", what="resume", reason="all is well") == 422
    assert do(sponsor, "/safety/enrolment/", what="resume", reason="minutes of the board") == 302
    assert safe.running.door.refresh().paused is None


def test_the_open_report_is_made_of_the_newest_cut_and_names_no_arm(safe: Portals) -> None:
    manager = safe.client("data.manager")
    today = datetime.now(UTC).date().isoformat()
    assert do(manager, "/statistics/exports/", what="cut", through="2020-01-01") == 422
    assert do(manager, "/statistics/exports/", what="cut", through=today) == 302
    assert newest(safe) == "DataCut"
    pdf = wait_for(safe.client("medical monitor"), "/safety/board/")
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "open" in text.lower()
    assert not any(canary in text for canary in CANARIES)


def test_an_export_leaves_its_event_and_is_given_to_who_asked(portals_at: At) -> None:
    portals = portals_at("infused", 4)
    manager, page = portals.client("data.manager"), "/statistics/exports/"
    assert do(manager, page, what="export", purpose="", kind="csv") == 422
    assert do(manager, page, what="export", purpose="a look", kind="docx") == 422
    assert do(portals.client("sponsor"), page, what="export", purpose="a look", kind="csv") == 422
    before = portals.running.door.refresh().sequence
    packed = zipfile.ZipFile(io.BytesIO(wait_for(manager, page, what="export", purpose="a look", kind="csv")))
    assert newest(portals) == "DataExported"
    assert portals.running.door.refresh().sequence == before + 1
    assert "dm.csv" in packed.namelist()
    content = {name: packed.read(name).decode() for name in packed.namelist()}
    assert WHO in content["dm.csv"]
    everybody = "Canary placebo"  # "cells or placebo" stands for whoever was given a bag
    assert not any(canary in text.replace(everybody, "") for text in content.values() for canary in CANARIES)
    job = manager.post(page, {"what": "export", "purpose": "again", "kind": "csv"})["Location"]
    assert portals.client("statistician").get(job).status_code == 404


def test_who_is_removed_gets_nothing_of_what_was_made_for_them(portals_at: At) -> None:
    portals = portals_at("infused", 4)
    manager, page = portals.client("data.manager"), "/statistics/exports/"
    job = manager.post(page, {"what": "export", "purpose": "a look", "kind": "csv"})["Location"]
    assert manager.get(f"{job}file/").status_code in (200, 404)
    portals.script.do(EndRole(person="data.manager", role="data manager"), "administrator")
    for address in (job, f"{job}file/", page):
        assert manager.get(address).status_code == 403


def test_the_open_report_is_for_the_board_and_who_answers_for_the_whole_trial(safe: Portals) -> None:
    let_in(safe.script, "safety.manager.01", "data manager", "01")
    let_in(safe.script, "member", "safety board")
    for person in ("coordinator.01", "investigator.01", "monitor", "safety.manager.01"):
        browser = safe.client(person)
        assert browser.get("/safety/").status_code == 200
        assert "/safety/board/" not in browser.get("/safety/").content.decode()
        assert browser.get("/safety/board/").status_code == do(browser, "/safety/board/") == 403
    assert "/safety/board/" in safe.client("member").get("/safety/").content.decode()
    assert safe.client("member").get("/safety/board/").status_code == 200


def test_listings_show_a_site_its_own_and_are_searched(portals_at: At) -> None:
    portals = portals_at("infused", 4)
    statistician = portals.client("statistician")
    wait_for(statistician, "/statistics/listings/")
    path = "/statistics/listings/?domain=dm"
    people = portals.running.door.trial.participants.values()
    assert {row[2].split("-", 1)[1] for row in rows_of(statistician, path)[1:]} == {one.id for one in people}
    own = {row[2].split("-", 1)[1] for row in rows_of(portals.client("coordinator.01"), path)[1:]}
    assert own == {one.id for one in people if one.site == "01"}
    found = rows_of(statistician, f"{path}&find={WHO}")[1:]
    assert [row[2].split("-", 1)[1] for row in found] == [WHO]


def test_figures_are_drawn_with_their_numbers_in_words(portals_at: At) -> None:
    portals = portals_at("infused", 4)
    statistician = portals.client("statistician")
    people = portals.running.door.trial.participants.values()
    page = statistician.get("/statistics/").content.decode()
    allocated = sum(one.allocation is not None for one in people)
    assert f"{len(people)} screened, {allocated} randomised, 24 planned" in page
    for name in ("accrual", "courses", "sites"):
        answer = statistician.get(f"/statistics/figures/{name}.svg?item=cd4")
        assert answer["Content-Type"].startswith("image/svg+xml")
        assert b"<svg" in answer.content
    assert statistician.get("/statistics/figures/arms.svg").status_code == 404


def test_the_checklist_is_that_of_the_lock_and_refuses_it(portals_at: At) -> None:
    portals = portals_at("infused", 4)
    manager, door = portals.client("data.manager"), portals.running.door
    points = checklist(portals.running.protocol, door.trial, datetime.now(UTC).date(), door.protocols)
    shown = {row[0]: row[1] for row in rows_of(manager, "/closing/") if len(row) == 3}
    assert {point: shown[point] for point in points} == {point: str(count) for point, count in points.items()}
    assert do(manager, "/closing/", what="lock", confirmed="") == 422
    assert do(manager, "/closing/", what="lock", confirmed=door.trial.trial) == 422
    assert portals.running.door.refresh().locked_at is None


def test_a_part_is_locked_and_opened_again_by_somebody_else(portals_at: At) -> None:
    portals = portals_at("infused", 4)
    first, second = portals.client("data.manager"), portals.client("data.manager.2")
    assert do(portals.client("sponsor"), "/closing/", what="hold", site="01", how="lock") == 422
    assert do(first, "/closing/", what="hold", site="01", how="lock") == 302
    assert newest(portals) == "ScopeHeld"
    assert do(first, "/closing/", what="release", site="01", reason="a mistake") == 422
    assert do(second, "/closing/", what="release", site="01", reason="") == 422
    assert do(second, "/closing/", what="release", site="01", reason="a mistake") == 302
    assert newest(portals) == "ScopeReleased"


def test_no_page_names_an_arm(portals_at: At) -> None:
    portals = portals_at("infused", 6)
    for person in ("data.manager", "statistician", "monitor", "coordinator.01", "sponsor", "auditor"):
        browser = portals.client(person)
        for path in ("/quality/", "/trail/", "/safety/", "/statistics/", "/statistics/exports/", "/closing/"):
            assert not any(canary in browser.get(path).content.decode() for canary in CANARIES), path


def test_the_points_of_the_checklist_are_those_of_conduct(portals_at: At) -> None:
    portals = portals_at("infused", 4)
    manager, door = portals.client("data.manager"), portals.running.door
    points = checklist(portals.running.protocol, door.trial, datetime.now(UTC).date(), door.protocols)
    shown = {row[0]: row[1] for row in rows_of(manager, "/closing/") if len(row) == 3}
    assert {point: shown[point] for point in points} == {point: str(count) for point, count in points.items()}
