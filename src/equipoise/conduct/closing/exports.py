"""Exports are events: what was given out, how many rows of each dataset, with which hash, and how blind it was.

Data of the whole trial are exported by who works for all sites; those of one site by its investigator too, who
keeps a copy of them: the sponsor has no exclusive control of data (ICH E6(R2) 8.1).
"""

from typing import ClassVar, Literal

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Trial

BlindLevel = Literal["blinded", "unblinded"]


class DataExported(Fact, frozen=True):
    """Datasets left the system: rows and SHA-256 of each, the last event that they hold, the blind level, why.

    site: the one whose data they are; None where they are those of all sites.
    """

    blind: BlindLevel
    purpose: str
    sequence: int
    rows: dict[str, int]
    hashes: dict[str, str]
    site: str | None = None

    def tell(self) -> str:
        """Give the purpose and the size."""
        whose = "" if self.site is None else f" of site {self.site}"
        return f"{len(self.rows)} datasets{whose} ({self.blind}) were exported: {self.purpose}"


class ExportData(Intent, frozen=True):
    """Record an export of the data as they stand, of all sites or (`site`) of one."""

    APART: ClassVar[tuple[str, ...]] = ("sequence", "rows", "hashes")  # the record has grown by the export itself

    blind: BlindLevel
    purpose: str
    sequence: int
    rows: dict[str, int]
    hashes: dict[str, str]
    site: str | None = None


def _export(setting: Setting, trial: Trial, intent: ExportData) -> list[Outcome]:
    if not intent.purpose.strip():
        raise DecisionRefused("an export needs its purpose, such as: open report for the safety board")
    if intent.blind == "unblinded" and setting.protocol.blinding.blinded and trial.unblinded_at is None:
        raise DecisionRefused("before the trial is unblinded only blinded data can be exported")
    if not intent.rows or intent.rows.keys() != intent.hashes.keys():
        raise DecisionRefused("an export names rows and hash of each of its datasets")
    if not 0 < intent.sequence <= trial.sequence:
        raise DecisionRefused(
            f"an export holds the data up to an event of the record, 1 to {trial.sequence}. Got {intent.sequence}"
        )
    fact = DataExported(
        blind=intent.blind,
        purpose=intent.purpose,
        sequence=intent.sequence,
        rows=intent.rows,
        hashes=intent.hashes,
        site=intent.site,
    )
    return [Outcome(fact)]


def _exported(_: Trial, _event: Event, _fact: DataExported) -> None:
    """Leave the state as it is: an export is something that happened, and changes nothing."""


CHAPTER = Chapter(
    decisions={ExportData: _export},
    evolutions={DataExported: _exported},
    roles={ExportData: ("investigator", "data manager", "trial statistician", "auditor")},
)
