"""Sessions and second factors of a person on this portal: ended everywhere, and taken away when lost."""

from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from .models import Account


def end_sessions(account: Account, *, but: str | None = None) -> int:
    """End the sessions of an account, but for the one of this key; return how many there were."""
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=but):
        if session.get_decoded().get(SESSION_KEY) == str(account.pk):
            session.delete()
            ended += 1
    return ended


def has_second_factor(person: str) -> bool:
    """Return whether a person has set up a second factor on this portal."""
    return bool(Authenticator.objects.filter(user__person=person).exists())


def forget_second_factor(person: str) -> None:
    """Take the second factor of a person away, with their recovery codes, and end their sessions."""
    account = Account.objects.filter(person=person).first()
    if account is not None:
        Authenticator.objects.filter(user=account).delete()
        end_sessions(account)
