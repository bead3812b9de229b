"""Invariant 19: no clock of a safety report is lost, none is early.

Due times are those of an almanac that goes through the days: zones, changes of clocks, weekends, leap days.
However rarely and irregularly the watch looks, in the end exactly the clocks that ran out are written down, each
once and none before its time. And the power may fail under those who enter serious events: every event that is
stored has its clocks, and every one that was acknowledged is stored. Each check fails without what keeps it.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event as Signal
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conduct.forms.desk import DAY_1, WHO, Desk
from tests.conduct.safety.cases import SERIOUS
from tests.servers import DEBIAN, NO_DEBIAN, DebianServer, WheelServer
from tests.trial.safety.ward import begin_ward

from equipoise.conduct.door.chapters import read_fact
from equipoise.conduct.door.door import Door
from equipoise.conduct.door.fact import By
from equipoise.conduct.forms import entry
from equipoise.conduct.forms.entry import SaveForm
from equipoise.conduct.safety import clocks
from equipoise.conduct.safety.reporting import MeetClock
from equipoise.conduct.safety.watch import ClockPassed, WatchClocks, list_clocks
from equipoise.errors import DecisionRefused
from equipoise.protocol import Quantity
from equipoise.record import Event

from .clients import open_door
from .conftest import database_url
from .scripted import bring

# --- due times

ZONES = (
    *("UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe"),
    *("Pacific/Apia", "Pacific/Kiritimati", "Africa/Cairo", "America/Santiago", "Asia/Kathmandu"),
)
NEAR_LEAP_DAYS = st.sampled_from([date(2024, 2, 20), date(2028, 2, 27), date(2100, 2, 22), date(2027, 2, 26)])
DAYS = st.one_of(st.dates(date(2001, 1, 1), date(2099, 12, 1)), NEAR_LEAP_DAYS)
MOMENTS = st.builds(
    lambda day, minute: datetime.combine(day, time(), UTC) + timedelta(minutes=minute), DAYS, st.integers(0, 1439)
)


def due_by_almanac(since: datetime, days: int, zone: str) -> datetime:
    """Count on in quarters of an hour until so many further days have begun and the next one begins."""
    there, step = ZoneInfo(zone), timedelta(minutes=15)
    moment = since.replace(minute=since.minute // 15 * 15, second=0, microsecond=0)
    seen = {moment.astimezone(there).date()}
    while True:
        moment += step
        seen.add(moment.astimezone(there).date())
        if (max(seen) - min(seen)).days > days:
            return moment


def wrong_due_times(since: datetime, days: int, zone: str) -> list[str]:
    """Return what is wrong with the end of a term of days."""
    due = clocks.due_moment(since, Quantity(Decimal(days), "d"), zone)
    right = due_by_almanac(since, days, zone)
    return [] if due == right else [f"due {due}, and by the almanac {right}"]


@settings(deadline=None)
@given(MOMENTS, st.sampled_from((7, 15)), st.sampled_from(ZONES))
def test_due_times_are_those_of_the_almanac(since: datetime, days: int, zone: str) -> None:
    assert wrong_due_times(since, days, zone) == []


def working_days(day: date, zone: str) -> datetime:
    """A term that ends on a weekend ends on Monday."""
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def in_utc(day: date, _: str) -> datetime:
    return datetime.combine(day, time(), UTC)


@pytest.mark.parametrize("instead", [working_days, in_utc])
def test_the_almanac_finds_weekends_left_out_and_days_of_utc(instead: Callable[[date, str], datetime]) -> None:
    friday = datetime(2026, 3, 6, 15, tzinfo=UTC)
    with patch.object(clocks, "start_of_day", instead):
        assert any(wrong_due_times(friday, days, "Asia/Shanghai") for days in (7, 15))


# --- the watch

WATCHES = st.lists(st.integers(0, 30), min_size=1, max_size=6)
MET = st.none() | st.integers(1, 40)


def told(watches: Sequence[int], met: int | None, *, every: Callable[[Desk], Any]) -> list[str]:
    """Let the watch look after so many days each, the report be made on a day; return what is wrong in the end."""
    desk = Desk().start()
    desk.today = start = DAY_1 + timedelta(days=10)
    desk.save("adverse_event", "", SERIOUS)
    for days in (*watches, 0):
        on = desk.today + timedelta(days=days)
        if met is not None and start + timedelta(days=met) <= on and _clock(desk).met_at is None:
            desk.today = max(desk.today, start + timedelta(days=met))
            name = "/adverse_event/1/suspected/nmpa"
            desk.do(MeetClock(participant=WHO, clock=name), person="zhao", role="medical monitor")
        desk.today = on
        every(desk)
    return _wrong(desk)


def watch(desk: Desk) -> None:
    try:
        desk.do(WatchClocks(), person="zhao", role="medical monitor")
    except DecisionRefused as refused:
        assert "no clock has run out" in str(refused)


def _clock(desk: Desk) -> Any:
    return desk.participant.clocks["/adverse_event/1/suspected/nmpa"]


def _wrong(desk: Desk) -> list[str]:
    said = [(one.at, fact) for one in desk.events for fact in _passed(one)]
    wrong = [f"{fact.clock} was told before it was due" for at, fact in said if at < fact.due]
    latest = max(desk.events[-1].at, _noon(desk.today))
    late = {
        one.clock
        for one in list_clocks(desk.protocol, desk.trial, latest)
        if one.standing in ("overdue", "met late")
    }
    names = [fact.clock for _, fact in said]
    wrong += [f"{name} ran out and was not told" for name in late - set(names)]
    wrong += [f"{name} was told without need" for name in set(names) - late]
    return wrong + [f"{name} was told twice" for name in set(names) if names.count(name) > 1]


def _passed(event: Event) -> list[ClockPassed]:
    fact = read_fact(event)
    return [fact] if isinstance(fact, ClockPassed) else []


@settings(deadline=None)
@given(WATCHES, MET)
def test_whenever_the_watch_looks_every_clock_that_ran_out_is_told_once_and_in_time(
    watches: list[int], met: int | None
) -> None:
    assert told(watches, met, every=watch) == []


def test_a_watch_that_looks_at_its_own_day_only_would_miss_one() -> None:
    def of_today(desk: Desk) -> None:
        """A job that tells only of what ran out today, as if it had run every day."""
        (one,) = (c for c in list_clocks(desk.protocol, desk.trial, _noon(desk.today)) if c.what == "suspected")
        if one.due.date() == desk.today:
            watch(desk)

    assert told([10, 20], None, every=of_today) == ["/adverse_event/1/suspected/nmpa ran out and was not told"]


def test_a_watch_that_looks_ahead_would_tell_too_early() -> None:
    def ahead(desk: Desk) -> None:
        with patch("equipoise.conduct.safety.watch.due_of", lambda *_: _noon(desk.today) - timedelta(days=1)):
            watch(desk)

    assert told([3], None, every=ahead) != []


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(4), UTC)


# --- the power fails

SHARE, CLIENTS, PERSON = 12, 6, "investigator.01"


@pytest.fixture(scope="module", params=["wheel", "debian"])
def failing(request: pytest.FixtureRequest) -> Iterator["Failing"]:
    """A trial on a server of its own, which is stopped as if the power had failed."""
    if request.param == "debian" and not DEBIAN:
        pytest.skip(NO_DEBIAN)
    home = Path(tempfile.mkdtemp(prefix="equipoise-clocks-"))
    server = WheelServer(home) if request.param == "wheel" else DebianServer(home)
    yield Failing(server, home)
    server.stop(immediate=True)
    shutil.rmtree(home, ignore_errors=True)


class Failing:
    """A trial with participants who consented, on a server that can lose its power."""

    def __init__(self, server: WheelServer | DebianServer, home: Path) -> None:
        self.server = server
        with database_url(server.start()):
            self.script = begin_ward(home)
            self.participants = bring(self.script, 2 * SHARE, "consented", sites=["01"])
            self.script.running.book.flush()
            self.script.close()

    def acknowledged_until_it_fails(self, participants: Sequence[str]) -> set[str]:
        """Let six people enter serious events, and the power fail under them; return whose was acknowledged."""
        found: set[str] = set()
        enough = Signal()
        protocols = self.script.running.door.protocols
        doors = [open_door(self.server.start().connect("conduct"), protocols) for _ in range(CLIENTS)]

        def client(door: Door, share: Sequence[str]) -> None:
            for who in share:
                try:
                    enter(door, who, self.script.now())
                except DecisionRefused as refused:
                    assert "the database cannot be reached" in str(refused)
                    return
                found.add(who)
                if len(found) >= len(participants) // 2:
                    enough.set()

        with ThreadPoolExecutor(CLIENTS) as pool:
            work = [pool.submit(client, d, participants[n::CLIENTS]) for n, d in enumerate(doors)]
            assert enough.wait(60)
            self.server.stop(immediate=True)
        assert [done.result() for done in work] == [None] * CLIENTS
        return found

    def kinds(self) -> dict[str, list[str]]:
        """Return, by participant, what is stored of adverse events and clocks, once the server is back."""
        door = open_door(self.server.start().connect("conduct"), self.script.running.door.protocols)
        found: dict[str, list[str]] = {}
        for event in door.book.read(kinds=("FormSaved", "ClockStarted", "ClockMet")):
            found.setdefault(event.participant or "", []).append(event.kind)
        return found


def enter(door: Door, who: str, at: datetime) -> None:
    aware = at.astimezone(ZoneInfo("Asia/Shanghai")) - timedelta(hours=1)
    values = {
        "ae_term": "Pulmonary embolism",
        "ae_started": str(aware.date()),
        "ae_serious": "Y",
        "ae_aware": f"{aware:%Y-%m-%dT%H:%M}",
        "ae_causality": "RELATED",
    }
    intent = SaveForm(participant=who, form="adverse_event", on=aware.date(), values=values)
    door.submit(intent, By(PERSON, "investigator", at), f"serious event of {who}")


WHOLE = ["FormSaved", "ClockStarted", "ClockStarted", "ClockStarted", "ClockMet"]


def test_no_clock_is_lost_when_the_power_fails(failing: Failing) -> None:
    participants = failing.participants[:SHARE]
    acknowledged = failing.acknowledged_until_it_fails(participants)
    stored = failing.kinds()
    assert {who for who in acknowledged if stored.get(who) != WHOLE} == set()
    assert {who for who, kinds in stored.items() if who in participants and kinds != WHOLE} == set()


def test_a_clock_that_started_in_a_step_of_its_own_would_be_lost(failing: Failing) -> None:
    participants = failing.participants[SHARE:]
    with patch.object(entry, "facts_of_event", lambda *_: []):  # as if a job started the clocks later
        acknowledged = failing.acknowledged_until_it_fails(participants)
    stored = failing.kinds()
    assert [who for who in acknowledged if stored.get(who) != WHOLE]
