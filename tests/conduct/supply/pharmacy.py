"""The supply of two sites, without a database: steps are decided on the state, and their facts folded into it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache

from tests.conduct.forms.desk import DAY_1, KITS, WHO, edited, one_participant

from equipoise.conduct.door.chapters import DECISIONS, evolve
from equipoise.conduct.door.fact import By, Fact, Intent, Setting
from equipoise.conduct.door.state import Infusion, Participant, Person, Site, Visit
from equipoise.conduct.follow_up.infusions import IssueBag
from equipoise.conduct.supply.packing import PackCartons, PackedCarton
from equipoise.conduct.supply.preparation import AssignCarton, CheckPreparation, NameKit, SignPreparation
from equipoise.conduct.supply.shipments import ReceiveShipment, SendShipment
from equipoise.protocol import Protocol
from equipoise.record.event import Event, canonical

SUPPLIED = "    storage: {temperature: [2, 8], in_use: 4 h}\n    supply: {buffer: 3, viability: 70}\n"
ORDER = f"{WHO}/W0"
ELSEWHERE = "02-001"
USE_BY = date(2024, 9, 30)
VOLUME = "100 mL"


@cache
def supplied() -> Protocol:
    """The shipped trial, kept in a refrigerator and with fewer cartons."""
    return edited((KITS, SUPPLIED))


class Pharmacy:
    """Takes steps one after the other at two sites; `at` is the moment of the next one."""

    def __init__(self, protocol: Protocol | None = None) -> None:
        self.protocol = protocol or supplied()
        self.trial = one_participant(allocated=True)
        self.trial.sites["02"] = Site(name="Berlin", country="DEU", zone="Europe/Berlin")
        self.trial.people |= {"zhao": Person(name="Zhao Lei"), "qian": Person(name="Qian Yi")}
        self.participant.visits["W0"] = Visit(name="W0", on=DAY_1)
        other = Participant(id=ELSEWHERE, site="02", screened_on=DAY_1, protocol="v1")
        other.visits["W0"] = Visit(name="W0", on=DAY_1)
        other.consents = list(self.participant.consents)
        self.trial.participants[ELSEWHERE] = other
        for participant in self.trial.participants.values():
            order = f"{participant.id}/W0"
            participant.infusions[order] = Infusion(order=order, visit="W0", weight_kg="61.5", weighed_on=DAY_1)
        self.at = datetime(2024, 3, 18, 4, tzinfo=UTC)
        self.events: list[Event] = []
        self.packed = 0

    @property
    def participant(self) -> Participant:
        return self.trial.participants[WHO]

    @property
    def infusion(self) -> Infusion:
        return self.participant.infusions[ORDER]

    def do(self, intent: Intent, person: str = "wang", role: str = "pharmacist") -> list[Fact]:
        """Take a step and fold what it leads to."""
        setting = Setting(self.protocol, By(person, role, self.at, "Asia/Shanghai"))
        outcomes = DECISIONS[type(intent)](setting, self.trial, intent)
        who = getattr(intent, "participant", None)
        site = self.trial.participants[who].site if who else getattr(intent, "site", None)
        for outcome in outcomes:
            self.at += timedelta(seconds=1)
            event = Event(
                sequence=len(self.events) + 1,
                at=self.at,
                zone=self.trial.sites[site].zone if site else "Asia/Shanghai",
                actor=person,
                role=role,
                site=site,
                participant=who,
                kind=type(outcome.fact).__name__,
                version=1,
                payload=canonical(outcome.fact),
                reason=outcome.reason,
                request="",
                part=1,
                previous=b"",
                hash=b"",
            )
            self.events.append(event)
            evolve(self.trial, event)
        return [outcome.fact for outcome in outcomes]

    def pack(self, number: int, use_by: date = USE_BY) -> tuple[PackedCarton, ...]:
        """Pack cartons of two kits: C-1 with K-1a and K-1b, and so on."""
        first = self.packed + 1
        self.packed += number
        cartons = tuple(
            PackedCarton(f"C-{n:02}", (f"K-{n:02}a", f"K-{n:02}b"), use_by) for n in range(first, first + number)
        )
        self.do(PackCartons(intervention="cells", cartons=cartons))
        return cartons

    def send(self, site: str = "01", cartons: int | None = None) -> str:
        self.do(SendShipment(site=site, intervention="cells", cartons=cartons))
        return list(self.trial.shipments)[-1]

    def kits_in(self, shipment: str) -> tuple[str, ...]:
        return tuple(
            kit for number in self.trial.shipments[shipment].cartons for kit in self.trial.cartons[number].kits
        )

    def receive(
        self,
        shipment: str,
        *,
        missing: Sequence[str] = (),
        damaged: Sequence[str] = (),
        lowest: float | None = 3.0,
        highest: float | None = 7.5,
    ) -> list[Fact]:
        kits = tuple(kit for kit in self.kits_in(shipment) if kit not in (*missing, *damaged))
        return self.do(
            ReceiveShipment(
                site=shipment.partition("/")[0],
                shipment=shipment,
                kits=kits,
                damaged=tuple(damaged),
                lowest=lowest,
                highest=highest,
            ),
            "li",
            "nurse",
        )

    def stock(self, number: int = 3, use_by: date = USE_BY) -> "Pharmacy":
        """Pack cartons, send them to site 01 and receive them."""
        self.pack(number, use_by)
        self.receive(self.send(cartons=number))
        return self

    def assign(self, who: str = WHO) -> str:
        self.do(AssignCarton(participant=who, order=f"{who}/W0"))
        carton = self.trial.participants[who].infusions[f"{who}/W0"].carton
        assert carton is not None
        return carton

    def name(self, kit: str) -> None:
        self.do(NameKit(participant=WHO, order=ORDER, kit=kit))

    def sign(self, kit: str | None = None, *, person: str = "wang", **label: str) -> None:
        said = {"bag": "B-7", "kit": kit or self.infusion.kit or "", "volume": VOLUME} | label
        self.do(SignPreparation(participant=WHO, order=ORDER, **said), person)

    def check(self, *, person: str = "li", role: str = "nurse", **label: str) -> None:
        said = {"bag": "B-7", "kit": self.infusion.kit or "", "volume": VOLUME} | label
        self.do(CheckPreparation(participant=WHO, order=ORDER, **said), person, role)

    def prepared(self) -> "Pharmacy":
        """Stock the site, use a carton, name the first kit, and let one person prepare its dose."""
        self.stock()
        self.name(self.trial.cartons[self.assign()].kits[0])
        self.sign()
        return self

    def issue(self, bag: str = "B-7") -> list[Fact]:
        return self.do(IssueBag(participant=WHO, order=ORDER, bag=bag, volume=VOLUME))
