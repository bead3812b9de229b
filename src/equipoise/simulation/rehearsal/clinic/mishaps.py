"""What goes wrong at a desk: a slip of the pen, a value that nobody believes, another unit, a value not taken.

Each function returns what is typed in the place of the right value, or nothing where the item has no such slip.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ....conduct.door.state import Scalar
from ....protocol import Quantity, names_in
from ....protocol.model import Form, Item
from ..nature.columns import places_of

Values = Mapping[str, Scalar]


@dataclass(frozen=True)
class Mishaps:
    """How often what goes wrong: shares of forms, of visits, of persons.

    Of forms: a number out of its range, a slip, a value not taken, a double click, a form overtaken by somebody
    else; of the numbers that allow it, another unit. Of visits: measured once more some days later. Of persons:
    screened at a second site, offered an old consent form, allocated by wrong strata, let in though not eligible.
    Of doses: prepared in a bag that leaks.
    """

    out_of_range: float = 0.015
    slip: float = 0.04
    not_taken: float = 0.02
    double_click: float = 0.01
    overtaken: float = 0.01
    other_unit: float = 1 / 3
    unscheduled: float = 0.03
    screened_twice: float = 0.03
    old_consent: float = 0.15
    wrong_strata: float = 0.04
    let_in: float = 0.2
    leaking_bag: float = 0.02

    def of_form(self, chance: float) -> str | None:
        """Return what goes wrong with a form, by a number from 0 to 1; None where nothing does."""
        below = 0.0
        for name in ("out_of_range", "slip", "not_taken", "double_click", "overtaken"):
            below += getattr(self, name)
            if chance < below:
                return name
        return None


def numbers_of(form: Form, values: Values, spared: Collection[str]) -> list[str]:
    """Return the numbers filled in on a form, without those spared."""
    return [
        name
        for name, value in values.items()
        if form.items[name].is_number and isinstance(value, int | float) and name not in spared
    ]


def slip(item: Item, value: float, rng: np.random.Generator) -> float | int | None:
    """Return a number near the right one, as when a digit is mistaken; None where there is none in the range."""
    places = places_of(item)
    step = max(10.0**-places, abs(value) * 0.1)
    wrong = round(value + (step if rng.random() < 0.5 else -step), places)
    low, high = item.range or (-np.inf, np.inf)
    if not low <= wrong <= high or wrong == value:
        return None
    return int(wrong) if places == 0 else wrong


def beyond(item: Item) -> float | int | None:
    """Return a number above the believable range; None where there is no range."""
    if item.range is None:
        return None
    wrong = item.range[1] * 10 if item.range[1] > 0 else item.range[1] + 100
    return int(wrong) if places_of(item) == 0 else wrong


def in_other_unit(item: Item, value: float) -> str | None:
    """Return a number as typed in another unit that the item may be entered in, such as `13.5 g/dL`."""
    if not item.also_in or item.unit is None:
        return None
    unit = item.also_in[0]
    number = Quantity(Decimal(str(value)), item.unit).to(unit)
    return f"{number:.6g} {unit}"


def may_be_missing(form: Form, values: Values, spared: Collection[str]) -> list[str]:
    """Return the numbers that may be left out: required, not critical, named by no rule that stops."""
    stopping = {name for check in form.checks.values() if check.stops for name in names_in(check.rule)}
    asked = {
        name for item in form.items.values() for rule in (item.required_when,) if rule for name in names_in(rule)
    }
    return [
        name
        for name in numbers_of(form, values, spared)
        if form.items[name].required and not form.items[name].critical and name not in stopping | asked
    ]
