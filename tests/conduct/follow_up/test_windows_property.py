"""Windows of visits, as dates around study day 1."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conduct.forms.desk import DAY_1, SCREENED, WHO, edited, one_participant, shipped

from equipoise.conduct.door.dates import study_day
from equipoise.conduct.follow_up.windows import began_on, first_visit, outside_windows, window_of

PLAN = shipped().schedule.visits
days = st.dates(date(2010, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("visit", "opens", "closes"),
    [
        ("SCR", "2024-02-17", "2024-03-17"),  # study day -30 to -1
        ("W0", "2024-03-18", "2024-03-18"),
        ("W4", "2024-04-08", "2024-04-22"),  # study day 29, a week either way
        ("W96", "2026-01-05", "2026-02-02"),
    ],
)
def test_the_windows_of_the_trial_are_those_of_a_calendar(visit: str, opens: str, closes: str) -> None:
    assert window_of(shipped(), visit, DAY_1) == (date.fromisoformat(opens), date.fromisoformat(closes))


@given(days, st.sampled_from(sorted(PLAN)))
def test_the_ends_of_a_window_are_the_study_days_that_the_schedule_allows(first: date, visit: str) -> None:
    allowed = PLAN[visit].allowed
    assert tuple(study_day(day, first) for day in window_of(shipped(), visit, first)) == (
        allowed.first,
        allowed.last,
    )


@given(days, st.sampled_from(sorted(PLAN)), st.integers(-60, 800))
def test_a_date_is_outside_exactly_where_its_study_day_is(first: date, visit: str, offset: int) -> None:
    on = first + timedelta(days=offset)
    allowed = PLAN[visit].allowed
    within = allowed.first <= study_day(on, first) <= allowed.last
    dates = {"W0": first, visit: first if visit == "W0" else on}
    found = outside_windows(shipped(), dates)
    assert (visit not in found) == (visit == "W0" or within)
    if visit in found:
        assert f"study day {study_day(on, first)}" in found[visit]


@given(days, st.integers(1, 20))
def test_a_window_across_day_1_loses_no_day_to_the_day_0_that_there_is_not(first: date, width: int) -> None:
    visits = {**PLAN, "W0": PLAN["W0"].model_copy(update={"window": type(PLAN["W4"].window)(-width, width)})}
    protocol = shipped().model_copy(update={"schedule": shipped().schedule.model_copy(update={"visits": visits})})
    opens, closes = window_of(protocol, "W0", first)
    assert (first - opens).days == (closes - first).days == width


def test_nothing_is_outside_before_day_1_is_known() -> None:
    assert outside_windows(shipped(), {"SCR": date(1999, 1, 1)}) == {}


def test_day_1_is_that_of_the_visit_aimed_at_it() -> None:
    assert first_visit(shipped()) == "W0"
    without = edited(
        (
            "    W0:  {label: {en: Baseline, zh: 基线}, day: 1}",
            "    W0:  {label: {en: Baseline, zh: 基线}, day: 2}",
        )
    )
    assert first_visit(without) is None


def test_the_trial_begins_at_a_site_with_its_first_approval() -> None:
    trial = one_participant()
    participant = trial.participants[WHO]
    assert began_on(trial, participant) == date(2024, 1, 8)
    trial.sites["01"].versions["v2"] = date(2025, 1, 1)
    assert began_on(trial, participant) == date(2024, 1, 8)
    trial.sites.clear()
    assert began_on(trial, participant) == SCREENED
