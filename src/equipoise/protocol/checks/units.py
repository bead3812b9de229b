"""Every unit is known to pint, and every quantity has the dimension that its place needs."""

from collections.abc import Iterator

from ..finding import Finding
from ..model import Item, Measures, Protocol, UnitName
from ..quantity import Quantity, dimension_of, line_between
from ..walk import walk


def check_units(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each unknown unit and each quantity of the wrong dimension."""
    for place in walk(protocol):
        for mark in place.marks:
            if isinstance(mark, UnitName) and (problem := _unknown(place.value)):
                yield Finding(place.path, problem, place.value)
        if isinstance(place.value, Quantity):
            wanted = next((m.dimension for m in place.marks if isinstance(m, Measures)), None)
            problem = _unknown(place.value.unit) or _other_dimension(place.value, wanted)
            if problem:
                yield Finding(place.path, problem, place.value)
        if isinstance(place.owner, Item) and "also_in" in place.path and place.owner.unit is not None:
            yield from _other_unit(place.path, place.value, place.owner.unit, place.owner.molar_mass)


def _other_unit(
    path: tuple[str | int, ...], other: str, unit: str, molar_mass: Quantity | None
) -> Iterator[Finding]:
    if _unknown(other) or _unknown(unit) or (molar_mass is not None and _unknown(molar_mass.unit)):
        return
    if dimension_of(other) == dimension_of(unit):
        return
    try:
        line_between(other, unit, molar_mass)
    except ValueError:
        yield Finding(path, f"cannot be converted to {unit}, the unit of the item", other)


def _unknown(unit: str) -> str | None:
    try:
        dimension_of(unit)
    except ValueError:
        return "is a unit that pint does not know; write it as in cells/uL, mg/dL, 10^9/L, kg/m^2"
    return None


def _other_dimension(quantity: Quantity, wanted: str | None) -> str | None:
    if wanted is None or dimension_of(quantity.unit) == dimension_of(_EXAMPLES[wanted].split()[-1]):
        return None
    return f"must be {_SPOKEN[wanted]}, such as {_EXAMPLES[wanted]}"


_EXAMPLES = {
    "[time]": "28 d",
    "[mass]": "100 kg",
    "[length] ** 3": "100 mL",
    "[mass] / [substance]": "180.16 g/mol",
}
_SPOKEN = {
    "[time]": "a length of time",
    "[mass]": "a mass",
    "[length] ** 3": "a volume",
    "[mass] / [substance]": "a molar mass",
}
