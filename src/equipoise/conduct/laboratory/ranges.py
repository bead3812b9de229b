"""Laboratories and what they call normal: reference ranges by test, sex and age, each from a day on.

A result is judged by the range that was in force on the day of its collection. A range holds until the laboratory
sets others for the test; the earlier ones stay, so that what was judged by them stays as it was.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...errors import DecisionRefused, suggest
from ...protocol import Protocol
from ...protocol.model import Item
from ...record.event import Event
from ..door.chapter import Decision, Evolution
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Laboratory, ReferenceRange, Trial
from ..forms.access import DOMAINS
from ..forms.typed import is_believable
from .units import conversion_of

Indicator = Literal["LOW", "NORMAL", "HIGH"]
DAYS_A_YEAR = Decimal("365.25")
MOST_SAID = 20
"""Of what is wrong, so much is said at once."""


class LaboratoryEntered(Fact, frozen=True, kw_only=True):
    """A laboratory works for the trial: all sites, or those named; `zone` is its IANA time zone."""

    laboratory: str
    name: str
    zone: str
    sites: tuple[str, ...] = ()

    def tell(self) -> str:
        """Name the laboratory."""
        return f"laboratory {self.name} was entered as {self.laboratory}"


class ReferenceRangesSet(Fact, frozen=True, kw_only=True):
    """A laboratory has set reference ranges; they take the place of those of the same test and first day."""

    laboratory: str
    ranges: tuple[ReferenceRange, ...]

    def tell(self) -> str:
        """Name tests and number."""
        tests = ", ".join(sorted({one.test for one in self.ranges}))
        return f"{len(self.ranges)} reference ranges of laboratory {self.laboratory} were set: {tests}"


class EnterLaboratory(Intent, frozen=True, kw_only=True):
    """Let a laboratory work for the trial: for all sites, or those named."""

    laboratory: str
    name: str
    zone: str
    sites: tuple[str, ...] = ()


class SetReferenceRanges(Intent, frozen=True, kw_only=True):
    """Set reference ranges of a laboratory; a reason is needed where ranges of the same first day change."""

    laboratory: str
    ranges: tuple[ReferenceRange, ...]
    reason: str = ""


class Age(NamedTuple):
    """An age on a day, in completed years and in days."""

    years: int
    days: int


def find_laboratory(trial: Trial, name: str) -> Laboratory:
    """Return a laboratory; DecisionRefused, with the nearest name, where there is none."""
    if name not in trial.laboratories:
        near = suggest(name, trial.laboratories) or "; enter it first (EnterLaboratory)"
        raise DecisionRefused(f"no such laboratory works for this trial{near}. Got {name}")
    return trial.laboratories[name]


def find_range(
    ranges: Sequence[ReferenceRange], test: str, sex: str | None, age: Age | None, on: date
) -> ReferenceRange | None:
    """Return the range of a test that was in force on a day for a sex and an age; None where there is none.

    Without a sex or an age only ranges count that hold for every sex, or every age.
    """
    since = max((one.valid_from for one in ranges if one.test == test and one.valid_from <= on), default=None)
    return next(
        (
            one
            for one in ranges
            if one.test == test
            and one.valid_from == since
            and one.sex in ("", sex)
            and (_every_age(one) if age is None else _holds_at(one, age))
        ),
        None,
    )


def limits_in(item: Item, reference: ReferenceRange) -> tuple[float | None, float | None]:
    """Return the limits of a range in the unit of the item; None for one that is not set."""
    slope, zero = conversion_of(item, reference.unit, "UCUM", {})
    low, high = (
        None if not text else float(Decimal(text) * slope + zero) for text in (reference.low, reference.high)
    )
    return low, high


def indicate(value: float, low: float | None, high: float | None) -> Indicator | None:
    """Say whether a value lies below, within or above the limits (the limits are normal); None without any."""
    if low is None and high is None:
        return None
    if low is not None and value < low:
        return "LOW"
    return "HIGH" if high is not None and value > high else "NORMAL"


def tests_of(protocol: Protocol) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return form and item of every laboratory test of a protocol, by test code and by id of the item."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for form_id, form in protocol.forms.items():
        if form.sdtm in DOMAINS["laboratory"]:
            for item_id, item in form.items.items():
                for name in (item.testcd, item.sdtm_testcd, item_id):
                    if name is not None:
                        found.setdefault(name, {})[form_id, item_id] = None
    return {name: tuple(places) for name, places in found.items()}


def _every_age(reference: ReferenceRange) -> bool:
    return reference.age_from == 0 and reference.age_below is None


def _holds_at(reference: ReferenceRange, age: Age) -> bool:
    value = age.days if reference.age_in == "days" else age.years
    return reference.age_from <= value and (reference.age_below is None or value < reference.age_below)


def _enter(_: Setting, trial: Trial, intent: EnterLaboratory) -> list[Outcome]:
    _require_unlocked(trial)
    if not intent.laboratory.strip() or not intent.name.strip():
        raise DecisionRefused("a laboratory needs a short name, by which its files call it, and its full name")
    try:
        ZoneInfo(intent.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise DecisionRefused(
            f"the time zone must be one of the IANA list, such as Asia/Shanghai. Got {intent.zone}"
        ) from None
    if unknown := [site for site in intent.sites if site not in trial.sites]:
        raise DecisionRefused(f"there is no site {unknown[0]}{suggest(unknown[0], trial.sites)}")
    known = trial.laboratories.get(intent.laboratory)
    if known is not None and (known.name, known.zone, known.sites) == (intent.name, intent.zone, intent.sites):
        raise DecisionRefused(f"laboratory {intent.laboratory} is entered with these very words already")
    said = LaboratoryEntered(laboratory=intent.laboratory, name=intent.name, zone=intent.zone, sites=intent.sites)
    return [Outcome(said)]


def _set(setting: Setting, trial: Trial, intent: SetReferenceRanges) -> list[Outcome]:
    _require_unlocked(trial)
    known = find_laboratory(trial, intent.laboratory)
    if not intent.ranges:
        raise DecisionRefused("there is no range to be set; give at least one")
    tests = tests_of(setting.protocol)
    problems = [
        f"range {number} ({one.test}): {what}"
        for number, one in enumerate(intent.ranges, start=1)
        for what in _wrong_about(setting.protocol, tests, one)
    ]
    problems += _overlaps(intent.ranges)
    if problems:
        said, more = problems[:MOST_SAID], len(problems) - MOST_SAID
        raise DecisionRefused("\n".join([*said, *([f"and {more} more such lines"] if more > 0 else [])]))
    replaced = {(one.test, one.valid_from) for one in intent.ranges}
    before = [one for one in known.ranges if (one.test, one.valid_from) in replaced]
    if before and set(before) == set(intent.ranges):
        raise DecisionRefused(f"these reference ranges of laboratory {intent.laboratory} are set already")
    if before and not intent.reason.strip():
        raise DecisionRefused(
            f"ranges of {before[0].test} from {before[0].valid_from} on are set already; say why they are changed"
        )
    fact = ReferenceRangesSet(laboratory=intent.laboratory, ranges=intent.ranges)
    return [Outcome(fact, reason=intent.reason.strip() or None)]


def _wrong_about(
    protocol: Protocol, tests: dict[str, tuple[tuple[str, str], ...]], one: ReferenceRange
) -> Iterator[str]:
    if one.test not in tests:
        yield f"the protocol has no laboratory test of this code{suggest(one.test, tests)}"
        return
    form, name = tests[one.test][0]
    item = protocol.forms[form].items[name]
    if not item.is_number:
        yield "only tests that give a number have a range"
        return
    limits = []
    for text in filter(None, (one.low, one.high)):
        try:
            limit = Decimal(text)
        except InvalidOperation:
            limit = Decimal("NaN")
        if limit.is_finite() and is_believable(limit):
            limits.append(limit)
        else:
            yield f"a limit must be a number with a decimal point. Got {text}"
    if not one.low and not one.high:
        yield "give the lower limit, the upper limit, or both"
    if len(limits) == 2 and limits[0] > limits[1]:
        yield f"the lower limit lies above the upper one. Got {one.low} to {one.high}"
    try:
        conversion_of(item, one.unit, "UCUM", {})
    except ValueError as error:
        yield f"the unit {error}. Got {one.unit or 'none'}"
    if one.age_from < 0 or (one.age_below is not None and one.age_below <= one.age_from):
        yield f"ages go from 0 or more up to a greater one. Got {one.age_from} to {one.age_below}"


def _overlaps(ranges: Sequence[ReferenceRange]) -> Iterator[str]:
    """Give each range that holds for somebody for whom an earlier one of the same test and first day holds."""
    seen: dict[tuple[str, date], list[tuple[int, ReferenceRange]]] = {}
    for number, one in enumerate(ranges, start=1):
        beside = seen.setdefault((one.test, one.valid_from), [])
        for other_number, other in beside:
            if (one.sex == other.sex or "" in (one.sex, other.sex)) and _ages_overlap(one, other):
                yield (
                    f"range {number} ({one.test}): holds for the same people as range {other_number}; give each "
                    "sex and age one range"
                )
                break
        beside.append((number, one))


def _ages_overlap(one: ReferenceRange, other: ReferenceRange) -> bool:
    (low, high), (other_low, other_high) = _in_days(one), _in_days(other)
    return low < other_high and other_low < high


def _in_days(one: ReferenceRange) -> tuple[Decimal, Decimal]:
    factor = Decimal(1) if one.age_in == "days" else DAYS_A_YEAR
    return one.age_from * factor, Decimal("Infinity") if one.age_below is None else one.age_below * factor


def _require_unlocked(trial: Trial) -> None:
    if trial.locked_at is not None:
        raise DecisionRefused("the trial is locked; its laboratories and their ranges stay as they are")


def _entered(trial: Trial, _: Event, fact: LaboratoryEntered) -> None:
    known = trial.laboratories.get(fact.laboratory)
    ranges = [] if known is None else known.ranges
    trial.laboratories[fact.laboratory] = Laboratory(
        name=fact.name, zone=fact.zone, sites=fact.sites, ranges=ranges
    )


def _ranges_set(trial: Trial, _: Event, fact: ReferenceRangesSet) -> None:
    known = trial.laboratories[fact.laboratory]
    replaced = {(one.test, one.valid_from) for one in fact.ranges}
    known.ranges = [one for one in known.ranges if (one.test, one.valid_from) not in replaced] + list(fact.ranges)


DECISIONS: dict[type[Intent], Decision] = {EnterLaboratory: _enter, SetReferenceRanges: _set}
EVOLUTIONS: dict[type[Fact], Evolution] = {LaboratoryEntered: _entered, ReferenceRangesSet: _ranges_set}
ROLES: dict[type[Intent], tuple[str, ...]] = {
    EnterLaboratory: ("data manager", "sponsor"),
    SetReferenceRanges: ("data manager", "laboratory"),
}
