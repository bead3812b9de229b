"""Numbers with units, as they stand in a protocol file: `100 mL`, `1.5e6 /kg`, `28 d`, `10^9/L`.

Units are pint's, to which are added what a trial counts: cells, copies, points of a score. Values are kept as
decimals because doses are computed from them.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

_PATTERN = re.compile(r"^\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?:\s*([^\d\s.,+-].*)|\s+(\d.*))?\s*$")
_COUNTED = ("cell", "copy", "point", "event", "participant", "infusion", "tablet", "patch")


@lru_cache(maxsize=1)
def unit_registry() -> Any:
    """Return pint's registry with the things that a trial counts, made on first use."""
    import pint

    # Pint knows the point of typesetting, a length; here points are those of a score.
    registry: Any = pint.UnitRegistry(on_redefinition="ignore")
    for name in _COUNTED:
        plural = name[:-1] + "ies" if name.endswith("y") else name + "es" if name.endswith("ch") else name + "s"
        registry.define(f"counted_{name} = count = _ = {name} = {plural}")
    registry.define("international_unit = [international_unit] = IU")
    return registry


def _readable(unit: str) -> str:
    return "1" + unit if unit.startswith("/") else unit or "dimensionless"


@lru_cache(maxsize=512)
def dimension_of(unit: str) -> str:
    """Return the dimension of a unit in pint's notation, such as `1 / [mass]`; ValueError if pint refuses it.

    A unit may begin with a slash (`/kg`) and may hold a power of ten (`10^9/L`), as laboratories write them.
    """
    try:
        return str(unit_registry().Quantity(_readable(unit)).dimensionality)
    except Exception as error:
        raise ValueError(f"unit that pint does not know: {error}") from error


@lru_cache(maxsize=512)
def line_between(unit: str, target: str, molar_mass: "Quantity | None" = None) -> tuple[float, float]:
    """Return slope and zero point that turn a number in one unit into one in another.

    The zero point is 0 but for temperatures, whose scales do not begin at the same place. With a molar mass, mass
    and amount of substance turn into each other. ValueError where the dimensions differ.
    """
    import pint

    registry = unit_registry()
    try:
        source, aim = (registry.Quantity(_readable(u)) for u in (unit, target))
        if molar_mass is not None and source.dimensionality != aim.dimensionality:
            molar = registry.Quantity(float(molar_mass.value), molar_mass.unit)
            of_mass = (source / molar).dimensionality == aim.dimensionality
            source = source / molar if of_mass else source * molar
        return float((source / aim).to("dimensionless").magnitude), 0.0
    except pint.OffsetUnitCalculusError:
        return _line_between_scales(registry, unit, target)
    except pint.DimensionalityError as error:
        raise ValueError(f"{unit or 1} cannot be expressed in {target or 1}") from error


def _line_between_scales(registry: Any, unit: str, target: str) -> tuple[float, float]:
    """Return slope and zero point where a scale does not begin at zero: differences have no zero point."""
    import pint

    try:
        zero = float(registry.Quantity(0.0, unit).to(target).magnitude)
        step, aim = (registry.Quantity(1.0, u) - registry.Quantity(0.0, u) for u in (unit, target))
        return float(step.to(aim.units).magnitude), zero
    except pint.DimensionalityError as error:
        raise ValueError(f"{unit} cannot be expressed in {target}") from error


@dataclass(frozen=True, slots=True)
class Quantity:
    """A decimal number with its unit; the unit is empty for a pure number."""

    value: Decimal
    unit: str = ""

    @classmethod
    def parse(cls, text: object) -> "Quantity":
        """Read `1.5e6 /kg`; ValueError says what is expected."""
        if isinstance(text, Quantity):
            return text
        if isinstance(text, bool) or not isinstance(text, str | int | float):
            raise ValueError("must be a number with its unit, such as 100 mL")
        match = _PATTERN.match(str(text))
        if match is None:
            raise ValueError("must be a number with its unit, such as 100 mL")
        try:
            value = Decimal(match.group(1))
        except InvalidOperation as error:
            raise ValueError("must be a number with its unit, such as 100 mL") from error
        return cls(value, (match.group(2) or match.group(3) or "").strip())

    def to(self, unit: str) -> float:
        """Return the number in another unit of the same dimension; ValueError where the dimensions differ."""
        try:
            slope, zero = line_between(self.unit, unit)
        except ValueError as error:
            raise ValueError(f"{self} cannot be expressed in {unit}") from error
        return float(self.value) * slope + zero

    def __str__(self) -> str:
        return f"{self.value:f} {self.unit}".strip() if abs(self.value) < 10**6 else f"{self.value} {self.unit}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let a field of this type be read from the string in the file."""
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe the string to editors."""
        return {
            "type": ["string", "number"],
            "pattern": _PATTERN.pattern,
            "description": "A number with its unit, such as 100 mL.",
        }
