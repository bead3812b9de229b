"""The line to the vault's own process, by the door of the side of the blind on which this portal stands.

So no page of the blinded portal can ask at the door behind which treatments are told.
"""

from django.conf import settings

from ...errors import DecisionRefused
from ...line import UNREACHABLE, VaultClient
from ...trial.folder import find_door
from ..shell.trial import running

_lines: dict[bytes, VaultClient] = {}


def vault_line() -> VaultClient:
    """Return the line to the vault, opened when it is first needed; DecisionRefused where no vault runs."""
    door = find_door(running().folder.path, unblinded=settings.EQUIPOISE_PORTAL.name == "unblinded")
    if door is None:
        raise DecisionRefused(UNREACHABLE)
    if door.key not in _lines:
        _lines.clear()
        _lines[door.key] = VaultClient(door)
    return _lines[door.key]
