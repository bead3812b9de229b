"""What is given: products, how a dose follows from body weight, and the arms that differ in dose."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from ..quantity import Quantity
from .element import Duration, Element, Identifier, Measures, Refers, Text


class DoseWeight(Element):
    """Which body weight a dose per kilogram uses."""

    item: Annotated[str, Refers("item")]
    max_age: Duration
    cap: Annotated[Quantity, Measures("[mass]")] | None = None


class Storage(Element):
    """How a product is kept: range of temperature in degrees Celsius, and how long a prepared dose may wait."""

    temperature: tuple[float, float]
    in_use: Duration | None = Field(None, description="From the preparation to the moment it is given out.")

    @model_validator(mode="after")
    def _range_goes_up(self) -> Self:
        low, high = self.temperature
        if not low < high:
            raise ValueError(f"temperature must be a lower and a higher bound. Got {low:g} and {high:g}")
        return self


class Supply(Element):
    """How a product comes to the sites: in cartons that each hold one kit for every treatment."""

    buffer: int = Field(ge=1, description="Cartons that a site holds or has on their way.")
    viability: float | None = Field(
        None, gt=0, le=100, description="Least percentage of living cells in a kit that is prepared."
    )


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
    expected: tuple[str, ...] = Field(
        (), description="Terms of the reactions that its reference safety information lists."
    )
    storage: Storage | None = None
    supply: Supply | None = Field(None, description="Where it is given from numbered kits.")

    @model_validator(mode="after")
    def _kits_are_prepared_by_weight(self) -> Self:
        if self.supply is not None and (self.daily or self.weight is None or self.volume is None):
            raise ValueError(
                "supply is for what is prepared from kits for one infusion, and needs weight and volume; "
                "leave it out for what is taken at home"
            )
        return self


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
