"""A person's own page: the password, the second factor, and the sessions that are open elsewhere."""

from typing import Any, cast

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ...errors import DataError, DecisionRefused
from ...trial.signing.credentials import set_at
from ...trial.signing.sign import choose_password
from ..shell.requests import account, here
from ..words import say
from .sessions import end_sessions


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Show the account of who looks."""
    looking = here(request)
    context: dict[str, Any] = {
        "title": say("My account"),
        "person": looking.person,
        "grants": cast(Any, request).roles,
        "password_at": set_at(looking.running.folder.credentials, looking.person),
        "second_factor": is_mfa_enabled(account(request)),
    }
    return render(request, "account/own.html", context)


@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change the password from the present one; that it was is on record, and all other sessions end."""
    problem = ""
    if request.method == "POST":
        new, again = request.POST.get("password", ""), request.POST.get("again", "")
        problem = (
            _change(request, new) if new == again else say("The two passwords are not the same; type them again.")
        )
        if not problem:
            update_session_auth_hash(request, account(request))
            messages.success(request, say("The password is changed; you log in and sign with the new one."))
            return redirect("mfa_index")
    context = {"title": say("Change the password"), "problem": problem}
    return render(request, "account/own_password.html", context, status=422 if problem else 200)


def _change(request: HttpRequest, new: str) -> str:
    """Change the password; return what speaks against it, empty where nothing does."""
    looking = here(request)
    try:
        choose_password(looking.running, looking.by, new, request.POST.get("present", ""))
    except DecisionRefused as refused:
        return str(refused)
    except DataError:
        return say("A password needs 12 characters or more, and is not your short name.")
    return ""


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End every session of who looks but this one."""
    ended = end_sessions(account(request), but=request.session.session_key)
    messages.success(request, say("Sessions ended elsewhere: {count}", count=ended))
    return redirect("mfa_index")
