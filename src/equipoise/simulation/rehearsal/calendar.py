"""The moved clock: one order of time over all sites, in which everybody does what comes next.

What somebody does is a script: a generator that yields the moment (UTC) at which it goes on. The calendar wakes
whoever is due first, so that the time of the record never goes back, however many sites work at once.
"""

import heapq
from collections.abc import Callable, Generator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

Script = Generator[datetime, None, None]


def at_site(zone: str, day: date, hour: int, minute: int = 0) -> datetime:
    """Return the moment at which the clock of a zone shows an hour of a day, in UTC."""
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)


class Calendar:
    """Scripts by the moment at which they go on; those due at the same moment in the order in which they came."""

    def __init__(self, begins: datetime) -> None:
        self.now = begins
        self._due: list[tuple[datetime, int, Script, bool]] = []
        self._order = count()
        self._to_end = 0

    def begin(self, script: Script, at: datetime | None = None, *, standing: bool = False) -> None:
        """Let a script run from its beginning at a moment; now, where none is given or it is past.

        standing: it has no end of its own, and goes on as long as any other script does.
        """
        self._to_end += not standing
        self._push(script, at, standing=standing)

    def later(self, minutes: float) -> datetime:
        """Return the moment so many minutes from now."""
        return self.now + timedelta(minutes=minutes)

    def today(self, zone: str) -> date:
        """Return the day that it is now in a zone."""
        return self.now.astimezone(ZoneInfo(zone)).date()

    def run(self, new_day: Callable[[], None], until: datetime | None = None) -> None:
        """Run all scripts to their end, or to what is due by `until`.

        `new_day` is called whenever another day (UTC) begins, and at the end.
        """
        today = self.now.date()
        while self._to_end and (until is None or self._due[0][0] <= until):
            self.now, _, script, standing = heapq.heappop(self._due)
            if self.now.date() != today:
                new_day()
                today = self.now.date()
            try:
                wanted = next(script)
            except StopIteration:
                self._to_end -= not standing
                continue
            self._push(script, wanted, standing=standing)
        self._due.clear()
        new_day()

    def _push(self, script: Script, at: datetime | None, *, standing: bool) -> None:
        heapq.heappush(self._due, (max(at or self.now, self.now), next(self._order), script, standing))
