"""One-time links by which a person sets a first password, or a forgotten one, within three days.

A link is signed by a key of the trial's folder and names the moment at which the present password was set, so
that it is spent once a password has been set by it. The token stands behind the `#` of an address, which a browser
sends to nobody (`shell/views.welcome`).
"""

import hashlib
from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner

from ...errors import DecisionRefused
from ...trial.folder import TrialFolder
from ...trial.signing.credentials import set_at

VALID_FOR = timedelta(days=3)


def make_link(welcome: str, folder: TrialFolder, person: str) -> str:
    """Return a link for a person; `welcome`: the address of the page that takes it."""
    return f"{welcome}#{make_token(folder, person)}"


def make_token(folder: TrialFolder, person: str) -> str:
    """Return the token of a link for a person."""
    return _signer(folder).sign_object({"person": person, "since": _since(folder, person)})


def read_token(folder: TrialFolder, token: str) -> str:
    """Return whose token it is; DecisionRefused where it is spent, too old, or not one of this trial."""
    try:
        said = _signer(folder).unsign_object(token, max_age=VALID_FOR)
    except BadSignature:
        said = {}
    person = str(said.get("person", ""))
    if not person or said["since"] != _since(folder, person):
        raise DecisionRefused("this link was used, is older than three days, or is not whole; ask for a new one")
    return person


def _since(folder: TrialFolder, person: str) -> str:
    return str(set_at(folder.credentials, person))


def _signer(folder: TrialFolder) -> TimestampSigner:
    key = hashlib.sha256(b"links" + folder.key("portal")).hexdigest()
    return TimestampSigner(key=key, fallback_keys=[], salt="equipoise.welcome")
