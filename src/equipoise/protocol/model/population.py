"""Who may take part: numbered criteria, each an expression over items and participant variables."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from .element import Element, Identifier, ScreeningRule, Text


class Criterion(Element):
    """One criterion of eligibility; its rule is true where the criterion is met."""

    text: Text
    rule: ScreeningRule | None = None
    judged: bool = Field(False, description="True where only the investigator can judge; then there is no rule.")

    @model_validator(mode="after")
    def _rule_or_judgement(self) -> Self:
        if (self.rule is None) != self.judged:
            raise ValueError("give either a rule, or `judged: true` where only the investigator can tell")
        return self


class Population(Element):
    """The population of the trial (ICH M11 section 5)."""

    text: Text | None = None
    inclusion: Mapping[Identifier, Criterion]
    exclusion: Mapping[Identifier, Criterion] = {}
