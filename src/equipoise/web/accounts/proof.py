"""Who signs proves to be the person: by password, and by a one-time code where a second factor is set up.

A signature, a code break and an opening are each proved anew (21 CFR 11.200(a)); a wrong password is counted with
all others of the person, and is an event; wrong codes are counted too.
"""

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

from ...trial.signing.sign import require_password
from ..shell.requests import account, here
from .codes import take_code


def needs_code(request: HttpRequest) -> bool:
    """Return whether who looks has a second factor, and so proves with a one-time code too."""
    return bool(is_mfa_enabled(account(request)))


def require_proof(request: HttpRequest) -> None:
    """Raise DecisionRefused unless password, and one-time code where there is one, are those of who looks."""
    looking = here(request)
    require_password(looking.running, looking.by, request.POST.get("password", ""))
    if needs_code(request):
        take_code(account(request), request.POST.get("code", "").strip())
