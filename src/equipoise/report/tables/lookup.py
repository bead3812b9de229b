"""Finds the numbers of an analysis by their place, and makes cells of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from ...analysis.result import AnalysisResult
from ...analysis.rows import read_group
from ..rounding import (
    format_count,
    format_count_percent,
    format_interval,
    format_number,
    format_p,
)
from .table import Cell, Reference

Key = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Numbers:
    """The statistics that stand at one place of the results; empty where the results have none there."""

    reference: Reference
    values: Mapping[str, float | None] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values)

    def __getitem__(self, statistic: str) -> float | None:
        return self.values.get(statistic)

    def __contains__(self, statistic: str) -> bool:
        return statistic in self.values

    @cached_property
    def group(self) -> dict[str, str]:
        """The levels of the group."""
        return read_group(self.reference.group)

    def cell(self, text: str, *statistics: str) -> Cell:
        """Make a cell that shows these statistics; an empty one where none of them is known."""
        known = {name: value for name in statistics if (value := self.values.get(name)) is not None}
        lines = tuple(self.lines[name] for name in statistics if name in self.lines)
        if not lines:
            return Cell()
        return Cell(text, known, replace(self.reference, lines=lines))

    def number(self, statistic: str, decimals: int) -> Cell:
        """Show one number."""
        return self.cell(format_number(self[statistic], decimals), statistic)

    def count(self, statistic: str = "n") -> Cell:
        """Show a count."""
        return self.cell(format_count(self[statistic]), statistic)

    def share(self, events: bool = False) -> Cell:
        """Show count and percent, `33 (38.4%)`, and the events, `[281]`, where they are wanted and known."""
        text = format_count_percent(self["count"], self["percent"])
        if events and self["events"] is not None and self["count"]:
            return self.cell(f"{text} [{format_count(self['events'])}]", "count", "percent", "events")
        return self.cell(text, "count", "percent")

    def mean_sd(self, decimals: int) -> Cell:
        """Show mean (SD): one decimal more than recorded, two more."""
        if self["mean"] is None:
            return Cell("")
        spread = f" ({format_number(self['sd'], decimals + 2)})" if self["sd"] is not None else ""
        return self.cell(f"{format_number(self['mean'], decimals + 1)}{spread}", "mean", "sd")

    def median(self, decimals: int) -> Cell:
        """Show the median with one decimal more than recorded."""
        if self["median"] is None:
            return Cell("")
        return self.cell(format_number(self["median"], decimals + 1), "median")

    def span(self, low: str, high: str, decimals: int) -> Cell:
        """Show two statistics as a range, `-11, 17`."""
        if self[low] is None or self[high] is None:
            return Cell("")
        text = f"{format_number(self[low], decimals)}, {format_number(self[high], decimals)}"
        return self.cell(text, low, high)

    def interval(self, decimals: int) -> Cell:
        """Show the confidence interval."""
        return self.cell(format_interval(self["lower"], self["upper"], decimals), "lower", "upper")

    def with_error(self, statistic: str, decimals: int) -> Cell:
        """Show an estimate with its standard error, if there is one, which has one decimal more."""
        if self["se"] is None:
            return self.number(statistic, decimals)
        text = f"{format_number(self[statistic], decimals)} ({format_number(self['se'], decimals + 1)})"
        return self.cell(text, statistic, "se")

    def with_interval(self, statistic: str, decimals: int) -> Cell:
        """Show an estimate with its confidence interval."""
        text = (
            f"{format_number(self[statistic], decimals)} {format_interval(self['lower'], self['upper'], decimals)}"
        )
        return self.cell(text, statistic, "lower", "upper")

    def p(self, decimals: int = 4) -> Cell:
        """Show the p-value."""
        return self.probability("p", decimals)

    def probability(self, statistic: str, decimals: int = 4) -> Cell:
        """Show a probability as p-values are shown."""
        return self.cell(format_p(self[statistic], decimals), statistic)


class Lookup:
    """The results of one analysis by place; `first_line` is where they begin in `results.csv`, its header on 1."""

    def __init__(self, result: AnalysisResult, first_line: int = 2) -> None:
        self.result = result
        self._found: dict[Key, Numbers] = {}
        self._by_group: dict[str, list[Numbers]] = {}
        places: dict[Key, tuple[dict[str, float | None], dict[str, int]]] = {}
        for offset, row in enumerate(result.results.iter_rows(named=True)):
            key = (row["parameter"], row["visit"], row["arm"], row["versus"], row["group"])
            values, lines = places.setdefault(key, ({}, {}))
            values[row["statistic"]] = row["value"]
            lines[row["statistic"]] = first_line + offset
        for key, (values, lines) in places.items():
            numbers = Numbers(self._reference(key), values, lines)
            self._found[key] = numbers
            self._by_group.setdefault(numbers.reference.group, []).append(numbers)

    def _reference(self, key: Key) -> Reference:
        return Reference(self.result.name, self.result.analysis_set, *key)

    def __iter__(self) -> Iterator[Numbers]:
        return iter(self._found.values())

    def at(
        self, parameter: str = "", visit: str = "", arm: str = "", versus: str = "", group: str = ""
    ) -> Numbers:
        """Return the numbers at exactly this place."""
        key = (parameter, visit, arm, versus, group)
        return self._found.get(key) or Numbers(self._reference(key))

    def select(
        self,
        *,
        parameter: str | None = None,
        visit: str | None = None,
        arm: str | None = None,
        versus: str | None = None,
        group: str | None = None,
        having: str | None = None,
        keys: set[str] | None = None,
    ) -> list[Numbers]:
        """Return the numbers of each place that matches, `having` a statistic, with just these `keys` of group."""
        wanted = {"parameter": parameter, "visit": visit, "arm": arm, "versus": versus}
        fixed = {name: value for name, value in wanted.items() if value is not None}
        return [
            numbers
            for numbers in (self if group is None else self._by_group.get(group, []))
            if all(getattr(numbers.reference, name) == value for name, value in fixed.items())
            and (having is None or having in numbers)
            and (keys is None or set(numbers.group) == keys)
        ]

    def parameters(self) -> list[str]:
        """Return the parameters in the order of the results."""
        return list(dict.fromkeys(numbers.reference.parameter for numbers in self))

    def visits(self, parameter: str | None = None) -> list[str]:
        """Return the visits in the order of the results."""
        return list(dict.fromkeys(n.reference.visit for n in self.select(parameter=parameter)))

    def arms(self) -> list[str]:
        """Return the arms that have numbers, in the order of the results; also the total."""
        return list(dict.fromkeys(n.reference.arm for n in self if n.reference.arm))

    def comparisons(self) -> list[tuple[str, str]]:
        """Return each arm with what it is compared with."""
        return list(dict.fromkeys((n.reference.arm, n.reference.versus) for n in self if n.reference.versus))
