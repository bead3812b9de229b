"""The archive of a trial that was stopped early: arms with nobody in them, and a trial without participants."""

from pathlib import Path

import polars as pl
import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted, unblind

from equipoise.errors import DataError
from equipoise.record import Book
from equipoise.trial.archive import write_archive
from equipoise.trial.running import signing_key
from equipoise.trial.verify import verify_archive
from equipoise.vault.schema import OWN_RECORD


def archive(script: Scripted, out: Path) -> None:
    """Open all codes of a locked trial, and write its archive."""
    disclosed = unblind(script)
    running = script.running
    with running.server.connect("vault") as connection:
        write_archive(
            out,
            protocol_files=running.protocol_files(),
            book=running.book,
            vault_book=Book(connection, OWN_RECORD),
            disclosed=disclosed,
            anchors=running.folder.anchors,
            key=signing_key(running.folder),
        )


@pytest.mark.parametrize("number", [1, 2])
def test_an_arm_that_nobody_is_in_is_an_arm_of_nobody(trial_at: TrialAt, tmp_path: Path, number: int) -> None:
    """Two sites are strata of their own, so that two participants leave at least one of three arms empty."""
    script = trial_at("locked", number)
    archive(script, tmp_path / "archive")
    rows = pl.read_csv(tmp_path / "archive" / "results.csv")
    randomised = rows.filter(
        (pl.col("analysis") == "flow")
        & (pl.col("group") == "milestone=randomised")
        & (pl.col("statistic") == "count")
    )
    counts = dict(randomised.select("arm", "value").iter_rows())
    assert set(counts) == {"Canary high dose", "Canary low dose", "Canary placebo", "Total"}
    assert counts["Total"] == number
    assert 0 in counts.values()
    page = (tmp_path / "archive" / "index.html").read_text(encoding="utf-8")
    assert "cannot be estimated: it has no participant with every value that the analysis needs" in page
    assert "(n=0)" in page
    assert verify_archive(tmp_path / "archive").slots


def test_of_nobody_there_is_one_clear_sentence(trial_at: TrialAt, tmp_path: Path) -> None:
    script = trial_at("locked", 0)
    with pytest.raises(DataError, match="nobody was allocated, so there is nothing to analyse") as refused:
        archive(script, tmp_path / "archive")
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "archive").exists()
