"""The sealed randomisation list, as far as the blinded side knows of it: its hash and the places of each stratum."""

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import Trial


class ScheduleSealed(Fact):
    """The list was made and sealed: method and generator, the hash over all its commitments, places by stratum."""

    list_hash: str
    public_key: str
    method: str
    generator: str
    places: dict[str, int]

    def tell(self) -> str:
        """Name the list by its hash."""
        return f"the randomisation list was sealed ({sum(self.places.values())} places, hash {self.list_hash[:12]})"


class AnnounceSchedule(Intent):
    """Make known that the vault has sealed a list."""

    list_hash: str
    public_key: str
    method: str
    generator: str
    places: dict[str, int]


def _sealed(trial: Trial, _: Event, fact: ScheduleSealed) -> None:
    trial.places = dict(fact.places)
    trial.list_hash = fact.list_hash
