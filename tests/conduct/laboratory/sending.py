"""A laboratory that sends results to the desk of a site (`tests/conduct/forms/desk.py`)."""

from datetime import UTC, datetime
from typing import Any

from tests.conduct.forms.desk import WHO, Desk

from equipoise.conduct.door.fact import Fact
from equipoise.conduct.laboratory.manifest import Manifest, ResultRow
from equipoise.conduct.laboratory.ranges import EnterLaboratory
from equipoise.conduct.laboratory.results import ImportResults

VERSION = "a" * 64
HAEMATOLOGY = {"WBC": "5.1", "NEUT": "3.0", "LYM": "1.6", "HGB": "13.5", "PLAT": "210"}
UNITS = {
    **dict.fromkeys(("WBC", "NEUT", "LYM", "PLAT"), "10*9/L"),
    **dict.fromkeys(("CD4", "CD8"), "/uL"),
    "HGB": "g/dL",
    "CD8ACT": "%",
    "HIV1RNA": "{copies}/mL",
}


def served(desk: Desk) -> Desk:
    """Let a laboratory work for the desk's trial."""
    desk.trial.versions = [VERSION]
    desk.do(EnterLaboratory(laboratory="central", name="Central", zone="Asia/Shanghai"), role="data manager")
    return desk


def row(line: int, collected: str, test: str, value: str, **fields: str) -> ResultRow:
    """A row in the unit in which the laboratory measures."""
    given = {"participant": WHO, "unit": UNITS.get(test, ""), "accession": f"A-{collected[:10]}", **fields}
    return ResultRow(line=line, collected=collected, test=test, value=value, **given)


def panel(collected: str, values: dict[str, str], first: int = 2, **fields: str) -> list[ResultRow]:
    """The rows of a panel of one specimen."""
    return [
        row(number, collected, test, value, **fields) for number, (test, value) in enumerate(values.items(), first)
    ]


def file_of(rows: list[ResultRow], **said: Any) -> ImportResults:
    """A file of these rows."""
    told: dict[str, Any] = {
        "laboratory": "central",
        "file": "results.csv",
        "sha256": "0" * 64,
        "rows": len(rows),
        "code_list": VERSION[:12],
        "created_at": datetime(2024, 3, 1, tzinfo=UTC),
        "unit_system": "UCUM",
    }
    return ImportResults(manifest=Manifest(**{**told, **said}), rows=tuple(rows))


def send(desk: Desk, rows: list[ResultRow], **said: Any) -> list[Fact]:
    """Import a file, as the laboratory."""
    return desk.do(file_of(rows, **said), person="lab", role="laboratory")
