"""A browser for tests, and the folder in which its pictures are kept."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.invariants.conftest import protocols_are_read_once, trial_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["each_server", "protocols_are_read_once", "trial_at"]

CHROMIUM = Path("/usr/bin/chromium")
NO_CHROMIUM = "no Chromium of Debian on this machine (package chromium)"


@pytest.fixture
def each_server() -> str:
    """The server of the wheel."""
    return "wheel"


@pytest.fixture
def browser() -> "Iterator[Browser]":
    """Give Debian's Chromium; skip where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(NO_CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield started
        started.close()


@pytest.fixture
def picture(tmp_path: Path) -> "Callable[[Page, str], None]":
    """Give who keeps a picture of a page, in the folder of EQUIPOISE_PICTURES where that is set."""
    folder = Path(os.environ.get("EQUIPOISE_PICTURES", tmp_path / "pictures"))
    folder.mkdir(parents=True, exist_ok=True)

    def keep(page: "Page", name: str) -> None:
        page.screenshot(path=folder / f"{name}.png", full_page=True)

    return keep
