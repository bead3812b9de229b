"""The depot of the virtual pharmacy: lots and cartons, shipments to the sites, what is barred, what comes back.

Everything is asked of the ledger and of nothing else: a site whose stock has fallen to half of its buffer is sent
what it is owed, whoever has used it up. One journey in the trial is too warm and its cartons are rejected, one
arrives with a broken kit, and the store of one site is too warm for some minutes and is released.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import msgspec

from ....conduct.supply.ledger import MISSING, account, is_usable, kit_state, owed_to, stock_of
from ....conduct.supply.quarantine import QuarantineCartons, ReleaseCartons, ReportExcursion
from ....conduct.supply.returns import DestroyKits, ReturnKits
from ....conduct.supply.shipments import ReceiveShipment, SendShipment, ShipmentSent
from ....errors import RecordCorrupt
from ....protocol.model import Intervention
from ....protocol.model.interventions import Storage
from ....trial.supply.steps import account_by_lot, pack, receive_lot
from ....vault.supply.contents import Lot
from ....vault.supply.desk import KitContent
from ..calendar import Script, at_site
from ..desk import Desk
from ..staff import HOME, PHARMACISTS, VirtualSite
from ..vault_side import VaultSide

FIRST, SECOND = PHARMACISTS
BEFORE = timedelta(days=30)
"""How long before the opening the first cartons are packed."""

_LID_OPEN = timedelta(days=35)
"""How long after the opening the store of a site is too warm."""

_JOURNEY, _COURIER = timedelta(days=2), 180
"""How long cartons travel: days to the morning on which they arrive; minutes where a dose waits for them."""

_LIVES = (75, 450)
"""Days for which the first lots may still be used when they come, and all later ones."""

_FRESH = timedelta(days=30)
"""How much longer than today a lot must serve to be packed."""

_TOO_WARM = 20.0
"""Degrees above the range that a logger shows after an excursion."""


@dataclass
class Depot:
    """The stock of the trial, outside the sites and on its way to them."""

    desk: Desk
    vault: VaultSide
    _lots: Counter[str] = field(default_factory=Counter)
    _packed_from: dict[str, tuple[int, date]] = field(default_factory=dict)
    _under_way: set[tuple[str, str]] = field(default_factory=set)
    _journeys: int = 0

    @property
    def products(self) -> dict[str, Intervention]:
        """The products that are given from kits, by id."""
        given = self.desk.protocol.interventions
        return {name: product for name, product in given.items() if product.supply is not None}

    def open(self, opening: date) -> Script:
        """Pack the first cartons before the trial opens, and send every site its buffer."""
        yield at_site(HOME, opening - BEFORE, 8)
        for name in self.products:
            self._require_packed(name, len(self.desk.sites) * self._buffer(name))
            for site in self.desk.sites:
                self.desk.calendar.begin(self.supply(site, name))
        yield at_site(HOME, opening + _LID_OPEN, 3)
        for name in self.products:
            yield from self._excursion(name)

    def supply(self, site: VirtualSite, product: str) -> Script:
        """Send a site what it is owed once half of its buffer is used, unless something is on its way."""
        place, owed = (site.number, product), self._owed(site, product)
        if place in self._under_way or 2 * owed < self._buffer(product):
            return
        self._under_way.add(place)
        arrives = self.desk.calendar.today(site.zone) + _JOURNEY
        yield from self._deliver(site, product, owed, at_site(site.zone, arrives, 10))
        self._under_way.remove(place)

    def require_stock(self, site: VirtualSite, product: str) -> Script:
        """Wait until a site has a carton that can be used; a courier brings it where it has none."""
        desk = self.desk
        while not stock_of(desk.trial, site.number, product, desk.calendar.today(site.zone)):
            desk.counts["couriers"] += 1
            yield from self._deliver(site, product, 1, desk.calendar.later(_COURIER))

    def bring_back(self) -> Script:
        """Let every site return its kits and the depot destroy them; nothing may be unaccounted for then.

        Raises RecordCorrupt where a kit is.
        """
        desk = self.desk
        for site in desk.sites if self.products else ():
            yield desk.calendar.later(30)
            self._bar(site.number)
            kits = tuple(kit for kit in self._kits(site.number) if kit_state(desk.trial, kit) != MISSING)
            yield desk.calendar.later(30)
            desk.at_site(site, "nurse", ReturnKits(site=site.number, kits=kits))
            desk.counts["kits returned"] += len(kits)
        if self.products:
            yield desk.calendar.later(24 * 60)
            self._bar(None)
            kits = tuple(one.kit for one in account(desk.trial) if one.state not in (MISSING, "destroyed"))
            gone = DestroyKits(kits=kits, witness=SECOND, reason="the last dose of the trial has been given")
            desk.for_all(FIRST, "pharmacist", gone)
            desk.counts["kits destroyed"] += len(kits)
            self._settle()

    def _deliver(self, site: VirtualSite, product: str, cartons: int, arrives: datetime) -> Script:
        """Send cartons to a site, and let them be counted when they arrive."""
        desk = self.desk
        self._require_packed(product, cartons)
        asked = SendShipment(site=site.number, intervention=product, cartons=cartons)
        sent = desk.for_all(FIRST, "pharmacist", asked)
        shipment = msgspec.json.decode(sent[0].payload, type=ShipmentSent).shipment
        desk.counts["shipments sent"] += 1
        self._journeys += 1
        journey = self._journeys - len(desk.sites)  # those after the first to every site
        yield arrives
        self._receive(site, product, shipment, too_warm=journey == 1, broken=journey == 2)

    def _receive(self, site: VirtualSite, product: str, shipment: str, *, too_warm: bool, broken: bool) -> None:
        """Let a site count what has arrived, kit by kit, and read the logger; what was too warm is rejected."""
        desk, cartons = self.desk, self.desk.trial.shipments[shipment].cartons
        storage = self.products[product].storage
        too_warm = too_warm and storage is not None
        kits = tuple(kit for number in cartons for kit in desk.trial.cartons[number].kits)
        damaged = kits[-1:] if broken else ()
        counted = ReceiveShipment(
            site=site.number,
            shipment=shipment,
            kits=kits[: len(kits) - len(damaged)],
            damaged=damaged,
            lowest=None if storage is None else _within(storage),
            highest=None if storage is None else (_beyond if too_warm else _within)(storage),
        )
        desk.at_site(site, "nurse", counted)
        desk.counts["shipments received"] += 1
        desk.counts["kits damaged on arrival"] += len(damaged)
        desk.counts["cartons barred"] += len(cartons) if too_warm else len(damaged)
        if too_warm:
            desk.counts["journeys too warm"] += 1
            desk.calendar.begin(self._reject(site, product, kits), desk.calendar.later(26 * 60))

    def _reject(self, site: VirtualSite, product: str, kits: tuple[str, ...]) -> Script:
        """Judge that what came too warm must not be used: it goes back, and the site is sent other cartons."""
        self.desk.submit(SECOND, "pharmacist", site.zone, ReturnKits(site=site.number, kits=kits))
        self.desk.counts["kits returned"] += len(kits)
        yield from self.supply(site, product)

    def _excursion(self, product: str) -> Script:
        """Let the store of a site be too warm for some minutes; what was barred is released by somebody else."""
        desk, site = self.desk, self.desk.sites[-1]
        there = tuple(stock_of(desk.trial, site.number, product, desk.calendar.today(site.zone)))
        storage = self.products[product].storage
        if storage is None or not there:
            return
        warm = ReportExcursion(
            site=site.number,
            lowest=_within(storage),
            highest=_beyond(storage),
            minutes=12,
            reason="the lid of the store stood open",
        )
        desk.submit(FIRST, "pharmacist", site.zone, warm)
        desk.counts["excursions of a store"] += 1
        desk.counts["cartons barred"] += len(there)
        yield desk.calendar.later(90)
        release = ReleaseCartons(
            cartons=there, reason="the stability data of the maker cover a quarter of an hour"
        )
        desk.refused("a release by the one who barred", release, FIRST, "pharmacist")
        yield desk.calendar.later(300)
        desk.for_all(SECOND, "pharmacist", release)
        desk.counts["cartons released"] += len(there)

    def _require_packed(self, product: str, number: int) -> None:
        """Pack cartons until the depot has so many that can be used; a batch serves every site once."""
        desk = self.desk
        tomorrow = desk.calendar.today(HOME) + timedelta(days=1)  # it may be that day at the site already
        while len(stock_of(desk.trial, None, product, tomorrow)) < number:
            batch = len(desk.sites) * self._buffer(product)
            by = desk.by(FIRST, "pharmacist")
            left, expiry = self._packed_from.get(product, (0, tomorrow))
            if left < batch or expiry < tomorrow + _FRESH:
                left = 2 * batch
                for lot in self._next_lots(product, left):
                    receive_lot(desk.running, self.vault.unblinded, by, lot, desk.key())
                    expiry = lot.expiry
            packed = pack(desk.running, self.vault.unblinded, by, product, batch, desk.key())
            self.vault.unblinded.call(
                "show_packing",
                list[KitContent],
                stamp=desk.stamp(FIRST, "pharmacist"),
                cartons=tuple(one.carton for one in packed),
            )
            self._packed_from[product] = (left - batch, expiry)
            desk.counts["cartons packed"] += batch
            desk.counts["kits packed"] += sum(len(one.kits) for one in packed)

    def _next_lots(self, product: str, kits: int) -> Iterator[Lot]:
        """Give a lot for every content: that of the arms that get some of the product, and that of the others."""
        self._lots[product] += 1
        arms = self.desk.protocol.arms
        filled = tuple(name for name, arm in arms.items() if (dose := arm.doses.get(product)) and dose.value)
        expiry = self.desk.calendar.today(HOME) + timedelta(days=_LIVES[self._lots[product] > 1])
        for content, served in (
            ("CELLS", filled),
            ("PLACEBO", tuple(name for name in arms if name not in filled)),
        ):
            if served:
                name = f"{product.upper()}-{content}-{self._lots[product]:03d}"
                yield Lot(lot=name, intervention=product, arms=served, expiry=expiry, kits=kits)

    def _bar(self, site: str | None) -> None:
        """Put what could still be used at a site, or (None) in the depot, into quarantine: no dose will come."""
        desk = self.desk
        today = desk.calendar.today(HOME)
        left = tuple(
            number
            for number, carton in desk.trial.cartons.items()
            if carton.site == site and is_usable(carton, today - timedelta(days=1))
        )
        if left:
            why = "the last dose of the trial has been given; what is left goes back"
            desk.for_all(FIRST, "pharmacist", QuarantineCartons(cartons=left, reason=why))
            desk.counts["cartons left over"] += len(left)

    def _settle(self) -> None:
        """Hold the ledger against the lots of the vault: every kit of a lot was destroyed, or never arrived."""
        desk = self.desk
        lots = account_by_lot(desk.running, self.vault.unblinded, desk.by(FIRST, "pharmacist"), desk.key())
        for name, (lot, where) in lots.items():
            if sum(where.values()) != len(lot.kits) or where.keys() - {"destroyed", MISSING}:
                raise RecordCorrupt(f"kits of a lot are not accounted for. Got {name}: {dict(where)}")
        desk.counts["lots accounted for"] += len(lots)

    def _kits(self, site: str) -> list[str]:
        return [one.kit for one in account(self.desk.trial, site) if one.state not in ("returned", "destroyed")]

    def _owed(self, site: VirtualSite, product: str) -> int:
        desk = self.desk
        return owed_to(desk.protocol, desk.trial, site.number, product, desk.calendar.today(site.zone))

    def _buffer(self, product: str) -> int:
        supply = self.products[product].supply
        assert supply is not None
        return supply.buffer


def _within(storage: Storage) -> float:
    """Return a temperature in the middle of a range."""
    return round(sum(storage.temperature) / 2, 1)


def _beyond(storage: Storage) -> float:
    """Return a temperature above a range."""
    return storage.temperature[1] + _TOO_WARM
