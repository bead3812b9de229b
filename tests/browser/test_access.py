"""Nobody is shut out by how a page is made: axe-core finds no violation, and nothing has to be scrolled sideways.

WCAG 2.2 AA, in both languages, at the width of a desk and of a tablet; reflow (1.4.10) at 320 px. The rules are
those of axe-core, kept beside for tests alone (axe/LICENSE.txt).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.work import prepared_work

from .persons import Person, log_in
from .served import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS, NARROW = (1280, 820), 320

AT = "/participants/01-001"
PAGES = {
    ("blinded", "coordinator.01"): (
        *("/", "/participants/", f"{AT}/", f"{AT}/forms/vitals/W0/1/", f"{AT}/forms/vitals/W0/1/history/weight/"),
        *(
            f"{AT}/eligibility/",
            f"{AT}/sign/",
            f"{AT}/history/",
            f"{AT}/steps/hold-visit/?of=W12",
            f"{AT}/casebook/",
        ),
        *("/site/queries/", "/account/", "/api/tokens/", "/nowhere/"),
    ),
    ("blinded", "investigator.01"): (f"{AT}/randomise/", "/participants/01-004/randomise/"),
    ("blinded", "data.manager"): (
        *("/quality/", "/quality/queries/", "/quality/review/", "/quality/deviations/", "/quality/coding/events/"),
        *("/trail/", "/safety/", "/statistics/", "/statistics/listings/", "/statistics/exports/", "/closing/"),
    ),
    ("blinded", "sponsor"): (
        "/standing/",
        "/people/",
        "/people/of/nurse.01/",
        "/sites/",
        "/sites/of/01/",
        "/versions/",
    ),
    ("unblinded", "pharmacist"): (
        *("/", "/preparations/", "/preparations/01-001/W4/", "/stock/", "/lots/", "/shipments/", "/returns/"),
        *("/envelopes/", "/record/"),
    ),
    ("unblinded", "investigator.01"): ("/code-break/", "/envelopes/opened/"),
    ("unblinded", "unblinder"): ("/cases/", "/stopping/"),
}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_main_page_shuts_anybody_out(trial_at: TrialAt, browser: "Browser", language: str) -> None:
    name, folder, _ = prepared_work("wheel")
    script = trial_at.copy(name, folder)
    found: list[str] = []
    with served(script) as at:
        for (side, person), pages in PAGES.items():
            looking = log_in(browser, getattr(at, side), person, language)
            for path in pages:
                status = looking.go(path)
                assert status == (404 if path == "/nowhere/" else 200), f"{person} {path}: {status}"
                for width in WIDTHS:
                    looking.page.set_viewport_size({"width": width, "height": 900})
                    found += [f"{person} {path} {width}: {one}" for one in violations(looking)]
                looking.page.set_viewport_size({"width": NARROW, "height": 900})
                if (wide := overflow(looking)) > 0:
                    found.append(f"{person} {path}: {wide} px wider than {NARROW} px")
            found += [f"{person}: {problem}" for problem in looking.problems if "404" not in problem]
            looking.page.context.close()
    assert not found, "\n".join(found)


def violations(looking: Person) -> list[str]:
    """Return what axe-core finds on the page that is shown."""
    looking.page.evaluate(AXE)
    told: dict[str, Any] = looking.page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})", RULES
    )
    return [f"{one['id']}: {node['html'][:200]}" for one in told["violations"] for node in one["nodes"]]


def overflow(looking: Person) -> int:
    """Return how many pixels the page is wider than the window."""
    wide: int = looking.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide


def test_a_page_that_shuts_somebody_out_would_be_found(browser: "Browser") -> None:
    page = browser.new_page(viewport={"width": NARROW, "height": 600})
    page.set_content('<html lang="en"><title>x</title><main><input><p style="width:900px">a</p></main></html>')
    looking = Person(page, "")
    assert any(one.startswith("label:") for one in violations(looking))
    assert overflow(looking) > 0
