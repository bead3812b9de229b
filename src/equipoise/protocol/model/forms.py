"""What is recorded: forms, their items, and the checks made while a form is filled in."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..quantity import Quantity
from .element import Duration, Element, FormRule, Identifier, Measures, Refers, Text, Unit, Variable

Domain = Literal[
    "AE", "CE", "CM", "DM", "DS", "DV", "EC", "EG", "EX", "FA", "IE", "IS", "LB", "MB", "MH", "PC", "PE", "PR",
    "QS", "RP", "RS", "SC", "SU", "VS",
]  # fmt: skip


class Item(Element):
    """One value to be recorded; what it is called in the data follows from `testcd` or `sdtm`."""

    label: Text
    type: Literal["number", "integer", "count", "text", "date", "time", "date and time", "code", "yes or no"] = (
        "number"
    )
    unit: Unit | None = None
    also_in: tuple[Unit, ...] = Field((), description="Other units that may be entered; they are converted.")
    molar_mass: Annotated[Quantity, Measures("[mass] / [substance]")] | None = Field(
        None, description="By which mass and amount of substance are converted into each other, as 180.16 g/mol."
    )
    range: tuple[float, float] | None = Field(None, description="Lowest and highest believable value.")
    codes: Mapping[str, Text] = Field({}, description="Codes that may be entered, with their labels.")
    decimals: int | None = Field(None, ge=0, le=9)
    derive: FormRule | None = Field(None, description="Expression that gives the value; then nobody enters it.")
    required: bool = True
    required_when: FormRule | None = None
    critical: bool = Field(False, description="True for what the primary results or safety depend on.")
    testcd: Variable | None = Field(
        None, description="Test code in a findings domain, and PARAMCD in the analysis."
    )
    sdtm: Variable | None = Field(
        None, description="Variable of the form's SDTM domain, where it has no test code."
    )
    sdtm_testcd: Variable | None = Field(
        None, description="Test code in the findings domain, where it differs from the PARAMCD `testcd`."
    )
    timepoint: str | None = Field(
        None, description="Planned time point (ATPT, --TPT) of the value, where a visit has several."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.type == "code") != bool(self.codes):
            raise ValueError("must list `codes` if its type is code, and only then")
        if self.range is not None and not self.range[0] < self.range[1]:
            raise ValueError(
                f"needs a range from the lower to the higher value. Got {self.range[0]:g} to {self.range[1]:g}"
            )
        if self.range is not None and self.type not in ("number", "integer", "count"):
            raise ValueError(f"has a range, but only numbers have one. Got type {self.type}")
        if self.testcd and self.sdtm:
            raise ValueError("has both a testcd and an sdtm variable; give one of them")
        return self

    @property
    def is_number(self) -> bool:
        """Whether the value is a number."""
        return self.type in ("number", "integer", "count")


class EditCheck(Element):
    """A rule that must hold for a filled-in form, and what is said where it does not."""

    rule: FormRule
    say: Text
    stops: bool = Field(False, description="True where the form cannot be saved until the rule holds.")


class Form(Element):
    """A form; `sdtm` is the domain that its items go to."""

    label: Text
    sdtm: Domain | None = None
    category: str | None = Field(
        None, description="Value of --CAT that tells this form's records from those of others in the domain."
    )
    repeats: bool = Field(False, description="True where it may be filled in more than once a visit.")
    ends: Literal["treatment", "participation", "life"] | None = Field(
        None, description="What the form's record ends for the participant: its first date is the day."
    )
    windows: Literal["as scheduled", "halfway"] = Field(
        "as scheduled",
        description="Which visit a value belongs to: that of its record, or the nearest of the form's visits.",
    )
    items: Mapping[Identifier, Item]
    checks: Mapping[Identifier, EditCheck] = {}


class Quality(Element):
    """How far data are checked beyond their edit checks, by risk: what is critical wholly, the rest in part."""

    verify: float = Field(
        0.0, ge=0, le=1, description="Share of the values that are not critical to be compared with the source."
    )
    double_entry: tuple[Annotated[str, Refers("item")], ...] = Field(
        (), description="Items that a second person enters again without seeing the first entry."
    )
    late_entry: Duration | None = Field(
        None, description="How long after its day a form may be entered without a reason for the delay."
    )


class ParticipantVariable(Element):
    """One value a participant: a characteristic, a date or a flag, for strata, analysis sets and models.

    It comes from an item at a visit, from an expression over other participant variables, from the records of a
    form, or from the data brought along (`adam`: its names in ADSL; section `data` for other files).
    """

    label: Text
    type: Literal["number", "text", "code", "yes or no", "day"] = "number"
    unit: Unit | None = None
    codes: Mapping[str, Text] = Field({}, description="Values in the order in which they are shown.")
    item: str | None = Field(None, description="Item whose last value before day 1 this is.")
    rule: str | None = Field(None, description="Expression over other participant variables.")
    recorded_in: Annotated[str, Refers("form")] | None = Field(
        None, description="Form whose first matching record gives the day, or of which there is any: yes or no."
    )
    when: str | None = Field(None, description="Expression over the form's items that a matching record fulfils.")
    adam: tuple[Variable, ...] = Field((), description="Names in ADSL, the first that is there.")
    decimals: int | None = Field(None, ge=0, le=9, description="Decimals of the values as recorded.")

    @model_validator(mode="after")
    def _records_give_a_day_or_a_flag(self) -> Self:
        if self.recorded_in and self.type not in ("day", "yes or no"):
            raise ValueError(f"recorded_in gives a day, or yes or no; the variable is a {self.type}")
        if self.when and not self.recorded_in:
            raise ValueError("when belongs to recorded_in; name the form")
        return self
