"""The calculation of a dose and of what is drawn, line by line, as it is shown to who prepares it.

The vault has computed the dose; it is computed again here from the protocol, so that each line can be read, and
compared with the vault's own result.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from ....errors import DecisionRefused
from ....protocol import Protocol
from ....vault.bags import Preparation
from ....vault.doses import Weighing, compute_doses, parse_rounding
from ....vault.supply.contents import Drawn
from ...shell.templatetags.words import day, unit
from ...words import say

_ROUNDED = {
    ROUND_HALF_UP: "to the nearest {step}, a half upwards",
    ROUND_HALF_EVEN: "to the nearest {step}, a half to the even one",
    ROUND_CEILING: "up to the next {step}",
    ROUND_FLOOR: "down to the last {step}",
}


@dataclass(frozen=True)
class Line:
    """A line of a calculation: what it is, how it comes about, and the result with its unit."""

    what: str
    how: str
    result: str


def dose_lines(protocol: Protocol, prepared: Preparation, weighing: Weighing | None) -> list[Line]:
    """Return how the dose of a bag comes about: dose of the arm, weight, cap, product, rounding.

    Raises DecisionRefused where the protocol leads to another dose than the one that the vault has computed.
    """
    product = protocol.interventions[prepared.intervention]
    stated = protocol.arms[prepared.arm].doses[prepared.intervention]
    expected = compute_doses(protocol, prepared.intervention, weighing, prepared.on)[prepared.arm]
    if (expected.amount, expected.unit) != (prepared.amount, prepared.unit):
        raise DecisionRefused(
            say(
                "The protocol leads to another dose than the vault has computed; prepare nothing and call the "
                "trial's help. Got {expected} and {got}",
                expected=_number(expected.amount),
                got=_number(prepared.amount),
            )
        )
    given = unit(prepared.unit)
    of_arm = f"{given}{stated.unit}" if stated.unit.startswith("/") else unit(stated.unit)
    lines = [Line(say("Dose of the arm"), "", f"{_number(stated.value)} {of_arm}".strip())]
    if prepared.weight is not None and weighing is not None:
        assert product.weight is not None
        lines.append(Line(say("Weight"), day(weighing.on), f"{weighing.value:f} {weighing.unit}"))
        if product.weight.cap is not None:
            cap = say("at most {cap}", cap=product.weight.cap)
            lines.append(Line(say("Weight that counts"), cap, f"{prepared.weight:f} {weighing.unit}"))
        exact = stated.value * prepared.weight
        how = f"{_number(stated.value)} × {prepared.weight:f}"
        lines.append(Line(say("Dose for this weight"), how, f"{_number(exact)} {given}".strip()))
    how = _rounded(product.rounding) if product.rounding else ""
    lines.append(Line(say("Dose to be given"), how, f"{_number(prepared.amount)} {given}".strip()))
    return lines


def _rounded(rule: str) -> str:
    """Say how a dose is rounded."""
    rounding = parse_rounding(rule)
    how = _ROUNDED[rounding.mode]
    return say(how, step=f"{_number(rounding.step)} {unit(rounding.unit)}".strip())


def drawn_lines(prepared: Preparation, drawn: Drawn) -> list[Line]:
    """Return how the volume to be drawn follows from the count of the cells."""
    if drawn.concentration is None or drawn.viability is None:
        filled = Line(say("Fill up with diluent"), say("this kit holds no cells"), f"{drawn.filled:f} mL")
        return [Line(say("Draw from the kit"), "", f"{drawn.drawn:f} mL"), filled]
    living = drawn.concentration * drawn.viability / 100
    return [
        Line(say("Cells counted per mL"), "", _number(drawn.concentration)),
        Line(say("Living cells"), "", f"{drawn.viability:f} %"),
        Line(
            say("Living cells per mL"), f"{_number(drawn.concentration)} × {drawn.viability:f} %", _number(living)
        ),
        Line(say("Draw from the kit"), f"{_number(prepared.amount)} ÷ {_number(living)}", f"{drawn.drawn:f} mL"),
        Line(say("Fill up with diluent"), say("to {volume}", volume=prepared.volume), f"{drawn.filled:f} mL"),
    ]


def _number(value: Decimal) -> str:
    short = value.normalize()
    return f"{short:,f}"
