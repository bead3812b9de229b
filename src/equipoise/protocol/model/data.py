"""Where the protocol's words are found in data brought from elsewhere.

Data in CDISC's ADaM or SDTM need none of this. For other files the section says which column holds what;
`equipoise.datasets` makes ADaM datasets of them.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from .element import DataRule, Element, Refers, Unit

Code = str | int | float


class Column(Element):
    """A column, with the meaning of its codes; a plain string is the column's name."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"type": ["object", "string"]})

    column: str
    codes: Mapping[Code, str] = Field({}, description="Meaning by code as it stands in the file.")

    @model_validator(mode="before")
    @classmethod
    def _plain_string_is_a_column(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value


class ArmColumn(Element):
    """The column that holds the arm, and the arm's id by value; without codes the arm's label is looked for."""

    column: str
    codes: Mapping[Code, Annotated[str, Refers("arm")]] = {}


class Participants(Element):
    """The dataset from which one row a participant is taken."""

    dataset: str
    key: str
    arm: ArmColumn
    variables: Mapping[Annotated[str, Refers("variable")], Column] = {}
    where: DataRule | None = None


class Measurements(Element):
    """Values of items: a column a visit (wide, `items`) or a row a visit (long: `item`, `visit`, `value`)."""

    dataset: str
    key: str
    items: Mapping[Annotated[str, Refers("item")], Mapping[Annotated[str, Refers("visit")], str]] = {}
    item: Annotated[str, Refers("item")] | None = None
    visit: Column | None = None
    value: str | None = None
    compute: DataRule | None = Field(None, description="Expression of the file's columns that gives the value.")

    @model_validator(mode="after")
    def _wide_or_long(self) -> Self:
        long = self.item is not None and self.visit is not None and (self.value or self.compute)
        if bool(self.items) == bool(long):
            raise ValueError(
                "needs either `items` (a column a visit), or `item`, `visit` and `value` (a row a visit)"
            )
        return self


class EventTime(Element):
    """Time to an event or to censoring, one a participant."""

    dataset: str
    key: str
    time: str
    event: DataRule = Field(description="True where the time is that of the event.")
    unit: Unit = "d"


class BroughtData(Element):
    """Datasets that are not CDISC's."""

    participants: Participants
    measurements: tuple[Measurements, ...] = ()
    times: Mapping[str, EventTime] = Field({}, description="By the `parameter` of an estimand's variable.")
