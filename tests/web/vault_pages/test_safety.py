"""Cases, stopping rules and the closed report by browser, each for its one role."""

import io
import re

from django.http import HttpResponse
from pypdf import PdfReader
from tests.invariants.scripted import CANARIES
from tests.trial.safety.ward import RECORD, report
from tests.web.vault_pages.conftest import Desk

from equipoise.conduct.closing.locks import CutData
from equipoise.trial.safety.steps import watch_safety

CASE = f"/cases/01-001/nmpa/?record={RECORD}"


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def names_an_arm(answer: HttpResponse) -> bool:
    return any(word in answer.content.decode() for word in CANARIES)


def test_a_case_is_opened_for_its_report_and_closed(ward: Desk) -> None:
    report(ward.script, "01-001", ae_life="Y")
    browser = ward.client("unblinder")
    assert RECORD in browser.get("/cases/").content.decode()
    page = browser.get(CASE)
    assert "Pulmonary embolism" in page.content.decode()
    assert not names_an_arm(page)
    twin = text_of(browser.get(CASE.replace("?", "blinded.pdf?")).content)
    assert "BLINDED" in twin
    refused = browser.post(CASE, ward.signed(do="open", key="k1", password="not the password"))
    assert refused.status_code == 422
    assert browser.post(CASE, {"do": "pdf", "key": "k1"}).status_code == 403, "nothing was opened under this key"
    opened = browser.post(CASE, ward.signed(do="open", key="k1"))
    assert re.search(r"this report (must|need not) be sent", opened.content.decode())
    pdf = browser.post(CASE, {"do": "pdf", "key": "k1"})
    assert "UNBLINDED" in text_of(pdf.content)
    assert any(word in text_of(pdf.content) for word in CANARIES)
    assert ward.vault_kinds().count("CaseOpened") == 1
    (event,) = [one for one in ward.script.vault.vault.book.read() if one.kind == "CaseOpened"]
    assert event.reason == f"expedited report ({RECORD}/fatal/nmpa)"
    missing = browser.post(CASE, ward.signed(do="close", key="k2", sent="yes"))
    assert "give the reference" in missing.content.decode()
    assert browser.post(CASE, ward.signed(do="close", key="k3", sent="yes", reference="NMPA 7")).status_code == 302
    assert ward.script.participant("01-001").clocks[f"{RECORD}/fatal/nmpa"].met_at is not None


def test_a_case_that_is_not_due_is_not_there(ward: Desk) -> None:
    assert ward.client("unblinder").get(CASE).status_code == 404


def test_the_rules_that_held_are_shown_by_a_button_and_noted(ward: Desk) -> None:
    vault = ward.script.vault
    for who in ("01-001", "01-002", "01-003", "01-004"):
        report(ward.script, who)
    watch_safety(ward.script.running, vault, ward.script.by("medical monitor"))  # type: ignore[arg-type]
    for person in ("unblinder", "safety board statistician"):
        browser = ward.client(person)
        assert not names_an_arm(browser.get("/stopping/"))
        shown = browser.post("/stopping/", {"do": "show", "key": f"of {person}"})
        assert names_an_arm(shown) == (ward.script.trial.paused is not None)
    assert ward.script.trial.paused is not None, "of three arms and four participants two share one"
    assert ward.vault_kinds().count("StoppingShown") == 2


def test_the_closed_report_is_made_behind_the_page_for_who_asked(ward: Desk) -> None:
    browser = ward.client("safety board statistician")
    assert "No data were cut yet" in browser.get("/board/").content.decode()
    report(ward.script, "01-001")
    ward.script.do(CutData(through=ward.script.today()), "data manager")
    assert (
        browser.post("/board/", ward.signed(do="make", key="k0", password="not the password")).status_code == 422
    )
    assert "BoardOpened" not in ward.vault_kinds()
    assert browser.post("/board/", ward.signed(do="make", key="k1")).status_code == 302
    assert browser.get("/preparations/").status_code == 403, "pages are answered meanwhile"
    assert "progress" in browser.get("/board/progress/").content.decode()
    from equipoise.web.beside import background
    from equipoise.web.vault_pages.safety.making import WHAT

    again = browser.post("/board/", ward.signed(do="make", key="k2"))
    assert again.status_code == 302, "theirs is at work already"
    (job,) = [one for one in background._jobs.values() if one.what == WHAT]
    assert job.wait(120)
    assert job.refusal == ""
    assert "The closed report is ready" in browser.get("/board/").content.decode()
    pages = text_of(browser.get("/board/report.pdf").content)
    assert "CLOSED REPORT" in pages
    assert all(label in pages for label in ("Canary high dose", "Canary low dose", "Canary placebo"))
    assert ward.vault_kinds().count("BoardOpened") == 1


def test_the_report_of_one_is_not_given_to_another(ward: Desk) -> None:
    from tests.invariants.scripted import let_in

    let_in(ward.script, "statistician.2", "safety board statistician")
    assert ward.client("statistician.2").get("/board/report.pdf").status_code == 404
