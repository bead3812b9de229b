"""The team of all sites at work, and a person on the way through the trial."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ....conduct.door.fact import Intent
from ..desk import Desk
from ..nature import Person
from ..staff import VirtualSite
from ..vault_side import VaultSide
from .mishaps import Mishaps
from .outage import Outage

if TYPE_CHECKING:
    from .infusions import Infusions
    from .paperwork import Paperwork

OPENS = (8, 0)
"""Hour at which a site opens."""

Measured = list[tuple[str, int, dict[str, Any]]]
"""The forms of a visit as they will be filled in: form, number of the record, right values."""


@dataclass
class Going:
    """A person on the way: who, at which site, under which number, and what the staff do by chance for them."""

    person: Person
    site: VirtualSite
    language: str
    rng: np.random.Generator
    id: str = ""

    def by_chance(self, share: float) -> bool:
        """Return whether something happens that happens to this share of persons, visits or steps."""
        return bool(self.rng.random() < share)


@dataclass(frozen=True)
class Clinic:
    """Everything that the staff work with."""

    desk: Desk
    vault: VaultSide
    mishaps: Mishaps
    paperwork: "Paperwork"
    infusions: "Infusions"
    outage: Outage = field(default_factory=Outage)

    def measure(self, going: Going, visit: str) -> Measured:
        """Examine a person at a visit."""
        found: Measured = self.vault.blinded.call(
            "measure", Measured, index=going.person.index, visit=visit, participant=going.id or None
        )
        return found

    def refused(self, what: str, intent: Intent, site: VirtualSite, role: str = "coordinator") -> None:
        """Try a step at a site that must be refused."""
        self.desk.refused(what, intent, site.person(role), role, site.zone)
