"""Who signs here proves to be the person: by password, and by a one-time code where a second factor is set up.

A signature, a code break and an opening are each proved anew (21 CFR 11.200(a)); a wrong password is counted with
all others of the person, and is an event.
"""

from typing import Any

from allauth.core.ratelimit import consume
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest

from ...errors import DecisionRefused
from ...trial.signing.sign import require_password
from ..shell.requests import account, here
from ..words import say


def needs_code(request: HttpRequest) -> bool:
    """Return whether who looks has a second factor, and so proves with a one-time code too."""
    return bool(Authenticator.objects.filter(user=account(request)).exists())


def require_proof(request: HttpRequest) -> None:
    """Raise DecisionRefused unless password, and one-time code where there is one, are those of who looks."""
    looking = here(request)
    require_password(looking.running, looking.by, request.POST.get("password", ""))
    if needs_code(request):
        _require_code(request)


def _require_code(request: HttpRequest) -> None:
    code = request.POST.get("code", "").strip()
    if not consume(request, action="reauthenticate", user=request.user):
        raise DecisionRefused(say("Too many one-time codes were wrong; wait a minute and try again."))
    with transaction.atomic():
        known: list[Any] = [one.wrap() for one in Authenticator.objects.filter(user=account(request))]
        if not code or not any(one.validate_code(code) for one in known if hasattr(one, "validate_code")):
            raise DecisionRefused(
                say("This one-time code is not right or was used before; type the next one that is shown.")
            )
