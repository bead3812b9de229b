"""The adverse events of the trial's record, as the vault itself reads them for the stopping rules.

The vault asks nobody: whoever could hand it invented events could find out by a rule in one arm who shares an arm.
Its role may read the trial's record, and what stands there was entered by somebody, under their name.
"""

from psycopg import Connection
from psycopg.rows import TupleRow

from ...conduct.door.chapters import evolve
from ...conduct.door.state import Trial
from ...conduct.safety.events import events_of
from ...conduct.safety.rows import rule_values
from ...protocol import Protocol
from ...record import Book
from ...vault.safety.stopping import SafetyEvent
from ..folder import TrialFolder

RECORD = "record"


class Reported:
    """Reads the trial's record on, each time from where it was; `folder` holds the protocol versions."""

    def __init__(self, protocol: Protocol, folder: TrialFolder | None = None) -> None:
        self._sealed_for, self._folder = protocol, folder
        self._protocols: dict[str, Protocol] = {}
        self._trial = Trial()

    def read(self, connection: Connection[TupleRow]) -> tuple[Protocol, list[SafetyEvent]]:
        """Return the newest protocol version, and every adverse event in the words of its rules."""
        for event in Book(connection, RECORD).read(after=self._trial.sequence):
            evolve(self._trial, event)
        protocol = self._newest()
        return protocol, [
            SafetyEvent(person.id, rule_values(protocol, person, event))
            for person in self._trial.participants.values()
            for event in events_of(protocol, person)
        ]

    def _newest(self) -> Protocol:
        version = self._trial.versions[-1] if self._trial.versions else ""
        if self._folder is not None and version not in self._protocols:
            self._protocols = self._folder.protocols()
        return self._protocols.get(version, self._sealed_for)
