"""Laboratory toxicity grades of DAIDS 2.1 and CTCAE 5.0 as ordered rules.

A criterion is a list of rules; the first that holds gives the grade; where none holds the grade is 0. A rule
whose grade is None says that the result can't be graded (a limit or the age is not known). What the standards
leave to a clinician ("symptomatic", "on anticoagulation") is taken at its worst, as `assumption` says.
Sources: DAIDS Table for Grading the Severity of Adult and Pediatric Adverse Events, corrected version 2.1, July
2017; NCI CTCAE version 5.0, November 2017; the reading of both as conditions is that of pharmaverse admiral
(Apache-2.0), with the code of admiral run in R as the check.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

STANDARDS = {"DAIDS 2.1": "daids_2_1.json", "CTCAE 5.0": "ctcae_5_0.json"}
_UNITS: dict[str, dict[str, float]] = {
    "10^9/L": {
        **dict.fromkeys(("10^9/L", "10*9/L", "GI/L", "10^3/uL", "10*3/uL", "THOU/uL", "/nL"), 1.0),
        **dict.fromkeys(("cells/mm3", "/mm3", "cells/uL", "/uL", "10^6/L", "10*6/L"), 0.001),
    },
    "g/L": {"g/L": 1.0, "g/dL": 10.0},
    "mmol/L": {"mmol/L": 1.0, "umol/L": 0.001},
    "umol/L": {"umol/L": 1.0, "mmol/L": 1000.0},
    "%": {"%": 1.0},
}


@dataclass(frozen=True)
class Condition:
    """`left` stands in `relation` to `factor` times `right` (a variable or 1) plus `offset`.

    Relations without a right side: "is missing", "is known", "is high", "is not high". Variables are those of
    ADaM, and AGEDAYS, AGEMONTHS, AGEYEARS: the age at the time of the result in completed units.
    """

    left: str
    relation: str
    right: str | None = None
    factor: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Rule:
    """Where all `conditions` hold, the grade is `grade` (None: cannot be graded)."""

    grade: int | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Criterion:
    """How one laboratory term is graded; `direction` is "low" or "high"; `unit` None means any unit."""

    term: str
    direction: str
    unit: str | None
    assumption: str
    rules: tuple[Rule, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that the rules speak of, in order of first mention."""
        named = [name for rule in self.rules for c in rule.conditions for name in (c.left, c.right)]
        return tuple(dict.fromkeys(name for name in named if name is not None and not name.startswith("'")))


@dataclass(frozen=True)
class GradingStandard:
    """One standard: where it comes from and its criteria by term."""

    title: str
    version: str
    origin: str
    licence: str
    criteria: dict[str, Criterion]


@cache
def read_grading(standard: str) -> GradingStandard:
    """Return a grading standard by name; raises KeyError where it is not one of `STANDARDS`."""
    text = resources.files(__package__).joinpath(STANDARDS[standard]).read_text(encoding="utf-8")
    content = json.loads(text)
    criteria = {part["term"]: _criterion(part) for part in content.pop("criteria")}
    return GradingStandard(**content, criteria=criteria)


def unit_factor(found: str, wanted: str) -> float | None:
    """Return what a value in unit `found` is multiplied by to be in unit `wanted`; None where not known."""
    return _UNITS.get(wanted, {}).get(found)


def _criterion(part: dict[str, Any]) -> Criterion:
    return Criterion(
        term=part["term"],
        direction=part["direction"],
        unit=part["unit"],
        assumption=part.get("assumption", ""),
        rules=tuple(
            Rule(grade, tuple(_condition(*c) for c in conditions)) for grade, *conditions in part["rules"]
        ),
    )


def _condition(left: str, relation: str, right: float | str | list[Any] | None = None) -> Condition:
    match right:
        case None:
            return Condition(left, relation)
        case str() if left == "SEX":
            return Condition(left, relation, f"'{right}'")
        case str():
            return Condition(left, relation, right)
        case [factor, name, *offset]:
            return Condition(left, relation, name, factor, offset[0] if offset else 0.0)
        case _:
            return Condition(left, relation, None, 0.0, float(right))  # type: ignore[arg-type]
