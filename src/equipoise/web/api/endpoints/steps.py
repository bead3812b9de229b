"""Every step of conduct by its name: the same decisions as on the pages, under a request key.

A step that is sent again under its key is not done again: what it led to is answered once more. Another step under
a key that was used is a conflict.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header, Query
from ninja.errors import HttpError

from ....conduct.door.chapters import INTENTS, ROLES, read_fact
from ....conduct.door.fact import Intent
from ....record import Event
from ....trial.running import RunningTrial
from ...accounts.models import Account, Asked
from ...shell.requests import here
from ...shell.trial import running
from ..answers import as_json
from ..endpoint import doing

ELSEWHERE: Mapping[str, str] = {
    "Sign": "a signature takes the password of who signs, on the page of the participant",
    "ReportPasswordSet": "recorded where a password is set",
    "ReportPasswordRefused": "recorded where a password is typed",
    "GiveLink": "recorded where the link is shown",
    "ResetSecondFactor": "done on the page of the person",
    "OpenWayIn": "done on the pages of the vault",
    "ReadIdentity": "who a participant is is shown on their page, for a reason",
    "ExportData": "recorded by the endpoints that give out data",
    "ReportCodeBreak": "a code is broken on the pages of the vault",
    "UnblindTrial": "codes are opened with the passphrases of both holders",
    "ImportResults": "recorded by the endpoint for files of laboratories",
}
"""Steps that are not done by their name, and why."""
OFFERED: Mapping[str, type[Intent]] = {name: one for name, one in INTENTS.items() if name not in ELSEWHERE}
LONGEST_KEY = 60

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=LONGEST_KEY,
        pattern=r"^[!-~]+$",
        description="Names the step; sent again, it is not done again. Needed but for a dry run.",
    ),
]
DryRun = Annotated[bool, Query(description="Only say whether the step would be refused; nothing is recorded.")]


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a step has led to; `hash` is its receipt."""

    sequence: int
    at: datetime
    kind: str
    participant: str | None
    said: str
    hash: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What a step has led to, now or when it was sent before (`again`); nothing where it was a dry run."""

    events: tuple[Recorded, ...]
    again: bool = False


def request_key(request: HttpRequest, key: str | None) -> str:
    """Return the request key of the record for a key: it names person and purpose; HttpError without a key."""
    if key is None:
        raise HttpError(400, "say Idempotency-Key: a text of your choice that names this step and no other")
    token = request.auth  # type: ignore[attr-defined]
    return f"{here(request).person[:40]} #{token.account.id} by program ({token.purpose}) {key}"


def require_same(account: Account, request: str, content: bytes) -> str:
    """Return the hash of what is asked; HttpError where the key was used for something else."""
    digest = hashlib.sha256(content).hexdigest()
    name = hashlib.sha256(request.encode()).hexdigest()
    known = Asked.objects.filter(account=account, key=name).first()
    if known is not None and known.content != digest:
        raise HttpError(409, "this Idempotency-Key was used for another request; use a new one")
    return digest


def keep_asked(account: Account, request: str, digest: str) -> None:
    """Keep what was asked under a key."""
    name = hashlib.sha256(request.encode()).hexdigest()
    Asked.objects.get_or_create(account=account, key=name, defaults={"content": digest})


def recorded(events: tuple[Event, ...]) -> tuple[Recorded, ...]:
    """Say what was recorded."""
    return tuple(
        Recorded(
            sequence=event.sequence,
            at=event.at,
            kind=event.kind,
            participant=event.participant,
            said=read_fact(event).tell(),
            hash=event.hash.hex(),
        )
        for event in events
    )


def read_body(request: HttpRequest, kind: type[Any]) -> Any:
    """Return the body as what it must be; HttpError says which field is unknown, missing or wrong."""
    if request.content_type != "application/json":
        raise HttpError(415, "the body of this request is JSON; say Content-Type: application/json")
    try:
        return msgspec.json.decode(request.body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise HttpError(400, f"the body cannot be read: {error}") from error


def _require_seen(request: HttpRequest, intent: Intent) -> None:
    """Answer for a participant of another site as for nobody."""
    looking, number = here(request), getattr(intent, "participant", None)
    if number is not None:
        known = looking.trial.participants.get(number)
        if known is None or not looking.may_see(known.site):
            raise Http404


def _step(intent: type[Intent]) -> Callable[..., HttpResponse]:
    def step(request: HttpRequest, key: Key = None, dry_run: DryRun = False) -> HttpResponse:
        asked = read_body(request, intent)
        open_trial: RunningTrial = running()
        account: Account = request.auth.account  # type: ignore[attr-defined]
        with open_trial.door.still() as trial:
            _require_seen(request, asked)
            if dry_run:
                open_trial.door.require_allowed(asked, here(request).by)
                return as_json(Done(events=()))
            name, before = request_key(request, key), trial.sequence
            digest = require_same(account, name, intent.__name__.encode() + msgspec.json.encode(asked))
            events = open_trial.door.submit(asked, here(request).by, name)
            keep_asked(account, name, digest)
            again = bool(events) and events[0].sequence <= before
            return as_json(Done(events=recorded(events), again=again))

    step.__doc__ = intent.__doc__
    return step


for _name, _intent in OFFERED.items():
    doing(f"/steps/{_name}", _name, body=_intent, answers=Done, roles=ROLES[_intent])(_step(_intent))
