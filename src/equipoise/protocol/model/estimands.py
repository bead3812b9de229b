"""What is estimated: analysis sets, intercurrent events, estimands (ICH E9(R1))."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from .element import (
    Element,
    MeasurementRule,
    ParticipantRule,
    Refers,
    Text,
    Unit,
    Variable,
)

Strategy = Literal[
    "treatment policy",
    "hypothetical",
    "while on treatment",
    "composite, worst value",
    "composite, non-response",
    "composite, event",
    "principal stratum",
]
Summary = Literal[
    "difference in means",
    "difference in medians",
    "difference in proportions",
    "odds ratio",
    "hazard ratio",
    "mean",
]


class AnalysisSet(Element):
    """Which participants an analysis takes in."""

    label: Text | None = None
    rule: ParticipantRule


class IntercurrentEvent(Element):
    """An event after the start of treatment that bears on what a measurement means."""

    label: Text
    day: ParticipantRule = Field(description="Study day on which it happened; null where it did not.")


class Endpoint(Element):
    """The variable of an estimand: a measurement at visits, a response, or the time to a first event."""

    item: Annotated[str, Refers("item")] | None = None
    summary: Literal["value", "change from baseline", "percent change from baseline"] = "value"
    at: tuple[Annotated[str, Refers("visit")], ...] = ()
    baseline: tuple[Annotated[str, Refers("visit")], ...] = Field(
        (), description="Visits whose mean is the baseline; by default the last value before day 1."
    )
    response: MeasurementRule | None = Field(None, description="True where a participant has responded.")
    time_to: Literal["first"] | None = None
    rule: str | None = Field(None, description="Event whose first occurrence is timed.")
    of: Literal["measurement", "adverse event", "participant"] = "measurement"
    confirmed_by: Literal["next visit"] | None = None
    from_visit: Annotated[str, Refers("visit")] | None = None
    censored: ParticipantRule | None = Field(None, description="Study day of censoring; by default the last seen.")
    parameter: Variable | None = Field(None, description="PARAMCD of the endpoint in the analysis data.")
    unit: Unit = "d"
    better: Literal["higher", "lower"] | None = None

    @field_validator("baseline", mode="before")
    @classmethod
    def _mean_of_visits(cls, value: Any) -> Any:
        """Read `mean of SCR and W0` as the visits it names."""
        names = list(value) if isinstance(value, list | tuple) else [value]
        if len(names) == 1 and isinstance(names[0], str) and names[0].startswith("mean of "):
            return [
                part for part in re.split(r"\s*,\s*|\s+and\s+", names[0].removeprefix("mean of ").strip()) if part
            ]
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.time_to is None:
            if self.item is None:
                raise ValueError("needs the item that is measured, or time_to with a rule or a parameter")
            if not self.at:
                raise ValueError("needs the visit at which the item is evaluated, under `at`")
            if self.rule is not None:
                raise ValueError("has a rule, which belongs to time_to; write that of a response under `response`")
        elif self.rule is None and self.parameter is None:
            raise ValueError("needs a rule, or a parameter of the analysis data, for a time to event")
        return self

    @property
    def kind(self) -> Literal["measurement", "response", "time to event"]:
        """Which of the three kinds this is."""
        if self.time_to is not None:
            return "time to event"
        return "measurement" if self.response is None else "response"


class Estimand(Element):
    """Treatment, population, variable, intercurrent events and summary (ICH E9(R1) A.3.3)."""

    question: Text
    variable: Endpoint
    set: Annotated[str, Refers("set")]
    summary: Summary
    arms: tuple[Annotated[str, Refers("arm")], ...] = Field((), description="By default all but the control.")
    versus: Annotated[str, Refers("arm")] | None = Field(None, description="By default the control arm.")
    intercurrent: Mapping[Annotated[str, Refers("intercurrent event")], Strategy] = {}
    missing: Literal[
        "observed only",
        "last observation carried forward",
        "worst observation carried forward",
        "non-response",
    ] = "observed only"
