"""The door: the one way by which anything is recorded, for pages, command line, imports and rehearsal alike.

A step holds the head of the record, reads what others have added, decides on the state that follows, and appends;
all in one transaction, acknowledged when it is on disk. The request key makes it safe to repeat: the same key
gives the same answer, however often it is sent and whatever broke in between.
"""

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...record.book import Book
from ...record.event import Event, Stamp
from ..closing import exports, locks, unblinding
from ..enrolment import allocation, screening
from ..follow_up import infusions
from ..laboratory import results
from ..organisation import versions
from ..quality import coding
from ..supply import preparation
from .asked import hash_asked, require_same_step
from .chapters import DECISIONS, evolve
from .fact import By, Intent, Outcome, Setting, draft_of
from .roles import require_role
from .services import Guards, Services
from .state import Trial

GUARDS: Guards = {
    **screening.GUARDS,
    **allocation.GUARDS,
    **infusions.GUARDS,
    **preparation.GUARDS,
    **coding.GUARDS,
    **results.GUARDS,
}
WITNESSED = frozenset(
    kind.__name__
    for kind in (
        allocation.ParticipantAllocated,
        versions.ProtocolIssued,
        locks.DataCut,
        locks.TrialLocked,
        locks.TrialUnlocked,
        exports.DataExported,
        unblinding.CodeBroken,
        unblinding.TrialUnblinded,
    )
)
"""Events after which the head of the record is kept outside the database: what a trial stands or falls with."""
LONGEST_KEY = 200


class Door:
    """The door of one trial in one process; `protocols` by content hash. Steps of several threads wait in line.

    `trial` is the state as of the last look; `refresh` reads on. `reopen` connects anew after the database was
    away.
    """

    def __init__(
        self,
        book: Book,
        protocols: Mapping[str, Protocol],
        services: Services | None = None,
        *,
        trial: Trial | None = None,
        reopen: Callable[[], Book] | None = None,
    ) -> None:
        self.book = book
        self._reopen = reopen
        self.protocols = protocols
        self.services = services or Services()
        self.trial = Trial() if trial is None else trial
        self._line = threading.RLock()

    def refresh(self) -> Trial:
        """Read what others have added to the record, and return the state."""
        with self._line:
            self._require_book()
            for event in self.book.read(after=self.trial.sequence):
                evolve(self.trial, event)
            return self.trial

    @contextmanager
    def still(self) -> Iterator[Trial]:
        """Read on, and hold the state still while somebody looks at it; steps of other threads wait meanwhile."""
        with self._line:
            yield self.refresh()

    def submit(self, intent: Intent, by: By, request: str | None = None) -> tuple[Event, ...]:
        """Carry out a step; return its events, or those of the same request key if it was carried out before.

        Raises DecisionRefused, with a reason that a nurse can read, where the step is not allowed, or the key was
        that of another step; then nothing is stored.
        """
        request = request or str(uuid.uuid4())
        if not 0 < len(request) <= LONGEST_KEY:
            raise DecisionRefused(f"a request key has 1 to {LONGEST_KEY} characters. Got {len(request)}")
        asked = hash_asked(intent, request)
        with self._line:
            self._require_book()
            with self.book.turn(after=self.trial.sequence, request=request, in_order=True) as turn:
                for event in turn.news:
                    evolve(self.trial, event)
                if turn.answered:
                    require_same_step(turn, self.services, intent, by, asked)
                    return turn.answered
                outcomes = self._decide(intent, by)
                if guard := GUARDS.get(type(intent)):
                    outcomes = guard(turn, self.services, self.trial, intent, outcomes, request)
                stamp = Stamp(
                    actor=by.person,
                    role=by.role,
                    zone=self._zone(intent, by),
                    request=request,
                    at=by.at if self.book.mode == "rehearsal" else None,
                    asked=asked,
                )
                events = turn.append(stamp, [draft_of(outcome) for outcome in outcomes])
            for event in events:
                evolve(self.trial, event)
            self._witness(events)
            return events

    def require_allowed(self, intent: Intent, by: By) -> None:
        """Raise DecisionRefused where a step would be refused as things stand; nothing is recorded."""
        with self._line:
            self.refresh()
            self._decide(intent, by)

    def protocol_of(self, participant: str | None) -> Protocol:
        """Return the protocol version of a participant, else the newest; DecisionRefused where it is absent."""
        known = self.trial.participants.get(participant) if participant is not None else None
        version = known.protocol if known is not None else (self.trial.versions or [""])[-1]
        if not self.trial.versions and len(self.protocols) == 1:
            return next(iter(self.protocols.values()))
        if version not in self.protocols:
            raise DecisionRefused(f"the protocol file of version {version[:12]} is not in the trial's folder")
        return self.protocols[version]

    def _require_book(self) -> None:
        """Connect anew where the connection was lost."""
        if self._reopen is not None and self.book.connection.closed:
            self.book = self._reopen()

    def _decide(self, intent: Intent, by: By) -> list[Outcome]:
        participant = getattr(intent, "participant", None)
        if participant is not None and participant not in self.trial.participants:
            raise DecisionRefused(f"nobody has the screening number {participant}; check the number")
        require_role(self.trial, by, intent, self._site(intent))
        setting = Setting(self.protocol_of(participant), by, self.protocols)
        outcomes = DECISIONS[type(intent)](setting, self.trial, intent)
        return [self._placed(outcome, intent) for outcome in outcomes]

    def _site(self, intent: Intent) -> str | None:
        participant = getattr(intent, "participant", None)
        if participant is not None:
            return self.trial.participants[participant].site
        site: str | None = getattr(intent, "site", None)
        return site

    def _zone(self, intent: Intent, by: By) -> str:
        site = self.trial.sites.get(self._site(intent) or "")
        return by.zone if site is None else site.zone

    def _placed(self, outcome: Outcome, intent: Intent) -> Outcome:
        """Give an outcome the participant and the site of the intent where it names none of its own."""
        participant = outcome.participant or getattr(intent, "participant", None)
        return Outcome(outcome.fact, participant, outcome.site or self._site(intent), outcome.reason)

    def _witness(self, events: tuple[Event, ...]) -> None:
        if self.services.witness is not None and any(event.kind in WITNESSED for event in events):
            self.services.witness(self.book.head())
