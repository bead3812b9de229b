"""The documents keep up with the code: every command and field is described, every example runs."""

import re
from pathlib import Path

import pytest
import typer

from equipoise.cli import app
from equipoise.protocol import model

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def test_every_command_and_option_is_documented() -> None:
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    sections = {part.split("`")[0].split()[0]: part for part in page.split("## `equipoise ")[1:]}
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert sections.keys() == commands.keys()
    options = {
        (name, option)
        for name, command in commands.items()
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("--") and option != "--help"
    }
    assert not {(name, option) for name, option in options if f"`{option}`" not in sections[name]}


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


def pages_with_examples() -> list[Path]:
    return [page for page in sorted(DOCS.rglob("*.md")) if EXAMPLE.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", pages_with_examples(), ids=lambda p: str(p.relative_to(DOCS)))
def test_the_examples_of_a_page_run_from_top_to_bottom(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "example"}
    for block in EXAMPLE.findall(page.read_text(encoding="utf-8")):
        exec(compile(block, str(page), "exec"), names)


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda p: p.name)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (page.parent / target).exists()]


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
