"""The simulated trial of the references, with the visit of each participant's dropout."""

from pathlib import Path

import polars as pl
import pytest

VISITS = ["W04", "W08", "W12", "W24", "W36", "W48", "W72", "W96"]


@pytest.fixture(scope="session")
def trial72(references: Path) -> pl.DataFrame:
    """Three arms, eight visits, a row a participant and visit; ICE is the first visit after the last attended."""
    frame = pl.read_csv(references / "trial72_long.csv", null_values=[""])
    last = pl.read_csv(references / "trial72_subj.csv").select("USUBJID", "LASTVIS")
    after = pl.DataFrame({"LASTVIS": range(1, 9), "ICE": [*VISITS[1:], None]})
    return frame.join(last.join(after, on="LASTVIS"), on="USUBJID", maintain_order="left").with_columns(
        pl.col("ARM").cast(pl.Enum(["Placebo", "Low", "High"])),
        pl.col("STRATUM").cast(pl.Enum(["VL<100k", "VL>=100k"])),
    )
