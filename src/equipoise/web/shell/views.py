"""Pages that belong to no chapter: a first password, the language, the role, and what cannot be shown."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ...errors import DataError, DecisionRefused
from ...trial.running import RunningTrial
from ...trial.signing.sign import take_password
from ..accounts.links import read_token
from ..accounts.models import Account
from ..words import say
from .here import acting_as
from .trial import running


@never_cache
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Let somebody who holds a one-time link set a password.

    The token stands behind the `#` of the link, which a browser sends to nobody; the page sends it as a form does.
    So it comes into no log of an address, here or on the way.
    """
    if request.method == "GET":
        return render(request, "welcome_link.html", {"title": say("Choose a password")})
    trial, token = running(), request.POST.get("token", "").strip()
    try:
        person = read_token(trial.folder, token)
    except DecisionRefused:
        return render(request, "link_spent.html", {"title": say("This link is spent")}, status=410)
    if person not in trial.door.refresh().people:
        return render(request, "link_spent.html", {"title": say("This link is spent")}, status=410)
    problem = ""
    if "password" in request.POST:
        problem = _set_password(trial, person, request.POST["password"], request.POST.get("again", ""))
        if not problem:
            return redirect(settings.LOGIN_URL)
    context = {"title": say("Choose a password"), "person": person, "token": token, "problem": problem}
    return render(request, "welcome.html", context, status=422 if problem else 200)


def _set_password(trial: RunningTrial, person: str, first: str, again: str) -> str:
    """Set the password of who came by a link; return what speaks against it, empty where nothing does."""
    if first != again:
        return say("The two passwords are not the same; type them again.")
    try:
        take_password(trial, person, first, datetime.now(UTC))
    except DataError:
        return say("A password needs 12 characters or more, and is not your short name.")
    Account.objects.of(person)
    return ""


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Show the pages in another language from now on."""
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    response = redirect(back if safe else "/")
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=365 * 86400,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
        )
    return response


@require_POST
def choose_role(request: HttpRequest) -> HttpResponse:
    """Act in another of one's roles from now on; pages that were opened in the one before are out of date."""
    chosen = request.POST.get("acting", "")
    if chosen in [acting_as(grant) for grant in getattr(request, "roles", [])]:
        request.session["acting"] = chosen
        rotate_token(request)
    return redirect("/")


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django passes it by name
    """Say that this is not for who asks."""
    context = {"title": say("Not for your role"), "said": say("This page is not for your role or your site.")}
    return render(request, "message.html", context, status=403)


def outdated(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django passes it by name
    """Say that a form came without its token: from elsewhere, or from a page older than login or role."""
    said = say(
        "This page was opened before you logged in or changed your role, so nothing of it was stored. Open it "
        "again; what you typed on a form of a participant is kept there as a draft."
    )
    before = request.headers.get("Referer", "")
    back = before if url_has_allowed_host_and_scheme(before, allowed_hosts={request.get_host()}) else ""
    context = {"title": say("This page is out of date"), "said": said, "back": back}
    response = render(request, "message.html", context, status=403)
    if request.headers.get("HX-Request"):  # nothing is typed on in vain
        response["HX-Refresh"] = "true"
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001  Django passes it by name
    """Say that there is no such page."""
    context = {"title": say("Not found"), "said": say("There is no such page, or it is not for your site.")}
    return render(request, "message.html", context, status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Say that something failed, and that what was acknowledged is stored."""
    said = say(
        "Something failed here; what was acknowledged before is stored. Try again, or call the trial's help."
    )
    return render(request, "message.html", {"title": say("This did not work"), "said": said}, status=500)
