"""What the trial is, what it wants to find out, and who may take part, by numbered criteria."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .element import Element, Identifier, Refers, ScreeningRule, Text


class Trial(Element):
    """Identity of the trial (ICH M11 section 1)."""

    id: Identifier
    title: Text
    phase: Literal["I", "I/II", "II", "II/III", "III", "IV", "not applicable"]
    registry: str | None = Field(None, description="Number in a public registry, such as NCT01213186.")
    acronym: str | None = None
    sponsor: str | None = None
    started: str | None = Field(None, description="When the first participant entered, as published.")
    ended: str | None = None
    languages: tuple[Literal["en", "zh"], ...] = ("en",)


class Objective(Element):
    """What the trial wants to find out (ICH E9(R1) A.3); the estimands make it precise."""

    level: Literal["primary", "secondary", "exploratory"]
    text: Text
    estimands: tuple[Annotated[str, Refers("estimand")], ...] = ()


Objectives = Mapping[Identifier, Objective]


class Criterion(Element):
    """One criterion of eligibility; its rule is true where the criterion is met."""

    text: Text
    rule: ScreeningRule | None = None
    judged: bool = Field(False, description="True where only the investigator can judge; then there is no rule.")

    @model_validator(mode="after")
    def _rule_or_judgement(self) -> Self:
        if (self.rule is None) != self.judged:
            raise ValueError("needs either a rule, or `judged: true` where only the investigator can tell")
        return self


class Population(Element):
    """The population of the trial (ICH M11 section 5)."""

    text: Text | None = None
    inclusion: Mapping[Identifier, Criterion]
    exclusion: Mapping[Identifier, Criterion] = {}
