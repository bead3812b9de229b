"""Quantiles agree with R's `quantile`, types 2 (SAS) and 7 (references/r/descriptive.R, core_trial72.json)."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from equipoise.statistics.descriptive import quantile


@pytest.mark.parametrize(("definition", "kind"), [("sas", "type2"), ("r", "type7")])
def test_small_and_tied_samples(references: Path, definition: str, kind: str) -> None:
    read = json.loads((references / "r" / "descriptive.out.json").read_text())
    for sample in read["quantiles"].values():
        found = quantile(np.atleast_1d(sample["values"]), read["p"], definition=definition)
        assert found == pytest.approx(np.array(sample[kind]), rel=1e-12)


@pytest.mark.parametrize(("definition", "kind"), [("sas", "quantiles_type2_sas"), ("r", "quantiles_type7_r")])
def test_laboratory_values_of_trial72(references: Path, definition: str, kind: str) -> None:
    expected = json.loads((references / "core_trial72.json").read_text())["descriptive"]["ALT"]
    subjects = pl.read_csv(references / "trial72_subj.csv")
    for arm, values in expected.items():
        alt = subjects.filter(pl.col("ARM") == arm)["ALT"]
        for percent, value in values[kind].items():
            p = float(percent.rstrip("%")) / 100
            assert quantile(alt, p, definition=definition) == pytest.approx(value, rel=1e-10)
