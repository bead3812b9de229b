"""Envelopes on paper, the vault's own record, the audit of the list, the keys."""

import io
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from pypdf import PdfReader
from tests.invariants.scripted import CANARIES
from tests.web.vault_pages.conftest import Desk

from equipoise.vault.events import Said

DeskAt = Callable[..., Desk]
SECRET = "a password of the file"


def test_envelopes_come_as_a_pdf_that_opens_with_its_password(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    browser = desk.client("custodian")
    typed = desk.signed(do="print", key="k1", site="01", pdf_password=SECRET, pdf_again=SECRET)
    for wrong in ({"pdf_again": "another one altogether"}, {"site": "99"}, {"password": "not the password"}):
        assert browser.post("/envelopes/", {**typed, **wrong}).status_code == 422
    assert "EnvelopesPrinted" not in desk.vault_kinds()
    pdf = browser.post("/envelopes/", typed)
    assert pdf["Content-Type"] == "application/pdf"
    assert not any(word.encode() in pdf.content for word in CANARIES)
    reader = PdfReader(io.BytesIO(pdf.content), password=SECRET)
    assert "01-001" in "".join(page.extract_text() for page in reader.pages)
    assert "EnvelopesPrinted" in desk.vault_kinds()


def test_an_opened_envelope_is_reported_to_both_records(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    browser = desk.client("investigator.01")
    allocation = desk.script.participant("01-001").allocation
    assert allocation is not None
    zone = ZoneInfo(desk.script.trial.sites["01"].zone)
    now = (allocation.at + timedelta(minutes=1)).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    typed = {
        "do": "report",
        "participant": "01-001",
        "opened_by": "Dr Li, duty",
        "reason": "no network, anaphylaxis",
    }
    for wrong in ({"participant": "02-001"}, {"opened_at": "yesterday"}, {"opened_at": "2099-01-01 00:00"}):
        answer = browser.post("/envelopes/opened/", {**typed, "opened_at": now, "key": "k1", **wrong})
        assert answer.status_code == 422, wrong
    for _ in range(2):
        assert browser.post("/envelopes/opened/", {**typed, "opened_at": now, "key": "k2"}).status_code == 302
    assert desk.kinds().count("CodeBroken") == desk.vault_kinds().count("EnvelopeOpened") == 1


def test_the_record_of_the_vault_says_who_why_and_no_arm(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    why = {"why": "wrong dose or wrong product", "reason": "given twice by mistake", "key": "k1"}
    desk.client("investigator.01").post("/code-break/", desk.signed(participant="01-001", again="01-001", **why))
    for person in ("custodian", "holder.1", "unblinder", "pharmacist"):
        shown = desk.client(person).get("/record/").content.decode()
        assert "code broken" in shown
        assert "given twice by mistake" in shown
        assert "Investigator.01" in shown
        assert not any(word in shown for word in CANARIES)
    assert "紧急揭盲" in desk.client("custodian", "zh").get("/record/").content.decode()


def test_every_kind_of_event_of_the_vault_has_words(desk_at: DeskAt) -> None:
    desk_at()
    from equipoise.vault import events
    from equipoise.vault.events import supply
    from equipoise.web.vault_pages.oversight.trail import KINDS

    known = {name for module in (events, supply) for name, one in vars(module).items() if is_said(one)}
    assert {*KINDS} == known


def is_said(one: object) -> bool:
    """Return whether this is what an event of the vault says."""
    return isinstance(one, type) and issubclass(one, Said) and one is not Said


def test_shares_that_are_none_are_refused_and_no_arm_is_told(desk_at: DeskAt) -> None:
    desk = desk_at("allocated", 2)
    browser = desk.client("custodian")
    page = browser.get("/list/").content.decode()
    assert desk.script.trial.list_hash in page
    answer = browser.post("/list/", desk.signed(do="audit", key="k1", share_1="none", share_2="none"))
    assert answer.status_code == 422
    assert not any(word in answer.content.decode() for word in CANARIES)


def test_the_page_of_the_keys_asks_for_no_passphrase(desk_at: DeskAt) -> None:
    page = desk_at().client("holder.1").get("/keys/").content.decode()
    assert "equipoise unblind DIR --all" in page
    assert "Holder.1, Holder.2" in page
    assert "<input" not in page.split("<main")[1]
