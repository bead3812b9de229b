"""Shipments: cartons go to a site by its buffer, and are counted there kit by kit; the journey's logger is read.

How many are sent follows from how many cartons the site has and nothing else (`ledger.owed_to`). What arrives
incomplete, damaged or from outside its range of temperature goes into quarantine at once.
"""

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import local_date, today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Shipment, Trial
from ..organisation.sites import require_site
from .ledger import DAMAGED, MISSING, owed_to, require_supplied, stock_of
from .quarantine import CartonsQuarantined, is_outside, require_reading


class ShipmentSent(Fact, frozen=True, kw_only=True):
    """Cartons were sent to a site."""

    shipment: str
    intervention: str
    cartons: tuple[str, ...]

    def tell(self) -> str:
        """Give the number of cartons."""
        return f"shipment {self.shipment} was sent, {len(self.cartons)} cartons of {self.intervention}"


class ShipmentReceived(Fact, frozen=True, kw_only=True):
    """A shipment arrived, with kits that were missing or damaged, and the readings of the journey (Celsius)."""

    shipment: str
    missing: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None

    def tell(self) -> str:
        """Say what was wrong."""
        wrong = [f"{len(kits)} kits {how}" for how, kits in (("missing", self.missing), ("damaged", self.damaged))]
        said = ", ".join(one for one in wrong if not one.startswith("0"))
        return f"shipment {self.shipment} arrived{f', {said}' if said else ''}"


class SendShipment(Intent, frozen=True, kw_only=True):
    """Send cartons to a site; without a number, as many as the buffer of the protocol asks for."""

    site: str
    intervention: str
    cartons: int | None = None


class ReceiveShipment(Intent, frozen=True, kw_only=True):
    """Receive a shipment: the kits that were counted, those damaged, and the readings of the journey."""

    site: str
    shipment: str
    kits: tuple[str, ...]
    damaged: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None


def _send(setting: Setting, trial: Trial, intent: SendShipment) -> list[Outcome]:
    site = require_site(trial, intent.site)
    require_supplied(setting.protocol, intent.intervention)
    today = today_at(trial, setting.by, intent.site)
    if site.closed_on is not None and site.closed_on <= today:
        raise DecisionRefused(f"site {intent.site} was closed on {site.closed_on}; nothing is sent there")
    asked = intent.cartons
    if asked is None:
        asked = owed_to(setting.protocol, trial, intent.site, intent.intervention, today)
        if asked == 0:
            raise DecisionRefused(
                f"site {intent.site} has all the cartons that its buffer asks for; nothing is due"
            )
    if asked < 1:
        raise DecisionRefused(f"a shipment holds at least one carton. Got {asked}")
    there = stock_of(trial, None, intent.intervention, today)
    if len(there) < asked:
        raise DecisionRefused(
            f"the depot holds {len(there)} cartons of {intent.intervention} that can be used; pack more. "
            f"Got {asked}"
        )
    number = 1 + sum(shipment.site == intent.site for shipment in trial.shipments.values())
    sent = ShipmentSent(
        shipment=f"{intent.site}/S{number}", intervention=intent.intervention, cartons=tuple(there[:asked])
    )
    return [Outcome(sent)]


def _receive(setting: Setting, trial: Trial, intent: ReceiveShipment) -> list[Outcome]:
    shipment = trial.shipments.get(intent.shipment)
    if shipment is None or shipment.site != intent.site:
        raise DecisionRefused(
            f"no shipment of this number was sent to site {intent.site}; leave it closed and call the pharmacy. "
            f"Got {intent.shipment}"
        )
    if shipment.received_on is not None:
        raise DecisionRefused(f"shipment {intent.shipment} was received before, on {shipment.received_on}")
    sent = {kit: number for number in shipment.cartons for kit in trial.cartons[number].kits}
    if foreign := [kit for kit in (*intent.kits, *intent.damaged) if kit not in sent]:
        raise DecisionRefused(
            f"this kit does not belong to shipment {intent.shipment}; read its number again, and if it is right "
            f"put it aside and count without it. Got {foreign[0]}"
        )
    ranged = setting.protocol.interventions[trial.cartons[shipment.cartons[0]].intervention].storage is not None
    require_reading(intent.lowest, intent.highest, needed=ranged)
    missing = tuple(sorted(set(sent) - set(intent.kits) - set(intent.damaged)))
    damaged = tuple(sorted(set(intent.damaged)))
    received = ShipmentReceived(
        shipment=intent.shipment, missing=missing, damaged=damaged, lowest=intent.lowest, highest=intent.highest
    )
    outcomes = [Outcome(received)]
    why, barred = _barred(setting.protocol, trial, shipment, intent, {sent[kit] for kit in (*missing, *damaged)})
    if barred:
        outcomes.append(Outcome(CartonsQuarantined(cartons=barred), reason=why))
    return outcomes


def _barred(
    protocol: Protocol, trial: Trial, shipment: Shipment, intent: ReceiveShipment, incomplete: set[str]
) -> tuple[str, tuple[str, ...]]:
    """Return which cartons of a shipment go into quarantine, and why: all of them for a wrong temperature."""
    product = protocol.interventions[trial.cartons[shipment.cartons[0]].intervention]
    if is_outside(product, intent.lowest, intent.highest):
        return "the temperature of the journey lay outside the range of the product", shipment.cartons
    whole = [number for number in shipment.cartons if number in incomplete]
    return "kits were missing or damaged on arrival", tuple(whole)


def _sent(trial: Trial, event: Event, fact: ShipmentSent) -> None:
    assert event.site is not None
    trial.shipments[fact.shipment] = Shipment(site=event.site, cartons=fact.cartons, sent_on=local_date(event))
    for number in fact.cartons:
        carton = trial.cartons[number]
        carton.place, carton.site, carton.shipment = "on the way", event.site, fact.shipment


def _received(trial: Trial, event: Event, fact: ShipmentReceived) -> None:
    shipment = trial.shipments[fact.shipment]
    shipment.received_on = local_date(event)
    lacking = dict.fromkeys(fact.missing, MISSING) | dict.fromkeys(fact.damaged, DAMAGED)
    for number in shipment.cartons:
        carton = trial.cartons[number]
        carton.place = "stock"
        carton.gone.update({kit: lacking[kit] for kit in carton.kits if kit in lacking})


CHAPTER = Chapter(
    decisions={SendShipment: _send, ReceiveShipment: _receive},
    evolutions={ShipmentSent: _sent, ShipmentReceived: _received},
    roles={
        SendShipment: ("pharmacist",),
        ReceiveShipment: ("pharmacist", "nurse", "coordinator"),
    },
)
