"""Exports are events: what was given out, how many rows of each dataset, with which hash, and how blind it was."""

from typing import Literal

from ..door.fact import Fact, Intent

BlindLevel = Literal["blinded", "unblinded"]


class DataExported(Fact):
    """Datasets left the system: rows and SHA-256 by dataset, the last event they hold, the blind level, the purpose."""

    blind: BlindLevel
    purpose: str
    sequence: int
    rows: dict[str, int]
    hashes: dict[str, str]

    def tell(self) -> str:
        """Give the purpose and the size."""
        return f"{len(self.rows)} datasets ({self.blind}) were exported: {self.purpose}"


class ExportData(Intent):
    """Record an export of the data as they stand."""

    blind: BlindLevel
    purpose: str
    sequence: int
    rows: dict[str, int]
    hashes: dict[str, str]
