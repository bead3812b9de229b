"""Due times: calendar days in the zone of who is told, hours to the second, whatever the calendar does."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.conduct.door.state import Clock
from equipoise.conduct.safety.clocks import authorities, due_moment, due_of, moment_at
from equipoise.protocol import Protocol, Quantity

ZONES = (
    "UTC",
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/Santiago",
    "Pacific/Apia",
    "Africa/Cairo",
    "Asia/Kolkata",
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


def days(number: int) -> Quantity:
    return Quantity(Decimal(number), "d")


@pytest.mark.parametrize(
    ("since", "zone", "within", "due"),
    [
        # late on a Friday evening: the weekend counts
        ("2026-03-06T15:59Z", "Asia/Shanghai", 7, "2026-03-13T16:00Z"),
        # one minute later it is Saturday in Shanghai, still Friday in UTC
        ("2026-03-06T16:00Z", "Asia/Shanghai", 7, "2026-03-14T16:00Z"),
        ("2026-03-06T16:00Z", "UTC", 7, "2026-03-14T00:00Z"),
        # over 29 February, and over the end of February in a year without it
        ("2028-02-25T10:00Z", "UTC", 7, "2028-03-04T00:00Z"),
        ("2026-02-25T10:00Z", "UTC", 7, "2026-03-05T00:00Z"),
        ("2028-02-29T10:00Z", "UTC", 15, "2028-03-16T00:00Z"),
        # over the changes of clocks in Berlin: midnight there, not a multiple of 24 hours
        ("2026-03-25T10:00Z", "Europe/Berlin", 7, "2026-04-01T22:00Z"),
        ("2026-10-22T10:00Z", "Europe/Berlin", 7, "2026-10-29T23:00Z"),
        # Samoa had no 30 December 2011
        ("2011-12-29T12:00Z", "Pacific/Apia", 7, "2012-01-05T10:00Z"),
        # a midnight that clocks skip: the day begins at one
        ("2026-04-17T10:00Z", "Africa/Cairo", 6, "2026-04-23T22:00Z"),
    ],
)
def test_a_term_of_days_ends_with_its_last_day_where_the_report_goes(
    since: str, zone: str, within: int, due: str
) -> None:
    assert due_moment(datetime.fromisoformat(since), days(within), zone) == datetime.fromisoformat(due)


@given(MOMENTS, st.sampled_from(ZONES), st.integers(1, 30))
def test_whoever_reports_on_the_last_day_is_in_time_and_on_the_next_is_not(
    since: datetime, zone: str, within: int
) -> None:
    due = due_moment(since, days(within), zone)
    day_0 = since.astimezone(ZoneInfo(zone)).date()
    before, at = (moment.astimezone(ZoneInfo(zone)).date() for moment in (due - timedelta(seconds=1), due))
    assert before <= day_0 + timedelta(days=within) < at


@given(MOMENTS, st.sampled_from(ZONES), st.integers(1, 96))
def test_hours_run_to_the_second_and_no_zone_changes_them(since: datetime, zone: str, hours: int) -> None:
    assert due_moment(since, Quantity(Decimal(hours), "h"), zone) - since == timedelta(hours=hours)


@given(MOMENTS, MOMENTS, st.sampled_from(ZONES))
def test_who_knew_earlier_never_has_more_time(one: datetime, other: datetime, zone: str) -> None:
    first, second = sorted((one, other))
    assert due_moment(first, days(7), zone) <= due_moment(second, days(7), zone)


@given(MOMENTS, st.sampled_from(ZONES))
def test_weeks_are_seven_days_and_the_complete_report_comes_on_top(since: datetime, zone: str) -> None:
    assert due_moment(since, Quantity(Decimal(1), "week"), zone) == due_moment(since, days(7), zone)
    assert due_moment(since, days(7), zone, days(8)) == due_moment(since, days(15), zone)


@pytest.mark.parametrize(
    ("local", "zone", "utc"),
    [
        ("2026-03-02T09:30", "Asia/Shanghai", "2026-03-02T01:30Z"),
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30Z"),  # there twice: the earlier
        ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30Z"),  # there never: as if clocks had not moved
    ],
)
def test_a_time_of_the_site_is_an_instant(local: str, zone: str, utc: str) -> None:
    assert moment_at(local, zone) == datetime.fromisoformat(utc)


def test_each_authority_has_its_own_terms_and_its_own_days(inr: Protocol) -> None:
    assert list(authorities(inr)) == ["nmpa"]
    since = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)  # half past midnight on Saturday in Shanghai
    due = {
        what: due_of(inr, Clock(record="", what=what, authority=authority, since=since), "Europe/Berlin")
        for what, authority in (
            ("serious", "sponsor"),
            *((what, "nmpa") for what in ("suspected", "fatal", "complete")),
        )
    }
    zone = ZoneInfo("Asia/Shanghai")
    assert due["serious"] == since + timedelta(hours=24)
    assert due["suspected"].astimezone(zone) == datetime(2026, 3, 23, tzinfo=zone)
    assert due["fatal"].astimezone(zone) == datetime(2026, 3, 15, tzinfo=zone)
    assert due["complete"].astimezone(zone).date() == date(2026, 3, 23)


def test_a_clock_whose_terms_an_amendment_took_away_is_not_lost(inr: Protocol) -> None:
    since = datetime(2026, 3, 6, tzinfo=UTC)
    gone = Clock(record="", what="fatal", authority="fda", since=since)
    assert due_of(inr, gone, "UTC") == due_moment(since, days(7), "UTC"), "the common terms"
    without = inr.model_copy(update={"safety": None})
    for what in ("serious", "suspected", "fatal", "complete"):
        assert due_of(without, Clock(record="", what=what, authority="nmpa", since=since), "UTC") == since
