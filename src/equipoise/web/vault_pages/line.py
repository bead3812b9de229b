"""The line to the vault's own process: opened when a page needs it, by the door that the trial's folder names."""

from ...errors import DecisionRefused
from ...line import UNREACHABLE, Door, VaultClient
from ...trial.folder import find_door
from ..shell.trial import running

_lines: dict[bytes, VaultClient] = {}


def vault_line() -> VaultClient:
    """Return the line to the unblinded door of the vault; DecisionRefused where no vault runs."""
    door: Door | None = find_door(running().folder.path, unblinded=True)
    if door is None:
        raise DecisionRefused(UNREACHABLE)
    if door.key not in _lines:
        _lines.clear()
        _lines[door.key] = VaultClient(door)
    return _lines[door.key]
