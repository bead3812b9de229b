"""The numbers of a plan as a table, one a row, at full precision."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from .options import Option
from .result import COLUMNS, DesignResult
from .sensitivity import Sensible

_NUMBERS = ("effect", "sd", "dropout", "participants", "value")


def rows_of(result: DesignResult) -> pl.DataFrame:
    """Give every number of a plan; columns as `result.COLUMNS`."""
    rows: list[dict[str, Any]] = []

    def add(part: str, values: Mapping[str, float | None], **place: Any) -> None:
        rows.extend({"part": part, **place, "statistic": name, "value": value} for name, value in values.items())

    planned = {"scenario": result.scenario}
    add(
        "plan",
        {
            "participants": result.participants,
            "power_wanted": result.power,
            "alpha": result.alpha,
            "sides": result.sides,
            "sd": result.model.sd,
            "seen": result.model.seen,
            "df": result.model.df,
        },
    )
    for one in result.required:
        add("size", {"size_complete": one.complete, "size": one.randomised}, arm=one.arm or None, **planned)
        if one.per_arm is not None:
            for arm, number in zip((result.control, *result.arms), one.per_arm, strict=True):
                add("size", {f"size_{arm}": number}, arm=one.arm or None, **planned)
    for arm, effect in result.detectable.items():
        add("detectable", {"effect": effect}, arm=arm, participants=result.participants)
    for scenario in result.scenarios:
        for place, arm in enumerate(result.arms):
            values = {
                "effect_assumed": scenario.assumed.get(arm),
                "effect": scenario.effects[arm],
                "power": scenario.power.each[place],
                "rejection": scenario.power.either_side[place],
            }
            add("power", values, scenario=scenario.scenario, arm=arm, participants=result.participants)
        both = {
            "power_any": scenario.power.any_arm,
            "power_all": scenario.power.all_arms,
            "familywise": scenario.power.familywise,
        }
        add("power", both, scenario=scenario.scenario, participants=result.participants)
    for option in result.options:
        place_of = {"option": name_option(option)}
        values = {
            "maximum": option.maximum,
            "expected_null": option.expected_null,
            "expected_planned": option.expected_planned,
        }
        add("looks", values, **planned, **place_of)
        add("looks", {"power": option.power}, participants=result.participants, **planned, **place_of)
        for look, (null, one_planned) in enumerate(zip(option.stop_null, option.stop_planned, strict=True), 1):
            add("looks", {"stop_null": null, "stop_planned": one_planned}, look=look, **planned, **place_of)
    for again in result.reestimated:
        values = {
            "fixed_power": again.fixed_power,
            "power": again.power,
            "expected": again.expected,
            "maximum": again.maximum,
        }
        add("blinded re-estimation", values, sd=again.sd, participants=again.planned, **planned)
    if result.calendar is not None:
        for step in result.calendar.milestones:
            values = {"month": step.month, "enrolled": step.enrolled}
            add("calendar", values, option=step.name, look=step.look or None, participants=result.participants)
    for cell in result.grid:
        add("sensitivity", {"size": cell.participants}, **_assumed(cell), **planned)
        add("sensitivity", {"power": cell.power}, **_assumed(cell), participants=result.participants, **planned)
    for curve in result.curves:
        for participants, power in zip(curve.participants, curve.power, strict=True):
            add("curve", {"power": power}, scenario=curve.scenario, participants=participants)
    for other in result.others:
        for arm, power in other.power.items():
            values = {"effect": other.effects[arm], "power": power}
            add(
                "other analyses",
                values,
                arm=arm,
                option=other.analysis,
                participants=result.participants,
                **planned,
            )
    schema = {
        name: pl.Float64 if name in _NUMBERS else pl.Int64 if name == "look" else pl.String for name in COLUMNS
    }
    return pl.DataFrame([{name: row.get(name) for name in COLUMNS} for row in rows], schema=schema)


def name_option(option: Option) -> str:
    """Name a design with looks, such as `obrien-fleming at 0.5`."""
    looks = option.looks
    if looks is None:
        return "no look"
    name = f"{looks.spending} at {', '.join(f'{share:.3g}' for share in looks.at)}"
    if looks.futility is not None:
        name += f", futility {looks.futility:g}"
    return f"{name}, best arm" if looks.best else name


def _assumed(cell: Sensible) -> dict[str, float | None]:
    return {"effect": cell.assumed.effect, "sd": cell.assumed.sd, "dropout": cell.assumed.dropout}
