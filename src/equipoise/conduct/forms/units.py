"""Numbers as typed, with or without a unit, as decimals in the unit of the protocol.

A unit counts where the protocol names it for the item (`unit`, `also_in`); pint gives the factor, and for
temperatures the zero point. Factors are taken to 15 significant digits, which takes away the last digit's noise of
floating-point numbers, so that 13.45 g/dL is 134.5 g/L and nothing else.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from ...protocol import Quantity
from ...protocol.model import Item
from ...protocol.quantity import line_between

_MICRO = str.maketrans({"\N{MICRO SIGN}": "u", "\N{GREEK SMALL LETTER MU}": "u"})


def read_number(item: Item, typed: int | float | str) -> tuple[Decimal, bool]:
    """Return a typed number in the item's unit, and whether it was typed in another one.

    Raises ValueError, which says what is expected, for what is no number and for a unit that the item has not.
    """
    try:
        quantity = Quantity.parse(typed.strip() if isinstance(typed, str) else typed)
    except ValueError:
        raise ValueError(_expected(item)) from None
    if not quantity.unit:
        return quantity.value, False
    unit = _known_unit(item, quantity.unit)
    if unit is None:
        raise ValueError(_expected(item))
    if unit == item.unit:
        return quantity.value, False
    assert item.unit is not None
    slope, zero = conversion(unit, item.unit, item.molar_mass)
    return quantity.value * slope + zero, True


@lru_cache(maxsize=512)
def conversion(unit: str, target: str, molar_mass: Quantity | None = None) -> tuple[Decimal, Decimal]:
    """Return slope and zero point (mostly 0) that turn a number in `unit` into one in `target`.

    molar_mass: of what is measured, between mass and amount of substance. Raises ValueError for other dimensions.
    """
    slope, zero = line_between(unit, target, molar_mass)
    return _exact(slope), _exact(zero)


def _exact(number: float) -> Decimal:
    return Decimal(f"{number:.15g}")


def _known_unit(item: Item, typed: str) -> str | None:
    """Find a unit of the item by its spelling; by capitals too, unless that would leave two."""
    units = _units(item)
    plain = typed.translate(_MICRO).replace(" ", "")
    for spelling in (lambda u: u, str.casefold):
        found = [unit for unit in units if spelling(unit.translate(_MICRO).replace(" ", "")) == spelling(plain)]
        if len(found) == 1:
            return found[0]
    return None


def _units(item: Item) -> tuple[str, ...]:
    return () if item.unit is None else (item.unit, *item.also_in)


def _expected(item: Item) -> str:
    units = _units(item)
    if not units:
        return "must be a number with a decimal point and without a unit"
    return f"must be a number with a decimal point, alone or in {_either(units)}"


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
