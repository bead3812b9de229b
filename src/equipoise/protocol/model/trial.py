"""Who the trial is: identity, registry, titles, languages, objectives."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from .element import Element, Identifier, Refers, Text


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
