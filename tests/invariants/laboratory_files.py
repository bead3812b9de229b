"""Files of a laboratory for the scripted trial: results with their manifest, written as a laboratory would."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from equipoise.conduct.laboratory.ranges import EnterLaboratory
from equipoise.trial.laboratory.steps import read_results

from .scripted import Scripted

HEADING = ("participant", "visit", "collected", "test", "value", "unit", "accession", "status")
NAME = "central"


def enter_laboratory(script: Scripted, **more: Any) -> None:
    """Let the central laboratory work for the trial; its clocks go by the time of Shanghai."""
    entered = EnterLaboratory(laboratory=NAME, name="Central laboratory", zone="Asia/Shanghai", **more)
    script.do(entered, "data manager")


def result(
    participant: str, collected: str, test: str, value: str, unit: str = "", accession: str = "A1", **more: str
) -> dict[str, str]:
    """A row of a file."""
    fields = {"participant": participant, "collected": collected, "test": test, "value": value}
    return {**fields, "unit": unit, "accession": accession, **more}


def write_results(
    folder: Path, script: Scripted, rows: Sequence[Mapping[str, str]], /, name: str = "results.csv", **said: Any
) -> tuple[Path, Path]:
    """Write a file and its manifest; return both."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADING, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    file, manifest = folder / name, folder / f"{name}.json"
    file.write_text(text.getvalue(), encoding="utf-8")
    told = {
        "laboratory": NAME,
        "file": name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "rows": len(rows),
        "code_list": script.version[:12],
        "created_at": "2026-01-05T10:00+08:00",
        "unit_system": "UCUM",
    }
    manifest.write_text(json.dumps({**told, **said}), encoding="utf-8")
    return file, manifest


def intent_of(folder: Path, script: Scripted, rows: Sequence[Mapping[str, str]], /, **said: Any) -> Any:
    """Write a file, and read it as the command does."""
    site = said.pop("site", None)
    return read_results(*write_results(folder, script, rows, **said), site)
