"""Pages of data quality: who sees them, that their numbers are those of conduct, that their steps leave events."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web.pages.listed import do, rows_of
from tests.web.portals import Portals

from equipoise.conduct.access.questions import QUESTIONS, Question
from equipoise.conduct.forms.entry import SaveForm
from equipoise.conduct.quality.completeness import check_trial, count_by_site
from equipoise.conduct.quality.review import list_to_review
from equipoise.conduct.quality.verification import list_to_verify

At = Callable[..., Portals]
PAGES: dict[Question, tuple[str, ...]] = {
    "completeness": ("/quality/", "/quality/late/"),
    "queries": (
        "/quality/queries/",
        "/quality/verification/",
        "/quality/review/",
        "/quality/deviations/",
        "/quality/twice/",
        "/quality/coding/events/",
        "/quality/coding/drugs/",
    ),
    "harm": ("/quality/reconciliation/", "/safety/"),
    "board": ("/safety/board/",),
    "trail": ("/trail/",),
    "checklist": ("/closing/", "/statistics/exports/"),
}
RECORD = "SCR/vitals/1"


@pytest.mark.parametrize("person", ["data.manager", "coordinator.01", "nurse.01", "monitor", "laboratory"])
def test_each_page_is_for_the_roles_of_its_question(portals_at: At, person: str) -> None:
    portals = portals_at("infused", 4)
    (grant,) = portals.running.door.trial.people[person].grants
    browser = portals.client(person)
    for question, paths in PAGES.items():
        for path in paths:
            allowed = grant.role in QUESTIONS[question]
            assert browser.get(path).status_code == (200 if allowed else 403), path


def newest(portals: Portals) -> str:
    """Return the kind of the newest event."""
    return portals.running.book.newest(1)[0].kind


def people_of(portals: Portals, site: str) -> list[str]:
    return [one.id for one in portals.running.door.refresh().participants.values() if one.site == site]


def test_the_numbers_of_a_site_are_those_of_conduct(portals_at: At) -> None:
    portals = portals_at("infused", 4)
    door = portals.running.door
    found = check_trial(lambda one: door.protocol_of(one.id), door.trial, datetime.now(UTC).date())
    counts = count_by_site(door.trial, found)
    rows = rows_of(portals.client("data.manager"), "/quality/")
    for site, one in counts.items():
        (row,) = [row for row in rows if row and row[0] == f"{site} {door.trial.sites[site].name}"]
        assert row[1:] == [
            str(number) for number in (one.filled_in, one.missing, one.due, one.overdue, one.to_come)
        ]
    assert any(one.overdue for one in counts.values()), "or the page has nothing to show"
    own = rows_of(portals.client("coordinator.01"), "/quality/")
    assert not any(row and row[0].startswith("02") for row in own)


def test_a_query_is_asked_answered_and_closed(portals_at: At) -> None:
    portals = portals_at("examined", 2)
    (who, *_), (other, *_) = people_of(portals, "01"), people_of(portals, "02")
    monitor, site = portals.client("monitor"), portals.client("coordinator.01")
    ask = f"/quality/queries/{who}/ask/?record={RECORD}&item=weight"
    form = f"/participants/{who}/forms/vitals/SCR/1/"
    link = f"/quality/queries/{who}/ask/?record=SCR%2Fvitals%2F1&amp;item=weight"
    assert link in monitor.get(form).content.decode()
    assert link not in site.get(form).content.decode()
    assert do(monitor, ask, question="") == 422
    assert do(site, ask, question="May I?") == 422
    assert do(monitor, ask, question="Which scale?") == 302
    assert newest(portals) == "QueryRaised"
    assert [row[2] for row in rows_of(site, "/quality/queries/") if row[0] == f"{who} Q1"] == ["Which scale?"]
    page = f"/quality/queries/{who}/Q1/"
    assert do(monitor, page, what="answer", said="the new one") == 422
    assert do(site, page, what="answer", said="the new one") == 302
    assert "the new one" in monitor.get(page).content.decode()
    assert do(site, page, what="close", said="done") == 422
    assert do(monitor, page, what="close", said="") == 422
    assert do(monitor, page, what="close", said="it was weighed again") == 302
    assert newest(portals) == "QueryClosed"
    foreign = f"/quality/queries/{other}/ask/?record={RECORD}&item=weight"
    assert site.get(foreign).status_code == site.get(foreign.replace(other, "99-999")).status_code == 404


def test_ticked_values_are_verified_and_those_of_others_wait(portals_at: At) -> None:
    portals = portals_at("examined", 2)
    door, (who, *_) = portals.running.door, people_of(portals, "01")
    waiting = [one for one in list_to_verify(portals.running.protocol, door.trial) if one.participant == who]
    page, monitor = f"/quality/verification/{who}/", portals.client("monitor")
    shown = monitor.get(page).content.decode()
    values = [f"{one.record}:{item}" for one in waiting for item in one.items]
    assert values
    assert all(f'value="{value}"' in shown for value in values)
    seen = door.trial.sequence
    assert do(portals.client("data.manager"), page, value=values, seen=seen) == 422
    assert do(monitor, page, value=values, seen=0) == 422, "saved after it was looked at"
    assert do(monitor, page, value=values[:1], seen=seen) == 302
    assert newest(portals) == "SourceVerified"
    left = [one for one in list_to_verify(portals.running.protocol, door.refresh()) if one.participant == who]
    assert sum(len(one.items) for one in left) == len(values) - 1
    assert f'value="{values[0]}"' not in monitor.get(page).content.decode()


def test_a_change_of_a_critical_item_is_signed_off_with_a_note(portals_at: At) -> None:
    portals = portals_at("examined", 2)
    who, *_ = people_of(portals, "01")
    door = portals.running.door
    on = door.trial.participants[who].forms[RECORD].on
    change = SaveForm(
        participant=who, form="vitals", visit="SCR", on=on, values={"weight": 71.5}, reason="transcribed wrongly"
    )
    portals.script.do(change, "coordinator")
    assert len(list_to_review(portals.running.protocol, door.trial)) == 1
    manager = portals.client("data.manager")
    assert any(row[1].endswith("71.5") for row in rows_of(manager, "/quality/review/") if len(row) > 1)
    fields = {"participant": who, "record": RECORD, "item": "weight", "seen": door.trial.sequence}
    assert do(manager, "/quality/review/", note="", **fields) == 422
    assert do(manager, "/quality/review/", note="transcribed wrongly", **fields) == 302
    assert newest(portals) == "TrailReviewed"
    assert not list_to_review(portals.running.protocol, door.refresh())


def test_terms_are_coded_with_a_dictionary_that_was_sent(portals_at: At) -> None:
    portals = portals_at("infused", 2)
    who, *_ = people_of(portals, "01")
    values = {"ae_term": "fever", "ae_started": str(portals.script.today()), "ae_serious": "N"}
    portals.script.do(
        SaveForm(participant=who, form="adverse_event", on=portals.script.today(), values=values), "investigator"
    )
    manager, page = portals.client("data.manager"), "/quality/coding/events/"

    def sent(text: str) -> SimpleUploadedFile:
        return SimpleUploadedFile("terms.csv", text.encode())

    good = "term,decoded,synonym_of\nPyrexia,Pyrexia,\nFever,,Pyrexia\n"
    new = {"name": "Terms", "edition": "1"}
    assert do(manager, f"{page}dictionary/", file=sent("no,such\n1,2\n"), then="load", **new) == 422
    assert do(manager, f"{page}dictionary/", file=sent(good), then="compare") == 200
    assert not portals.running.door.refresh().dictionaries, "to compare stores nothing"
    assert do(portals.client("monitor"), f"{page}dictionary/", file=sent(good), then="load", **new) == 422
    assert do(manager, f"{page}dictionary/", file=sent(good), then="load", **new) == 302
    assert [row[2] for row in rows_of(manager, page) if row[0] == who] == ["fever"]
    assert do(manager, page) == 302
    coded = portals.running.door.refresh().participants[who].codings["/adverse_event/1"]["ae_term"]
    assert (coded.decoded, coded.how) == ("Pyrexia", "synonym")
    assert do(manager, page) == 422, "every term is coded"
    changed = "term,decoded\nFever,Fever\n"
    answer = manager.post(f"{page}dictionary/", {"file": sent(changed), "then": "compare"}).content.decode()
    assert "changed: 1" in answer


def test_the_trail_is_searched_and_paged(portals_at: At) -> None:
    portals = portals_at("infused", 6)
    who, *_ = people_of(portals, "01")
    auditor = portals.client("auditor")
    events = list(portals.running.book.read(participant=who, kinds=["FormSaved"]))
    found = rows_of(auditor, f"/trail/?participant={who}&kind=FormSaved")[1:]
    assert [row[0] for row in found] == [str(one.sequence) for one in reversed(events)]
    last = list(portals.running.book.read())[-1].sequence
    pages, path = [], "/trail/"
    while path:
        text = auditor.get(path).content.decode()
        pages += [int(row[0]) for row in rows_of(auditor, path)[1:]]
        path = f"/trail/?before={pages[-1]}" if "Older events" in text else ""
    assert pages == list(range(last, 0, -1)), "each event once, the newest first"
    assert auditor.get("/trail/?since=yesterday").status_code == 422
    own = rows_of(portals.client("coordinator.01"), "/trail/")[1:]
    shown = {int(row[0]) for row in own}
    assert shown
    assert {portals.running.book.event(number).site for number in shown} == {"01"}  # type: ignore[union-attr]


def test_what_is_said_in_chinese(portals_at: At) -> None:
    browser = portals_at("examined", 2).client("data.manager", language="zh")
    for path, word in (("/quality/", "完整性"), ("/closing/", "锁库"), ("/safety/", "安全性")):
        assert word in browser.get(path).content.decode()
