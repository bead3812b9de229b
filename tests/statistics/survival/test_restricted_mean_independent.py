"""Restricted means agree with R survival 3.5 (core_trial72.json) and sums in R (r/survival.R), to 1e-9."""

import json
from pathlib import Path

import numpy as np
import polars as pl

from equipoise.statistics.survival import restricted_mean

ARMS = pl.Enum(["Placebo", "Low", "High"])


def test_trial72(references: Path) -> None:
    data = pl.read_csv(references / "trial72_subj.csv").with_columns(pl.col("ARM").cast(ARMS))
    reference = json.loads((references / "core_trial72.json").read_text())["survival"]["days"]["rmst"]
    means = restricted_mean(data, "TTRDY", "EVENT", reference["tau"], "ARM").means
    np.testing.assert_allclose(means["estimate"], [row["rmst"] for row in reference["table"]], rtol=1e-9)
    np.testing.assert_allclose(means["se"], [row["se"] for row in reference["table"]], rtol=1e-9)


def test_heavily_tied_times_with_a_curve_that_ends_at_0(references: Path) -> None:
    reference = json.loads((references / "r" / "survival.out.json").read_text())
    data = pl.DataFrame(reference["data"]).with_columns(pl.col("arm").cast(ARMS))
    found = restricted_mean(data, "time", "event", 20, "arm")
    mean, se = (np.array(row) for row in reference["rmst_20"])
    np.testing.assert_allclose(found.means["estimate"], mean, rtol=1e-9)
    np.testing.assert_allclose(found.means["se"], se, rtol=1e-9)
    np.testing.assert_allclose(found.differences["estimate"], mean[1:] - mean[0], rtol=1e-9)
    np.testing.assert_allclose(found.differences["se"], np.sqrt(se[1:] ** 2 + se[0] ** 2), rtol=1e-9)
