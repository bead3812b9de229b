"""Where the results of a file belong: participant, visit, form and item, each row by itself.

A visit that the file does not name is found by the day of the collection: that of the visit itself, else the visit
in whose window the day lies (the nearest, the earlier of two), else, for forms that count by the nearest visit,
the nearest. A day on which no such visit was held is refused: the site records the visit first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ...errors import suggest
from ...protocol import Protocol
from ...protocol.model import Item
from ..door.fact import Setting
from ..door.state import Laboratory, Participant, Trial, Value
from ..follow_up.windows import day_1, window_of
from ..forms.planned import visits_planned_for
from .manifest import Manifest, Problem, ResultRow
from .ranges import tests_of
from .reading import WrongField, read_moment, read_result


class Place(NamedTuple):
    """A record: participant, visit (empty for a form at any time), form, and its number where the form repeats.

    accession tells the new records of a form that repeats apart.
    """

    participant: str
    visit: str
    form: str
    accession: str


@dataclass(frozen=True)
class Matched:
    """A row that belongs somewhere; `masked` where only the vault may keep its value."""

    row: ResultRow
    place: Place
    item: str
    on: date
    collected: str
    value: Value
    masked: bool


class _Known(NamedTuple):
    """What rows are matched against, by version of the protocol."""

    protocol: Protocol
    tests: Mapping[str, tuple[tuple[str, str], ...]]


class Matcher:
    """Matches the rows of one file; `site` is the only one whose participants it may concern, None for all."""

    def __init__(
        self, setting: Setting, trial: Trial, manifest: Manifest, laboratory: Laboratory, site: str | None
    ) -> None:
        self._setting, self._trial, self._manifest = setting, trial, manifest
        self._laboratory, self._site = laboratory, site
        self._numbers = {
            one.allocation.number: one.id for one in trial.participants.values() if one.allocation is not None
        }
        self._zone = ZoneInfo(laboratory.zone)
        self._versions: dict[str, _Known] = {}
        self._people: dict[str, Participant] = {}
        self._moments: dict[tuple[str, str], datetime] = {}
        self._visits: dict[tuple[str, str, str, date], str] = {}
        self._now: dict[str, datetime] = {}

    def match(self, rows: tuple[ResultRow, ...]) -> tuple[list[Matched], list[Problem]]:
        """Return the rows that belong somewhere, and what is wrong with the others."""
        matched, problems = [], []
        for row in rows:
            if row.test in self._manifest.leave_out:
                continue
            try:
                matched.append(self._match(row))
            except WrongField as error:
                problems.append(Problem(row.line, error.field, str(error)))
        return matched, problems

    def _match(self, row: ResultRow) -> Matched:
        participant = self._participant(row)
        protocol, tests = self._version(participant)
        form, item_id = self._test(tests, protocol, row)
        item = protocol.forms[form].items[item_id]
        masked = participant.allocation is not None and item_id in protocol.blinding.masked_after_randomisation
        collected = self._collected(row, participant)
        visit = self._visit(row, participant, protocol, form, collected.date())
        value = self._value(item, row, participant, masked=masked)
        repeats = protocol.forms[form].repeats
        has_time = "T" in row.collected or ":" in row.collected
        return Matched(
            row,
            Place(participant.id, visit, form, row.accession if repeats else ""),
            item_id,
            collected.date(),
            collected.isoformat(timespec="minutes") if has_time else collected.date().isoformat(),
            value,
            masked,
        )

    def _participant(self, row: ResultRow) -> Participant:
        name = row.participant.strip()
        if (known := self._people.get(name)) is not None:
            return known
        found = self._trial.participants.get(self._numbers.get(name, name))
        if found is None:
            raise WrongField("participant", f"nobody has this screening or randomisation number. Got {name}")
        if self._site is not None and found.site != self._site:
            raise WrongField(
                "participant",
                f"belongs to site {found.site}, and this import is for site {self._site}. Got {name}",
            )
        if self._laboratory.sites and found.site not in self._laboratory.sites:
            served = ", ".join(self._laboratory.sites)
            raise WrongField(
                "participant",
                f"belongs to site {found.site}; {self._laboratory.name} works for site {served}. Got {name}",
            )
        self._people[name] = found
        return found

    def _version(self, participant: Participant) -> _Known:
        if participant.protocol not in self._versions:
            protocol = self._setting.version(participant.protocol)
            self._versions[participant.protocol] = _Known(protocol, tests_of(protocol))
        return self._versions[participant.protocol]

    def _test(
        self, tests: Mapping[str, tuple[tuple[str, str], ...]], protocol: Protocol, row: ResultRow
    ) -> tuple[str, str]:
        name = self._manifest.tests.get(row.test, row.test)
        places = tests.get(name, ())
        if len(places) > 1 and row.visit:
            key = self._manifest.visits.get(row.visit, row.visit)
            places = tuple(one for one in places if key in visits_planned_for(protocol, one[0])) or places
        if len(places) > 1:
            items = ", ".join(item for _, item in places)
            raise WrongField(
                "test", f"stands for several items ({items}); say in the manifest which. Got {row.test}"
            )
        if not places:
            raise WrongField(
                "test",
                "is no laboratory test of this trial; say in the manifest what it stands for (tests), or leave it "
                f"out (leave_out){suggest(name, [a for a in tests if a.isupper()], stop='.')} Got {row.test}",
            )
        form, item = places[0]
        if protocol.forms[form].items[item].derive is not None:
            raise WrongField("test", f"is computed from other values; leave it out (leave_out). Got {row.test}")
        return form, item

    def _collected(self, row: ResultRow, participant: Participant) -> datetime:
        """Return when a specimen was taken, as the clock at the site showed it, without its zone."""
        key = (row.collected, participant.site)
        if key not in self._moments:
            moment = read_moment(row.collected)
            by_day = moment.tzinfo is None and "T" not in row.collected and ":" not in row.collected
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=self._zone)
            if moment > self._setting.by.at:
                raise WrongField(
                    "collected",
                    f"must not lie in the future; it is {self._setting.by.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC "
                    f"now. Got {row.collected}",
                )
            zone = ZoneInfo(self._trial.sites[participant.site].zone)
            self._moments[key] = (moment if by_day else moment.astimezone(zone)).replace(tzinfo=None)
        return self._moments[key]

    def _visit(self, row: ResultRow, participant: Participant, protocol: Protocol, form: str, on: date) -> str:
        key = (participant.id, form, row.visit, on)
        if key not in self._visits:
            self._visits[key] = (
                self._named(row, participant)
                if row.visit
                else ""
                if form in protocol.schedule.at_any_time
                else self._by_day(participant, protocol, form, on)
            )
        return self._visits[key]

    def _named(self, row: ResultRow, participant: Participant) -> str:
        visit = self._manifest.visits.get(row.visit, row.visit)
        if visit not in participant.visits:
            raise WrongField(
                "visit",
                f"has not been recorded as held by {participant.id}{suggest(visit, participant.visits)}; let the "
                f"site record it first. Got {row.visit}",
            )
        return visit

    def _by_day(self, participant: Participant, protocol: Protocol, form: str, on: date) -> str:
        planned = visits_planned_for(protocol, form)
        held = [
            (visit.on, key, visit.name)
            for key, visit in participant.visits.items()
            if visit.on is not None and (visit.name is None or visit.name in planned)
        ]
        same_day = [(name is None, key) for day, key, name in held if day == on]
        if same_day:
            return min(same_day)[1]
        first = day_1(protocol, participant)
        halfway = protocol.forms[form].windows == "halfway"
        near = [
            (abs((day - on).days), day, key)
            for day, key, name in held
            if name is not None and (halfway or (first is not None and _within(protocol, name, first, on)))
        ]
        if not near:
            raise WrongField(
                "collected",
                f"{participant.id} held no visit on this day, nor one in whose window it lies, at which "
                f"{protocol.forms[form].label.say()} is planned; let the site record the visit, or name it. "
                f"Got {on}",
            )
        return min(near)[2]

    def _value(self, item: Item, row: ResultRow, participant: Participant, *, masked: bool) -> Value:
        if participant.site not in self._now:
            zone = ZoneInfo(self._trial.sites[participant.site].zone)
            self._now[participant.site] = self._setting.by.at.astimezone(zone).replace(tzinfo=None)
        try:
            value = read_result(item, row, self._manifest, self._now[participant.site])
        except WrongField as error:
            if masked:  # what only the vault keeps is said nowhere
                raise
            got = {"unit": row.unit, "status": row.status}.get(error.field, row.value)
            raise WrongField(error.field, f"{error}. Got {got[:80] or 'nothing'}") from error
        if masked and value.missing is not None:
            raise WrongField("status", "only values go to the vault; leave this row out")
        return value


def _within(protocol: Protocol, visit: str, first: date, on: date) -> bool:
    opens, closes = window_of(protocol, visit, first)
    return opens <= on <= closes
