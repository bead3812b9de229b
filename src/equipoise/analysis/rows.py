"""The rows of `results.csv` while an analysis writes them, and the text of their `group`.

A group is `key=value`, several joined by `;`, such as `system_organ_class=SKIN;term=PRURITUS`. A semicolon or
backslash inside a value has a backslash before it, so that every group can be read back.
"""

import re
from collections.abc import Mapping
from typing import TypedDict

import polars as pl

from .result import RESULT_SCHEMA

Number = float | int | None


class Place(TypedDict):
    """Parameter and visit of a statistic."""

    parameter: str
    visit: str


_PART = re.compile(r"(?:\\.|[^;\\])+")


def group_text(levels: Mapping[str, object]) -> str:
    """Write levels as the text of `group`; numbers without needless digits."""
    return ";".join(f"{key}={_escape(_plain(value))}" for key, value in levels.items())


def read_group(text: str) -> dict[str, str]:
    """Read the text of `group` back into its levels; empty for an empty text."""
    pairs = (part.split("=", 1) for part in _PART.findall(text))
    return {key: re.sub(r"\\(.)", r"\1", value) for key, value in pairs}


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;")


class ResultRows:
    """Collects statistics in the order in which a reader wants them."""

    def __init__(self, analysis: str, analysis_set: str) -> None:
        self._analysis = analysis
        self._set = analysis_set
        self._rows: list[tuple[str, str, str, str, str, str, str, str, float | None]] = []

    def add(
        self,
        statistics: Mapping[str, Number],
        *,
        parameter: str = "",
        visit: str = "",
        arm: str = "",
        versus: str = "",
        group: Mapping[str, object] | None = None,
    ) -> None:
        """Append one row a statistic, all at one place; None means that the data cannot give the number."""
        text = group_text(group or {})
        for statistic, value in statistics.items():
            number = None if value is None else float(value)
            self._rows.append((self._analysis, self._set, parameter, visit, arm, versus, text, statistic, number))

    def frame(self) -> pl.DataFrame:
        """Return the rows as a frame of `RESULT_SCHEMA`."""
        return pl.DataFrame(self._rows, schema=dict(RESULT_SCHEMA), orient="row")
