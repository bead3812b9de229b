"""Units as laboratories write them, made into the unit of an item: UCUM codes, and the spelling of the protocol.

Of UCUM those codes are read that laboratories send: powers of ten (`10*9/L`), annotations (`{cells}/uL`), square
brackets (`m[IU]/L`, `mm[Hg]`), `Cel`. The factor is pint's (`forms/units.py`). Units of another dimension are
refused; from mass to amount of substance, and back, it takes the molar mass that the protocol declares.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from ...protocol.model import Item
from ...protocol.quantity import Quantity, dimension_of
from ..forms.units import conversion

System = Literal["UCUM", "protocol"]
Conversion = tuple[Decimal, Decimal]
"""Slope and zero point (mostly 0) that turn a number into the unit of an item."""

SAME: Conversion = (Decimal(1), Decimal(0))
_MICRO = str.maketrans({"\N{MICRO SIGN}": "u", "\N{GREEK SMALL LETTER MU}": "u"})
_ANNOTATION = re.compile(r"\{[^{}]*\}")
_POWER = re.compile(r"10\*([+-]?\d+)")
_EXPONENT = re.compile(r"([A-Za-z])([+-]?\d+)")
_CODES = (("[iU]", "IU"), ("[IU]", "IU"), ("mm[Hg]", "mmHg"), ("[degF]", "degF"), ("Cel", "degC"))


def plain_unit(code: str) -> str:
    """Return a UCUM code in the spelling of the protocol: `10*9/L` is `10^9/L`; empty for a mere annotation."""
    text = _EXPONENT.sub(r"\1^\2", _power(_ANNOTATION.sub("", code.strip())))
    for ucum, plain in _CODES:
        text = text.replace(ucum, plain)
    return "" if text in ("1", "/1") else text


def _power(text: str) -> str:
    """Write powers of ten as the protocol does; pint would read `10*9/L` as 90 a litre."""
    return _POWER.sub(r"10^\1", text)


def conversion_of(item: Item, unit: str, system: System, spelled: Mapping[str, str]) -> Conversion:
    """Return how a number in a unit becomes one in the unit of the item.

    spelled: what the laboratory's own spellings stand for. Raises ValueError, which says what would be right, for
    no unit, a unit that nobody knows, and one that cannot be converted.
    """
    return _conversion(item.unit or "", spelled.get(unit, unit), system, item.molar_mass)


@lru_cache(maxsize=2048)
def _conversion(wanted: str, unit: str, system: System, molar_mass: Quantity | None) -> Conversion:
    text = unit.strip().translate(_MICRO)
    if text == wanted.translate(_MICRO):
        return SAME
    if not text:
        raise ValueError(f"is missing; results are recorded in {wanted}")
    plain = plain_unit(text) if system == "UCUM" else _power(text)
    if plain == wanted or (not plain and not wanted):
        return SAME
    try:
        dimension_of(plain)
    except ValueError:
        raise ValueError(f"is not a unit that is known; it must convert to {wanted or 'a pure number'}") from None
    try:
        return conversion(plain, wanted, molar_mass)
    except ValueError:
        raise ValueError(
            f"cannot be converted to {wanted or 'a pure number'}, in which results are recorded"
        ) from None
