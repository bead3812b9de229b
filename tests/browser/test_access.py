"""Nobody is shut out by how a page is made: axe-core finds no violation, and nothing has to be scrolled sideways.

WCAG 2.2 AA on every main page, in English at the width of a desk, in Chinese at that of a tablet; reflow (1.4.10)
at 320 px. The rules are those of axe-core, kept beside for tests alone (axe/LICENSE.txt).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.work import prepared_work
from tests.web.holding.people import let_everybody_in

from .catalogue import MAIN, subjects_of
from .persons import Person
from .served import PASSWORD, served
from .tour import DESK, TABLET, Seen, tour

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW = 320
LOOKED_AT = (("en", DESK), ("zh", TABLET))
"""In which language at which width, in pixels."""
WITHOUT = {
    *("coordinator receipt", "coordinator answer", "nurse check", "data manager query"),
    *("medical monitor case", "safety unblinder case", "safety board statistician report-made"),
}
"""Pages of which the scripted trial has none: it is without kits, clocks, data cuts and queries."""


@pytest.mark.slow
def test_no_main_page_shuts_anybody_out(trial_at: TrialAt, browser: "Browser") -> None:
    name, folder, _ = prepared_work("wheel")
    script = trial_at.copy(name, folder)
    let_everybody_in(script)
    subjects = subjects_of(script.running, PASSWORD)
    lacking = {f"{role} {one.name}" for (_, role), pages in MAIN.items() for one in pages if one.lacks(subjects)}
    assert lacking == WITHOUT
    found: list[str] = []
    with served(script) as at:
        for language, width in LOOKED_AT:
            for seen in tour(browser, at, script.trial, subjects, language):
                seen.widen(width)
                wrong = [*seen.wrong, *violations(seen.looking)]
                seen.widen(NARROW)
                if seen.overflow > 0:
                    wrong.append(f"{seen.overflow} px wider than {NARROW} px")
                seen.widen(width)
                found += [f"{seen.name} {language}: {one}" for one in wrong]
    assert not found, "\n".join(found)


def violations(looking: Person) -> list[str]:
    """Return what axe-core finds on the page that is shown."""
    looking.page.evaluate(AXE)
    told: dict[str, Any] = looking.page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
    )
    return [f"{one['id']}: {node['html'][:200]}" for one in told["violations"] for node in one["nodes"]]


def test_a_page_that_shuts_somebody_out_would_be_found(browser: "Browser") -> None:
    page = browser.new_page(viewport={"width": NARROW, "height": 600})
    page.set_content('<html lang="en"><title>x</title><main><input><p style="width:900px">a</p></main></html>')
    seen = Seen("a page", Person(page, ""), ())
    assert any(one.startswith("label:") for one in violations(seen.looking))
    assert seen.overflow > 0
