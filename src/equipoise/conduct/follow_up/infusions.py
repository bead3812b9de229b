"""Infusions: ordered by weight on the blinded side; the dose is computed in the vault, a numbered bag comes back.

Neither the order nor the bag says anything of the arm: the volume is that of the protocol for everybody.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from ...errors import DecisionRefused
from ...protocol import Protocol, Quantity
from ...protocol.model import Form, Intervention
from ...record.book import Turn
from ...record.event import Event
from ...record.gate import require_open_gate
from ..door.chapter import Chapter
from ..door.dates import today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import require_open
from ..door.services import Guards, Services
from ..door.state import Infusion, Participant, Trial, Value
from ..enrolment.consent import require_consent
from ..forms.planned import products_planned_at
from ..supply.preparation import require_checked
from .attendance import require_allocated
from .deviations import MAJOR, TREATMENT, DeviationLifted, DeviationNoted, has_deviation
from .leaving import require_taking_part

OCCURRED = ("ECOCCUR", "EXOCCUR")
"""SDTM variables that say whether a planned dose was given."""


class InfusionOrdered(Fact, frozen=True, kw_only=True):
    """An infusion was ordered for a visit, with the body weight (kg, a decimal as text) and its day."""

    order: str
    visit: str
    weight_kg: str
    weighed_on: date

    def tell(self) -> str:
        """Give visit and weight."""
        return f"an infusion was ordered for visit {self.visit} by a weight of {self.weight_kg} kg"


class BagIssued(Fact, frozen=True, kw_only=True):
    """The pharmacy gave out a bag for an order."""

    order: str
    bag: str
    volume: str

    def tell(self) -> str:
        """Give the number of the bag."""
        return f"bag {self.bag} ({self.volume}) was given out for order {self.order}"


class OrderInfusion(Intent, frozen=True, kw_only=True):
    """Order the infusion of a visit; the weight is the newest on the forms, no older than the protocol allows."""

    participant: str
    visit: str


class IssueBag(Intent, frozen=True, kw_only=True):
    """Give out the bag that the vault has prepared for an order."""

    participant: str
    order: str
    bag: str
    volume: str


def _order(setting: Setting, trial: Trial, intent: OrderInfusion) -> list[Outcome]:
    protocol, participant = setting.protocol, trial.participants[intent.participant]
    require_open(trial, participant, intent.visit, role=setting.by.role)
    require_allocated(participant, "an infusion")
    on = _day_of(participant, intent.visit)
    require_taking_part(participant, on)
    require_consent(trial, participant, on)
    _require_on_treatment(participant, on)
    product = _product_at(protocol, participant, intent.visit)
    order = f"{participant.id}/{intent.visit}"
    if order in participant.infusions:
        raise DecisionRefused(f"the infusion of visit {intent.visit} has already been ordered. Got order {order}")
    _require_newest(participant, intent.visit, on)
    weight, weighed_on = _weight(protocol, participant, product, on)
    return [Outcome(InfusionOrdered(order=order, visit=intent.visit, weight_kg=weight, weighed_on=weighed_on))]


def weighing_for(protocol: Protocol, participant: Participant, visit: str) -> tuple[str, date]:
    """Return the weight (kg, a decimal as text) that an order for a visit would go by, and its day.

    Raises DecisionRefused where there is none, or it is too old, and where no infusion is planned at the visit.
    """
    on = _day_of(participant, visit)
    return _weight(protocol, participant, _product_at(protocol, participant, visit), on)


def visits_to_order(protocol: Protocol, participant: Participant) -> tuple[str, ...]:
    """Return the visits that were held and whose infusion, dosed by weight, waits for its order."""
    ended = participant.ended.get("treatment")
    over = participant.allocation is None or participant.consent_withdrawn_on is not None
    held = {key: one.on for key, one in participant.visits.items() if one.name and one.on and not over}
    last = max(held.values(), default=None)
    return tuple(
        key
        for key, on in held.items()
        if f"{participant.id}/{key}" not in participant.infusions
        and on == last
        and (ended is None or on < ended.on)
        and any(protocol.interventions[name].weight is not None for name in products_planned_at(protocol, key))
    )


def _issue(setting: Setting, trial: Trial, intent: IssueBag) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    infusion = participant.infusions.get(intent.order)
    if infusion is None:
        raise DecisionRefused(f"{participant.id} has no such order; check its number. Got {intent.order}")
    require_open(trial, participant, infusion.visit, role=setting.by.role)
    if infusion.bag is not None:
        raise DecisionRefused(f"bag {infusion.bag} has already been given out for order {intent.order}")
    today = today_at(trial, setting.by, participant.site)
    require_taking_part(participant, today)
    _require_on_treatment(participant, today)
    bag = intent.bag.strip()
    if not bag:
        raise DecisionRefused("the bag needs its number, as printed on it")
    if bag in trial.bags:
        raise DecisionRefused(f"this bag was given out for order {trial.bags[bag]}; check the number. Got {bag}")
    product = _product_at(setting.protocol, participant, infusion.visit)
    if product.volume is not None and _quantity(intent.volume) != product.volume:
        raise DecisionRefused(f"the volume must be {product.volume}, the same for everybody. Got {intent.volume}")
    require_checked(setting, trial, participant, infusion, product, bag)
    return [Outcome(BagIssued(order=intent.order, bag=bag, volume=intent.volume))]


def infusion_facts(
    protocol: Protocol, participant: Participant, form: Form, visit: str, values: Mapping[str, Value], on: date
) -> list[Fact]:
    """Return what follows from a form that says whether the infusion of a visit was given (--OCCUR).

    A planned infusion that was not given is a deviation, unless treatment had ended; where a correction says that
    it was given, the deviation is lifted.
    """
    occurred = next((name for name, item in form.items.items() if item.sdtm in OCCURRED), None)
    if occurred is None or not visit or not products_planned_at(protocol, participant.visits[visit].name):
        return []
    given = values.get(occurred, Value()).value
    noted, ended = has_deviation(participant, TREATMENT, visit), participant.ended.get("treatment")
    if given == "N" and not noted and (ended is None or ended.on >= on):
        codes = (values.get(name, Value()).value for name, item in form.items.items() if item.type == "code")
        why = next((f" ({code})" for code in codes if code is not None), "")
        what = f"the infusion of visit {visit} was not given{why}"
        return [DeviationNoted(category=TREATMENT, weight=MAJOR, what=what, on=on, visit=visit)]
    if given == "Y" and noted:
        return [DeviationLifted(category=TREATMENT, visit=visit)]
    return []


def _day_of(participant: Participant, visit: str) -> date:
    known = participant.visits.get(visit)
    if known is None or known.on is None:
        raise DecisionRefused(f"visit {visit} has not been recorded as held; record it before the infusion")
    return known.on


def _require_on_treatment(participant: Participant, on: date) -> None:
    ended = participant.ended.get("treatment")
    if ended is not None and on >= ended.on:
        raise DecisionRefused(f"the infusions of {participant.id} ended on {ended.on} ({ended.why})")


def _product_at(protocol: Protocol, participant: Participant, visit: str) -> Intervention:
    planned = products_planned_at(protocol, participant.visits[visit].name)
    dosed = [product for name in planned if (product := protocol.interventions[name]).weight is not None]
    if not dosed:
        raise DecisionRefused(f"the protocol plans no infusion dosed by weight at this visit. Got visit {visit}")
    return dosed[0]


def _require_newest(participant: Participant, visit: str, on: date) -> None:
    later = next((key for key, one in participant.visits.items() if one.name and one.on and one.on > on), None)
    if later is not None:
        raise DecisionRefused(
            f"visit {later} has taken place since; the infusion of visit {visit} can no longer be ordered"
        )


def _weight(protocol: Protocol, participant: Participant, product: Intervention, on: date) -> tuple[str, date]:
    """Return the newest weight up to the day of the visit, in kg as a decimal, with its day."""
    assert product.weight is not None
    name = product.weight.item
    item = protocol.items[name]
    found = [
        (entry.on, entry.sequence, entry.values[name].value)
        for entry in participant.forms.values()
        if entry.removed is None and entry.on <= on and name in entry.values
    ]
    known = [(day, sequence, value) for day, sequence, value in found if value is not None]
    label, unit = item.label.say(), item.unit or "kg"
    if not known:
        raise DecisionRefused(f"no {label.lower()} is recorded up to {on}; weigh the participant, save the form")
    weighed_on, _, value = max(known, key=lambda one: one[:2])
    age, oldest = (on - weighed_on).days, product.weight.max_age
    if age > oldest.to("day"):
        raise DecisionRefused(
            f"the newest {label.lower()} must be at most {oldest} old at the visit; weigh the participant again "
            f"and save the form. Got {value} {unit} of {weighed_on}, {age} days before"
        )
    number = Decimal(str(value))
    if item.range is not None and not Decimal(str(item.range[0])) <= number <= Decimal(str(item.range[1])):
        raise DecisionRefused(
            f"the {label.lower()} must lie between {item.range[0]:g} and {item.range[1]:g} {unit}; "
            f"correct the form of {weighed_on}. Got {value}"
        )
    kilograms = number if unit == "kg" else Decimal(str(Quantity(number, unit).to("kg")))
    return f"{kilograms:f}", weighed_on


def _quantity(text: str) -> Quantity | None:
    try:
        return Quantity.parse(text)
    except ValueError:
        return None


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
    trial.bags[fact.bag] = fact.order


def _require_gate(
    turn: Turn, _services: Services, _trial: Trial, _intent: Intent, outcomes: list[Outcome], _request: str
) -> list[Outcome]:
    """After a restore nothing is given out before it is known which places of the list were used."""
    require_open_gate(turn)
    return outcomes


GUARDS: Guards = {OrderInfusion: _require_gate, IssueBag: _require_gate}

CHAPTER = Chapter(
    decisions={OrderInfusion: _order, IssueBag: _issue},
    evolutions={InfusionOrdered: _ordered, BagIssued: _issued},
    roles={OrderInfusion: ("investigator", "coordinator"), IssueBag: ("pharmacist",)},
)
