"""An account: the short name of a person of the trial; the password is the one that the person signs with.

The hash of the password stays in the trial's folder, where `equipoise password` and `equipoise sign` use it too:
one password, one lockout, whichever door it is typed at.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from ...conduct.organisation.wall import Side
from ...errors import DecisionRefused
from ...trial.signing.credentials import check_password, has_password, put_password, take_as_long
from ..shell.trial import running


class Accounts(BaseUserManager["Account"]):
    """The accounts, found by the short name of the person."""

    def of(self, person: str) -> "Account":
        """Return the account of a person, made at the first call; who the person may be, the record says."""
        account, _ = self.get_or_create(person=person)
        return account


class Account(AbstractBaseUser):
    """Who logs in: a person of the trial.

    codes_failed: wrong one-time codes since the last right one. let_in_until: at the vault, until when a second
    factor may be set up.
    """

    person: "models.CharField[str, str]" = models.CharField(max_length=100, unique=True)
    is_active: "models.BooleanField[bool, bool]" = models.BooleanField(default=True)
    codes_failed: "models.IntegerField[int, int]" = models.IntegerField(default=0)
    code_failed_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(null=True)
    let_in_until: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(null=True)
    password = None  # type: ignore[assignment]

    objects: ClassVar[Accounts] = Accounts()

    USERNAME_FIELD = "person"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether this is the password; wrong ones are counted, and after three none is looked at."""
        try:
            check_password(running().folder.credentials, self.person, raw_password or "", datetime.now(UTC))
        except DecisionRefused:
            return False
        return True

    def set_password(self, raw_password: str | None) -> None:
        """Keep the hash of a new password; who calls this has proved to be the person.

        Of nobody none is kept: allauth calls this for a name that nobody has, to answer as late as for any other.
        """
        if raw_password is None:
            return
        if self.person:
            put_password(running().folder.credentials, self.person, raw_password, datetime.now(UTC))
        else:
            take_as_long(raw_password)

    def has_usable_password(self) -> bool:
        """Return whether a password was ever set."""
        return has_password(running().folder.credentials, self.person)

    def get_session_auth_hash(self) -> str:
        """Return what a session stands on: it ends everywhere once the password changes."""
        return self._session_hash()

    def get_session_auth_fallback_hash(self) -> Any:
        """Return no older ways to compute it."""
        return iter(())

    def _session_hash(self) -> str:
        from django.utils.crypto import salted_hmac

        from ...trial.signing.credentials import set_at

        known = set_at(running().folder.credentials, self.person)
        return str(salted_hmac("equipoise.session", f"{self.person} {known}", algorithm="sha256").hexdigest())

    def __str__(self) -> str:
        return self.person


class Draft(models.Model):
    """What somebody has typed on a form; `expected` is the last event on the record that they saw then."""

    account: "models.ForeignKey[Account, Account]" = models.ForeignKey(Account, on_delete=models.CASCADE)
    participant: "models.CharField[str, str]" = models.CharField(max_length=100)
    record: "models.CharField[str, str]" = models.CharField(max_length=300)
    typed = models.JSONField()
    missing = models.JSONField()
    expected: "models.IntegerField[int, int]" = models.IntegerField(default=0)
    kept_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField()

    class Meta:
        """One draft a person and record."""

        constraints = [models.UniqueConstraint(fields=["account", "participant", "record"], name="one_draft")]


class Token(models.Model):
    """A token for programs: a role of its person, for a purpose, until a day; only its hash is kept.

    records: whether it may do steps, or only read.
    """

    account: "models.ForeignKey[Account, Account]" = models.ForeignKey(Account, on_delete=models.CASCADE)
    hash: "models.CharField[str, str]" = models.CharField(max_length=64, unique=True)
    role: "models.CharField[str, str]" = models.CharField(max_length=100)
    site: "models.CharField[str | None, str | None]" = models.CharField(max_length=100, null=True)
    blind: "models.CharField[Side, Side]" = models.CharField(max_length=20)
    purpose: "models.CharField[str, str]" = models.CharField(max_length=100)
    records: "models.BooleanField[bool, bool]" = models.BooleanField(default=False)
    made_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField()
    expires_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField()
    used_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(null=True)
    revoked_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(null=True)


class Asked(models.Model):
    """What was asked under a key: the hash of the request, so that the key is not used for another."""

    account: "models.ForeignKey[Account, Account]" = models.ForeignKey(Account, on_delete=models.CASCADE)
    key: "models.CharField[str, str]" = models.CharField(max_length=100)
    content: "models.CharField[str, str]" = models.CharField(max_length=64)

    class Meta:
        """One request a key."""

        constraints = [models.UniqueConstraint(fields=["account", "key"], name="one_request")]
