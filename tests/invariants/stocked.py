"""The scripted trial with kits: lots in the vault, cartons at both sites, and the steps of a pharmacy's day."""

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from tests.servers import running_server

from equipoise.conduct.follow_up.infusions import OrderInfusion
from equipoise.conduct.supply.preparation import CheckPreparation
from equipoise.conduct.supply.shipments import ReceiveShipment, SendShipment
from equipoise.record.event import Event
from equipoise.trial.steps import issue_bag
from equipoise.trial.supply.steps import Taken, pack, receive_lot, sign_preparation, take_kit
from equipoise.vault.supply.contents import Lot

from .conftest import TrialAt, database_url
from .scripted import TRIAL, Scripted, begin, bring, let_in

SUPPLIED = """    at: [W0, W4]
    storage: {temperature: [2, 8], in_use: 4 h}
    supply: {buffer: 3, viability: 70}
"""
CELLS, PLACEBO = ("canary_high", "canary_low"), ("canary_none",)
EXPIRY = date(2027, 6, 30)
CARTONS = 12
COUNT, LIVING = Decimal(2_000_000), Decimal(90)
_numbers = iter(range(10**6))


@dataclass
class Stocked:
    """The scripted trial with its pharmacy."""

    script: Scripted

    def carton_of(self, order: str) -> str:
        carton = self.script.participant(order.partition("/")[0]).infusions[order].carton
        assert carton is not None
        return carton

    def order(self, who: str, visit: str = "W0") -> str:
        """Weigh a participant and order the infusion of a visit."""
        self.script.save(who, visit, "vitals", weight=61.3, pulse=72)
        self.script.do(OrderInfusion(participant=who, visit=visit), "investigator")
        return f"{who}/{visit}"

    def take(self, order: str, request: str = "") -> Taken:
        who = order.partition("/")[0]
        by = self.script.by("pharmacist")
        return take_kit(self.script.running, self.script.vault, by, who, order, request or None)  # type: ignore[arg-type]

    def count(self, order: str) -> tuple[Decimal | None, Decimal | None]:
        """Return the count of the cells in the kit of an order, as whoever opens it makes it."""
        stock = self.script.vault.vault.stock
        arms = stock.lot_of(stock.orders[order], str(stock.kit_of(order))).arms
        return (COUNT, LIVING) if arms == CELLS else (None, None)

    def prepare(self, order: str, kit: str) -> None:
        who = order.partition("/")[0]
        by = self.script.by("pharmacist")
        sign_preparation(self.script.running, self.script.vault, by, who, order, kit, *self.count(order))  # type: ignore[arg-type]

    def check(self, order: str, taken: Taken, **other: str) -> tuple[Event, ...]:
        read = {"bag": taken.bag, "kit": taken.kit, "volume": taken.volume} | other
        return self.script.do(CheckPreparation(participant=order.partition("/")[0], order=order, **read), "nurse")

    def give_out(self, order: str) -> None:
        by = self.script.by("pharmacist")
        issue_bag(self.script.running, self.script.vault, by, order.partition("/")[0], order)  # type: ignore[arg-type]

    def dose(self, who: str, visit: str = "W0") -> Taken:
        """Go from the order to the bag that is given out."""
        order = self.order(who, visit)
        taken = self.take(order)
        self.prepare(order, taken.kit)
        self.check(order, taken)
        self.give_out(order)
        return taken

    def pack(self, number: int) -> None:
        pack(self.script.running, self.script.vault, self.script.by("pharmacist"), "cells", number)  # type: ignore[arg-type]

    def send(self, site: str, cartons: int | None = None) -> str:
        """Send cartons to a site; return the number of the shipment."""
        self.script.do(SendShipment(site=site, intervention="cells", cartons=cartons), "pharmacist", site=site)
        return list(self.script.trial.shipments)[-1]

    def kits_in(self, shipment: str) -> tuple[str, ...]:
        cartons = self.script.trial.shipments[shipment].cartons
        return tuple(kit for number in cartons for kit in self.script.trial.cartons[number].kits)

    def receive(
        self, shipment: str, *, damaged: Sequence[str] = (), lowest: float = 3, highest: float = 7
    ) -> None:
        site = shipment.partition("/")[0]
        kits = tuple(kit for kit in self.kits_in(shipment) if kit not in damaged)
        self.script.do(
            ReceiveShipment(
                site=site, shipment=shipment, kits=kits, damaged=tuple(damaged), lowest=lowest, highest=highest
            ),
            "nurse",
        )

    def supply(self, site: str) -> None:
        self.receive(self.send(site))


def supplied_protocol(home: Path) -> Path:
    """Write the scripted protocol with kits."""
    text = TRIAL.read_text(encoding="utf-8")
    assert "    at: [W0, W4]\n" in text
    (home / "trial.yaml").write_text(text.replace("    at: [W0, W4]\n", SUPPLIED), encoding="utf-8")
    return home / "trial.yaml"


def receive_lots(stocked: Stocked, kits: int = 40, expiry: date = EXPIRY, name: str = "") -> None:
    """Take in a lot of cells, which serves two arms, and one of placebo."""
    for lot, arms in ((f"HUC-7731{name}", CELLS), (f"SAL-0042{name}", PLACEBO)):
        content = Lot(lot=lot, intervention="cells", arms=arms, expiry=expiry, kits=kits)
        receive_lot(stocked.script.running, stocked.script.vault, stocked.script.by("pharmacist"), content)  # type: ignore[arg-type]


@cache
def prepared(kind: str, number: int) -> tuple[str, Path]:
    """Bring a stocked trial with allocated participants about, once a test process."""
    name = f"stocked_{next(_numbers)}"
    home = Path(tempfile.mkdtemp(prefix="equipoise-stocked-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    with database_url(running_server(kind).database(name)):  # type: ignore[arg-type]
        script = begin(home / "trial", source=supplied_protocol(home), flush=False)
        stocked = Stocked(script)
        let_in(script, "pharmacist.2", "pharmacist")
        receive_lots(stocked)
        stocked.pack(CARTONS)
        for site in ("01", "02"):
            stocked.supply(site)
        if number:
            bring(script, number, "allocated")
        script.running.book.flush()
        script.close()
    return name, home / "trial"


def stocked_at(trial_at: TrialAt, number: int = 4) -> Stocked:
    """Give a stocked trial with so many participants who are allocated, in a database of its own."""
    return Stocked(trial_at.copy(*prepared(trial_at._kind, number)))
