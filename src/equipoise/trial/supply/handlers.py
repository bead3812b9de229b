"""What the vault answers of supply at its two doors, by name: at the blinded one, only which kit an order gets."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from ...record import Stamp
from ...vault.service import Vault
from ...vault.supply.contents import Drawn, Lot
from ...vault.supply.desk import FilledCarton, KitContent, LotAccount, SupplyDesk

BLINDED = ("pick_kit",)
"""Handlers of the blinded door."""


def supply_handlers(vault: Vault) -> dict[str, Callable[..., Any]]:
    """Give what a vault answers of supply, by name."""
    desk = SupplyDesk(vault)

    def pick_kit(stamp: Stamp, order: str, participant: str, carton: str) -> str:
        return desk.pick_kit(stamp, order, participant, carton)

    def receive_lot(stamp: Stamp, lot: Lot, on: date) -> None:
        desk.receive_lot(stamp, lot, on)

    def pack_cartons(stamp: Stamp, intervention: str, number: int, on: date) -> list[FilledCarton]:
        return desk.pack_cartons(stamp, intervention, number, on)

    def show_packing(stamp: Stamp, cartons: tuple[str, ...]) -> list[KitContent]:
        return desk.show_packing(stamp, cartons)

    def record_preparation(
        stamp: Stamp, order: str, kit: str, concentration: Decimal | None, viability: Decimal | None
    ) -> Drawn:
        return desk.record_preparation(stamp, order, kit, concentration, viability)

    def give_up_preparation(stamp: Stamp, order: str, reason: str) -> None:
        desk.give_up(stamp, order, reason)

    def find_lot(stamp: Stamp, lot: str, reason: str) -> list[str]:
        return desk.find_lot(stamp, lot, reason)

    def lot_accounts(stamp: Stamp) -> list[LotAccount]:
        return desk.lot_accounts(stamp)

    handlers = (
        *(pick_kit, receive_lot, pack_cartons, show_packing),
        *(record_preparation, give_up_preparation, find_lot, lot_accounts),
    )
    return {handler.__name__: handler for handler in handlers}
