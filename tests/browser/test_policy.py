"""Under the policy of the pages a browser shows all that is meant to be shown, and complains of nothing.

A drawing that is opened by itself looks as it does without the policy; a one-time link is taken from behind the
`#` of its address.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.invariants.conftest import TrialAt

from equipoise.report.figures.running import plot_accrual, plot_courses, plot_sites
from equipoise.report.figures.style import as_attributes
from equipoise.report.language import Phrases
from equipoise.web.shell.settings import CONTENT

from .persons import Person, is_problem
from .served import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SAY = Phrases("en")
DAYS = [date(2026, 3, 2) + timedelta(days=3 * place) for place in range(20)]
COURSES = {f"01-{place:03}": [(0.0, 200.0 + place), (4.0, 231.0 - place)] for place in range(9)}
NEW = "a password by a link"


def shown(browser: "Browser", svg: str, policy: str) -> tuple[bytes, list[str]]:
    """Return a picture of a drawing that is opened by itself under a policy, and what the browser complains of."""
    page, said = browser.new_page(), list[str]()
    headers = {"Content-Type": "image/svg+xml; charset=utf-8", "Content-Security-Policy": policy}
    page.on("console", lambda told: said.append(told.text))
    page.route("**/*", lambda asked: asked.fulfill(body=svg, headers=headers))
    page.goto("http://portal.test/figure.svg")
    return page.screenshot(), said


def test_a_drawing_by_itself_looks_the_same_under_the_policy(browser: "Browser") -> None:
    figures = (
        plot_accrual(DAYS, DAYS[::2], 24, SAY),
        plot_courses(COURSES, "CD4", "cells/uL", SAY),
        plot_sites({"01": [1.0, 2.0, 9.0], "02": [4.0]}, "CD4", "cells/uL", SAY),
    )
    for figure in figures:
        meant, _ = shown(browser, figure.svg, "default-src 'self' 'unsafe-inline'")
        assert shown(browser, as_attributes(figure.svg), CONTENT) == (meant, [])
        spoilt, said = shown(browser, figure.svg, CONTENT)
        assert spoilt != meant, "a drawing by style would be seen to be spoilt"
        assert said


def test_a_link_is_taken_from_behind_its_address_and_goes_into_no_request(
    trial_at: TrialAt, browser: "Browser"
) -> None:
    from equipoise.web.accounts.links import make_link

    script = trial_at("allocated", 2)
    with served(script) as at:
        asked = list[tuple[str, str]]()
        page = browser.new_page()
        looking = Person(page, at.blinded)
        page.on("console", lambda said: looking.problems.append(said.text) if is_problem(said) else None)
        page.on("request", lambda one: asked.append((one.url, one.headers.get("referer", ""))))
        link = make_link(f"{at.blinded}/welcome/", script.running.folder, "nurse.01")
        token = urlsplit(link).fragment
        with page.expect_navigation(url="**/welcome/", wait_until="load"):
            page.goto(link)
        page.wait_for_selector("input[name=password]")
        assert "nurse.01" in looking.text
        assert page.url == f"{at.blinded}/welcome/"
        looking.fill(password=NEW, again=NEW)
        looking.press()
        assert page.url == f"{at.blinded}/accounts/login/"
        assert not [told for told in asked for where in told if token[:40] in where]
        assert not looking.problems
