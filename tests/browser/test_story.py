"""One participant from screening to the visit of week 4, by four people in four browsers, in both languages.

Everything is done on the pages, as a site and its pharmacy do it: real processes, a real browser, the vault open
beside. Pictures of the pages are kept on the way.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import LATE

from .persons import Person, log_in
from .served import PASSWORD, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WHO = "01-001"
CLOSE = "main button[value=close]"


@pytest.mark.slow
def test_a_participant_is_carried_from_screening_to_a_later_visit(
    trial_at: TrialAt, browser: "Browser", picture: "Callable[[Page, str], None]"
) -> None:
    script = trial_at()
    today, before = script.today(), script.today() - LATE
    with served(script) as at:
        coordinator = log_in(browser, at.blinded, "coordinator.01", "en")
        investigator = log_in(browser, at.blinded, "investigator.01", "zh")
        pharmacist = log_in(browser, at.unblinded, "pharmacist", "en")
        nurse = log_in(browser, at.blinded, "nurse.01", "zh")
        screen(coordinator)
        consent = {"document": "en 1.0", "on": str(before)}
        coordinator.send(f"/participants/{WHO}/steps/sign-consent/", **consent)
        hold(coordinator, "SCR", before)
        save(coordinator, "demography/SCR", before, age="41", sex="F", pregnant="N")
        save(coordinator, "vitals/SCR", before, weight="61.3", pulse="70")
        save(coordinator, "immunology/SCR", before, cd4="210")
        investigator.go(f"/participants/{WHO}/eligibility/")
        investigator.fill(**{"judged-I3": "Y"})
        picture(investigator.page, "eligibility-zh")
        investigator.press()
        hold(coordinator, "W0", today)
        investigator.go(f"/participants/{WHO}/randomise/")
        investigator.fill(number=WHO)
        picture(investigator.page, "randomise-zh")
        investigator.press()
        picture(investigator.page, "participant-zh")
        save(coordinator, "vitals/W0", today, weight="61.3", pulse="72")
        save(coordinator, "immunology/W0", today, cd4="215")
        investigator.send(f"/participants/{WHO}/steps/order-infusion/?of=W0")
        prepare(pharmacist, picture)
        save(nurse, "infusion/W0", today, infused="Y", infused_at=f"{today}T00:05")
        picture(coordinator_at_participant(coordinator), "participant-en")
        assert [one.problems for one in (coordinator, investigator, pharmacist, nurse)] == [[], [], [], []]
    script.running.door.refresh()
    script.wait(28)
    with served(script) as at:
        coordinator = log_in(browser, at.blinded, "coordinator.01", "en")
        nurse = log_in(browser, at.blinded, "nurse.01", "zh")
        hold(coordinator, "W4", script.today())
        conflict(coordinator, nurse, picture)
        investigator = log_in(browser, at.unblinded, "investigator.01", "en")
        break_the_code(investigator, picture)
    known = script.running.door.refresh().participants[WHO]
    assert known.allocation is not None
    assert known.visits["W4"].on == script.today()
    assert known.forms["W4/vitals/1"].values["pulse"].value == 77
    assert known.infusions[f"{WHO}/W0"].bag is not None


def screen(coordinator: Person) -> None:
    """Enter a person into screening, by the keyboard alone."""
    coordinator.go("/participants/")
    page = coordinator.page
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "name":
            break
    shown = "(s => s.outlineStyle + s.boxShadow)(getComputedStyle(document.activeElement))"
    assert page.evaluate(shown) != "nonenone", "where the keyboard is can be seen"
    page.keyboard.type("Li Xia")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "birth_date"
    page.keyboard.type("1984-05-06")
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "sex":
            page.keyboard.press("Space")
            break
    page.focus("main [name=birth_date]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert WHO in coordinator.text


def hold(coordinator: Person, visit: str, on: object) -> None:
    """Record that a visit was held."""
    coordinator.send(f"/participants/{WHO}/steps/hold-visit/?of={visit}", on=str(on))
    assert f"/participants/{WHO}/" in coordinator.page.url, coordinator.text


def save(person: Person, form: str, on: object, **values: str) -> None:
    """Fill a form in and save it."""
    assert person.go(f"/participants/{WHO}/forms/{form}/1/") == 200
    person.fill(on=str(on), **{f"item-{name}": value for name, value in values.items()})
    said = person.press(CLOSE)
    assert person.page.url.endswith(f"/participants/{WHO}/"), said


def prepare(pharmacist: Person, picture: "Callable[[Page, str], None]") -> None:
    """Compute the dose on the vault's pages and give the bag out."""
    pharmacist.go("/preparations/")
    picture(pharmacist.page, "preparations-en")
    assert WHO in pharmacist.text
    pharmacist.go(f"/preparations/{WHO}/W0/")
    said = pharmacist.press("main button[value=issue]")
    picture(pharmacist.page, "dose-en")
    assert "B-" in said


def coordinator_at_participant(coordinator: Person) -> "Page":
    """Go to the participant's own page."""
    coordinator.go(f"/participants/{WHO}/")
    return coordinator.page


def conflict(coordinator: Person, nurse: Person, picture: "Callable[[Page, str], None]") -> None:
    """Let two people fill in the same form at once: the second is shown what the first has saved."""
    address = f"/participants/{WHO}/forms/vitals/W4/1/"
    for person, pulse in ((coordinator, "71"), (nurse, "77")):
        person.go(address)
        person.fill(**{"item-weight": "61.3", "item-pulse": pulse})
    picture(coordinator.page, "form-en")
    coordinator.press(CLOSE)
    said = nurse.press(CLOSE)
    assert "71" in said, "what was saved meanwhile is shown"
    assert nurse.page.input_value("main [name=item-pulse]") == "77", "what was typed is kept"
    picture(nurse.page, "conflict-zh")
    nurse.fill(reason="read again on the chart")
    nurse.press(CLOSE)
    assert nurse.page.url.endswith(f"/participants/{WHO}/"), nurse.text


def break_the_code(investigator: Person, picture: "Callable[[Page, str], None]") -> None:
    """Break the code of the participant, with reason and password."""
    investigator.go("/code-break/")
    options = investigator.page.locator("main select[name=why] option, main input[name=why]")
    why = next(value for one in options.all() if (value := one.get_attribute("value")))
    investigator.fill(participant=WHO, again=WHO, why=why, reason="bleeding, to be operated today")
    investigator.page.fill("main [name=password]", PASSWORD)
    picture(investigator.page, "code-break-en")
    said = investigator.press("main form[method=post] button")
    assert "anary" in said, said
