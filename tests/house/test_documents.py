"""The documents keep up with the code: every command and field is described, every example runs."""

import re
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest
import typer

from equipoise.cli import app
from equipoise.conduct.door.chapters import FACTS, INTENTS, ROLES
from equipoise.protocol import model
from equipoise.vault.events.state import KINDS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^ {4,}(?:\$ )?equipoise (\w+.*)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
ANCHOR = re.compile(r"\]\(((?!https?:)[^)#\s]*)#([^)\s]+)\)")


def test_every_command_and_option_is_documented() -> None:
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    sections = {part.split("`")[0].split()[0]: part for part in page.split("## `equipoise ")[1:]}
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert sections.keys() == commands.keys()
    within = {(name, one) for name, group in commands.items() for one in getattr(group, "commands", {})}
    assert not {
        f"{name} {one}" for name, one in within if f"`{name} {one}" not in sections[name].replace("equipoise ", "")
    }
    options = {
        (name, option)
        for name, group in commands.items()
        for command in (group, *getattr(group, "commands", {}).values())
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    }
    assert not {(name, option) for name, option in options if not re.search(rf"{option}\b", sections[name])}


def test_every_field_of_a_protocol_is_documented() -> None:
    page = (DOCS / "reference" / "protocol.md").read_text(encoding="utf-8")
    missing = [
        f"{name}.{field}"
        for name, kind in vars(model).items()
        if isinstance(kind, type) and issubclass(kind, model.Element)
        for field in kind.model_fields
        if f"`{field}`" not in page and f"`{field}:" not in page
    ]
    assert not missing


def rows_of(part: str) -> dict[str, list[str]]:
    """The rows of the tables in a part of a page, by the name in their first cell."""
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells for cells in rows}


def not_described(kinds: Mapping[str, type[msgspec.Struct]], rows: Mapping[str, list[str]]) -> Iterator[str]:
    for name, kind in kinds.items():
        cell = rows.get(name, ["", ""])[1]
        if name not in rows:
            yield name
        yield from (f"{name}.{field}" for field in kind.__struct_fields__ if f"`{field}`" not in cell)


def test_every_step_and_fact_is_documented() -> None:
    page = (DOCS / "reference" / "steps.md").read_text(encoding="utf-8")
    steps, facts = page.split("\n## Facts\n")
    facts, vault = facts.split("\n## What the vault's own record says\n")
    for kinds, part in ((INTENTS, steps), (FACTS, facts), (KINDS, vault)):
        rows = rows_of(part)
        assert not list(not_described(kinds, rows))
        assert not rows.keys() - kinds.keys()


def test_every_step_is_documented_with_its_roles_and_with_facts_that_there_are() -> None:
    page = (DOCS / "reference" / "steps.md").read_text(encoding="utf-8")
    rows = rows_of(page.split("\n## Facts\n")[0])
    roles = {(name, role) for name, kind in INTENTS.items() for role in ROLES[kind]}
    assert not {(name, role) for name, role in roles if role not in rows[name][2]}
    recorded = {name: re.findall(r"`([A-Z][A-Za-z]+)`", cells[3]) for name, cells in rows.items()}
    assert all(recorded.values())
    assert not {fact for named in recorded.values() for fact in named} - FACTS.keys()


@pytest.mark.parametrize("page", sorted(DOCS.glob("conduct/**/*.md")), ids=lambda p: p.name)
def test_commands_quoted_are_commands_that_there_are(page: Path) -> None:
    for line in COMMAND.findall(page.read_text(encoding="utf-8")):
        command, words = typer.main.get_command(app), shlex.split(line)
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        assert not [word for word in words if word.startswith("--") and word not in known]
        if command.name == "step":
            _, step, *fields = words[: words.index("--by")] if "--by" in words else words
            assert not {field.partition("=")[0] for field in fields} - set(INTENTS[step].__struct_fields__)


def pages_with_examples() -> list[Path]:
    return [page for page in sorted(DOCS.rglob("*.md")) if EXAMPLE.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", pages_with_examples(), ids=lambda p: str(p.relative_to(DOCS)))
def test_the_examples_of_a_page_run_from_top_to_bottom(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # not pytest's folder: a second run of the tests shuts it to the user that the embedded server runs as
    with tempfile.TemporaryDirectory(prefix="equipoise-page-") as folder, monkeypatch.context() as here:
        here.chdir(folder)
        names: dict[str, object] = {"__name__": "example"}
        for block in EXAMPLE.findall(page.read_text(encoding="utf-8")):
            exec(compile(block, str(page), "exec"), names)


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda p: p.name)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda p: p.name)
def test_links_to_a_part_of_a_document_lead_to_one_of_its_headings(page: Path) -> None:
    for target, part in ANCHOR.findall(page.read_text(encoding="utf-8")):
        text = (page.parent / target if target else page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        assert part in {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_the_protocols_quoted_in_the_tutorial_are_the_shipped_ones() -> None:
    shipped = {
        line.split(" #")[0].rstrip()
        for path in (ROOT / "protocols").glob("*.yaml")
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    quoted = [
        line.split(" #")[0].rstrip()
        for page in [ROOT / "README.md", *DOCS.glob("tutorial/*.md")]
        for block in re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    assert quoted
    assert not [line for line in quoted if line not in shipped]
