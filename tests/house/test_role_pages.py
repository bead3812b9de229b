"""A page for each role: its permissions are those of the program, its commands are ones that the role may give."""

import re
import shlex
from pathlib import Path

import pytest
from tests.house.test_documents import COMMAND, DOCS

from equipoise.conduct.access.passwords import CHAPTER as PASSWORDS
from equipoise.conduct.access.questions import QUESTIONS
from equipoise.conduct.door.chapters import INTENTS, ROLES
from equipoise.conduct.organisation.wall import ROLES as HELD
from equipoise.trial.access.at_the_vault import HANDLERS

PAGES = sorted((DOCS / "conduct" / "roles").glob("*.md"))
SECTION = "\n## Your permissions\n"
PART = re.compile(r"^\*\*(.+)\*\*\n\n((?:- .+\n(?:  .+\n)*)+)", re.MULTILINE)
LINE = re.compile(r"^- ([^:]+): (.+(?:\n  .+)*)", re.MULTILINE)


def permissions(page: Path) -> dict[str, dict[str, set[str]]]:
    """What a page lists: by role, by title, the names."""
    listed = page.read_text(encoding="utf-8").split(SECTION)[1]
    return {
        role[0].lower() + role[1:]: {
            title: set(re.findall(r"`(\w+)`", names)) for title, names in LINE.findall(part)
        }
        for role, part in PART.findall(listed)
    }


def test_every_role_has_a_page_that_lists_what_it_may_do_and_nothing_else() -> None:
    told = {role: lists for page in PAGES for role, lists in permissions(page).items()}
    own = set(PASSWORDS.decisions)
    may = {
        role: {
            "Steps": {name for name, kind in INTENTS.items() if role in ROLES[kind] and kind not in own},
            "Of the vault": {name for name, roles in HANDLERS.items() if role in roles},
            "Is shown": {name for name, roles in QUESTIONS.items() if role in roles},
        }
        for role in HELD
    }
    assert told == {role: {title: names for title, names in lists.items() if names} for role, lists in may.items()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_tells_its_day_what_is_not_allowed_and_what_to_do_when_refused(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert "What you may not do, and why" in headings
    assert any(one.startswith(("When you are refused", "When something breaks")) for one in headings)
    assert COMMAND.search(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_steps_of_a_page_are_given_in_a_role_of_the_page_that_may_take_them(page: Path) -> None:
    roles = set(permissions(page))
    for line in COMMAND.findall(page.read_text(encoding="utf-8")):
        words = shlex.split(line)
        role = words[words.index("--role") + 1] if "--role" in words else None
        assert role is None or role in roles, line
        if words[0] == "step":
            assert role in ROLES[INTENTS[words[2]]], line
