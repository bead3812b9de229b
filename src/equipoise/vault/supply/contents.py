"""What is sealed in the events of supply, and the state that follows: lots, contents of kits, doses prepared.

The state is a fold over the events and nothing else; the tables of the database keep only which carton and which
kit are used (`tables.py`), and must agree with it.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from nacl.public import PrivateKey

from ...errors import RecordCorrupt
from ...record import Event
from ..ceremony.boxes import open_box
from ..events.said import Said
from ..events.supply import CartonsMade, DosePrepared, KitChosen, LotReceived

OF_STOCK = frozenset(kind.__name__ for kind in (LotReceived, CartonsMade, KitChosen, DosePrepared))
"""Kinds of events that change the state of supply."""


class Lot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lot of a product: `arms` are those that its kits serve, `kits` how many can be made of it."""

    lot: str
    intervention: str
    arms: tuple[str, ...]
    expiry: date
    kits: int


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """How a dose was prepared: cells per mL as counted, percentage of living ones, mL drawn, mL of diluent."""

    order: str
    kit: str
    concentration: Decimal | None
    viability: Decimal | None
    drawn: Decimal
    filled: Decimal


class NamedKit(msgspec.Struct, frozen=True, kw_only=True):
    """The kit that was named last for an order, in the open: its lot, the arms this serves, what was drawn."""

    order: str
    carton: str
    kit: str
    lot: str
    arms: tuple[str, ...]
    drawn: Drawn | None


class VaultStock(msgspec.Struct, kw_only=True):
    """Lots by name, with the number of kits made of each; lot of every kit, by carton; doses prepared, by kit.

    chosen: by carton, the kit that was named. orders: by order, the carton that is in use for it.
    """

    lots: dict[str, Lot] = {}
    made: dict[str, int] = {}
    cartons: dict[str, dict[str, str]] = {}
    kits: set[str] = set()
    chosen: dict[str, str] = {}
    orders: dict[str, str] = {}
    drawn: dict[str, Drawn] = {}

    def kit_of(self, order: str) -> str | None:
        """Return the kit that was named last for an order; None before."""
        return self.chosen[self.orders[order]] if order in self.orders else None

    def named(self) -> list[NamedKit]:
        """Return the kit of every order that has one, by order."""
        found = []
        for order, carton in sorted(self.orders.items()):
            kit = self.chosen[carton]
            lot = self.lot_of(carton, kit)
            drawn = self.drawn.get(kit)
            found.append(NamedKit(order=order, carton=carton, kit=kit, lot=lot.lot, arms=lot.arms, drawn=drawn))
        return found

    def lot_of(self, carton: str, kit: str) -> Lot:
        """Return the lot of a kit."""
        return self.lots[self.cartons[carton][kit]]


def evolve_stock(stock: VaultStock, event: Event, said: Said, key: PrivateKey) -> None:
    """Change the state by one event of supply; RecordCorrupt where it cannot follow those before it."""
    match said:
        case LotReceived():
            lot: Lot = open_box(said.sealed, key, Lot, f"the lot of event {event.sequence}")
            _require(lot.lot not in stock.lots, event)
            stock.lots[lot.lot] = lot
            stock.made[lot.lot] = 0
        case CartonsMade():
            for made in said.cartons:
                inside: dict[str, str] = open_box(made.sealed, key, dict[str, str], f"carton {made.carton}")
                fresh = made.carton not in stock.cartons and not stock.kits & set(made.kits)
                _require(fresh and tuple(sorted(inside)) == made.kits, event)
                stock.cartons[made.carton] = inside
                stock.kits.update(inside)
                for name in inside.values():
                    stock.made[name] += 1
                    _require(stock.made[name] <= stock.lots[name].kits, event)
        case KitChosen():
            _require(said.kit in stock.cartons[said.carton] and said.carton not in stock.chosen, event)
            stock.chosen[said.carton] = said.kit
            stock.orders[said.order] = said.carton
        case DosePrepared():
            _require(stock.kit_of(said.order) == said.kit and said.kit not in stock.drawn, event)
            drawn: Any = open_box(said.sealed, key, Drawn, f"the preparation of order {said.order}")
            stock.drawn[said.kit] = drawn


def _require(holds: bool, event: Event) -> None:
    if not holds:
        raise RecordCorrupt(
            f"event {event.sequence} ({event.kind}) of the vault speaks of a lot, carton or kit that no event "
            "before it has left"
        )
