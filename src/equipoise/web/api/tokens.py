"""Tokens: made by a person for a program, in one of their roles, for a purpose, for 90 days at most.

A token is 256 random bits, shown once; its SHA-256 is kept. It never has more than its person holds at the moment
of each request, and ends with the role, with the day that was set, or when it is revoked.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from ...conduct.door.state import Grant
from ...errors import DecisionRefused
from ..accounts.models import Account, Token
from ..words import say

LONGEST = 90
"""Days for which a token can be valid."""
MARK = "eqp_"
"""How every token begins, so that one that went astray is recognised."""
LONGEST_PURPOSE = 60
BLINDED = "blinded"
"""The blind level of every token of this portal; what is unblinded has no interface for programs."""


def make_token(
    account: Account, grant: Grant, purpose: str, days: int, at: datetime, *, records: bool
) -> tuple[str, Token]:
    """Make a token for one of a person's roles; return it as it is shown once, and its row.

    records: whether it may do steps, or only read. Raises DecisionRefused for an empty or too long purpose and for
    more than 90 days.
    """
    said = " ".join(purpose.split())
    if not said or len(said) > LONGEST_PURPOSE or not said.isprintable():
        raise DecisionRefused(
            say(
                "Say what the token is for, in 1 to {longest} characters, such as: nightly copy of queries.",
                longest=LONGEST_PURPOSE,
            )
        )
    if not 1 <= days <= LONGEST:
        raise DecisionRefused(say("A token is valid for 1 to {longest} days.", longest=LONGEST))
    secret = MARK + secrets.token_urlsafe(32)
    row = Token.objects.create(
        account=account,
        hash=_hash(secret),
        role=grant.role,
        site=grant.site,
        blind=BLINDED,
        purpose=said,
        records=records,
        made_at=at,
        expires_at=at + timedelta(days=days),
    )
    return secret, row


def find_token(secret: str, at: datetime) -> Token | None:
    """Return the token of this secret where it is valid now; None for any other."""
    found = Token.objects.select_related("account").filter(hash=_hash(secret)).first()
    if found is None or not found.account.is_active or found.revoked_at is not None or at >= found.expires_at:
        return None
    if found.used_at is None or at - found.used_at > timedelta(minutes=1):
        found.used_at = at
        found.save(update_fields=["used_at"])
    return found


def tokens_of(account: Account) -> list[Token]:
    """List the tokens of a person, the newest first."""
    return list(Token.objects.filter(account=account).order_by("-made_at", "-id"))


def revoke_token(account: Account, number: int, at: datetime) -> bool:
    """End one of a person's own tokens; False where they have none of this number."""
    found = Token.objects.filter(account=account, id=number, revoked_at=None)
    return found.update(revoked_at=at) == 1


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
