"""The main pages of a demonstration, as `equipoise serve --demo` serves it: each role looks at its own.

EQUIPOISE_PICTURES=FOLDER keeps a picture of each, of the shipped trial, in both languages, at the width of a desk
and of a tablet. Without it everybody of a smaller trial of the same protocol logs in once, in Chinese on a tablet.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from equipoise.trial.running import attach_trial
from equipoise.web.demo import PASSWORD

from .catalogue import MAIN, subjects_of
from .served import demonstrated
from .tour import DESK, TABLET, Seen, tour

if TYPE_CHECKING:
    from playwright.sync_api import Browser

KEPT = os.environ.get("EQUIPOISE_PICTURES", "")
SHIPPED = Path(__file__).parents[2] / "protocols" / "hucmsc_inr.yaml"
SMALLER = {
    "size: 72": "size: 12",
    "{count: 5, participants_per_month: 1.2}": "{count: 1, participants_per_month: 1.2}",
}
DEBRIS = re.compile(r"\bNone\b|[{}]|\b[a-z]+_[a-z_]+\b|datetime|Decimal\(")
"""What a page does not mean to say: objects of the program, and names of its fields."""
FOR_PROGRAMS = ("programs", "coding")
"""Pages that tell the names of fields: those of the interface for programs, and of the columns of a file."""
LOWEST = 400
"""Height in pixels of the lowest picture."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the user of the embedded server may enter, which one of pytest is not."""
    home = Path(tempfile.mkdtemp(prefix="equipoise-pictures-"))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.slow
def test_every_role_of_a_demonstration_finds_its_pages_in_order(browser: "Browser", folder: Path) -> None:
    pages = MAIN if KEPT else {who: theirs[:1] for who, theirs in MAIN.items()}
    ways = {"en": (DESK, TABLET), "zh": (DESK, TABLET)} if KEPT else {"zh": (TABLET,)}
    found: list[str] = []
    with demonstrated(protocol(folder), folder / "trial") as at:
        with attach_trial(folder / "trial") as running:
            subjects, trial = subjects_of(running, PASSWORD), running.door.trial
        for language, widths in ways.items():
            for seen in tour(browser, at, trial, subjects, language, pages):
                said = debris(seen) - {trial.trial} if language == "zh" else ()
                found += [f"{seen.name}: {one}" for one in (*seen.wrong, *said)]
                for width in widths:
                    seen.widen(width)
                    if seen.overflow > 0:
                        found.append(f"{seen.name}: {seen.overflow} px wider than {width} px")
                    if KEPT:
                        keep(seen, f"{seen.name}-{language}-{width}", width)
    assert not found, "\n".join(found)


def debris(seen: Seen) -> set[str]:
    """Return what a page in Chinese does not mean to say."""
    return set() if seen.name.endswith(FOR_PROGRAMS) else set(DEBRIS.findall(seen.looking.text))


def keep(seen: Seen, name: str, width: int) -> None:
    """Keep a picture of all of a page, through a window as high as the page: nothing floats over it."""
    height = seen.looking.page.evaluate("document.documentElement.getBoundingClientRect().height")
    seen.widen(width, max(LOWEST, int(height)))
    seen.looking.page.screenshot(path=Path(KEPT) / f"{name}.png", full_page=True)


def protocol(folder: Path) -> str:
    """Return the protocol of which a demonstration is served: where no pictures are kept, a smaller one."""
    if KEPT:
        Path(KEPT).mkdir(parents=True, exist_ok=True)
        return "hucmsc_inr"
    text = SHIPPED.read_text(encoding="utf-8")
    for old, new in SMALLER.items():
        assert old in text
        text = text.replace(old, new)
    smaller = folder / "hucmsc_inr.yaml"
    smaller.write_text(text, encoding="utf-8")
    return str(smaller)
