"""Infusions: ordered by weight on the blinded side; the dose is computed in the vault, a numbered bag comes back.

Neither the order nor the bag says anything of the arm: the volume is that of the protocol for everybody.
"""

from datetime import date

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import Infusion, Trial


class InfusionOrdered(Fact):
    """An infusion was ordered for a visit, with the body weight (kg, a decimal as text) and its day."""

    order: str
    visit: str
    weight_kg: str
    weighed_on: date

    def tell(self) -> str:
        """Give visit and weight."""
        return f"an infusion was ordered for visit {self.visit} by a weight of {self.weight_kg} kg"


class BagIssued(Fact):
    """The pharmacy gave out a bag for an order."""

    order: str
    bag: str
    volume: str

    def tell(self) -> str:
        """Give the number of the bag."""
        return f"bag {self.bag} ({self.volume}) was given out for order {self.order}"


class OrderInfusion(Intent):
    """Order the infusion of a visit; the weight is the newest on the forms, no older than the protocol allows."""

    participant: str
    visit: str


class IssueBag(Intent):
    """Give out the bag that the vault has prepared for an order."""

    participant: str
    order: str
    bag: str
    volume: str


def _ordered(trial: Trial, event: Event, fact: InfusionOrdered) -> None:
    assert event.participant is not None
    trial.participants[event.participant].infusions[fact.order] = Infusion(
        order=fact.order, visit=fact.visit, weight_kg=fact.weight_kg, weighed_on=fact.weighed_on
    )


def _issued(trial: Trial, event: Event, fact: BagIssued) -> None:
    assert event.participant is not None
    infusion = trial.participants[event.participant].infusions[fact.order]
    infusion.bag = fact.bag
    infusion.volume = fact.volume
