"""Grades against the conditions of pharmaverse admiral, evaluated by R 4.2 (references/r/lab_grading.R).

3,280 results, 40 for each of the 82 terms of DAIDS 2.1 and CTCAE 5.0, at and around every limit; equal grades.
"""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from equipoise.datasets.derive.toxicity import derive_toxicity_grade
from equipoise.standards.grading import read_grading


@pytest.mark.parametrize(("standard", "terms"), [("DAIDS 2.1", 42), ("CTCAE 5.0", 40)])
def test_grades_are_those_of_admiral(standard: str, terms: int, references: Path) -> None:
    content = json.loads((references / "r/lab_grading.out.json").read_text())[standard]
    frame = pl.DataFrame(content, strict=False).with_columns(
        pl.col("ADT", "BRTHDT").str.to_date(), PARAMCD=pl.col("term")
    )
    criteria = read_grading(standard).criteria
    units = {term: criteria[term].unit or "any" for term in frame["term"].unique()}
    assert len(units) == terms
    frame = frame.with_columns(AVALU=pl.col("term").replace_strict(units))
    graded = derive_toxicity_grade(frame, {term: term for term in units}, standard=standard)
    ours = graded.with_columns(ours=pl.coalesce("ATOXGRL", "ATOXGRH").cast(pl.String))
    different = ours.filter(~pl.col("ours").eq_missing(pl.col("grade")))
    assert different.select("term", "AVAL", "grade", "ours").rows() == []
    assert ours["ADT"].unique().to_list() == [date(2026, 1, 15)]
