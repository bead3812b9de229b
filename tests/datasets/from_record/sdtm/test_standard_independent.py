"""The datasets beside the tables of SDTMIG 3.4: variables, their kinds and their order.

The tables were extracted from the guide by others (shared data, standards/ig_metadata). A variable that the guide
does not list for a domain must be one that SDTM 2.0 allows in its class.
"""

import csv
import gzip
from pathlib import Path
from typing import Any

import pytest

from equipoise.datasets.from_record import write_sdtm

ALLOWED = {"VISITNUM", "VISIT", "VISITDY", "--DTC", "--DY", "--STDY", "--ENDY", "--STRESN", "--STRESU"}
"""Timing variables and standard results, which SDTM 2.0 allows in every domain of the class."""

Guide = dict[str, dict[str, dict[str, str]]]


@pytest.fixture(scope="module")
def guide(shared: Path) -> Guide:
    path = shared / "data" / "standards" / "ig_metadata" / "sdtmig_3-4_variables.csv.gz"
    found: Guide = {}
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["Dataset Name"], {})[row["Variable Name"]] = row
    return found


@pytest.mark.shared
@pytest.mark.parametrize("name", ["inr", "pilot", "single_arm"])
def test_variables_are_those_of_the_guide_in_its_order_and_of_its_kinds(
    name: str, guide: Guide, request: Any
) -> None:
    stage = request.getfixturevalue(name)
    trial, opened = stage.play(*stage.all_arms())
    for dataset in write_sdtm(stage.protocol, trial, opened=opened).values():
        domain = dataset.name.upper()
        told = guide["SUPPQUAL" if domain.startswith("SUPP") else domain]
        columns = dataset.frame.columns
        listed = [column for column in columns if column in told]
        assert listed == sorted(listed, key=lambda column: int(told[column]["Variable Order"])), domain
        assert not {variable for variable, row in told.items() if row["Core"] in ("Req", "Exp")} - set(columns)
        others = {c for c in columns if c not in told and f"--{c.removeprefix(domain)}" not in ALLOWED}
        assert not others - ALLOWED
        for column in listed:
            assert (told[column]["Type"] == "Num") == dataset.frame[column].dtype.is_numeric(), column


@pytest.mark.shared
def test_what_the_guide_requires_is_never_missing(guide: Guide, inr: Any) -> None:
    trial, opened = inr.play(*inr.all_arms())
    for name, dataset in write_sdtm(inr.protocol, trial, opened=opened).items():
        told = guide["SUPPQUAL" if name.startswith("supp") else name.upper()]
        for variable, row in told.items():
            if row["Core"] == "Req":
                assert dataset.frame[variable].null_count() == 0, variable
