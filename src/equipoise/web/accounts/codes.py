"""One-time codes: each lets somebody in or sign once; after several wrong ones none is looked at for a while.

They are counted by person, wherever they are typed (at the login, under a signature, at a code break), so that
whoever has found out a password gets no further by trying codes, and nobody else is kept waiting (NIST SP 800-63B
5.2.2).
"""

from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone

from ...errors import DecisionRefused
from ..words import say
from .models import Account

TRIES, PAUSE = 5, timedelta(minutes=15)
"""After so many wrong codes in a row, how long none is looked at."""


def take_code(account: Account, code: str) -> Authenticator:
    """Use up a code of the authenticator app, or a recovery code, and return which of the two it was of.

    Raises DecisionRefused for one that is wrong or was used before, and during the pause after wrong ones.
    """
    with transaction.atomic():
        counted, now = Account.objects.select_for_update().get(pk=account.pk), timezone.now()
        paused = counted.codes_failed >= TRIES and counted.code_failed_at is not None
        if paused and now < (until := (counted.code_failed_at or now) + PAUSE):
            raise DecisionRefused(
                say(
                    "After {count} wrong one-time codes none is looked at before {until} UTC. Wait until then; "
                    "where a treatment has to be known at once, open the sealed envelope.",
                    count=counted.codes_failed,
                    until=until.strftime("%H:%M"),
                )
            )
        known = Authenticator.objects.filter(user=account)
        found = next((one for one in known if code and _is_code_of(one, code)), None)
        counted.codes_failed = 0 if found else 1 if paused else counted.codes_failed + 1
        counted.code_failed_at = None if found else now
        counted.save(update_fields=["codes_failed", "code_failed_at"])
    if found is None:
        raise DecisionRefused(
            say("This one-time code is not right or was used before; type the next one that is shown.")
        )
    return found


def _is_code_of(authenticator: Any, code: str) -> bool:
    return bool(authenticator.wrap().validate_code(code))
