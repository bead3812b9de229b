"""A file of laboratory results with its manifest: every line or nothing; the same file again adds nothing."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from ninja import Query
from ninja.errors import HttpError

from ....conduct.door.chapters import ROLES, read_fact
from ....conduct.laboratory.results import ImportResults, ResultsImported
from ....errors import DataError
from ....line import VaultClient
from ....trial.folder import find_door
from ....trial.laboratory.steps import READERS, check_results, import_results, read_results
from ...shell.requests import here
from ...shell.trial import running
from ..answers import as_json
from ..endpoint import doing
from .steps import DryRun, Recorded, recorded

LARGEST = 32 << 20
"""Bytes of a file of results with its manifest."""
FILES = ("file", "manifest")
Site = Annotated[str, Query(max_length=100, description="The site whose results these are; empty: those of all.")]


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a file: how many results it holds, and the events of it; none where it was a dry run."""

    file: str
    rows: int
    stored: bool
    again: bool = False
    said: str = ""
    events: tuple[Recorded, ...] = ()


@doing(
    "/laboratory/results",
    "laboratory_results",
    body=FILES,
    answers=Imported,
    roles=ROLES[ImportResults],
    largest=LARGEST,
)
def laboratory_results(request: HttpRequest, site: Site = "", dry_run: DryRun = False) -> HttpResponse:
    """Import a file of results (CSV or ODM) with its manifest: every line, or nothing.

    What is wrong is said line by line. The content of a file is its request key: sent again, it adds nothing.
    """
    with tempfile.TemporaryDirectory() as home:
        file, manifest = (_received(request, name, Path(home)) for name in FILES)
        try:
            intent = read_results(file, manifest, site or here(request).site)
        except DataError as error:
            raise DataError(str(error).replace(f"{home}/", "").replace("manifest/", "")) from None
    return as_json(_check(request, intent) if dry_run else _import(request, intent))


def _received(request: HttpRequest, name: str, home: Path) -> Path:
    """Write a file of the form under the name that it was sent with, without its path; HttpError without one."""
    sent = request.FILES.get(name)
    if not isinstance(sent, UploadedFile) or not sent.name:
        raise HttpError(400, f"send {' and '.join(FILES)} as files of a form (multipart/form-data)")
    folder = home / name if name == "manifest" else home
    folder.mkdir(exist_ok=True)
    ending = Path(sent.name).suffix.lower()
    if name == "file" and ending not in READERS:
        raise HttpError(400, f"a file of results ends in {', '.join(READERS)}")
    path = folder / Path(sent.name).name
    path.write_bytes(sent.read())
    return path


def _check(request: HttpRequest, intent: ImportResults) -> Imported:
    check_results(running(), here(request).by, intent)
    return Imported(file=intent.manifest.file, rows=len(intent.rows), stored=False)


def _import(request: HttpRequest, intent: ImportResults) -> Imported:
    """Import a file, with the vault's blinded door at hand for what only the vault may keep."""
    open_trial = running()
    door = find_door(open_trial.folder.path, unblinded=False)
    with ExitStack() as closing, open_trial.door.still() as trial:
        vault = None if door is None else VaultClient(door)
        if vault is not None:
            closing.callback(vault.close)
        before, services = trial.sequence, open_trial.door.services
        try:
            events = import_results(open_trial, vault, here(request).by, intent)
        finally:
            open_trial.door.services = services
        imported = next(fact for event in events if isinstance(fact := read_fact(event), ResultsImported))
        return Imported(
            file=intent.manifest.file,
            rows=len(intent.rows),
            stored=True,
            again=events[0].sequence <= before,
            said=imported.tell(),
            events=recorded(events),
        )
