"""Words that would be markup, SQL or a template: stored as they were typed, shown as text and nothing else."""

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.portals import Portals

from equipoise.conduct.forms.entry import SaveForm
from equipoise.conduct.organisation.consent_documents import ApproveConsentDocument
from equipoise.conduct.organisation.people import EnterPerson
from equipoise.conduct.organisation.sites import OpenSite
from equipoise.conduct.quality.queries import AnswerQuery, RaiseQuery
from equipoise.web.shell.settings import BLINDED, UNBLINDED, Portal

from .crawl import crawl
from .people import person_of
from .reading import Form, Reading

MARK = "zx9mark"
PIECES = (
    *(f"<{MARK}>", f"</textarea><{MARK}>", f'"><{MARK} x="', f"'><{MARK} x='", f"<script>{MARK}</script>"),
    *(
        f"<img src=x onerror={MARK}>",
        f"--><{MARK}>",
        f"]]><{MARK}>",
        "&lt;",
        "<!--",
        "{{ 7000000|add:4200042 }}",
        "{% debug %}",
    ),
    *("'; DROP TABLE record.event; --", "' OR '1'='1", "${7*7}", "\\", "\u202e", "\u0085", "%00", "%s", "{0}"),
)
HOSTILE = " ".join(PIECES[:12])
SQL = " ".join(PIECES[12:17])


def traces(page: str) -> list[str]:
    """Return elements and attributes that a hostile word has made, and templates that were carried out."""
    found = []
    for tag, given_ in Reading(page).tags:
        if MARK in tag or any(MARK in name for name in given_) or "onerror" in given_:
            found.append(f"<{tag} {given_}>")
        if tag == "script" and "src" not in given_:
            found.append("<script>")
        if any(name.startswith("on") for name in given_) or "style" in given_:
            found.append(f"<{tag} {given_}>")
        if any(
            given_.get(name, "").strip().lower().startswith("javascript:") for name in ("href", "src", "action")
        ):
            found.append(f"<{tag} {given_}>")
    return found + ["a template was carried out"] * ("11200042" in page)


def test_a_trace_would_be_found() -> None:
    assert traces(f"<p>{HOSTILE}</p>") != []
    assert traces(f'<input value="{HOSTILE}">') != []


def test_what_is_stored_is_shown_as_text_on_every_page(portals: Portals) -> None:
    script = portals.script
    who, today = next(iter(script.trial.participants)), script.today()
    name = f"{HOSTILE} {SQL}"
    event = {"ae_term": name, "ae_started": str(today), "ae_serious": "N"}
    script.do(EnterPerson(person="somebody", name=name), "administrator")
    script.do(OpenSite(site="03", name=name, country="CHN", zone="Asia/Shanghai"), "administrator")
    of = {"language": "en", "site": "01", "protocol": script.version, "valid_from": today}
    script.do(ApproveConsentDocument(document="2.0 <b onclick=x>", **of), "sponsor")
    script.do(SaveForm(participant=who, form="adverse_event", visit="", on=today, values=event), "coordinator")
    script.do(RaiseQuery(participant=who, record="W0/vitals/1", item="pulse", question=name), "monitor")
    query = list(script.trial.participants[who].queries)[-1]
    script.do(AnswerQuery(participant=who, query=query, answer=name), "coordinator")
    known = script.trial.participants[who]
    assert known.queries[query].question == name
    assert any(value.value == name for entry in known.forms.values() for value in entry.values.values())
    record = next(one for one in known.forms.values() if any(value.value == name for value in one.values.values()))
    changed = event | {"ae_term": f"{name} again"}
    again = {"participant": who, "form": "adverse_event", "visit": "", "repeat": record.repeat, "on": today}
    script.do(SaveForm(**again, values=changed, reason=name, expected=record.sequence), "coordinator")
    browser, at = portals.client(person_of("coordinator")), f"/participants/{who}/forms/adverse_event/-"
    for part in ({}, {"HX-Request": "true"}):
        past = browser.get(f"{at}/{record.repeat}/history/ae_term/", headers=part).content.decode()
        assert past.count(MARK) >= 3, "both values and the reason"
        assert traces(past) == []
    shown = 0
    for role in ("coordinator", "monitor", "data manager", "sponsor", "auditor"):
        for place, answer in crawl(portals, role).items():
            head, _, content = answer.partition(b"\n\n")
            page = content.decode(errors="replace") if b"Content-Type: text/html" in head else ""
            assert traces(page) == [], place
            shown += MARK in page
    assert shown > 5


TYPISTS = {
    BLINDED: ("coordinator", "investigator", "nurse", "medical monitor", "data manager", "sponsor"),
    UNBLINDED: ("pharmacist", "safety unblinder", "list custodian"),
}


@pytest.mark.parametrize("side", TYPISTS, ids=lambda one: one.name)
def test_what_is_typed_and_refused_is_shown_as_text(portals: Portals, side: Portal) -> None:
    tried = 0
    for role in TYPISTS[side]:
        browser = portals.client(person_of(role), side=side)
        browser.raise_request_exception = False
        for place, answer in crawl(portals, role, of_each=1, side=side).items():
            page = answer.partition(b"\n\n")[2].decode(errors="replace")
            for form in Reading(page, place.removeprefix(f"{role} ")).forms:
                if form.typed and not form.action.startswith(("/account", "/welcome/")):
                    send_hostile(browser, form)
                    tried += 1
    assert tried > (20 if side == BLINDED else 5)


def send_hostile(browser: Client, form: Form) -> None:
    """Send a form with hostile words in all its fields; what comes back holds no trace of them."""
    body = form.bodies()[0] | dict.fromkeys(form.typed, HOSTILE)
    said = browser.post(form.action, body) if form.method == "post" else browser.get(form.action, body)
    assert said.status_code < 500, (form.action, body)
    if said.headers.get("Content-Type", "").startswith("text/html"):
        assert traces(said.content.decode()) == [], form.action


@given(typed=st.lists(st.sampled_from(PIECES) | st.text(max_size=8), min_size=1, max_size=6).map("".join))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_come_back_as_text(portals: Portals, typed: str) -> None:
    browser = portals.client(person_of("coordinator"))
    who = next(one.id for one in portals.running.door.trial.participants.values() if one.site == "01")
    typed = typed.replace("\0", "")
    form = {"on": typed, "item-ae_term": typed, "item-ae_started": typed, "late": typed, "paper_why": typed}
    for answer in (
        browser.get("/participants/", {"number": typed}),
        browser.post(f"/participants/{who}/forms/adverse_event/-/2/", form),
        browser.post(f"/participants/{who}/forms/adverse_event/-/2/check/", form),
        browser.post("/participants/screen/", {"name": typed, "birth_date": typed}),
    ):
        assert answer.status_code in (200, 302, 422)
        assert traces(answer.content.decode()) == []


def test_a_name_with_sql_in_it_is_kept_as_it_was_typed(portals: Portals) -> None:
    browser = portals.client(person_of("investigator"))
    before = portals.running.door.refresh().sequence
    browser.post("/participants/screen/", {"name": SQL, "birth_date": "1990-01-01", "sex": "F"})
    assert portals.running.door.refresh().sequence > before
    who = list(portals.running.door.trial.participants)[-1]
    typed = {"on": str(portals.script.today()), "reason": SQL}
    browser.post(f"/participants/{who}/steps/end-screening/", typed | {"why": "DECLINED"})
    (ended,) = list(portals.running.book.read(kinds=["ScreeningEnded"]))[-1:]
    assert ended.reason == SQL
