"""The page of a form: judged as typed, saved, in conflict, with history, queries, and a second entry."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.html import escape
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import TRIAL
from tests.web.pages.site_steps import fill, form, post, step, text, yesterday
from tests.web.portals import PASSWORD, Portals, put_vault_at_hand, serve

from equipoise.conduct.door.state import Participant

PortalsAt = Callable[..., Portals]
VITALS = form("01-001", "vitals", "SCR")
QUALITY = "\nquality: {double_entry: [cd4], late_entry: 7 d}\n"


@pytest.fixture
def with_quality(trial_at: TrialAt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Portals:
    """The portals of a trial that wants CD4 entered twice, and forms within a week."""
    source = tmp_path / "with_quality.yaml"
    source.write_text(TRIAL.read_text(encoding="utf-8") + QUALITY, encoding="utf-8")
    monkeypatch.setattr("tests.invariants.conftest.TRIAL", source)
    monkeypatch.setattr("tests.invariants.scripted.LATE", timedelta(days=3))
    return serve(trial_at("allocated", 2, size=30))


def person(portals: Portals) -> Participant:
    """Return the participant as things stand."""
    return portals.running.door.refresh().participants["01-001"]


def seen(page: str) -> str:
    """Return the number of the event that a page was made after."""
    found = re.search(r'name="expected" value="(\d+)"', page)
    assert found is not None
    return found[1]


def field(page: str, item: str) -> str:
    """Return what stands in a field."""
    found = re.search(rf'name="item-{item}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_what_is_typed_is_judged_before_it_is_saved(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser = portals.client("coordinator.01")
    said = text(post(browser, f"{VITALS}check/", item__weight="61,3", item__pulse="150", expected="0"))
    assert "did you mean 61.3?" in said
    assert "The pulse is fast" in said
    said = text(post(browser, f"{VITALS}check/", item__weight="400", missing__pulse="NOT DONE", expected="0"))
    assert "must lie between 30 and 200 kg" in said
    chinese = portals.client("coordinator.01", language="zh")
    assert "须在 30 至 200 kg 之间" in text(post(chinese, f"{VITALS}check/", item__weight="400", expected="0"))


def test_a_draft_is_kept_offered_and_thrown_away(portals_at: PortalsAt) -> None:
    browser = portals_at("allocated", 2).client("coordinator.01")
    opened = text(browser.get(VITALS))
    post(browser, f"{VITALS}check/", item__weight="66.6", item__pulse="70", expected=seen(opened))
    shown = text(browser.get(VITALS))
    assert "This is your draft" in shown
    assert field(shown, "weight") == "66.6"
    assert post(browser, VITALS, then="discard").status_code == 302
    shown = text(browser.get(VITALS))
    assert "This is your draft" not in shown
    assert field(shown, "weight") == "61.3"


def test_a_draft_outlives_the_session_and_is_shown_to_who_typed_it_alone(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser = portals.client("coordinator.01")
    opened = seen(text(browser.get(VITALS)))
    post(browser, f"{VITALS}check/", item__weight="66.6", item__pulse="70", expected=opened)
    browser.session.delete()
    assert post(browser, VITALS, item__weight="66.6", expected=opened)["Location"].startswith("/accounts/login/")
    assert field(text(portals.client("coordinator.01").get(VITALS)), "weight") == "66.6"
    for other in ("investigator.01", "nurse.01", "monitor"):
        shown = text(portals.client(other).get(VITALS))
        assert "66.6" not in shown, other
        assert "61.3" in shown


def test_a_second_tab_of_the_same_person_is_another_editor(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser, on = portals.client("coordinator.01"), person(portals).forms["SCR/vitals/1"].on
    stale = seen(text(browser.get(VITALS)))
    assert fill(browser, VITALS, on, weight="64.0", pulse="70", reason__="misread").status_code == 302
    typed = {"on": str(on), "expected": stale, "item__weight": "65.5", "item__pulse": "70", "reason": "misread"}
    refused = post(browser, VITALS, **typed)
    assert refused.status_code == 422
    assert "has saved 64.0 meanwhile; you typed 65.5" in text(refused)
    assert person(portals).forms["SCR/vitals/1"].values["weight"].value == 64.0


def test_a_form_that_is_sent_twice_is_stored_once(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser, on = portals.client("coordinator.01"), person(portals).forms["SCR/vitals/1"].on
    typed = {"on": str(on), "expected": seen(text(browser.get(VITALS))), "key": "a" * 32, "reason": "misread"}
    before = portals.running.door.refresh().sequence
    sent = [post(browser, VITALS, item__weight="64.0", item__pulse="70", **typed) for _ in range(2)]
    assert [one.status_code for one in sent] == [302, 302]
    assert [event.kind for event in portals.running.book.read(after=before)] == ["FormSaved"]
    other = post(browser, VITALS, item__weight="67.0", item__pulse="70", **typed)
    assert other.status_code == 422, "what was changed after a lost answer is not taken for stored"
    assert person(portals).forms["SCR/vitals/1"].values["weight"].value == 64.0


def test_a_change_asks_why_and_leads_to_the_history(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser, on = portals.client("coordinator.01"), person(portals).forms["SCR/vitals/1"].on
    refused = fill(browser, VITALS, on, weight="62.5", pulse="70")
    assert refused.status_code == 422
    assert "say why" in text(refused)
    assert field(text(refused), "weight") == "62.5"
    assert fill(browser, VITALS, on, weight="62.5", pulse="70", reason__="digits swapped").status_code == 302
    history = text(browser.get(f"{VITALS}history/weight/"))
    assert history.index("62.5") < history.index("61.3")
    assert "digits swapped" in history


def test_another_editor_is_shown_with_both_values_and_nothing_is_merged(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    coordinator, investigator = portals.client("coordinator.01"), portals.client("investigator.01")
    on = person(portals).forms["SCR/vitals/1"].on
    before = seen(text(coordinator.get(VITALS)))
    fill(investigator, VITALS, on, weight="64.0", pulse="75", reason__="misread")
    sent = {"on": str(on), "expected": before, "item__weight": "61.3", "item__pulse": "80", "reason": "misread"}
    refused = post(coordinator, VITALS, **sent)
    shown = text(refused)
    assert refused.status_code == 422
    assert "Investigator.01 has saved this form while you had it open" in shown
    assert "has changed this from 61.3 to 64.0 meanwhile" in shown
    assert field(shown, "weight") == "64.0"
    assert "has saved 75 meanwhile; you typed 80" in shown
    assert field(shown, "pulse") == "80"
    assert person(portals).forms["SCR/vitals/1"].values["pulse"].value == 75
    again = {**sent, "expected": seen(shown), "item__weight": "64.0"}
    assert post(coordinator, VITALS, **again).status_code == 302
    values = person(portals).forms["SCR/vitals/1"].values
    assert (values["weight"].value, values["pulse"].value) == (64.0, 80)


def test_a_value_and_a_reason_why_there_is_none_are_not_both_taken(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser, on = portals.client("coordinator.01"), yesterday(portals)
    step(browser, "01-001", "unscheduled-visit", on=str(on), reason="pain")
    address = form("01-001", "vitals", "U1")
    refused = fill(browser, address, on, weight="61", pulse="70", **{"missing-pulse__": "NOT DONE"})
    assert refused.status_code == 422
    assert "give one of them" in text(refused)
    assert fill(browser, address, on, weight="61", pulse="", **{"missing-pulse__": "NOT DONE"}).status_code == 302
    assert person(portals).forms["U1/vitals/1"].values["pulse"].missing == "NOT DONE"


def test_a_form_that_comes_late_or_from_paper_says_so(with_quality: Portals) -> None:
    browser, on = with_quality.client("coordinator.01"), person(with_quality).visits["W0"].on
    assert on is not None
    address = form("01-001", "vitals", "W0")
    refused = fill(browser, address, on, weight="61", pulse="70")
    assert refused.status_code == 422
    assert 'name="late"' in text(refused)
    paper = {"paper_on__": f"{on}T12:30", "paper_why__": "no network"}
    assert fill(browser, address, on, weight="61", pulse="70", late__="was away", **paper).status_code == 302
    entry = person(with_quality).forms["W0/vitals/1"]
    assert (entry.late, entry.paper) == ("was away", "no network")


def test_a_second_entry_is_blind_and_a_difference_is_settled(with_quality: Portals) -> None:
    coordinator, laboratory = with_quality.client("coordinator.01"), with_quality.client("laboratory")
    address, page = form("01-001", "immunology", "SCR"), form("01-001", "immunology", "SCR", page="second/")
    assert "You wrote this form yourself" in text(coordinator.get(page))
    shown = text(laboratory.get(page))
    assert "210" not in shown
    assert "second entry due" in text(laboratory.get("/"))
    assert post(laboratory, page, item__cd4="many").status_code == 422
    assert post(laboratory, page, item__cd4="201").status_code == 302
    investigator = with_quality.client("investigator.01")
    assert "entries differ" in text(investigator.get("/"))
    differences = f"{address}differences/"
    shown = text(investigator.get(differences))
    assert "210" in shown
    assert "201" in shown
    assert post(investigator, differences, item="cd4", keep="", reason="report").status_code == 422
    assert post(investigator, differences, item="cd4", keep="second", reason="report").status_code == 302
    assert person(with_quality).forms["SCR/immunology/1"].values["cd4"].value == 201
    assert coordinator.get(differences).status_code == 403


def test_a_masked_value_goes_to_the_vault_and_leaves_nothing(
    portals_at: PortalsAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    portals = portals_at("allocated", 2)
    browser = portals.client("coordinator.01")
    address = form("01-001", "antibodies", "W0")
    assert "kept in the vault" in text(browser.get(address))
    assert post(browser, f"{address}vault/hla_class_1/", typed="12").status_code == 422  # no vault runs
    put_vault_at_hand(portals.script, monkeypatch)
    before = portals.running.door.refresh().sequence
    assert post(browser, f"{address}vault/hla_class_1/", typed="120").status_code == 422
    assert post(browser, f"{address}vault/hla_class_1/", typed="12").status_code == 302
    assert portals.running.door.refresh().sequence == before
    assert browser.get(f"{address}vault/cd4/").status_code == 404
    assert portals.client("nurse.01").get(f"{address}vault/hla_class_1/").status_code == 403


def test_a_query_is_answered_where_it_stands(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser, on = portals.client("coordinator.01"), person(portals).visits["W0"].on
    assert on is not None
    address = form("01-001", "vitals", "W0")
    fill(browser, address, on, weight="61", pulse="150")
    (name,) = person(portals).queries
    for page in (address, "/participants/01-001/", "/site/queries/", "/"):
        assert "query" in text(browser.get(page)).casefold(), page
    assert "The pulse is fast" in text(browser.get("/site/queries/?waits=the+site"))
    answered = step(browser, "01-001", "answer-query", of=name, answer="so in the source", back=address)
    assert answered["Location"] == address
    assert "so in the source" in text(browser.get(address))
    assert person(portals).queries[name].answers[0].text == "so in the source"
    elsewhere = step(browser, "01-001", "answer-query", of=name, answer="again", back="https://example.org/")
    assert elsewhere["Location"] == "/participants/01-001/"


def test_a_record_that_was_struck_out_is_shown_so(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser, on = portals.client("coordinator.01"), yesterday(portals)
    event = form("01-001", "adverse_event")
    values = {"ae_term": "Fever", "ae_started": str(on), "ae_serious": "N"}
    fill(browser, event, on, **values)
    step(browser, "01-001", "strike-out", of="/adverse_event/1", reason="twice")
    assert "was struck out" in text(browser.get(event))
    assert fill(browser, event, on, **values).status_code == 422
    assert fill(browser, form("01-001", "adverse_event", repeat=2), on, **values).status_code == 302
    assert browser.get(form("01-001", "adverse_event", repeat=4)).status_code == 404
    assert browser.get(form("01-001", "demography", "SCR", 2)).status_code == 404
    assert browser.get(form("01-001", "demography", "W0")).status_code == 404
    assert browser.get(form("01-001", "nothing")).status_code == 404


WORDS = (
    st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=80).map(str.strip).filter(bool)
)


def test_whatever_is_written_is_stored_as_it_is_and_escaped(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser, on = portals.client("coordinator.01"), yesterday(portals)

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(WORDS)
    @example("<script>alert(1)</script>")
    @example('"><img src=x onerror=alert(1)>')
    @example("{{ 7|add:7 }}{% now %}'; DROP TABLE record.event; --")
    def write(words: str) -> None:
        repeat = 1 + sum(entry.form == "adverse_event" for entry in person(portals).forms.values())
        address = form("01-001", "adverse_event", repeat=repeat)
        answer = fill(browser, address, on, ae_term=words, ae_started=str(on), ae_serious="N")
        assert answer.status_code == 302, text(answer)
        assert person(portals).forms[f"/adverse_event/{repeat}"].values["ae_term"].value == words
        for page in (address, f"{address}history/ae_term/", "/participants/01-001/casebook/"):
            shown = browser.get(page).content.decode()
            assert escape(words) in shown
            assert "<script>alert" not in shown
            assert "<img src=x" not in shown

    write()


def test_the_password_of_a_signature_stands_nowhere(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser = portals.client("investigator.01")
    answer = post(browser, "/participants/01-001/sign/", password=PASSWORD, meaning="", content="0" * 64)
    assert answer.status_code == 422
    assert PASSWORD not in text(answer)
