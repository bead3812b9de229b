"""What is assumed about participants, sites and effects, for simulation and rehearsal.

Each number needs its source in `provenance`; a number nobody published is called assumed there.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from ...quantity import Quantity
from ..element import Duration, Element, Identifier, Refers, Text

Share = Annotated[float, Field(ge=0, lt=1)]


def _in_order(limits: tuple[float, float]) -> tuple[float, float]:
    if not limits[0] < limits[1]:
        raise ValueError(f"must go from the lower limit to the higher. Got {limits[0]:g} and {limits[1]:g}")
    return limits


Limits = Annotated[tuple[float, float], AfterValidator(_in_order)]
"""Where a distribution is cut off."""


class Sites(Element):
    """Sites and how fast each enrols."""

    count: int = Field(ge=1)
    participants_per_month: float = Field(gt=0, description="Per site, once it is open.")


class Level(Element):
    """Distribution of the true level before treatment among those screened; criteria on counts select from it."""

    mean: float
    sd: float = Field(gt=0)
    truncate: Limits | None = None


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
    samples: int = Field(1, ge=1, le=10, description="Counts a visit, on different days, whose mean is the value.")


class CD4Pools(CD4OnTreatment):
    """CD4 count from its mechanism: pools of naive and memory cells, calibrated to this level and slope."""

    model: Literal["cd4_pools"]  # type: ignore[assignment]


class NormalMeasurement(Element):
    """A measurement that is normal around a participant's own level."""

    model: Literal["random_intercept"]
    item: Annotated[str, Refers("item")]
    level: Level
    slope: Slope | None = None
    within_sd: float = Field(gt=0)


class RepeatedMeasurements(Element):
    """A measurement that is multivariate normal over visits, with means and covariance of its own."""

    model: Literal["repeated_measures"]
    item: Annotated[str, Refers("item")]
    means: Mapping[Annotated[str, Refers("visit")], float] = Field(
        min_length=2, description="Mean of the control arm at each visit, that before treatment among them."
    )
    covariance: tuple[tuple[float, ...], ...] = Field(description="A row a visit, in the order of `means`.")

    @model_validator(mode="after")
    def _covariance_fits(self) -> Self:
        rows, size = self.covariance, len(self.means)
        if len(rows) != size or any(len(row) != size for row in rows):
            raise ValueError(f"needs a covariance of {size} rows and columns, one a visit of `means`")
        if any(rows[i][j] != rows[j][i] for i in range(size) for j in range(i)):
            raise ValueError("needs a symmetric covariance; a value above the diagonal differs from that below")
        import numpy as np

        variances = np.linalg.eigvalsh(np.array(rows))
        if variances[0] <= 1e-12 * variances[-1]:
            raise ValueError("needs a covariance that is positive definite; some sum of visits has no variance")
        return self


ParticipantModel = Annotated[
    CD4OnTreatment | CD4Pools | NormalMeasurement | RepeatedMeasurements, Field(discriminator="model")
]


class Dropout(Element):
    """Share of participants lost by a visit, by chance or depending on the main item.

    `last value`: on the last value seen, so what is missing is missing at random; `next value`: on the value that
    would have been seen, so it is not.
    """

    by: Annotated[str, Refers("visit")]
    share: Share
    depends_on: Literal["chance", "last value", "next value"] = "chance"
    hazard_ratio: float = Field(1, gt=0, description="Of leaving, for a change from baseline lower by `per`.")
    per: Quantity | None = Field(None, description="Difference in the main item that the hazard ratio is for.")

    @model_validator(mode="after")
    def _dependence_is_whole(self) -> Self:
        depends = self.depends_on != "chance"
        if depends != (self.per is not None) or depends != (self.hazard_ratio != 1):
            raise ValueError(
                "needs a hazard_ratio other than 1 and `per`, such as 50 cells/uL, where it depends on a value, "
                "and neither where it is by chance"
            )
        if self.per is not None and self.per.value <= 0:
            raise ValueError(f"needs `per` above 0. Got {self.per}")
        return self


class ExpectedIntercurrentEvent(Element):
    """How many participants have an intercurrent event by a visit (the last), by arm where that differs."""

    share: Share
    by: Annotated[str, Refers("visit")] | None = None
    arms: Mapping[Annotated[str, Refers("arm")], Share] = {}
    ends_effect: bool = Field(False, description="Whether the effect of treatment wanes from then on.")


class Effect(Element):
    """A scenario: true difference of each arm from the control (`low: 20 cells/uL`), its onset and its waning.

    The difference grows evenly from day 1 to `reached_by`, stays until `lasts_until`, then halves with each
    `half_life`; without the last two it stays.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Quantity] = Field(init=False)

    label: Text | None = None
    reached_by: Annotated[str, Refers("visit")] | None = None
    lasts_until: Annotated[str, Refers("visit")] | None = None
    half_life: Duration | None = None
    dropout: Dropout | None = Field(None, description="In place of the dropout of all scenarios.")

    @model_validator(mode="after")
    def _waning_is_whole(self) -> Self:
        if (self.lasts_until is None) != (self.half_life is None):
            raise ValueError("needs both lasts_until and half_life for an effect that wanes, or neither")
        if self.half_life is not None and self.half_life.value <= 0:
            raise ValueError(f"needs a half_life above 0. Got {self.half_life}")
        return self

    @property
    def differences(self) -> Mapping[str, Quantity]:
        """Difference from the control by arm."""
        return dict(self.__pydantic_extra__ or {})


class Background(Element):
    """A number that no treatment changes: each participant's own level, and its spread from visit to visit."""

    mean: float
    sd: float = Field(ge=0)
    within_sd: float = Field(0, ge=0)
    truncate: Limits | None = None


class ExpectedEvent(Element):
    """An adverse event as it is expected: the share of participants who have it, by arm where that differs.

    serious, related: shares of these that are serious, and that the investigator holds to be possibly related.
    """

    term: str
    system_organ_class: str
    share: Share
    arms: Mapping[Annotated[str, Refers("arm")], Share] = {}
    serious: Share = 0
    related: Share | None = None


class Assumptions(Element):
    """Everything that a simulation of the trial takes for granted."""

    sites: Sites | None = None
    screen_failure: Share | None = None
    participant: ParticipantModel | None = None
    dropout: Dropout | None = None
    missed_visit: Share | None = None
    intercurrent_events: Mapping[Annotated[str, Refers("intercurrent event")], ExpectedIntercurrentEvent] = {}
    background: Mapping[Annotated[str, Refers("item")], Background] = {}
    shares: Mapping[Annotated[str, Refers("item or variable")], Mapping[str, float]] = Field(
        {}, description="Share of each code of an item or variable that is a code."
    )
    records: Mapping[Annotated[str, Refers("form")], Share] = Field(
        {}, description="Share of participants with a record of a form that may be filled in at any time."
    )
    adverse_events: Mapping[Identifier, ExpectedEvent] = {}
    scenarios: Mapping[Identifier, Effect] = {}
