"""A tour through the main pages: somebody in each role goes to their own, and does what is done there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from equipoise.conduct.door.state import Trial

from .catalogue import MAIN, Main, Side, person_in
from .persons import Person, log_in
from .served import Addresses

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TABLET, DESK = 820, 1280
"""Widths in pixels at which pages are looked at."""
MEANT = ("404", "403", "422")
"""What a browser complains of although the list says that a page answers so."""


@dataclass(frozen=True)
class Seen:
    """A main page as somebody sees it: what it is called, and what is wrong with the answer.

    Wrong is another status than the list says, and what the browser complains of.
    """

    name: str
    looking: Person
    wrong: tuple[str, ...]

    @property
    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        wide: int = self.looking.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wide

    def widen(self, width: int, height: int = 900) -> None:
        """Look at the page through a window of another width."""
        self.looking.page.set_viewport_size({"width": width, "height": height})


def tour(
    browser: "Browser",
    at: Addresses,
    trial: Trial,
    subjects: Mapping[str, str],
    language: str,
    pages: Mapping[tuple[Side, str], Sequence[Main]] = MAIN,
) -> Iterator[Seen]:
    """Give every main page that a trial has something for, as somebody in its role sees it."""
    for (side, role), theirs in pages.items():
        person = person_in(trial, role)
        assert person is not None, f"nobody is {role}"
        looking = log_in(browser, getattr(at, side), person, language, password=subjects["password"])
        for page in (one.fill(subjects) for one in theirs if not one.lacks(subjects)):
            looking.problems.clear()
            status = come_to(looking, page)
            wrong = [] if status == page.status else [f"{page.path}: {status}: {looking.text}"]
            wrong += [one for one in looking.problems if not any(code in one for code in MEANT)]
            yield Seen(f"{role} {page.name}".replace(" ", "-"), looking, tuple(wrong))
        looking.page.context.close()


def come_to(looking: Person, page: Main) -> int:
    """Go to a page and do there what is to be done; return the status of the last answer."""
    status = looking.go(page.path)
    looking.fill(**page.fields)
    button = looking.page.locator(page.press) if page.press else None
    if button is not None and button.count():
        with looking.page.expect_navigation() as answer:
            button.first.click()
        status = answer.value.status if answer.value else 0
    return status
