"""The central laboratory of a rehearsal: for some weeks it measures a form for one site, and sends one file of it.

While it measures, nobody types the results of that form at the site; they come when the file does, with its
manifest. A file with a line that cannot be is tried first and must be refused whole; the right one is sent twice,
as happens, and counts once. Both files stay among the documents of the trial.
"""

import csv
import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...conduct.laboratory.ranges import EnterLaboratory
from ...errors import RecordCorrupt
from ...protocol import Protocol
from ...protocol.model import Form
from ...trial.laboratory.steps import import_results, read_results
from .calendar import Script, at_site
from .desk import Desk
from .staff import HOME, MANAGER, MANAGES

if TYPE_CHECKING:
    from .clinic.paperwork import Page

AFTER, MEASURES = timedelta(weeks=16), timedelta(weeks=4)
"""How long after the opening it begins to measure, and for how long."""

FOLDER, NAME, IMPORTS = "laboratory", "central", "laboratory"
HEADING = ("participant", "visit", "collected", "test", "value", "unit")
_NOBODY = "99-999"


class CentralLaboratory:
    """A laboratory that measures for the first site; its files go into a folder of `documents`."""

    def __init__(self, desk: Desk, opening: date, documents: Path) -> None:
        self._desk, self._opening, self._folder = desk, opening, documents / FOLDER
        self._site = desk.sites[0]
        self._form = _suited(desk.protocol)
        self._measures = False
        self._rows: list[dict[str, str]] = []

    def takes(self, page: "Page", values: dict[str, Any]) -> bool:
        """Take the results of a page for the file, where this laboratory measures them; then nobody types them."""
        if not self._measures or (page.form, page.site.number) != (self._form, self._site.number):
            return False
        items = self._desk.protocol_of(page.participant).forms[page.form].items
        for name, value in values.items():
            item = items[name]
            row = (page.participant, page.visit, f"{page.on}", item.testcd or name, f"{value}", item.unit or "")
            self._rows.append(dict(zip(HEADING, row, strict=True)))
        return True

    def keep(self) -> Script:
        """Let the laboratory into the trial, measure, and send its file."""
        yield at_site(HOME, self._opening + AFTER, 7)
        if self._form is None:
            return
        enters = EnterLaboratory(
            laboratory=NAME, name="Virtual central laboratory", zone=self._site.zone, sites=(self._site.number,)
        )
        self._desk.for_all(MANAGER, MANAGES, enters)
        self._measures = True
        yield at_site(HOME, self._opening + AFTER + MEASURES, 7)
        self._measures = False
        if self._rows:
            self._send()

    def _send(self) -> None:
        desk, by = self._desk, self._desk.by(IMPORTS, "laboratory", self._site.zone)
        self._folder.mkdir(parents=True)
        wrong = read_results(*self._write("refused", [*self._rows, {**self._rows[0], "participant": _NOBODY}]))
        desk.refused_step(
            "a file of the laboratory with a line that cannot be",
            lambda: import_results(desk.running, None, by, wrong),
        )
        right = read_results(*self._write("results", self._rows), self._site.number)
        events = import_results(desk.running, None, by, right)
        if import_results(desk.running, None, by, right) != events:
            raise RecordCorrupt(f"the same file of the laboratory was imported twice. Got {right.manifest.file}")
        desk.tell(events)
        desk.counts["files of the laboratory imported"] += 1
        desk.counts["results of the laboratory imported"] += len(self._rows)

    def _write(self, name: str, rows: list[dict[str, str]]) -> tuple[Path, Path]:
        """Write a file of results and its manifest; return both."""
        file, manifest = self._folder / f"{NAME}-{name}.csv", self._folder / f"{NAME}-{name}.json"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, HEADING, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        said = {
            "laboratory": NAME,
            "file": file.name,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "rows": len(rows),
            "code_list": self._desk.version[:12],
            "created_at": self._desk.calendar.now.isoformat(),
        }
        manifest.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        return file, manifest


def _suited(protocol: Protocol) -> str | None:
    """Return the first form of laboratory results that nothing waits for: neither entry, nor a second entry."""
    masked = protocol.blinding.masked_after_randomisation
    twice = () if protocol.quality is None else protocol.quality.double_entry
    return next(
        (
            name
            for name, form in protocol.forms.items()
            if form.sdtm == "LB" and not form.repeats and not {*form.items} & {*masked, *twice} and _is_plain(form)
        ),
        None,
    )


def _is_plain(form: Form) -> bool:
    return all(item.testcd and item.is_number and not item.critical for item in form.items.values())
