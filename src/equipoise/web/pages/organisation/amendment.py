"""An amendment: a protocol file is uploaded, tried on a copy of the trial, and issued once that was looked at.

Nothing is kept between the two: the page of the dry run carries the file, so that what is issued was tried.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ....errors import DecisionRefused, EquipoiseError
from ....trial.amendment.issue import DryRun, dry_run, issue_amendment
from ...shell.requests import for_roles, here, scoped_key
from ...words import say

LARGEST = 1_500_000
"""Bytes of the largest protocol file that is taken."""


@require_http_methods(["GET", "POST"])
@for_roles("sponsor")
def page(request: HttpRequest) -> HttpResponse:
    """Ask for the file of an amendment, and show what it would come to; nothing is recorded."""
    if request.method == "GET":
        return _show(request)
    looking = here(request)
    try:
        content = _read_upload(request)
        found = _with_file(content, lambda file: dry_run(looking.running, file, looking.by))
    except EquipoiseError as refusal:
        return _show(request, str(refusal))
    return _show(request, found=found, content=content)


@require_POST
@for_roles("sponsor")
def issue(request: HttpRequest) -> HttpResponse:
    """Issue what was tried; the trial is named again."""
    looking = here(request)
    try:
        content = b64decode(request.POST.get("content", ""), validate=True)
        if request.POST.get("trial", "").strip() != looking.trial.trial:
            found = _with_file(content, lambda file: dry_run(looking.running, file, looking.by))
            said = say("Type the short name of the trial as it stands at the top of the page, to confirm.")
            return _show(request, said, found, content)
        done = _with_file(
            content, lambda file: issue_amendment(looking.running, file, looking.by, scoped_key(request))
        )
    except binascii.Error:
        return _show(request, say("The file has not come whole; choose it again."))
    except EquipoiseError as refusal:
        return _show(request, str(refusal))
    messages.success(
        request,
        say(
            "Version {version} is issued. Next: activate each site once it is approved there.",
            version=done.version[:12],
        ),
    )
    return redirect("versions")


def _read_upload(request: HttpRequest) -> bytes:
    upload = request.FILES.get("protocol")
    if not isinstance(upload, UploadedFile):
        raise DecisionRefused(say("Choose the file of the amended protocol."))
    if upload.size is None or upload.size > LARGEST:
        raise DecisionRefused(say("The file is too large for a protocol. It has {size} bytes.", size=upload.size))
    return bytes(upload.read())


def _with_file(content: bytes, act: Callable[[str], DryRun]) -> DryRun:
    """Do something with the content as a file; where it is in error, the place is told within the file."""
    with TemporaryDirectory() as place:
        file = Path(place) / "amendment.yaml"
        file.write_bytes(content)
        try:
            return act(str(file))
        except EquipoiseError as error:
            raise DecisionRefused(str(error).replace(f"{place}/", "")) from error


def _show(
    request: HttpRequest, refusal: str = "", found: DryRun | None = None, content: bytes = b""
) -> HttpResponse:
    context: dict[str, Any] = {
        "title": say("Amend the protocol"),
        "refusal": refusal,
        "found": found,
        "content": b64encode(content).decode(),
        "surveyed": [] if found is None else _surveyed(found),
    }
    return render(request, "organisation/amend.html", context, status=422 if refusal else 200)


def _surveyed(found: DryRun) -> list[tuple[str, dict[str, int]]]:
    """Return what would be judged otherwise, with how often."""
    survey = found.found
    told = (
        (say("Edit checks that would newly not hold"), survey.raised),
        (say("Edit checks that would hold again"), survey.settled),
        (say("Items that would be derived otherwise"), survey.derived),
        (say("Visits that would fall in or out of their window"), survey.windows),
    )
    return [(what, counts) for what, counts in told if counts]
