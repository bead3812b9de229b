"""Who may set up a second factor: at the vault only whom somebody there has let in, for three days.

A password comes by a link of the blinded side. If it were enough to set up a second factor at the vault, whoever
makes that link could become an investigator or a pharmacist, and be shown arms.
"""

from datetime import UTC, datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import activate_totp
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from ...conduct.access.links import OpenWayIn
from ...conduct.door.chapters import ROLES
from ...conduct.organisation.people import is_held_at
from ...trial.running import RunningTrial
from ..shell.requests import account
from ..shell.trial import running
from ..words import say
from .models import Account
from .sessions import forget_second_factor, has_second_factor

VALID_FOR = timedelta(days=3)
OPENERS = ROLES[OpenWayIn]
"""Roles that let others in at the vault."""


def set_up(request: HttpRequest) -> HttpResponse:
    """Let a person set up a second factor, who may; tell others whom to ask."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    trial = running()
    if not has_second_factor(account(request).person) and not may_set_up(trial, account(request)):
        people = trial.door.refresh().people
        context = {
            "title": say("Let in by somebody of the vault"),
            "openers": sorted(people[one].name for one in _openers(trial)),
        }
        return render(request, "account/not_let_in.html", context, status=403)
    answer: HttpResponse = activate_totp(request)
    return answer


def may_set_up(trial: RunningTrial, who: Account) -> bool:
    """Return whether a person may set up a second factor on this portal.

    At the vault that is who was let in; and one who lets others in, as long as none of them has a second factor.
    """
    if settings.EQUIPOISE_PORTAL.name == "blinded" or not trial.protocol.blinding.blinded:
        return True
    if who.let_in_until is not None and timezone.now() < who.let_in_until:
        return True
    openers = _openers(trial)
    return who.person in openers and not Authenticator.objects.filter(user__person__in=openers).exists()


def let_in(person: str) -> None:
    """Take the second factor of a person at this portal away, end their sessions, let them set up another."""
    forget_second_factor(person)
    who = Account.objects.of(person)
    who.let_in_until = timezone.now() + VALID_FOR
    who.save(update_fields=["let_in_until"])


def _openers(trial: RunningTrial) -> set[str]:
    """Return who lets others in at the vault today."""
    at, trial_now = datetime.now(UTC), trial.door.refresh()
    return {
        person
        for person, known in trial_now.people.items()
        if any(grant.role in OPENERS and is_held_at(trial_now, grant, at) for grant in known.grants)
    }
