"""What a page asks of the vault: by the table of the vault's own guard, each opening by a button.

A page that is only looked at asks for nothing that tells an arm, so that no reload, no prefetch and no address in
a history opens anything; and each opening is an event of the vault.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from ...errors import DataError, DecisionRefused
from ...trial.access.at_the_vault import HANDLERS
from ...trial.steps import stamp_of
from ..beside.line import vault_line
from ..shell.requests import LONGEST_KEY, Page, for_roles, here

Result = TypeVar("Result")


def asks(*handlers: str) -> Callable[[Page[Any]], Page[Any]]:
    """Let a page be seen by the roles that may ask the vault for one of these handlers; by nobody else."""
    return for_roles(*dict.fromkeys(role for name in handlers for role in HANDLERS[name]))


def may_ask(request: HttpRequest, handler: str) -> bool:
    """Return whether the role of who looks may ask the vault for a handler."""
    return here(request).role in HANDLERS[handler]


def step_key(request: HttpRequest, part: str = "") -> str:
    """Return the key of a step, or of a part of it: that of the page, so that a second click does nothing new."""
    key = request.POST.get("key", "")[:LONGEST_KEY] or str(uuid.uuid4())
    return f"{here(request).person} {key} {part}".strip()


def ask(request: HttpRequest, handler: str, kind: type[Result] | Any, part: str = "", **arguments: Any) -> Result:
    """Ask the vault for a handler, as who looks; raises DecisionRefused as the vault does."""
    looking = here(request)
    if not may_ask(request, handler):
        raise PermissionDenied
    stamp = stamp_of(looking.by, step_key(request, part), rehearsed=looking.mode == "rehearsal")
    found: Result = vault_line().call(handler, kind, stamp=stamp, **arguments)
    return found


def attempt(request: HttpRequest, steps: Mapping[str, Callable[[], Result]]) -> tuple[Result | None, str]:
    """Do the step whose button was pressed; return what it gave, and what was refused, in words."""
    step = steps.get(request.POST.get("do", ""))
    if step is None:
        raise PermissionDenied
    try:
        return step(), ""
    except (DecisionRefused, DataError) as refused:
        return None, str(refused)
