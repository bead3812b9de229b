"""What things are called in a report: arms, visits, parameters, variables, levels and sets, in its language.

Results name things as the data do. A report in another language than English uses the labels that the protocol
has in that language, and the words of the data where it has none.
"""

import re
from collections.abc import Mapping
from functools import cached_property

import polars as pl

from ...analysis.context import TOTAL, Context
from ...errors import EstimationFailed
from ...protocol.model import Item, Text
from ..rounding import recorded_decimals
from .phrases import Phrases


class Labels:
    """Names for everything that stands in a table or figure, and the decimals of what is measured."""

    def __init__(self, context: Context, language: str = "en") -> None:
        self.context = context
        self.say = Phrases(language)
        self.language = self.say.language
        self._decimals: dict[str, int] = {}
        self._counts: dict[tuple[str, str | None], dict[str, int]] = {}

    @property
    def space(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "zh" else " "

    @cached_property
    def arms(self) -> Mapping[str, str]:
        """Label of each arm as printed, by its label in the data, in the order of the protocol."""
        return {
            label: self._text(self.context.protocol.arms[name].label, label)
            for name, label in self.context.arm_labels.items()
        }

    def arm(self, label: str) -> str:
        """Return how an arm is printed."""
        return self.say("Total") if label == TOTAL else self.arms.get(label, label)

    def visit(self, label: str) -> str:
        """Return how a visit is printed."""
        name = self._visits.get(label)
        return label if name is None else self._text(self.context.protocol.schedule.visits[name].label, label)

    def visit_id(self, label: str) -> str | None:
        """Return the id of the visit that the data call so, None where the schedule has none."""
        return self._visits.get(label)

    @cached_property
    def _visits(self) -> dict[str, str]:
        frames = [f.select("visit", "visit_label").unique() for f in self.context.data.measurements.values()]
        found = {self.context.protocol.visit_label(name): name for name in self.context.protocol.schedule.visits}
        for frame in frames:
            for visit, label in frame.drop_nulls().sort("visit").iter_rows():
                if visit in self.context.protocol.schedule.visits:
                    found.setdefault(label, visit)
        return found

    @cached_property
    def _items(self) -> dict[str, tuple[str, Item | None]]:
        """Id and item by what results call it."""
        found: dict[str, tuple[str, Item | None]] = {name: (name, None) for name in self.context.data.parameters}
        for name, item in self.context.protocol.items.items():
            found[self.context.parameter(name)] = (name, item)
        return found

    def parameter(self, code: str) -> str:
        """Return what a parameter of the results is called, with its unit."""
        if code in self.context.protocol.variables:
            return self.variable(code)
        name, item = self._items.get(code, (code, None))
        in_data = self.context.data.parameters.get(name)
        if item is None:
            estimand = self.context.protocol.estimands.get(code)
            return in_data or (code if estimand is None else estimand.question.say(self.language))
        return self.with_unit(item.label.say(self.language), item.unit)

    def unit(self, code: str) -> str:
        """Return the unit of a parameter, empty where it has none."""
        item = self._items.get(code, (code, None))[1]
        return "" if item is None or item.unit is None else item.unit

    def decimals(self, code: str) -> int:
        """Return with how many decimals a parameter was recorded: as the protocol says, else as the data show."""
        if code not in self._decimals:
            name, item = self._items.get(code, (code, None))
            declared = item.decimals if item is not None else None
            variable = self.context.protocol.variables.get(code)
            if variable is not None:
                declared = variable.decimals
            if declared is None:
                declared = recorded_decimals(self._values(name, is_variable=variable is not None))
            self._decimals[code] = declared
        return self._decimals[code]

    def _values(self, name: str, *, is_variable: bool) -> list[float | None]:
        frame = self.context.data.measurements.get(name)
        if is_variable:
            people = self.context.data.participants
            column = people[name] if name in people.columns else None
        else:
            column = None if frame is None else frame["value"]
        if column is None or not column.dtype.is_numeric():
            return []
        return column.cast(pl.Float64).drop_nulls().unique().sort().to_list()

    def with_unit(self, label: str, unit: str | None) -> str:
        """Write a label with its unit in brackets, unless the label holds it already."""
        shown = self.say(unit_sign(unit or ""))
        return f"{label} ({shown})" if shown and f"({shown}" not in label and f", {shown}" not in label else label

    def variable(self, name: str) -> str:
        """Return what a participant variable is called, with its unit."""
        declared = self.context.protocol.variables.get(name)
        if declared is None:
            return self.say("Site") if name == "site" else name
        return self.with_unit(declared.label.say(self.language), declared.unit)

    def level(self, variable: str, value: str) -> str:
        """Return what a level of a variable is called."""
        declared = self.context.protocol.variables.get(variable)
        if declared is not None and declared.type == "yes or no":
            return self.say({"Y": "Yes", "N": "No"}.get(value, value))
        text = None if declared is None else declared.codes.get(value)
        return value if text is None else text.say(self.language)

    def analysis_set(self, name: str) -> str:
        """Return what an analysis set is called."""
        label = (
            self.context.protocol.analysis_sets[name].label
            if name in self.context.protocol.analysis_sets
            else None
        )
        return name if label is None else label.say(self.language)

    def counts(self, analysis_set: str, where: str | None = None) -> dict[str, int]:
        """Return the number of participants of a set in each arm, by the arm's label in the data, and in total."""
        key = (analysis_set, where)
        if key not in self._counts:
            try:
                if analysis_set in self.context.protocol.analysis_sets:
                    people = self.context.members(analysis_set, where)
                else:
                    people = self.context.participants
            except EstimationFailed:
                people = self.context.participants.clear()
            by_arm = dict(people["arm"].cast(pl.String).value_counts().iter_rows())
            counted = {arm: by_arm.get(arm, 0) for arm in self.arms}
            self._counts[key] = {**counted, TOTAL: sum(counted.values())}
        return self._counts[key]

    def _text(self, text: Text | None, in_data: str) -> str:
        """Say a label of the protocol if it has the report's language, else what the data say."""
        if text is None or self.language == "en":
            return in_data
        return text.root.get(self.language) or in_data


def unit_sign(unit: str) -> str:
    """Write a unit for the eye: `µmol/L` for `umol/L`, `10⁹/L` for `10^9/L`, `years` for `year`."""
    if unit in UNIT_SIGNS:
        return UNIT_SIGNS[unit]
    raised = re.sub(r"\^(-?\d+)", lambda match: match[1].translate(_SUPERSCRIPTS), unit)
    return re.sub(r"\bu(?=(?:mol|g|L|IU|U|m)\b)", "µ", raised)


_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
UNIT_SIGNS: Mapping[str, str] = {
    "year": "years",
    "month": "months",
    "d": "days",
    "day": "days",
    "dimensionless": "",
    "cells/uL": "cells/µL",
    "count/uL": "cells/µL",
    "1/min": "/min",
    "degC": "°C",
    "percent": "%",
}
"""How units of the protocol are printed, where not as they are written."""
