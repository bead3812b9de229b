"""Clinical data that another system sends as an ODM file: saved as forms, all of them or none."""

from pathlib import PurePath
from typing import Annotated

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from ninja import Query
from ninja.errors import HttpError

from ....conduct.door.chapters import ROLES
from ....conduct.transfer.several import SaveForms
from ....trial.received.steps import read_odm_forms
from ...accounts.models import Account
from ...shell.requests import here
from ...shell.trial import running
from ..answers import as_json
from ..endpoint import doing
from .steps import DryRun, Key, Recorded, keep_asked, recorded, request_key, require_same

LARGEST = 8 << 20
"""Bytes of an ODM file."""
Reason = Annotated[str, Query(max_length=1000, description="Why values that were there are changed.")]


class FormsSaved(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a file: how many forms it holds, and the events; none where all say what stands there."""

    file: str
    forms: int
    stored: bool
    again: bool = False
    events: tuple[Recorded, ...] = ()


@doing("/forms/odm", "forms_odm", body=("file",), answers=FormsSaved, roles=ROLES[SaveForms], largest=LARGEST)
def forms_odm(request: HttpRequest, key: Key = None, reason: Reason = "", dry_run: DryRun = False) -> HttpResponse:
    """Save the clinical data of an ODM file (1.3.2 or 2.0) as forms: every form, or nothing.

    The same decisions as for forms filled in on the pages; whatever is wrong is named. What stands there already
    is passed over.
    """
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile) or not sent.name:
        raise HttpError(400, "send file as a file of a form (multipart/form-data)")
    name, content, looking = PurePath(sent.name).name, sent.read(), here(request)
    open_trial, account = running(), _account(request)
    with open_trial.door.still() as trial:
        intent = read_odm_forms(
            open_trial, looking.by, name, content, site=looking.site, reason=reason.strip() or None
        )
        said = FormsSaved(file=name, forms=len(intent.forms), stored=not dry_run)
        if dry_run:
            open_trial.door.require_allowed(intent, looking.by)
            return as_json(said)
        asked, before = request_key(request, key), trial.sequence
        digest = require_same(account, asked, b"forms_odm " + reason.encode() + b"\n" + content)
        events = open_trial.door.submit(intent, looking.by, asked)
        keep_asked(account, asked, digest)
        again = bool(events) and events[0].sequence <= before
        return as_json(msgspec.structs.replace(said, again=again, events=recorded(events)))


def _account(request: HttpRequest) -> Account:
    found: Account = request.auth.account  # type: ignore[attr-defined]
    return found
