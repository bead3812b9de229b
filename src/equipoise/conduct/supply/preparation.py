"""From an order to a checked bag: a carton is used, a kit of it named, a dose prepared by one, checked by another.

The carton follows from the ledger alone; the kit that fits is named by the vault, which also knows the cells. Here
stand kit, bag and volume, and who answers for them: the two are never the same person. Until both have signed, and
after the time that a prepared dose may wait, no bag is given out.
"""

from datetime import timedelta

from ...errors import DecisionRefused
from ...protocol import Protocol, Quantity
from ...protocol.model import Intervention
from ...record.book import Turn
from ...record.event import Event
from ...record.gate import require_open_gate
from ..door.chapter import Chapter
from ..door.dates import today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import name_person, require_open
from ..door.services import Guards, Services
from ..door.state import Infusion, Participant, Trial
from ..follow_up.leaving import require_taking_part
from .ledger import refuse_kit, stock_of, supplied_at


class CartonAssigned(Fact, frozen=True, kw_only=True):
    """A carton is used up for an order."""

    order: str
    carton: str

    def tell(self) -> str:
        """Give the carton."""
        return f"carton {self.carton} is used for order {self.order}"


class KitNamed(Fact, frozen=True, kw_only=True):
    """The vault has named the kit that is given for an order; the others of its carton are set aside."""

    order: str
    kit: str

    def tell(self) -> str:
        """Give the kit."""
        return f"kit {self.kit} is to be given for order {self.order}"


class PreparationSigned(Fact, frozen=True, kw_only=True):
    """A dose was prepared from a kit, as its label says; who signs has done it."""

    order: str
    bag: str
    kit: str
    volume: str

    def tell(self) -> str:
        """Give bag and kit."""
        return f"bag {self.bag} ({self.volume}) was prepared from kit {self.kit} for order {self.order}"


class PreparationChecked(Fact, frozen=True, kw_only=True):
    """A second person has read the label of a prepared dose against the order."""

    order: str
    bag: str

    def tell(self) -> str:
        """Give the bag."""
        return f"the label of bag {self.bag} for order {self.order} was checked"


class CartonReplaced(Fact, frozen=True, kw_only=True):
    """A preparation was not completed; its carton is set aside, and the order waits for another."""

    order: str
    carton: str

    def tell(self) -> str:
        """Give the carton."""
        return f"carton {self.carton} is set aside, the preparation for order {self.order} was not completed"


class AssignCarton(Intent, frozen=True, kw_only=True):
    """Take the next carton of the site's stock for an order."""

    participant: str
    order: str


class NameKit(Intent, frozen=True, kw_only=True):
    """Enter the kit that the vault has named for an order."""

    participant: str
    order: str
    kit: str


class SignPreparation(Intent, frozen=True, kw_only=True):
    """Sign that one has prepared a dose, with what its label says."""

    participant: str
    order: str
    bag: str
    kit: str
    volume: str


class CheckPreparation(Intent, frozen=True, kw_only=True):
    """Sign that one has checked a dose that another has prepared, with what one reads on its label."""

    participant: str
    order: str
    bag: str
    kit: str
    volume: str


class ReplaceCarton(Intent, frozen=True, kw_only=True):
    """Give up a preparation, whatever the reason; the reason itself is for the vault."""

    participant: str
    order: str


def require_checked(
    setting: Setting, trial: Trial, participant: Participant, infusion: Infusion, product: Intervention, bag: str
) -> None:
    """Raise DecisionRefused unless the bag of an order may leave the pharmacy; always allowed without kits.

    It must be the bag that was prepared, checked by a second person, from a kit that may still be used, and within
    the time that a prepared dose may wait.
    """
    if product.supply is None:
        return
    if infusion.prepared_by is None or infusion.prepared_at is None or infusion.checked_by is None:
        raise DecisionRefused(
            f"the dose of order {infusion.order} must be prepared by one person and checked by another before its "
            "bag is given out; let the one who is missing sign"
        )
    if bag != infusion.prepared_bag:
        raise DecisionRefused(f"this is not the bag that was prepared for order {infusion.order}. Got {bag}")
    _require_fit(setting, trial, participant, infusion)
    last = infusion.prepared_at + _may_wait(product)
    if product.storage is not None and product.storage.in_use is not None and setting.by.at > last:
        raise DecisionRefused(
            f"a prepared dose may wait {product.storage.in_use} and this one was prepared longer ago; give up the "
            f"preparation and prepare another. Got bag {bag}"
        )


def _assign(setting: Setting, trial: Trial, intent: AssignCarton) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    infusion = _require_dose(setting, trial, participant, intent.order)
    if infusion.carton is not None:
        raise DecisionRefused(f"carton {infusion.carton} is already used for order {intent.order}")
    product = _product(setting.protocol, participant, infusion)
    there = stock_of(trial, participant.site, product, today_at(trial, setting.by, participant.site))
    if not there:
        raise DecisionRefused(
            f"no kit can be given out at site {participant.site} now; nothing was stored. Call the pharmacy, and "
            f"give no kit by other means. Got order {intent.order}"
        )
    return [Outcome(CartonAssigned(order=intent.order, carton=there[0]))]


def _name(setting: Setting, trial: Trial, intent: NameKit) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    infusion = _require_dose(setting, trial, participant, intent.order)
    if infusion.carton is None or intent.kit not in trial.cartons[infusion.carton].kits:
        refuse_kit(intent.kit, intent.order)
    if infusion.kit is not None:
        raise DecisionRefused(f"kit {infusion.kit} is already named for order {intent.order}")
    _require_fit(setting, trial, participant, infusion, intent.kit)
    return [Outcome(KitNamed(order=intent.order, kit=intent.kit))]


def _sign(setting: Setting, trial: Trial, intent: SignPreparation) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    infusion = _require_dose(setting, trial, participant, intent.order)
    product = setting.protocol.interventions[_product(setting.protocol, participant, infusion)]
    if intent.kit != infusion.kit:
        refuse_kit(intent.kit, intent.order)
    if infusion.prepared_by is not None:
        raise DecisionRefused(
            f"the dose of order {intent.order} was prepared by {name_person(trial, infusion.prepared_by)}; "
            "it is prepared once"
        )
    _require_fit(setting, trial, participant, infusion)
    bag = intent.bag.strip()
    if not bag or bag in trial.bags:
        raise DecisionRefused(f"the bag needs a number of its own, as the vault gave it. Got {bag or 'none'}")
    _require_volume(product, intent.volume)
    return [Outcome(PreparationSigned(order=intent.order, bag=bag, kit=intent.kit, volume=intent.volume))]


def _check(setting: Setting, trial: Trial, intent: CheckPreparation) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    infusion = _require_dose(setting, trial, participant, intent.order)
    product = setting.protocol.interventions[_product(setting.protocol, participant, infusion)]
    if infusion.prepared_by is None:
        raise DecisionRefused(f"the dose of order {intent.order} has not been prepared; there is nothing to check")
    if infusion.prepared_by == setting.by.person:
        raise DecisionRefused(
            "who has prepared a dose does not check it; ask a colleague to read the label. "
            f"Got {name_person(trial, setting.by.person)}"
        )
    if infusion.checked_by is not None:
        raise DecisionRefused(
            f"the dose of order {intent.order} was checked by {name_person(trial, infusion.checked_by)}"
        )
    if intent.kit != infusion.kit:
        refuse_kit(intent.kit, intent.order)
    _require_fit(setting, trial, participant, infusion)
    if intent.bag.strip() != infusion.prepared_bag:
        raise DecisionRefused(
            f"the label does not belong to order {intent.order}; keep the bag and call the pharmacy. "
            f"Got bag {intent.bag}"
        )
    _require_volume(product, intent.volume)
    return [Outcome(PreparationChecked(order=intent.order, bag=intent.bag.strip()))]


def _replace(setting: Setting, trial: Trial, intent: ReplaceCarton) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    infusion = _require_order(setting, trial, participant, intent.order)
    if infusion.carton is None:
        raise DecisionRefused(f"no carton is used for this order, so there is none to give up. Got {intent.order}")
    return [Outcome(CartonReplaced(order=intent.order, carton=infusion.carton))]


def _require_dose(setting: Setting, trial: Trial, participant: Participant, order: str) -> Infusion:
    """Return an order that still waits for its bag, of a participant who takes part; DecisionRefused otherwise."""
    infusion = _require_order(setting, trial, participant, order)
    require_taking_part(participant, today_at(trial, setting.by, participant.site))
    if "treatment" in participant.ended:
        ended = participant.ended["treatment"].on
        raise DecisionRefused(f"the infusions of {participant.id} ended on {ended}; nothing more is prepared")
    return infusion


def _require_order(setting: Setting, trial: Trial, participant: Participant, order: str) -> Infusion:
    """Return an order that still waits for its bag; DecisionRefused otherwise, and where data are locked."""
    infusion = participant.infusions.get(order)
    if infusion is None:
        raise DecisionRefused(f"{participant.id} has no such order; check its number. Got {order}")
    require_open(trial, participant, infusion.visit, role=setting.by.role)
    if infusion.bag is not None:
        raise DecisionRefused(f"bag {infusion.bag} has already been given out for order {order}")
    return infusion


def _product(protocol: Protocol, participant: Participant, infusion: Infusion) -> str:
    found = supplied_at(protocol, participant, infusion.visit)
    if found is None:
        raise DecisionRefused(f"what is given at visit {infusion.visit} has no kits; give out its bag without one")
    return found


def _require_fit(
    setting: Setting, trial: Trial, participant: Participant, infusion: Infusion, kit: str | None = None
) -> None:
    """Refuse the kit of an order, in the one sentence, where its carton may not be used any more."""
    carton = trial.cartons[infusion.carton] if infusion.carton is not None else None
    today = today_at(trial, setting.by, participant.site)
    if carton is None or carton.quarantined_by is not None or carton.use_by < today:
        refuse_kit(kit or infusion.kit or "none", infusion.order)


def _require_volume(product: Intervention, volume: str) -> None:
    try:
        same = Quantity.parse(volume) == product.volume
    except ValueError:
        same = False
    if not same:
        raise DecisionRefused(f"the volume must be {product.volume}, the same for everybody. Got {volume}")


def _may_wait(product: Intervention) -> timedelta:
    if product.storage is None or product.storage.in_use is None:
        return timedelta.max
    return timedelta(seconds=product.storage.in_use.to("s"))


def _infusion(trial: Trial, event: Event, order: str) -> Infusion:
    assert event.participant is not None
    return trial.participants[event.participant].infusions[order]


def _assigned(trial: Trial, event: Event, fact: CartonAssigned) -> None:
    carton = trial.cartons[fact.carton]
    assert carton.place == "stock"
    carton.place, carton.order = "used", fact.order
    _infusion(trial, event, fact.order).carton = fact.carton


def _named(trial: Trial, event: Event, fact: KitNamed) -> None:
    infusion = _infusion(trial, event, fact.order)
    assert infusion.carton is not None
    infusion.kit = trial.cartons[infusion.carton].kit = fact.kit


def _signed(trial: Trial, event: Event, fact: PreparationSigned) -> None:
    infusion = _infusion(trial, event, fact.order)
    infusion.prepared_by, infusion.prepared_at, infusion.prepared_bag = event.actor, event.at, fact.bag


def _checked(trial: Trial, event: Event, fact: PreparationChecked) -> None:
    _infusion(trial, event, fact.order).checked_by = event.actor


def _replaced(trial: Trial, event: Event, fact: CartonReplaced) -> None:
    infusion = _infusion(trial, event, fact.order)
    trial.cartons[fact.carton].order = trial.cartons[fact.carton].kit = None
    infusion.carton = infusion.kit = infusion.prepared_by = infusion.prepared_at = None
    infusion.prepared_bag = infusion.checked_by = None


def _require_gate(
    turn: Turn, _services: Services, _trial: Trial, _intent: Intent, outcomes: list[Outcome], _request: str
) -> list[Outcome]:
    """After a restore no kit leaves before it is known which were used."""
    require_open_gate(turn)
    return outcomes


GUARDS: Guards = {AssignCarton: _require_gate, NameKit: _require_gate}

CHAPTER = Chapter(
    decisions={
        AssignCarton: _assign,
        NameKit: _name,
        SignPreparation: _sign,
        CheckPreparation: _check,
        ReplaceCarton: _replace,
    },
    evolutions={
        CartonAssigned: _assigned,
        KitNamed: _named,
        PreparationSigned: _signed,
        PreparationChecked: _checked,
        CartonReplaced: _replaced,
    },
    roles={
        AssignCarton: ("pharmacist",),
        NameKit: ("pharmacist",),
        SignPreparation: ("pharmacist",),
        CheckPreparation: ("nurse", "pharmacist"),
        ReplaceCarton: ("pharmacist",),
    },
)
