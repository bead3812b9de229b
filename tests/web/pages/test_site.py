"""The pages of a site: a participant's whole way through the trial, in a browser, by the people of a site."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.web.pages.site_steps import fill, form, post, step, text, yesterday
from tests.web.portals import PASSWORD, Portals

from equipoise.conduct.closing.signatures import signature_state
from equipoise.conduct.door.state import Participant
from equipoise.trial.steps import issue_bag

PortalsAt = Callable[..., Portals]


def test_a_participant_goes_the_whole_way_by_browser(portals_at: PortalsAt) -> None:
    portals = portals_at()
    coordinator, investigator = portals.client("coordinator.01"), portals.client("investigator.01")
    nurse, before = portals.client("nurse.01"), yesterday(portals)
    today = before + timedelta(days=1)
    screened = post(coordinator, "/participants/screen/", name="Ann Lee", birth_date="1980-03-05", sex="F")
    assert screened["Location"] == "/participants/01-001/"

    def person() -> Participant:
        return portals.running.door.refresh().participants["01-001"]

    assert "Record the consent" in text(coordinator.get("/participants/01-001/"))
    assert step(coordinator, "01-001", "sign-consent", document="en 1.0", on=str(before)).status_code == 302
    assert person().consents[0].signed_on == before
    assert step(coordinator, "01-001", "hold-visit", of="SCR", on=str(before)).status_code == 302
    fill(coordinator, form("01-001", "demography", "SCR"), before, age="41", sex="F", pregnant="N")
    fill(coordinator, form("01-001", "vitals", "SCR"), before, weight="61.3", pulse="70")
    fill(coordinator, form("01-001", "immunology", "SCR"), before, cd4="210")

    shown = text(investigator.get("/participants/01-001/eligibility/"))
    assert "CD4+ T cells" in shown
    assert "210" in shown
    refused = post(investigator, "/participants/01-001/eligibility/")
    assert refused.status_code == 422
    assert "I3" in text(refused)
    assert post(investigator, "/participants/01-001/eligibility/", judged__I3="Y").status_code == 302
    verdict = person().eligibility
    assert verdict is not None
    assert verdict.eligible

    step(coordinator, "01-001", "hold-visit", of="W0", on=str(today))
    assert "Hospital 01" in text(investigator.get("/participants/01-001/randomise/"))
    wrong = post(investigator, "/participants/01-001/randomise/", number="01-002", stratum__site="01")
    assert wrong.status_code == 422
    assert person().allocation is None
    assert (
        post(investigator, "/participants/01-001/randomise/", number="01-001", stratum__site="01").status_code
        == 302
    )
    place = person().allocation
    assert place is not None
    assert place.number in text(investigator.get("/participants/01-001/"))

    fill(nurse, form("01-001", "vitals", "W0"), today, weight="62.0", pulse="72")
    fill(coordinator, form("01-001", "immunology", "W0"), today, cd4="215")
    asked = text(investigator.get("/participants/01-001/steps/order-infusion/?of=W0"))
    assert "62.0 kg" in asked
    assert "on the day of the visit" in asked
    assert step(investigator, "01-001", "order-infusion", of="W0").status_code == 302
    portals.script.clock = datetime.now(UTC)
    by = portals.script.by("pharmacist")
    bag = issue_bag(portals.running, portals.script.vault, by, "01-001", "01-001/W0")  # type: ignore[arg-type]
    assert bag.number in text(nurse.get("/participants/01-001/"))
    given = fill(nurse, form("01-001", "infusion", "W0"), today, infused="Y", infused_at=f"{today}T00:05")
    assert given.status_code == 302

    event = form("01-001", "adverse_event")
    fill(coordinator, event, today, ae_term="Fever", ae_started=str(today), ae_serious="N")
    assert person().forms["/adverse_event/1"].values["ae_term"].value == "Fever"
    assert step(coordinator, "01-001", "strike-out", of="/adverse_event/1", reason="twice").status_code == 302
    assert person().forms["/adverse_event/1"].removed == "twice"
    assert step(coordinator, "01-001", "unscheduled-visit", on=str(today), reason="pain").status_code == 302
    moved = step(coordinator, "01-001", "correct-date", of="U1", on=str(before), reason="misread")
    assert moved.status_code == 302
    assert person().visits["U1"].on == before

    why = "COMPLETED"
    ended = form("01-001", "end_of_treatment")
    fill(coordinator, ended, today, treatment_ended=str(today), treatment_end_why=why)
    fill(coordinator, form("01-001", "end_of_study"), today, study_ended=str(today), study_end_why=why)
    assert set(person().ended) == {"treatment", "participation"}

    page = text(investigator.get("/participants/01-001/sign/"))
    content = re.search(r'name="content" value="([0-9a-f]{64})"', page)
    assert content is not None
    said = {"content": content[1], "meaning": "I have reviewed these data"}
    assert post(investigator, "/participants/01-001/sign/", password="not it", **said).status_code == 422
    assert signature_state(person()) == "missing"
    assert post(investigator, "/participants/01-001/sign/", password=PASSWORD, **said).status_code == 302
    assert signature_state(person()) == "intact"
    fill(coordinator, form("01-001", "vitals", "W0"), today, weight="62.1", pulse="72", reason__="misread")
    assert "broken" in text(investigator.get("/participants/01-001/sign/"))


def test_a_step_that_the_door_refuses_keeps_what_was_typed(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser = portals.client("coordinator.01")
    answer = step(browser, "01-001", "hold-visit", of="W4", on="05.03.2026", reason="said <b>so</b>")
    assert answer.status_code == 422
    assert "05.03.2026" in text(answer)
    assert "said &lt;b&gt;so&lt;/b&gt;" in answer.content.decode()
    assert "W4" not in portals.running.door.refresh().participants["01-001"].visits


def test_a_visit_outside_its_window_asks_why(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser, on = portals.client("coordinator.01"), yesterday(portals)
    refused = step(browser, "01-001", "hold-visit", of="W4", on=str(on))
    assert refused.status_code == 422
    assert "window" in text(refused)
    assert step(browser, "01-001", "hold-visit", of="W4", on=str(on), reason="was abroad").status_code == 302
    assert portals.running.door.refresh().participants["01-001"].visits["W4"].in_window is False
    missed = step(browser, "01-001", "miss-visit", of="W8", reason="was abroad")
    assert missed.status_code == 302
    assert portals.running.door.refresh().participants["01-001"].visits["W8"].missed == "was abroad"


def test_a_second_click_does_nothing_new(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser, on, key = portals.client("coordinator.01"), yesterday(portals), uuid.uuid4().hex
    before = portals.running.door.refresh().sequence
    for _ in range(2):
        answer = step(browser, "01-001", "unscheduled-visit", on=str(on), reason="pain", key=key)
        assert answer.status_code == 302
    trial = portals.running.door.refresh()
    assert list(trial.participants["01-001"].visits) == ["SCR", "W0", "U1"]
    assert trial.sequence == before + 1


def test_consent_is_withdrawn_and_screening_ended_and_reopened(portals_at: PortalsAt) -> None:
    portals = portals_at("consented", 4)
    browser, today = portals.client("coordinator.01"), yesterday(portals)
    assert step(browser, "01-001", "end-screening", why="DECLINED", reason="said no").status_code == 302
    assert "screening ended" in text(browser.get("/participants/01-001/"))
    assert step(browser, "01-001", "reopen-screening", reason="came back").status_code == 302
    assert "screening" not in portals.running.door.refresh().participants["01-001"].ended
    assert step(browser, "01-001", "withdraw-consent", on=str(today)).status_code == 302
    assert portals.running.door.refresh().participants["01-001"].consent_withdrawn_on == today
    assert "Consent was withdrawn" in text(browser.get("/participants/01-001/"))


def test_strata_that_were_wrong_are_kept_beside_those_used(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser = portals.client("investigator.01")
    assert "nothing to correct" in text(browser.get("/participants/01-001/steps/correct-strata/"))
    assert "no newer version" in text(browser.get("/participants/01-001/steps/move-version/"))


def test_who_somebody_is_is_shown_for_a_reason_and_destroyed_with_the_number_typed(portals_at: PortalsAt) -> None:
    portals = portals_at("consented", 2)
    browser = portals.client("investigator.01")
    assert "Person 0" not in text(browser.get("/participants/01-001/identity/"))
    assert post(browser, "/participants/01-001/identity/", reason="").status_code == 422
    assert "Person 0" in text(post(browser, "/participants/01-001/identity/", reason="telephone call"))
    assert "identity was shown" in text(browser.get("/participants/01-001/history/"))
    asked = step(browser, "01-001", "destroy-identity", reason="asked for", number="01-003")
    assert asked.status_code == 422
    assert step(browser, "01-001", "destroy-identity", reason="asked for", number="01-001").status_code == 302
    assert portals.running.door.refresh().participants["01-001"].identity_destroyed_at is not None
    assert post(browser, "/participants/01-001/identity/", reason="telephone call").status_code == 422


def test_a_day_is_echoed_with_its_weekday(portals_at: PortalsAt) -> None:
    portals = portals_at()
    assert text(portals.client("coordinator.01").get("/day/?on=2026-03-05")) == "Thu 05 Mar 2026"
    assert (
        text(portals.client("coordinator.01", language="zh").get("/day/?on=2026-03-05")) == "2026年3月5日 星期四"
    )
    assert text(portals.client("coordinator.01").get("/day/?on=05/03")) == "year-month-day"
