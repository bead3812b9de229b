"""XPT against SAS's own files of the CDISC pilot, read and written, against R `haven` 2.5."""

import json
import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from equipoise.datasets import Dataset
from equipoise.datasets.formats import read_xpt, write_xpt

AT = datetime(2026, 1, 2, 3, 4, 5)


# haven::read_xpt of R on the same files: dim, label, sum of all that is.numeric, count of NA and "".
HAVEN = {
    "adcibc": ((730, 36), "", 4775164, 826),
    "adsl": ((254, 49), "Subject-Level Analysis Dataset", 1252264, 635),
    "adtte": ((254, 26), "", 77995, 102),
    "ae": ((961, 37), "", 147681, 7699),
    "dm": ((306, 25), "", 20183, 1174),
    "ex": ((591, 18), "", 122344, 12),
}


@pytest.mark.parametrize("name", sorted(HAVEN))
def test_reads_the_files_that_sas_wrote_as_haven_does(name: str, shared: Path) -> None:
    read = read_xpt(shared / f"data/cdiscpilot01/xpt/{name}.xpt")
    shape, label, total, missing = HAVEN[name]
    numbers = read.frame.select(pl.selectors.float())
    assert (read.frame.shape, read.label) == (shape, label)
    assert numbers.sum().sum_horizontal()[0] == pytest.approx(total, abs=0.5)
    assert read.frame.null_count().sum_horizontal()[0] == missing


def test_dates_numbers_and_missing_values_are_those_of_the_pilot(shared: Path) -> None:
    adsl = read_xpt(shared / "data/cdiscpilot01/xpt/adsl.xpt").frame
    first = adsl.row(0, named=True)
    assert (first["USUBJID"], first["TRTSDT"], first["TRTEDT"]) == (
        "01-701-1015",
        date(2014, 1, 2),
        date(2014, 7, 2),
    )
    assert (first["AGE"], first["BMIBL"], first["DTHFL"]) == (63.0, 25.1, None)
    assert adsl["BMIBL"].null_count() == 1


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed here (Rscript)")
def test_haven_reads_what_we_write(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "USUBJID": ["01-701-1015", "01-701-1023"],
            "AVAL": [0.1, None],
            "ADT": [date(2014, 1, 2), None],
            "TERM": ["Rash", None],
        }
    )
    file = tmp_path / "adx.xpt"
    write_xpt(Dataset("adx", frame, labels={"AVAL": "Analysis Value"}, label="Test"), file, at=AT)
    program = (
        f'd <- haven::read_xpt("{file}"); labels <- c(attr(d, "label"), attr(d$AVAL, "label"));'
        'cat(jsonlite::toJSON(list(data=d, labels=labels), digits=NA, na="null"))'
    )
    done = subprocess.run(["Rscript", "-e", program], capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["labels"] == ["Test", "Analysis Value"]
    assert answer["data"] == [
        {"USUBJID": "01-701-1015", "AVAL": 0.1, "ADT": "2014-01-02", "TERM": "Rash"},
        {"USUBJID": "01-701-1023", "AVAL": None, "ADT": None, "TERM": ""},
    ]
