"""The ledger under any order of steps: no wrong carton is used, every kit is somewhere, replay is the state."""

from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.conduct.forms.desk import DAY_1, WHO
from tests.conduct.supply.pharmacy import ELSEWHERE, Pharmacy

from equipoise.conduct.door.chapters import evolve
from equipoise.conduct.door.state import Infusion, Visit
from equipoise.conduct.supply.ledger import account, owed_to, stock_of
from equipoise.conduct.supply.preparation import AssignCarton, NameKit, ReplaceCarton
from equipoise.conduct.supply.quarantine import QuarantineCartons, ReleaseCartons, ReportExcursion
from equipoise.conduct.supply.returns import DestroyKits, ReturnKits
from equipoise.errors import DecisionRefused

SITES = st.sampled_from(["01", "02"])
VISITS = ("W0", "W4", "W12", "W24")


class Supply(RuleBasedStateMachine):
    """Steps in any order; what is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.pharmacy = Pharmacy()
        self.used: dict[str, str] = {}
        self.held: set[str] = set()
        self.sent: dict[str, str] = {}
        for participant in self.pharmacy.trial.participants.values():
            for visit in VISITS:
                participant.visits[visit] = Visit(name=visit, on=DAY_1)
                order = f"{participant.id}/{visit}"
                participant.infusions[order] = Infusion(
                    order=order, visit=visit, weight_kg="61.5", weighed_on=DAY_1
                )

    @property
    def today(self) -> date:
        return self.pharmacy.at.date()

    def tried(self, intent: object, person: str = "wang", role: str = "pharmacist") -> bool:
        before = len(self.pharmacy.events)
        try:
            self.pharmacy.do(intent, person, role)  # type: ignore[arg-type]
        except DecisionRefused:
            assert len(self.pharmacy.events) == before
            return False
        return True

    @rule(site=SITES, days=st.integers(1, 6))
    def restock(self, site: str, days: int) -> None:
        """Let a site have a carton that arrives well."""
        self.pharmacy.pack(1, self.today + timedelta(days=days))
        self.send(site, 1)
        while any(one.received_on is None for one in self.pharmacy.trial.shipments.values()):
            self.receive(broken=False, highest=7.0)

    @rule(number=st.integers(1, 4), days=st.integers(1, 9))
    def pack(self, number: int, days: int) -> None:
        self.pharmacy.pack(number, self.today + timedelta(days=days))

    @rule(site=SITES, number=st.none() | st.integers(1, 3))
    def send(self, site: str, number: int | None) -> None:
        try:
            shipment = self.pharmacy.send(site, number)
        except DecisionRefused:
            return
        self.sent |= dict.fromkeys(self.pharmacy.trial.shipments[shipment].cartons, site)

    @rule(broken=st.booleans(), highest=st.sampled_from([7.0, 9.5]))
    def receive(self, broken: bool, highest: float) -> None:
        waiting = [name for name, one in self.pharmacy.trial.shipments.items() if one.received_on is None]
        if waiting:
            kits = self.pharmacy.kits_in(waiting[0])
            self.pharmacy.receive(waiting[0], damaged=kits[:1] if broken else (), highest=highest)
            if highest > 8:
                self.held |= set(self.pharmacy.trial.shipments[waiting[0]].cartons)
            elif broken:
                self.held.add(self.pharmacy.trial.kits[kits[0]])

    @rule(who=st.sampled_from([WHO, ELSEWHERE]), visit=st.sampled_from(VISITS))
    def use(self, who: str, visit: str) -> None:
        if self.tried(AssignCarton(participant=who, order=f"{who}/{visit}")):
            carton = self.pharmacy.trial.participants[who].infusions[f"{who}/{visit}"].carton
            assert carton is not None
            assert carton not in self.used
            assert carton not in self.held
            assert self.sent[carton] == who[:2]
            assert self.today <= self.pharmacy.trial.cartons[carton].use_by
            self.used[carton] = f"{who}/{visit}"
            self.tried(
                NameKit(participant=who, order=f"{who}/{visit}", kit=self.pharmacy.trial.cartons[carton].kits[1])
            )

    @rule(who=st.sampled_from([WHO, ELSEWHERE]), visit=st.sampled_from(VISITS))
    def give_up(self, who: str, visit: str) -> None:
        self.tried(ReplaceCarton(participant=who, order=f"{who}/{visit}"))

    @precondition(lambda self: self.pharmacy.trial.cartons)
    @rule(data=st.data())
    def doubt(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.pharmacy.trial.cartons)))
        if self.tried(QuarantineCartons(cartons=(number,), reason="in doubt")):
            self.held.add(number)

    @rule(site=SITES)
    def warm(self, site: str) -> None:
        there = {
            number
            for number, one in self.pharmacy.trial.cartons.items()
            if (one.site, one.place) == (site, "stock")
        }
        if self.tried(
            ReportExcursion(site=site, lowest=3, highest=20, minutes=30, reason="power cut"), "li", "nurse"
        ):
            self.held |= there

    @precondition(lambda self: self.held)
    @rule(data=st.data(), person=st.sampled_from(["wang", "zhao"]))
    def release(self, data: st.DataObject, person: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.held)))
        if self.tried(ReleaseCartons(cartons=(number,), reason="judged"), person):
            self.held.discard(number)

    @precondition(lambda self: self.pharmacy.trial.kits)
    @rule(data=st.data(), site=SITES)
    def take_back(self, data: st.DataObject, site: str) -> None:
        kit = data.draw(st.sampled_from(sorted(self.pharmacy.trial.kits)))
        back = self.tried(ReturnKits(site=site, kits=(kit,)))
        gone = self.tried(DestroyKits(kits=(kit,), witness="zhao", reason="spent"))
        if back or gone:
            self.held.add(self.pharmacy.trial.kits[kit])

    @rule(days=st.integers(1, 8))
    def wait(self, days: int) -> None:
        self.pharmacy.at += timedelta(days=days)

    @invariant()
    def every_kit_is_somewhere_once(self) -> None:
        trial = self.pharmacy.trial
        lines = account(trial)
        assert sorted(line.kit for line in lines) == sorted(trial.kits)
        assert len(trial.kits) == 2 * self.pharmacy.packed
        assert all(line.state for line in lines)

    @invariant()
    def stock_is_what_came_less_what_went_and_never_below_nothing(self) -> None:
        trial = self.pharmacy.trial
        for site in ("01", "02"):
            received = [
                number
                for shipment in trial.shipments.values()
                if shipment.site == site and shipment.received_on is not None
                for number in shipment.cartons
            ]
            lost = {
                n for n in received if n in self.used or n in self.held or trial.cartons[n].use_by < self.today
            }
            stock = stock_of(trial, site, "cells", self.today)
            assert len(stock) == len(received) - len(lost) >= 0
            assert 0 <= owed_to(self.pharmacy.protocol, trial, site, "cells", self.today) <= 3

    @invariant()
    def replay_is_the_state(self) -> None:
        again = Pharmacy()
        again.trial.participants = {
            who: type(one)(
                id=who,
                site=one.site,
                screened_on=DAY_1,
                protocol="v1",
                infusions={
                    order: Infusion(order=order, visit=i.visit, weight_kg="61.5", weighed_on=DAY_1)
                    for order, i in one.infusions.items()
                },
            )
            for who, one in self.pharmacy.trial.participants.items()
        }
        for event in self.pharmacy.events:
            evolve(again.trial, event)
        assert again.trial.cartons == self.pharmacy.trial.cartons
        assert again.trial.kits == self.pharmacy.trial.kits
        assert again.trial.shipments == self.pharmacy.trial.shipments


TestSupply = Supply.TestCase
TestSupply.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
