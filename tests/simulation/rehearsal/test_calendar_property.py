"""The moved clock never goes back, whoever works at which site."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from equipoise.simulation.rehearsal.calendar import Calendar, Script, at_site

BEGINS = datetime(2026, 1, 5, 8, tzinfo=UTC)


@given(st.lists(st.lists(st.floats(0, 3000), max_size=6), max_size=6))
def test_scripts_go_on_in_the_order_of_time_and_all_come_to_their_end(scripts: list[list[float]]) -> None:
    calendar, seen, ended = Calendar(BEGINS), [], []

    def script(waits: list[float]) -> Script:
        for wait in waits:
            before = calendar.now
            yield calendar.later(wait)
            assert calendar.now == before + timedelta(minutes=wait)
            seen.append(calendar.now)
        ended.append(waits)

    for waits in scripts:
        calendar.begin(script(waits))
    calendar.run(lambda: None)
    assert seen == sorted(seen)
    assert len(ended) == len(scripts)


@given(st.lists(st.integers(0, 5 * 24 * 60), min_size=1, max_size=8))
def test_a_new_day_is_told_once_before_its_first_step(waits: list[int]) -> None:
    calendar, told = Calendar(BEGINS), []

    def script() -> Script:
        for wait in waits:
            yield calendar.later(wait)
            assert not told or told[-1] <= calendar.now.date()

    calendar.begin(script())
    calendar.run(lambda: told.append(calendar.now.date()))
    days = {BEGINS.date()} | {(BEGINS + timedelta(minutes=sum(waits[: k + 1]))).date() for k in range(len(waits))}
    assert len(told) == len(days)  # one for each further day, and one at the end


def test_a_moment_that_is_past_counts_as_now() -> None:
    calendar, seen = Calendar(BEGINS), []

    def script() -> Script:
        yield BEGINS - timedelta(days=1)
        seen.append(calendar.now)

    calendar.begin(script())
    calendar.run(lambda: None)
    assert seen == [BEGINS]


def test_an_hour_at_a_site_follows_its_summer_time() -> None:
    assert at_site("Europe/Madrid", date(2026, 3, 28), 8).hour == 7
    assert at_site("Europe/Madrid", date(2026, 3, 30), 8).hour == 6
    assert at_site("Asia/Shanghai", date(2026, 3, 30), 8).hour == 0


def test_a_standing_script_goes_on_as_long_as_any_other_does() -> None:
    calendar, seen = Calendar(BEGINS), []

    def every_day() -> Script:
        while True:
            seen.append(calendar.now)
            yield calendar.later(24 * 60)

    def once() -> Script:
        yield calendar.later(3.5 * 24 * 60)

    calendar.begin(every_day(), standing=True)
    calendar.run(lambda: None)
    assert not seen, "nothing else was to be done"
    calendar.begin(once())
    calendar.begin(every_day(), standing=True)
    calendar.run(lambda: None)
    assert seen == [BEGINS + timedelta(days=day) for day in range(4)]
