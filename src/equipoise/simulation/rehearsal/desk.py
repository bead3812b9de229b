"""The desk at which the virtual staff work: every step goes through the door, under a key, when the clock says.

Steps that must be refused are tried too: the desk makes sure that they were refused and left no event behind. What
happened is counted here and nowhere else, so that the record can be held against it.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from ...conduct.door.door import Door
from ...conduct.door.fact import By, Intent
from ...conduct.door.state import Participant, Trial
from ...errors import DecisionRefused, RecordCorrupt
from ...protocol import Protocol
from ...record import Event, Stamp
from ...trial.running import RunningTrial
from ...trial.steps import stamp_of
from .calendar import Calendar
from .quality import follow_up
from .staff import HOME, VirtualSite


@dataclass
class Desk:
    """The door with the clock: who works at which site, and how often what has happened (`counts`).

    followers: told the events of each step, to let begin what follows from them.
    """

    running: RunningTrial
    calendar: Calendar
    sites: tuple[VirtualSite, ...]
    counts: Counter[str] = field(default_factory=Counter)
    refusals: dict[str, str] = field(default_factory=dict)
    followers: list[Callable[[tuple[Event, ...]], None]] = field(default_factory=list)
    _keys: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def door(self) -> Door:
        """The door to the record."""
        return self.running.door

    @property
    def trial(self) -> Trial:
        """The state of the trial."""
        return self.door.trial

    @property
    def protocol(self) -> Protocol:
        """The newest version of the protocol, which has everything that is collected."""
        return self.running.protocol

    @property
    def version(self) -> str:
        """The hash of the newest version."""
        return self.trial.versions[-1]

    def protocol_of(self, participant: str) -> Protocol:
        """Return the version of the protocol by which a participant takes part."""
        return self.door.protocol_of(participant)

    def participant(self, participant: str) -> Participant:
        """Return the state of a participant."""
        return self.trial.participants[participant]

    def submit(
        self, person: str, role: str, zone: str, intent: Intent, *, twice: bool = False
    ) -> tuple[Event, ...]:
        """Let somebody do a step; `twice` sends it again under the same key, as a double click does."""
        key, by = self.key(), self.by(person, role, zone)
        events = self.door.submit(intent, by, key)
        if twice:
            if self.door.submit(intent, by, key) != events:
                raise RecordCorrupt(f"the same request key gave another answer. Got {key} for {intent!r}")
            self.counts["double clicks"] += 1
        self.tell(events)
        return events

    def tell(self, events: tuple[Event, ...]) -> None:
        """Let begin what follows from the events of a step."""
        follow_up(self, events)
        for follow in self.followers:
            follow(events)

    def at_site(self, site: VirtualSite, role: str, intent: Intent, *, twice: bool = False) -> tuple[Event, ...]:
        """Let somebody of a site do a step."""
        return self.submit(site.person(role), role, site.zone, intent, twice=twice)

    def for_all(self, person: str, role: str, intent: Intent) -> tuple[Event, ...]:
        """Let somebody who serves all sites do a step."""
        return self.submit(person, role, HOME, intent)

    def refused(self, what: str, intent: Intent, person: str, role: str, zone: str = HOME) -> None:
        """Try a step that must be refused at the door; see `refused_step`."""
        by, key = self.by(person, role, zone), self.key()
        self.refused_step(what, lambda: self.door.submit(intent, by, key), f"{intent!r}")

    def refused_step(self, what: str, step: Callable[[], object], got: str = "it") -> None:
        """Try a step that must be refused, count it as `what` and keep the words of the first refusal of the kind.

        Raises RecordCorrupt where it was not refused, or left something in the record of the trial.
        """
        before = self.trial.sequence
        try:
            step()
        except DecisionRefused as refusal:
            self.counts[f"refused: {what}"] += 1
            self.refusals.setdefault(what, str(refusal))
        else:
            raise RecordCorrupt(f"a step that must be refused was carried out: {what}. Got {got}")
        if self.door.refresh().sequence != before:
            raise RecordCorrupt(f"a step that was refused left an event behind: {what}. Got {got}")

    def site_of(self, participant: str) -> VirtualSite:
        """Return the site of a participant."""
        number = self.participant(participant).site
        return next(site for site in self.sites if site.number == number)

    def flush(self) -> None:
        """Wait until everything recorded so far is on disk."""
        self.running.book.flush()

    def by(self, person: str, role: str, zone: str = HOME) -> By:
        """Return who acts, at this moment."""
        return By(person, role, self.calendar.now, zone)

    def stamp(self, person: str, role: str, zone: str = HOME) -> Stamp:
        """Return the stamp of a step in the vault at this moment, under a key of its own."""
        return stamp_of(self.by(person, role, zone), self.key(), rehearsed=True)

    def key(self) -> str:
        """Return the next request key."""
        return f"rehearsal {next(self._keys):06d}"
