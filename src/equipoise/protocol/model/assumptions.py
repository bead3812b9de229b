"""What is assumed about participants, sites and effects, for simulation and rehearsal.

Each number needs its source in `provenance`; a number nobody published is called assumed there.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from ..quantity import Quantity
from .element import Duration, Element, Identifier, Refers

Share = Annotated[float, Field(ge=0, lt=1)]


class Sites(Element):
    """Sites and how fast each enrols."""

    count: int = Field(ge=1)
    participants_per_month: float = Field(gt=0, description="Per site, once it is open.")


class Level(Element):
    """Distribution of the true level before treatment."""

    mean: float
    sd: float = Field(gt=0)
    truncate: tuple[float, float] | None = None


class Slope(Element):
    """Distribution of a participant's own drift over time."""

    mean: float
    sd: float = Field(ge=0)
    per: Duration


class CD4OnTreatment(Element):
    """CD4 count on antiretroviral treatment: level, slope and multiplicative error."""

    model: Literal["cd4_on_art"]
    item: Annotated[str, Refers("item")]
    level: Level
    slope: Slope
    within_cv: float = Field(gt=0, lt=1, description="Coefficient of variation of repeated counts.")


class NormalMeasurement(Element):
    """A measurement that is normal around a participant's own level."""

    model: Literal["random_intercept"]
    item: Annotated[str, Refers("item")]
    level: Level
    slope: Slope | None = None
    within_sd: float = Field(gt=0)


ParticipantModel = Annotated[CD4OnTreatment | NormalMeasurement, Field(discriminator="model")]


class Dropout(Element):
    """Share of participants lost by a visit."""

    by: Annotated[str, Refers("visit")]
    share: Share


class Effect(Element):
    """A scenario: true difference of each arm from the control (`low: 20 cells/uL`), and when it is reached."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Quantity] = Field(init=False)

    reached_by: Annotated[str, Refers("visit")] | None = None

    @property
    def differences(self) -> Mapping[str, Quantity]:
        """Difference from the control by arm."""
        return dict(self.__pydantic_extra__ or {})


class Background(Element):
    """A number that no treatment changes: each participant's own level, and its spread from visit to visit."""

    mean: float
    sd: float = Field(ge=0)
    within_sd: float = Field(0, ge=0)
    truncate: tuple[float, float] | None = None


class ExpectedEvent(Element):
    """An adverse event as it is expected: the share of participants who have it, by arm where that differs."""

    term: str
    system_organ_class: str
    share: Share
    arms: Mapping[Annotated[str, Refers("arm")], Share] = {}
    serious: Share = 0


class Assumptions(Element):
    """Everything that a simulation of the trial takes for granted."""

    sites: Sites | None = None
    screen_failure: Share | None = None
    participant: ParticipantModel | None = None
    dropout: Dropout | None = None
    missed_visit: Share | None = None
    background: Mapping[Annotated[str, Refers("item")], Background] = {}
    shares: Mapping[Annotated[str, Refers("item")], Mapping[str, float]] = Field(
        {}, description="Share of each code of an item that is a code."
    )
    records: Mapping[Annotated[str, Refers("form")], Share] = Field(
        {}, description="Share of participants with a record of a form that may be filled in at any time."
    )
    adverse_events: Mapping[Identifier, ExpectedEvent] = {}
    scenarios: Mapping[Identifier, Effect] = {}
