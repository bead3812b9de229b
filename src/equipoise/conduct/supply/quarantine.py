"""Quarantine: cartons that must not be used until somebody else has judged that they may be.

Always whole cartons, also where a lot is in doubt: each holds kits of several lots, so that which ones wait tells
nothing of what is in a kit. Readings outside the range of a product put all that is in the store of a site aside.
"""

from collections.abc import Sequence
from math import isfinite

from ...errors import DecisionRefused
from ...protocol.model import Intervention
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Trial
from ..organisation.sites import require_site
from .ledger import require_cartons

COLDEST, HOTTEST = -273.15, 200.0
LONGEST_EXCURSION = 366 * 24 * 60
"""Minutes of a year: no store is out of range for longer unnoticed."""


class CartonsQuarantined(Fact, frozen=True, kw_only=True):
    """Cartons must not be used for now."""

    cartons: tuple[str, ...]

    def tell(self) -> str:
        """Give the number of cartons."""
        return f"{len(self.cartons)} cartons went into quarantine"


class CartonsReleased(Fact, frozen=True, kw_only=True):
    """Cartons in quarantine were judged fit for use."""

    cartons: tuple[str, ...]

    def tell(self) -> str:
        """Give the number of cartons."""
        return f"{len(self.cartons)} cartons were released from quarantine"


class ExcursionReported(Fact, frozen=True, kw_only=True):
    """The store of a site left the range of temperature of a product."""

    lowest: float
    highest: float
    minutes: int

    def tell(self) -> str:
        """Give the readings."""
        return f"the store was at {self.lowest:g} to {self.highest:g} degrees Celsius for {self.minutes} minutes"


class QuarantineCartons(Intent, frozen=True, kw_only=True):
    """Put cartons into quarantine, wherever they are; a dose in preparation is then not given out either."""

    cartons: tuple[str, ...]
    reason: str


class ReleaseCartons(Intent, frozen=True, kw_only=True):
    """Release cartons from quarantine; by another person than the one who put them there."""

    cartons: tuple[str, ...]
    reason: str


class ReportExcursion(Intent, frozen=True, kw_only=True):
    """Report that the store of a site was too cold or too warm: extremes in degrees Celsius, and for how long."""

    site: str
    lowest: float
    highest: float
    minutes: int
    reason: str


def is_outside(product: Intervention, lowest: float | None, highest: float | None) -> bool:
    """Whether readings lie outside the range of a product; never where it has none."""
    if product.storage is None or lowest is None or highest is None:
        return False
    low, high = product.storage.temperature
    return lowest < low or highest > high


def require_reading(lowest: float | None, highest: float | None, *, needed: bool) -> None:
    """Raise DecisionRefused unless both readings are there, the lower first, or neither and none is needed."""
    if lowest is None and highest is None and not needed:
        return
    if lowest is None or highest is None:
        raise DecisionRefused(
            "read the lowest and the highest temperature from the logger. Got no pair of readings"
        )
    if not (isfinite(lowest) and isfinite(highest) and COLDEST <= lowest <= highest <= HOTTEST):
        raise DecisionRefused(
            "readings are in degrees Celsius, the lowest not above the highest; read the logger again. "
            f"Got {lowest:g} and {highest:g}"
        )


def _quarantine(_: Setting, trial: Trial, intent: QuarantineCartons) -> list[Outcome]:
    _require_reason(intent.reason)
    found = zip(intent.cartons, require_cartons(trial, intent.cartons), strict=True)
    fresh = [number for number, carton in found if carton.quarantined_by is None]
    if not fresh:
        raise DecisionRefused(f"these cartons are in quarantine already. Got {_names(intent.cartons)}")
    return [Outcome(CartonsQuarantined(cartons=tuple(dict.fromkeys(fresh))), reason=intent.reason)]


def _release(setting: Setting, trial: Trial, intent: ReleaseCartons) -> list[Outcome]:
    _require_reason(intent.reason)
    for number, carton in zip(intent.cartons, require_cartons(trial, intent.cartons), strict=True):
        if carton.quarantined_by is None:
            raise DecisionRefused(f"this carton is not in quarantine. Got {number}")
        if carton.gone:
            raise DecisionRefused(
                f"a carton that is not complete is never used again; return or destroy it. Got {number}"
            )
        if carton.quarantined_by == setting.by.person:
            raise DecisionRefused(
                "cartons are released by another person than the one who put them into quarantine; ask a "
                f"colleague. Got {setting.by.person}"
            )
    return [Outcome(CartonsReleased(cartons=tuple(dict.fromkeys(intent.cartons))), reason=intent.reason)]


def _report(setting: Setting, trial: Trial, intent: ReportExcursion) -> list[Outcome]:
    require_site(trial, intent.site)
    _require_reason(intent.reason)
    require_reading(intent.lowest, intent.highest, needed=True)
    if not 1 <= intent.minutes <= LONGEST_EXCURSION:
        raise DecisionRefused(
            f"an excursion lasts a minute at least and a year at most ({LONGEST_EXCURSION} minutes); read the "
            f"logger again. Got {intent.minutes}"
        )
    outside = {
        name
        for name, product in setting.protocol.interventions.items()
        if is_outside(product, intent.lowest, intent.highest)
    }
    if not outside:
        raise DecisionRefused(
            "these readings lie within the range of every product; nothing needs to be reported. "
            f"Got {intent.lowest:g} to {intent.highest:g}"
        )
    fact = ExcursionReported(lowest=intent.lowest, highest=intent.highest, minutes=intent.minutes)
    concerned = tuple(
        number
        for number, carton in trial.cartons.items()
        if (carton.site, carton.place) == (intent.site, "stock")
        and carton.intervention in outside
        and carton.quarantined_by is None
    )
    outcomes = [Outcome(fact, reason=intent.reason)]
    if concerned:
        outcomes.append(Outcome(CartonsQuarantined(cartons=concerned), reason=intent.reason))
    return outcomes


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise DecisionRefused("say why, so that whoever judges it later can understand it. Got no reason")


def _names(numbers: Sequence[str]) -> str:
    return ", ".join(numbers[:3]) + (", ..." if len(numbers) > 3 else "")


def _quarantined(trial: Trial, event: Event, fact: CartonsQuarantined) -> None:
    for number in fact.cartons:
        trial.cartons[number].quarantined_by = event.actor


def _released(trial: Trial, _: Event, fact: CartonsReleased) -> None:
    for number in fact.cartons:
        trial.cartons[number].quarantined_by = None


def _reported(_: Trial, _event: Event, _fact: ExcursionReported) -> None:
    """Change nothing: what an excursion does to cartons is an event of its own."""


CHAPTER = Chapter(
    decisions={QuarantineCartons: _quarantine, ReleaseCartons: _release, ReportExcursion: _report},
    evolutions={
        CartonsQuarantined: _quarantined,
        CartonsReleased: _released,
        ExcursionReported: _reported,
    },
    roles={
        QuarantineCartons: ("pharmacist",),
        ReleaseCartons: ("pharmacist",),
        ReportExcursion: ("pharmacist", "nurse", "coordinator"),
    },
)
