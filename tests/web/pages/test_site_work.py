"""What is to be done today: for whom, and worked out anew only where something has happened."""

from collections.abc import Callable

import pytest
from tests.web.pages.site_steps import step, text, yesterday
from tests.web.portals import Portals

from equipoise.conduct.door.state import Participant
from equipoise.conduct.follow_up.worklist import Task, Worklist
from equipoise.conduct.organisation.people import EnterPerson
from equipoise.protocol import Protocol

PortalsAt = Callable[..., Portals]


def test_work_is_found_by_kind_and_number_and_goes_when_it_is_done(portals_at: PortalsAt) -> None:
    portals = portals_at("eligible", 4)
    browser = portals.client("investigator.01")
    assert "to be randomised" in text(browser.get("/"))
    assert "01-002" not in text(browser.get("/?number=01-001"))
    assert "Nothing waits" in text(browser.get("/?number=77"))
    for number in ("01-001", "01-002"):
        step(browser, number, "withdraw-consent", on=str(yesterday(portals)))
    assert "to be randomised" not in text(browser.get("/"))


def test_only_whom_something_concerns_is_looked_at_again(
    portals_at: PortalsAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    portals, asked, tasks_of = portals_at("allocated", 4), list[str](), Worklist.tasks_of

    def counted(worklist: Worklist, protocol: Protocol, person: Participant) -> tuple[Task, ...]:
        asked.append(person.id)
        return tasks_of(worklist, protocol, person)

    monkeypatch.setattr(Worklist, "tasks_of", counted)
    browser = portals.client("coordinator.01")

    def looked_at() -> list[str]:
        asked.clear()
        browser.get("/")
        return sorted(asked)

    assert looked_at() == ["01-001", "01-002"]
    assert looked_at() == []
    step(browser, "01-002", "unscheduled-visit", on=str(yesterday(portals)), reason="pain")
    assert looked_at() == ["01-002"]
    portals.script.do(EnterPerson(person="new", name="New"), "administrator")
    assert looked_at() == []


def test_who_has_no_work_at_sites_is_led_to_the_chapters(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    shown = text(portals.client("administrator").get("/"))
    assert "01-001" not in shown
