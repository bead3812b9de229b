"""The dose of one infusion, in decimals: cells per kilogram times weight, capped, rounded by the protocol's rule.

The weight is refused where it is not believable (outside the range of its item), too old, of the future, or in
another unit. The result lies between the dose of the lightest believable weight and that of the cap, both exact:
where rounding would pass one of these bounds, the multiple within them is taken. Everything is checked, and
computed, for every arm alike, so that neither a refusal nor the time it takes depends on the arm; the volume is
that of the intervention for everybody. Decimals, because binary fractions miss halves: 1.5e6 x 32.3 kg falls below
48.45e6 and would be rounded down.
"""

import re
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

import msgspec

from ..errors import DecisionRefused, ProtocolError
from ..protocol import Protocol, Quantity
from ..protocol.model import Intervention

_MODES = {
    "half up": ROUND_HALF_UP,
    "half even": ROUND_HALF_EVEN,
    "up": ROUND_CEILING,
    "down": ROUND_FLOOR,
}
_RULE = re.compile(rf"^\s*({'|'.join(_MODES)})\s+to\s+(.+?)\s*$")
_DIGITS = 60


class Rounding(msgspec.Struct, frozen=True):
    """How a dose is rounded: the mode of Python's `decimal`, the step, and the unit of both."""

    mode: str
    step: Decimal
    unit: str


class Weighing(msgspec.Struct, frozen=True):
    """A body weight as it was recorded: its value and unit, and the day."""

    value: Decimal
    unit: str
    on: date


class Dose(msgspec.Struct, frozen=True):
    """A dose: its amount and unit, and the weight, in the unit of its item, that it was computed with, if any."""

    amount: Decimal
    unit: str
    weight: Decimal | None

    def __str__(self) -> str:
        return f"{self.amount:,f} {self.unit}".rstrip()


def parse_rounding(rule: str) -> Rounding:
    """Read a rule such as `half up to 0.1e6 cells`; `ProtocolError` says what is expected."""
    match = _RULE.match(rule)
    step = None
    if match is not None:
        try:
            step = Quantity.parse(match.group(2))
        except ValueError:
            step = None
    if match is None or step is None or step.value <= 0:
        raise ProtocolError(
            f"rounding must be {', '.join(list(_MODES)[:-1])} or {list(_MODES)[-1]}, then `to` and a step above 0 "
            f"with its unit, such as half up to 0.1e6 cells. Got {rule}"
        )
    return Rounding(_MODES[match.group(1)], step.value, step.unit)


def compute_doses(protocol: Protocol, intervention: str, weighing: Weighing | None, on: date) -> dict[str, Dose]:
    """Compute the dose of an intervention on a day for each arm, by its id.

    `DecisionRefused` for a weight that is missing, in another unit, outside the range of its item, of a later day
    or too old; `ProtocolError` where the protocol lacks the dose of an arm, or rounding leaves none within bounds.
    """
    product = require_intervention(protocol, intervention)
    weight = require_weight(protocol, product, weighing, on)
    return {arm: _dose(protocol, arm, intervention, product, weight) for arm in protocol.arms}


def volume_of(protocol: Protocol, intervention: str) -> str:
    """Return the volume that is given, such as `100 mL`: the same in every arm, empty where none is stated."""
    volume = require_intervention(protocol, intervention).volume
    return "" if volume is None else str(volume)


def stated_doses(protocol: Protocol, arm: str, language: str = "en") -> dict[str, str]:
    """Give the doses of an arm as the protocol states them, by the label of the intervention."""
    return {
        protocol.interventions[name].label.say(language): f"{quantity.value:,f} {quantity.unit}".rstrip()
        for name, quantity in protocol.arms[arm].doses.items()
        if name in protocol.interventions
    }


def require_intervention(protocol: Protocol, intervention: str) -> Intervention:
    """Return an intervention by its id; `DecisionRefused` where the protocol has none of that name."""
    if intervention not in protocol.interventions:
        raise DecisionRefused(
            f"the protocol gives {', '.join(protocol.interventions) or 'nothing'}; order one of these. "
            f"Got {intervention}"
        )
    return protocol.interventions[intervention]


def require_weight(
    protocol: Protocol, product: Intervention, weighing: Weighing | None, on: date
) -> Decimal | None:
    """Return the weight that a dose on a day may be computed with, before the cap; None where none is needed.

    `DecisionRefused` as in `compute_doses`.
    """
    rule = product.weight
    if rule is None:
        return None
    item = protocol.items[rule.item]
    if weighing is None:
        raise DecisionRefused(
            f"the dose needs a weight no older than {rule.max_age}; weigh the participant. Got none"
        )
    if weighing.unit != (item.unit or ""):
        raise DecisionRefused(
            f"the weight must be in {item.unit}; enter it in that unit. Got {weighing.value} {weighing.unit}"
        )
    low, high = (Decimal(repr(bound)) for bound in item.range or (0.0, float("inf")))
    if not weighing.value.is_finite() or weighing.value <= 0 or not low <= weighing.value <= high:
        raise DecisionRefused(
            f"the weight must lie between {low.normalize():f} and {high.normalize():f} {weighing.unit}; "
            f"weigh the participant again. Got {weighing.value} {weighing.unit}"
        )
    age, oldest = (on - weighing.on).days, _in_unit(rule.max_age, "d")
    if not 0 <= age <= oldest:
        raise DecisionRefused(
            f"the weight must be at most {rule.max_age} old on the day of the dose, {on}, and not of a later day; "
            f"weigh the participant again. Got {weighing.on}"
        )
    return weighing.value


def require_doses(protocol: Protocol) -> None:
    """Refuse (`ProtocolError`) a protocol that lacks the dose of an arm: bags are prepared for all arms alike."""
    for name, product in protocol.interventions.items():
        lacking = [arm for arm, given in protocol.arms.items() if name not in given.doses]
        if product.at and lacking and len(lacking) < len(protocol.arms):
            raise ProtocolError(
                f"protocol {protocol.trial.id} must state the dose of {name} in every arm, 0 where none is given, "
                f"so that bags do not tell arms apart. Got none in {', '.join(lacking)}"
            )


def _dose(protocol: Protocol, arm: str, intervention: str, product: Intervention, weight: Decimal | None) -> Dose:
    doses = protocol.arms[arm].doses
    if intervention not in doses:
        raise ProtocolError(
            f"protocol {protocol.trial.id} must state a dose of {intervention} in every arm. Got none in {arm}"
        )
    stated, rule = doses[intervention], product.weight
    unit, by_weight = _amount_unit(protocol, product, stated)
    if not by_weight or rule is None or weight is None:
        return Dose(_plain(stated.value), unit, None)
    rounding = None if product.rounding is None else parse_rounding(product.rounding)
    if rounding is not None and unit not in ("", rounding.unit):
        raise ProtocolError(f"the rounding of {intervention} must be to a step in {unit}. Got {product.rounding}")
    weight_unit = protocol.items[rule.item].unit or ""
    with localcontext(prec=_DIGITS):
        low, high = (Decimal(repr(b)) for b in protocol.items[rule.item].range or (0.0, float("inf")))
        most = high if rule.cap is None else min(high, _in_unit(rule.cap, weight_unit))
        used = min(weight, most)
        amount = _round(stated.value * used, rounding, stated.value * min(low, most), stated.value * most)
        return Dose(_plain(amount), unit or (rounding.unit if rounding else ""), used)


def _amount_unit(protocol: Protocol, product: Intervention, stated: Quantity) -> tuple[str, bool]:
    """Tell the unit of the amount from that of the stated dose, and whether it is per unit of weight."""
    if product.weight is not None:
        per = f"/{protocol.items[product.weight.item].unit}"
        if stated.unit.endswith(per):
            return stated.unit.removesuffix(per).strip(), True
    return stated.unit, False


def _round(amount: Decimal, rounding: Rounding | None, least: Decimal, most: Decimal) -> Decimal:
    """Round to a multiple of the step, within the bounds."""
    if rounding is None:
        return amount

    def multiple(value: Decimal, mode: str) -> Decimal:
        return (value / rounding.step).to_integral_value(mode) * rounding.step

    rounded = multiple(amount, rounding.mode)
    if rounded > most:
        rounded = multiple(most, ROUND_FLOOR)
    if rounded < least:
        rounded = multiple(least, ROUND_CEILING)
    if rounded > most:
        raise ProtocolError(
            f"rounding to {rounding.step} {rounding.unit} leaves no dose between {least} and {most}; "
            f"use a smaller step. Got {amount}"
        )
    return rounded


def _plain(amount: Decimal) -> Decimal:
    """Write a decimal without an exponent and without trailing zeros, so that equal doses read the same."""
    with localcontext(prec=_DIGITS):
        short = amount.normalize()
        return short.quantize(Decimal(1)) if short.as_tuple().exponent > 0 else short  # type: ignore[operator]


def _in_unit(quantity: Quantity, unit: str) -> Decimal:
    return quantity.value if quantity.unit == unit else Decimal(repr(quantity.to(unit)))
