"""Data given out as files: SDTM datasets, ODM, the record; blinded, for a purpose, and each an event."""

import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse

from ....conduct.closing.exports import ExportData
from ....conduct.door.chapters import ROLES
from ....datasets.odm import Version
from ....report.folder import pack_folder
from ....trial.exports.data import export_data
from ....trial.exports.lines import LINES, export_record
from ....trial.exports.odm import ODM, export_odm
from ....trial.running import RunningTrial
from ...shell.requests import here
from ...shell.trial import running
from ..answers import as_file
from ..endpoint import doing
from .steps import read_body, request_key

EXPORTERS = ROLES[ExportData]
AUDITOR = ("auditor",)


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the data are given out for, such as: open report for the safety board."""

    purpose: str


class Datasets(Purpose, frozen=True, forbid_unknown_fields=True):
    """What the datasets are given out for, and in which format."""

    format: Literal["dataset-json", "csv", "xpt"] = "dataset-json"


class Clinical(Purpose, frozen=True, forbid_unknown_fields=True):
    """What the clinical data are given out for, and in which version of ODM."""

    version: Version = "1.3.2"


Write = Callable[[RunningTrial, Path, Any, str], Path]
"""Writes what is asked for into a folder, under a request key; returns the file, or the folder of files."""


def _give_out(request: HttpRequest, kind: type[Purpose], write: Write) -> HttpResponse:
    """Write an export and give it as the answer; whoever asks again gets the data of then, as another event."""
    asked = read_body(request, kind)
    name = request_key(request, str(uuid.uuid4()))
    with tempfile.TemporaryDirectory() as home:
        return _answer(write(running(), Path(home), asked, name))


def _answer(written: Path) -> HttpResponse:
    if written.is_file():
        kind = "application/xml" if written.suffix == ".xml" else "application/jsonl"
        return as_file(written.read_bytes(), written.name, kind)
    return as_file(pack_folder(written), f"{written.name}.zip", "application/zip")


@doing("/exports/sdtm", "sdtm", body=Datasets, answers="application/zip", roles=EXPORTERS)
def sdtm(request: HttpRequest) -> HttpResponse:
    """Give out the blinded data of all sites as SDTM datasets in a ZIP file; this is recorded, and why."""

    def write(open_trial: RunningTrial, home: Path, asked: Datasets, name: str) -> Path:
        out = home / "sdtm"
        by = here(request).by
        export_data(open_trial, by, out, asked.purpose, kind=asked.format, request=name)
        return out

    return _give_out(request, Datasets, write)


@doing("/exports/odm", "odm", body=Clinical, answers="application/xml", roles=EXPORTERS)
def odm(request: HttpRequest) -> HttpResponse:
    """Give out the clinical data with their audit trail as ODM 1.3.2 or 2.0; this is recorded, with its purpose.

    Who acts at one site gets the data of this site.
    """

    def write(open_trial: RunningTrial, home: Path, asked: Clinical, name: str) -> Path:
        looking, out = here(request), home / ODM
        export_odm(
            open_trial, looking.by, out, asked.purpose, site=looking.site, version=asked.version, request=name
        )
        return out

    return _give_out(request, Clinical, write)


@doing("/exports/record", "record", body=Purpose, answers="application/jsonl", roles=AUDITOR)
def record(request: HttpRequest) -> HttpResponse:
    """Give out the whole blinded record as JSON Lines, whose chain can be verified; this is recorded."""

    def write(open_trial: RunningTrial, home: Path, asked: Purpose, name: str) -> Path:
        export_record(open_trial, here(request).by, home / LINES, asked.purpose, request=name)
        return home / LINES

    return _give_out(request, Purpose, write)
