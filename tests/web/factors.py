"""Second factors for tests: set up, and the codes that an authenticator app would show."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp

from equipoise.web.accounts.models import Account


def give_factor(person: str) -> str:
    """Set up an authenticator app of a person at the portal at hand, or another; return its secret."""
    account, secret = Account.objects.of(person), str(totp.generate_totp_secret())
    Authenticator.objects.filter(user=account).delete()
    totp.TOTP.activate(account, secret)
    return secret


def give_recovery_codes(person: str) -> list[str]:
    """Give a person recovery codes, and return them."""
    return list(RecoveryCodes.activate(Account.objects.of(person)).generate_codes())


def code_of(secret: str, later: int = 0) -> str:
    """Return the code that the app shows now, or so many half minutes later."""
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + later)))


def wrong_code(secret: str) -> str:
    """Return six digits that the app shows neither now nor around now."""
    shown = {code_of(secret, later) for later in range(-3, 5)}
    return next(code for code in (f"{number:06}" for number in range(10)) if code not in shown)
