"""The vault's part in supply: lots come in, cartons are packed, a kit is named for an order, a dose is prepared.

What goes back to the blinded side is the number of a kit. Every refusal of a kit has the one sentence of
`refuse_kit`, which is that of the blinded side too (`conduct/supply/ledger.py`; a test holds both), whatever is
wrong with it.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NoReturn

import msgspec

from ...errors import DecisionRefused
from ...protocol.model import Intervention
from ...record import Stamp
from ..bags import open_bag
from ..ceremony.boxes import seal
from ..events import draft_of, read_said
from ..events.supply import (
    CartonsMade,
    DosePrepared,
    KitChosen,
    LotReceived,
    LotsAccounted,
    LotTraced,
    PackingShown,
    PreparationGivenUp,
)
from ..reconcile import require_open_gates
from ..service import Vault, refuse_key
from ..slots import open_participant
from .contents import Drawn, Lot
from .packing import make_cartons, require_lot
from .tables import choose_kit, wrong_kit

MAY: Mapping[str, tuple[str, ...]] = {
    "receive lots and pack cartons": ("pharmacist",),
    "prepare doses": ("pharmacist",),
    "trace a lot": ("pharmacist", "unblinded monitor", "safety unblinder"),
    "see the account of lots": ("pharmacist", "unblinded monitor"),
}
STEP = Decimal("0.1")
"""Volumes are drawn to a tenth of a millilitre, as a syringe can be read."""
DIGITS = 15
"""No count of cells in one mL has more digits: so many of the smallest cells do not fit in."""


class FilledCarton(msgspec.Struct, frozen=True):
    """A carton as the ledger of the trial knows it: numbers and date, nothing of contents."""

    carton: str
    kits: tuple[str, ...]
    use_by: date


class KitContent(msgspec.Struct, frozen=True):
    """What is put into a kit, for who packs it."""

    carton: str
    kit: str
    lot: str
    arms: tuple[str, ...]


class LotAccount(msgspec.Struct, frozen=True):
    """A lot with what became of it: kits made of it, and those that were named for participants."""

    lot: str
    intervention: str
    arms: tuple[str, ...]
    expiry: date
    received: int
    kits: tuple[str, ...]
    named: tuple[str, ...]


class SupplyDesk:
    """The supply of one vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def receive_lot(self, stamp: Stamp, lot: Lot, on: date) -> None:
        """Take in a lot on a day; the same lot under the same request once. Raises as `packing.require_lot`."""
        vault = self._vault
        vault.require_role(stamp, "receive lots and pack cartons", MAY)
        with vault.turn(stamp) as turn:
            if not turn.answered:
                require_lot(vault.protocol, vault.stock, lot, on)
                said = LotReceived(sealed=seal(lot, vault.key.public_key, blocks=2))
                turn.append(stamp, [draft_of(said)])
            elif vault.stock.lots.get(lot.lot) != lot:
                refuse_key(stamp)

    def pack_cartons(self, stamp: Stamp, intervention: str, number: int, on: date) -> list[FilledCarton]:
        """Fill and number cartons on a day; the same request gives the same cartons again.

        Raises DecisionRefused as `packing.make_cartons` does.
        """
        vault = self._vault
        vault.require_role(stamp, "receive lots and pack cartons", MAY)
        with vault.turn(stamp) as turn:
            if turn.answered:
                before = read_said(turn.answered[0])
                if not isinstance(before, CartonsMade) or before.intervention != intervention:
                    refuse_key(stamp)
                cartons = before.cartons
            else:
                cartons = make_cartons(vault.protocol, vault.stock, intervention, number, on, vault.key)
                turn.append(stamp, [draft_of(CartonsMade(intervention=intervention, cartons=cartons))])
        return [FilledCarton(made.carton, made.kits, made.use_by) for made in cartons]

    def show_packing(self, stamp: Stamp, cartons: tuple[str, ...]) -> list[KitContent]:
        """Show who packs what goes into the kits of cartons. Raises DecisionRefused for an unknown carton."""
        vault = self._vault
        vault.require_role(stamp, "receive lots and pack cartons", MAY)
        with vault.turn(stamp) as turn:
            stock = vault.stock
            if unknown := [number for number in cartons if number not in stock.cartons]:
                raise DecisionRefused(
                    f"the vault has packed no such carton; read its number again. Got {unknown[0]}"
                )
            vault.write_once(turn, stamp, PackingShown(cartons=cartons), None)
            return [
                KitContent(carton, kit, lot, stock.lots[lot].arms)
                for carton in cartons
                for kit, lot in sorted(stock.cartons[carton].items())
            ]

    def pick_kit(self, stamp: Stamp, order: str, participant: str, carton: str) -> str:
        """Name the kit of a carton that fits the arm of a participant; the same again for the same order.

        Raises DecisionRefused in one sentence for a carton that is unknown, or used for another order.
        """
        vault = self._vault
        with vault.turn(stamp) as turn:
            require_open_gates(turn)
            stock = vault.stock
            arm = vault.arm(open_participant(turn.connection, vault.key, participant))
            fitting = [kit for kit in stock.cartons.get(carton, {}) if arm in stock.lot_of(carton, kit).arms]
            known = [stock.chosen.get(carton)] if stock.orders.get(order) == carton else []
            if len(fitting) != 1 or (carton in stock.chosen and known != fitting):
                refuse_kit(carton, order)
            if not known:
                turn.append(stamp, [draft_of(KitChosen(order=order, carton=carton, kit=fitting[0]), participant)])
                choose_kit(turn.connection, carton, fitting[0], order, participant)
            return fitting[0]

    def record_preparation(
        self, stamp: Stamp, order: str, kit: str, concentration: Decimal | None, viability: Decimal | None
    ) -> Drawn:
        """Keep how the dose of an order is prepared from a kit, and say how much to draw and to fill up with.

        concentration: living and dead cells counted, per mL, in the unit of the dose; viability: percentage of
        living ones; both None where the dose is zero. Raises DecisionRefused for another kit than the one named,
        an order whose bag was not prepared, a count that does not serve, and a second preparation.
        """
        vault = self._vault
        vault.require_role(stamp, "prepare doses", MAY)
        with vault.turn(stamp) as turn:
            bag = vault.bag_of(order)
            if bag is None or kit != vault.stock.kit_of(order):
                refuse_kit(kit, order)
            prepared = open_bag(bag, vault.key)
            product = vault.protocol.interventions[bag.intervention]
            drawn = compute_drawn(product, order, kit, prepared.amount, concentration, viability)
            before = vault.stock.drawn.get(kit)
            if before is None:
                said = DosePrepared(order=order, kit=kit, sealed=seal(drawn, vault.key.public_key))
                turn.append(stamp, [draft_of(said, bag.participant)])
            elif before != drawn:
                raise DecisionRefused(
                    f"the dose of order {order} was prepared from this kit with another count; give up the "
                    f"preparation and take another. Got kit {kit}"
                )
            return drawn

    def give_up(self, stamp: Stamp, order: str, reason: str) -> None:
        """Keep why a preparation was not completed. Raises DecisionRefused without a reason or a kit."""
        vault = self._vault
        vault.require_role(stamp, "prepare doses", MAY)
        if not reason.strip():
            raise DecisionRefused(
                "say why the preparation was not completed; only the vault keeps it. Got no reason"
            )
        with vault.turn(stamp) as turn:
            kit = vault.stock.kit_of(order)
            if kit is None:
                raise DecisionRefused(f"no kit was named for this order, so there is none to give up. Got {order}")
            if not turn.answered:
                sealed = seal(reason, vault.key.public_key, blocks=None)
                said = PreparationGivenUp(order=order, kit=kit, sealed=sealed)
                turn.append(stamp, [draft_of(said, order.partition("/")[0])])

    def find_lot(self, stamp: Stamp, lot: str, reason: str) -> list[str]:
        """Return the cartons that hold a kit of a lot. Raises DecisionRefused for an unknown lot, or no reason."""
        vault = self._vault
        vault.require_role(stamp, "trace a lot", MAY)
        with vault.turn(stamp) as turn:
            if lot not in vault.stock.lots:
                raise DecisionRefused(f"the vault has received no such lot; read its name again. Got {lot}")
            if not reason.strip():
                raise DecisionRefused("say why the lot is traced; the vault keeps it. Got no reason")
            if not turn.answered:
                sealed = seal([lot, reason], vault.key.public_key, blocks=None)
                turn.append(stamp, [draft_of(LotTraced(sealed=sealed))])
            return sorted(carton for carton, inside in vault.stock.cartons.items() if lot in inside.values())

    def lot_accounts(self, stamp: Stamp) -> list[LotAccount]:
        """Account for every lot: what was received, which kits were made of it, which were named."""
        vault = self._vault
        vault.require_role(stamp, "see the account of lots", MAY)
        with vault.turn(stamp) as turn:
            vault.write_once(turn, stamp, LotsAccounted(), None)
            stock = vault.stock
            named = set(stock.chosen.values())
            kits: dict[str, list[str]] = {name: [] for name in stock.lots}
            for inside in stock.cartons.values():
                for kit, name in inside.items():
                    kits[name].append(kit)
            return [
                LotAccount(
                    name,
                    lot.intervention,
                    lot.arms,
                    lot.expiry,
                    lot.kits,
                    tuple(sorted(kits[name])),
                    tuple(sorted(named & set(kits[name]))),
                )
                for name, lot in sorted(stock.lots.items())
            ]


def refuse_kit(kit: str, order: str) -> NoReturn:
    """Refuse a kit in the one sentence that every wrong kit has."""
    raise DecisionRefused(wrong_kit(kit, order))


def compute_drawn(
    product: Intervention,
    order: str,
    kit: str,
    amount: Decimal,
    concentration: Decimal | None,
    viability: Decimal | None,
) -> Drawn:
    """Compute how much of a suspension holds the amount of living cells, and how much diluent fills up the bag."""
    assert product.volume is not None and product.supply is not None
    given, least = product.volume, product.supply.viability
    volume = given.value if given.unit == "mL" else Decimal(repr(given.to("mL")))
    if amount == 0:
        if concentration is not None or viability is not None:
            raise DecisionRefused("this kit holds no cells; enter no count")
        return Drawn(order=order, kit=kit, concentration=None, viability=None, drawn=Decimal(0), filled=volume)
    if concentration is None or viability is None:
        raise DecisionRefused(
            "count the cells, and enter cells per mL and the percentage that lives. Got no count"
        )
    counted = concentration.is_finite() and concentration > 0 and concentration.adjusted() < DIGITS
    living = viability.is_finite() and 0 < viability <= 100 and viability.adjusted() > -DIGITS
    if not (counted and living):
        raise DecisionRefused(
            "a count is above 0 per mL, and its living percentage above 0 and at most 100; count again. "
            f"Got {concentration:g} and {viability:g}"
        )
    if least is not None and viability < Decimal(repr(least)):
        raise DecisionRefused(
            f"at least {least:g} percent of the cells must live; give up this preparation. Got {viability:f}"
        )
    drawn = (amount / (concentration * viability / 100)).quantize(STEP, ROUND_HALF_UP)
    if not 0 < drawn <= volume:
        raise DecisionRefused(
            f"the dose must lie in {STEP} to {volume:f} mL of suspension; check the count, else give up this "
            f"preparation. Got {drawn:f} mL"
        )
    return Drawn(
        order=order, kit=kit, concentration=concentration, viability=viability, drawn=drawn, filled=volume - drawn
    )
