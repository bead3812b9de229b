"""What is given: products, how a dose follows from body weight, and the arms that differ in dose."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import ConfigDict, Field

from ..quantity import Quantity
from .element import Duration, Element, Identifier, Measures, Refers, Text


class DoseWeight(Element):
    """Which body weight a dose per kilogram uses."""

    item: Annotated[str, Refers("item")]
    max_age: Duration
    cap: Annotated[Quantity, Measures("[mass]")] | None = None


class Intervention(Element):
    """A product as it is given; its volume is the same in every arm, or the file is refused."""

    label: Text
    route: str
    volume: Annotated[Quantity, Measures("[length] ** 3")] | None = None
    weight: DoseWeight | None = None
    rounding: str | None = Field(
        None, description="How a computed dose is rounded, such as: half up to 0.1e6 cells."
    )
    at: tuple[Annotated[str, Refers("visit")], ...] = Field((), description="Visits at which it is given.")
    daily: bool = Field(False, description="True where it is taken every day at home.")


class Arm(Element):
    """An arm; every further field is the id of an intervention with its dose, such as `cells: 1.5e6 /kg`."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Quantity] = Field(init=False)

    label: Text
    ratio: int = Field(1, ge=1)
    control: bool = False

    @property
    def doses(self) -> Mapping[str, Quantity]:
        """Dose by id of the intervention."""
        return dict(self.__pydantic_extra__ or {})


Interventions = Mapping[Identifier, Intervention]
Arms = Mapping[Identifier, Arm]
