"""What the vault knows and the record does not: arms, cells in each bag and their lot, values kept masked.

It is handed in after all codes were opened; whoever has none writes blinded datasets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ...conduct.door.state import Scalar


@dataclass(frozen=True)
class PreparedDose:
    """A bag as prepared: `cells` in it (a decimal as text, 0 for placebo), its `volume` in mL, its `lot`."""

    participant: str
    order: str
    visit: str
    cells: str
    volume: str
    bag: str
    on: date
    lot: str = ""

    @property
    def amount(self) -> Decimal:
        """The cells in the bag."""
        return Decimal(self.cells)

    @property
    def volume_ml(self) -> Decimal:
        """The volume in mL; a unit behind the number is passed over."""
        return Decimal(self.volume.split()[0])


@dataclass(frozen=True)
class Opened:
    """Arm by participant, every prepared dose, and masked values by participant, visit and item."""

    arms: Mapping[str, str]
    doses: tuple[PreparedDose, ...] = ()
    masked: Mapping[tuple[str, str, str], Scalar] = field(default_factory=dict)
