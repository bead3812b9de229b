"""The virtual pharmacy at work on an order: a carton, the kit that the vault names, the dose prepared and checked.

Two people sign each dose: one pharmacist prepares, the other or the nurse of the site reads the label. How it goes
is drawn by order, before anybody knows what is in the kit: a bag leaks as often in every arm.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice

import numpy as np

from ....conduct.door.fact import Intent
from ....conduct.door.state import Carton
from ....conduct.supply.preparation import CheckPreparation, SignPreparation
from ....trial.supply.steps import Taken, replace_kit, sign_preparation, take_kit
from ....vault.bags import Preparation
from ...population import Streams
from ..calendar import Script
from ..desk import Desk
from ..staff import HOME, PHARMACISTS
from ..vault_side import VaultSide
from .depot import Depot
from .mishaps import Mishaps
from .team import Going

_TRIES = 3
"""How often each step that must be refused is tried."""

_BY_NURSE = 0.3
"""Share of the doses that the nurse of the site checks."""

_HEAVIEST = Decimal(150)
"""Weight in kg for which the largest dose is reckoned where the protocol sets no cap."""

_LARGEST = Decimal("0.4")
"""Part of the volume that the suspension takes up for the largest dose, as the cells are counted on average."""


@dataclass(frozen=True)
class Pharmacy:
    """The pharmacy of a trial; what it does by chance is drawn from `streams`."""

    desk: Desk
    vault: VaultSide
    depot: Depot
    mishaps: Mishaps
    streams: Streams

    def prepare(self, going: Going, order: str, product: str) -> Script:
        """Take a kit for an order, prepare the dose and have it checked; now and then a bag leaks before."""
        desk, site, rng = self.desk, going.site, self.streams(f"preparation {order}")
        first, second = PHARMACISTS if rng.random() < 0.5 else PHARMACISTS[::-1]
        leaks, by_nurse = rng.random() < self.mishaps.leaking_bag, rng.random() < _BY_NURSE
        concentration, viability = self._count(product, rng)
        taken = yield from self._take(going, order, product, first)
        if leaks:
            yield desk.calendar.later(10)
            by = desk.by(first, "pharmacist", site.zone)
            replace_kit(desk.running, self.vault.unblinded, by, going.id, order, "the bag leaked", desk.key())
            desk.counts["preparations given up"] += 1
            taken = yield from self._take(going, order, product, first)
        yield desk.calendar.later(20)
        self._refuse_wrong_kits(going, order, taken, first)
        stamp = desk.stamp(first, "pharmacist", site.zone)
        shown: Preparation = self.vault.unblinded.call("show_preparation", Preparation, stamp=stamp, order=order)
        count, living = (concentration, viability) if shown.amount else (None, None)
        by = desk.by(first, "pharmacist", site.zone)
        unblinded = self.vault.unblinded
        sign_preparation(desk.running, unblinded, by, going.id, order, taken.kit, count, living, desk.key())
        yield desk.calendar.later(10)
        label = {"bag": taken.bag, "kit": taken.kit, "volume": taken.volume}
        check = CheckPreparation(participant=going.id, order=order, **label)
        self._refuse("one person signing both preparation and check", check, first, site.zone)
        if by_nurse:
            desk.at_site(site, "nurse", check)
        else:
            desk.submit(second, "pharmacist", site.zone, check)
        desk.counts["doses signed by two"] += 1
        desk.calendar.begin(self.depot.supply(site, product))

    def _take(self, going: Going, order: str, product: str, person: str) -> Generator[datetime, None, Taken]:
        """Use a carton of the site for an order; where the site has none, a courier brings one."""
        yield from self.depot.require_stock(going.site, product)
        by = self.desk.by(person, "pharmacist", going.site.zone)
        found = take_kit(self.desk.running, self.vault.unblinded, by, going.id, order, self.desk.key())
        self.desk.counts["cartons used"] += 1
        return found

    def _count(self, product: str, rng: np.random.Generator) -> tuple[Decimal, Decimal]:
        """Draw what a count of cells would give: per mL, and the percentage that lives, never below the least."""
        plan, arms = self.desk.protocol.interventions[product], self.desk.protocol.arms.values()
        assert plan.volume is not None and plan.supply is not None
        cap = plan.weight.cap if plan.weight is not None else None
        heaviest = _HEAVIEST if cap is None else Decimal(repr(cap.to("kg")))
        largest = max(arm.doses[product].value for arm in arms if product in arm.doses) * heaviest
        living = round(max(rng.uniform(76, 96), plan.supply.viability or 0), 1)
        density = float(largest / _LARGEST) / plan.volume.to("mL") / 0.86 * rng.uniform(0.85, 1.15)
        return Decimal(f"{density:.3g}"), Decimal(str(living))

    def _refuse_wrong_kits(self, going: Going, order: str, taken: Taken, person: str) -> None:
        """Take a wrong kit in hand, of each kind that there is, and try to sign that the dose came from it."""
        for what, kit in self._wrong_kits(going.site.number, taken):
            wrong = SignPreparation(participant=going.id, order=order, bag=taken.bag, kit=kit, volume=taken.volume)
            self._refuse(what, wrong, person, going.site.zone)

    def _wrong_kits(self, site: str, taken: Taken) -> Iterator[tuple[str, str]]:
        trial, today = self.desk.trial, self.desk.calendar.today(HOME)
        kinds: dict[str, Callable[[Carton], bool]] = {
            "a kit of another site": lambda one: one.site not in (None, site),
            "a kit past its date": lambda one: one.site == site and one.use_by < today,
            "a kit in quarantine": lambda one: one.site == site and one.quarantined_by is not None,
        }
        for what, fits in kinds.items():
            if self._is_tried(what):
                continue
            stored = (one for one in trial.cartons.values() if one.place == "stock" and fits(one))
            found = (kit for one in stored for kit in one.kits if kit not in one.gone)
            yield from ((what, kit) for kit in islice(found, 1))
        others = [kit for kit in trial.cartons[taken.carton].kits if kit != taken.kit]
        yield from (("another kit of the carton", kit) for kit in others[:1])

    def _refuse(self, what: str, intent: Intent, person: str, zone: str) -> None:
        if not self._is_tried(what):
            self.desk.refused(what, intent, person, "pharmacist", zone)

    def _is_tried(self, what: str) -> bool:
        """Whether a step that must be refused was tried often enough."""
        return self.desk.counts[f"refused: {what}"] >= _TRIES
