"""What the vault answers of its own oversight, by name."""

from collections.abc import Callable
from typing import Any

from ...record import Stamp
from ...vault.oversight.desk import Entry, MaskedPlace, OversightDesk
from ...vault.service import Vault


def oversight_handlers(vault: Vault) -> dict[str, Callable[..., Any]]:
    """Give what a vault answers to those who oversee it."""
    desk = OversightDesk(vault)

    def list_masked(stamp: Stamp) -> list[MaskedPlace]:
        return desk.list_masked(stamp)

    def show_record(stamp: Stamp, after: int = 0) -> list[Entry]:
        return desk.show_record(stamp, after)

    def verify_accounts(stamp: Stamp, note: str) -> None:
        desk.verify_accounts(stamp, note)

    def audit_list(stamp: Stamp, shares: list[str]) -> list[str]:
        return desk.audit_list(stamp, shares)

    return {handler.__name__: handler for handler in (list_masked, show_record, verify_accounts, audit_list)}
