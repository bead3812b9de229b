"""What the size of the trial is planned for: effect, power, looks on the way, and what is varied to see."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ...quantity import Quantity
from ..element import Element, Identifier, Refers, Text
from ..estimands import Endpoint
from .assumptions import Share


class Interim(Element):
    """Looks at the planned analysis before its end, and what each may decide (ICH E9 4.5, E20).

    The stages between looks are combined by inverse normal, several arms in a closed test, so that arms may be
    dropped; the combined statistic is held against bounds of the spending function.
    """

    looks: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = Field(
        description="Share of participants with the planned outcome at each look before the last."
    )
    spending: Literal["obrien-fleming", "pocock", "none"] = Field(
        "obrien-fleming",
        description="Lan and DeMets' function of that name; none where only futility is looked at.",
    )
    futility: float | None = Field(None, description="An arm is dropped if its z of the stages so far is below.")
    select: Literal["all", "best"] = Field("all", description="Which arms go on after the first look.")

    @model_validator(mode="after")
    def _looks_in_order(self) -> Self:
        if not self.looks:
            raise ValueError("needs a look, such as 0.5")
        if list(self.looks) != sorted(set(self.looks)):
            raise ValueError("needs its looks from the earlier to the later, each once")
        if self.spending == "none" and self.futility is None and self.select == "all":
            raise ValueError("decides nothing: give spending, futility, or select best")
        return self


class Sensitivity(Element):
    """Values of an assumption that the size is calculated for, beside the planned one."""

    effect: tuple[Quantity, ...] = ()
    sd: tuple[Annotated[float, Field(gt=0)], ...] = Field((), description="Of the outcome, given the covariates.")
    dropout: tuple[Share, ...] = ()


class Definition(Element):
    """Another definition of an outcome, to see by simulation what it measures."""

    label: Text
    variable: Endpoint


class Reported(Element):
    """What a trial has reported of an outcome whose definition is not known, to hold the definitions against."""

    shares: Mapping[Annotated[str, Refers("arm")], float] = Field(description="With the outcome, by arm, 0 to 1.")
    p: Mapping[Annotated[str, Refers("arm")], float] = Field({}, description="Of each arm against the control.")

    @model_validator(mode="after")
    def _shares_and_levels(self) -> Self:
        for name, value in (*self.shares.items(), *self.p.items()):
            if not 0 <= value <= 1:
                raise ValueError(f"needs shares and p from 0 to 1. Got {value:g} for {name}")
        return self


class Design(Element):
    """How the size of the trial is justified (ICH E9 3.5, SPIRIT 2025 item 19)."""

    analysis: Annotated[str, Refers("analysis")] = Field(description="Whose power is planned.")
    scenario: Annotated[str, Refers("scenario")] = Field(description="The effect that is planned for.")
    power: float = Field(0.9, gt=0.5, lt=1)
    alpha: float = Field(0.05, gt=0, lt=0.5, description="Familywise error rate of the analysis.")
    sides: Literal[1, 2] = 2
    claim: Literal["each", "any", "all"] = Field(
        "each", description="Power is for each arm alone, for at least one, or for all of them together."
    )
    interim: Interim | None = None
    sensitivity: Sensitivity = Sensitivity()
    definitions: Mapping[Identifier, Definition] = Field(
        {}, description="Definitions of an outcome that the simulation compares."
    )
    reported: Reported | None = None
