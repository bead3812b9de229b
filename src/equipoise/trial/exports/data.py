"""Data as SDTM datasets, blinded or, once the codes were opened, with what was opened."""

from pathlib import Path
from typing import TYPE_CHECKING

from ...conduct.closing.exports import BlindLevel, ExportData
from ...conduct.door.checkpoint import copy_state
from ...conduct.door.fact import By
from ...datasets.from_record import Format, count_rows, write_datasets, write_sdtm
from ...errors import DecisionRefused
from ...report.folder import fill_folder
from ..running import RunningTrial

if TYPE_CHECKING:
    from ..opened import Disclosed


def export_data(
    running: RunningTrial,
    by: By,
    out: Path,
    purpose: str,
    *,
    disclosed: "Disclosed | None" = None,
    kind: Format = "dataset-json",
    request: str | None = None,
) -> dict[str, int]:
    """Export the data as SDTM into a folder, and record that it was done; return the rows of each dataset.

    Without `disclosed` the export is blinded. The folder appears only when the export is on record. Raises
    DecisionRefused where the role may not, or the blind forbids it.
    """
    blind: BlindLevel = "blinded" if disclosed is None else "unblinded"
    opened = None
    if disclosed is not None:
        from ..opened import opened_of  # the process of the blinded pages cannot import it, and discloses nothing

        opened = opened_of(disclosed)
    with running.door.still() as present:
        trial, earlier = copy_state(present), running.earlier
    datasets = write_sdtm(running.protocol, trial, opened=opened, earlier=earlier)
    if trial.at is None:
        raise DecisionRefused("nothing is recorded yet, so there is nothing to export")
    rows = count_rows(datasets)
    with fill_folder(out, {"trial": trial.trial, "blind": blind, "sequence": trial.sequence}) as folder:
        hashes = write_datasets(folder, datasets, kind, at=trial.at)
        running.door.submit(
            ExportData(blind=blind, purpose=purpose, sequence=trial.sequence, rows=rows, hashes=hashes),
            by,
            request,
        )
    return rows
