"""Lots and cartons for the tests of the vault's part in supply."""

from datetime import date
from decimal import Decimal
from functools import cache

from tests.conduct.supply.pharmacy import supplied as supplied_trial
from tests.vault.worlds import DAY, order, stamp

from equipoise.protocol import Protocol
from equipoise.vault.service import Vault
from equipoise.vault.supply.contents import Lot
from equipoise.vault.supply.desk import FilledCarton, SupplyDesk

CELLS, PLACEBO = ("high", "low"), ("placebo",)
EARLY, LATE = date(2014, 11, 30), date(2015, 3, 31)
LOTS = (
    Lot(lot="HUC-1", intervention="cells", arms=CELLS, expiry=EARLY, kits=4),
    Lot(lot="HUC-2", intervention="cells", arms=CELLS, expiry=LATE, kits=20),
    Lot(lot="SAL-1", intervention="cells", arms=PLACEBO, expiry=LATE, kits=20),
)
COUNT, LIVING = Decimal(2_000_000), Decimal(90)


@cache
def supplied() -> Protocol:
    return supplied_trial()


def pack(desk: SupplyDesk, number: int = 12, request: str = "pack") -> list[FilledCarton]:
    """Receive the lots, where they are not there yet, and pack cartons."""
    for lot in LOTS:
        desk.receive_lot(stamp(f"receive {lot.lot}"), lot, DAY)
    return desk.pack_cartons(stamp(request), "cells", number, DAY)


def arm_of(vault: Vault, participant: str) -> str:
    from equipoise.vault.slots import open_participant

    return open_participant(vault.connection, vault.key, participant).arm


def take(desk: SupplyDesk, vault: Vault, carton: str, participant: str = "01-001") -> str:
    """Compute the dose of a participant's first order, and name the kit of a carton for it."""
    vault.prepare_dose(stamp(f"dose {participant}"), order(participant))
    return desk.pick_kit(stamp(f"pick {participant} {carton}"), f"{participant}/W0", participant, carton)
