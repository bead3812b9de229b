"""Who is let in: a bearer token and nothing else; no cookie counts here, so no other page can make a browser act.

A wrong token is answered alike whatever is wrong with it. Wrong ones from an address are counted, and after some
nothing is said to it but that it shall wait; right ones go on working, so that nobody can shut a program out.
"""

from datetime import UTC, datetime

from django.core.cache import cache
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from ...conduct.door.state import Trial
from ...trial.running import RunningTrial
from ..accounts.models import Token
from ..shell.here import Here, roles_of
from .tokens import find_token

WRONG = 20
"""Wrong tokens that an address may send in a quarter of an hour."""
WAIT_SECONDS = 15 * 60
UNKNOWN = (
    "this token is unknown, ended, or not a token of a role that its person holds today; make one on the page of "
    "your account and send it as: Authorization: Bearer TOKEN"
)


class Bearer(HttpBearer):
    """Finds the token of a request."""

    def __call__(self, request: HttpRequest) -> Token | None:
        """Return the token; HttpError where none is sent, or a wrong one."""
        found: Token | None = super().__call__(request)
        if found is None:
            refuse(request)
        return found

    def authenticate(self, _request: HttpRequest, token: str) -> Token | None:
        """Return the token where it is valid now."""
        return find_token(token, datetime.now(UTC))


def here_of(token: Token, running: RunningTrial, trial: Trial) -> Here | None:
    """Return who acts by a token; None where its person does not hold its role at its site today."""
    at, person = datetime.now(UTC), token.account.person
    for grant in roles_of(trial, running.protocol, person, at, token.blind):
        if (grant.role, grant.site) == (token.role, token.site):
            return Here(running, person, grant.role, grant.site, at)
    return None


def refuse(request: HttpRequest) -> None:
    """Raise the one answer to everybody who has no valid token."""
    key = f"wrong-tokens-{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, WAIT_SECONDS)
    try:
        wrong = cache.incr(key)
    except ValueError:  # the quarter of an hour has just ended
        wrong = 1
    if wrong > WRONG:
        raise HttpError(429, "too many wrong tokens came from this address; wait a quarter of an hour")
    raise HttpError(401, UNKNOWN)
