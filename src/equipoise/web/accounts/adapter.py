"""How the login and the second factor are fitted to the trial: nobody signs up, secrets lie sealed."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from nacl.secret import SecretBox

from ..shell.trial import running


class PersonAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People are let in by the administrator; nobody makes an account of their own."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Return that nobody signs up."""
        return False


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The secret of a second factor is sealed by a key of the trial's folder, so that no dump holds it."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return base64.b64encode(bytes(_box().encrypt(text.encode()))).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return _box().decrypt(base64.b64decode(encrypted_text)).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:  # noqa: ARG002  the same for every one
        """Return that nobody takes their own away: who finds an open session could put theirs in its place."""
        return False

    def get_totp_label(self, user: Any) -> str:
        """Return the short name of the person, by which an authenticator shows the code."""
        return str(user.person)


def _box() -> SecretBox:
    return SecretBox(running().folder.key("portal"))
