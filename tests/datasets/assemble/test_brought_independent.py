"""Three HIV trials from their CSV files: participants and events by arm as published or as R counts them."""

from pathlib import Path

import polars as pl
import pytest

from equipoise.datasets.analysis_data import AnalysisData

from ...shipped import assembled

pytestmark = pytest.mark.shared


def read(shared: Path, name: str) -> AnalysisData:
    return assembled(name, shared / "data" / name)


def counts(data: AnalysisData, rows: pl.DataFrame) -> dict[str, int]:
    arms = data.participants.select(
        "participant", "arm", *[c for c in data.participants.columns if "stratum" in c]
    )
    return dict(rows.join(arms, on="participant").group_by("arm").len().iter_rows())


def test_actg320(shared: Path) -> None:
    data = read(shared, "actg320")
    assert counts(data, data.participants.select("participant")) == {"control": 577, "indinavir": 574}
    assert counts(data, data.times["AIDSDTH"].filter("event")) == {"control": 63, "indinavir": 33}
    assert counts(data, data.times["DEATH"].filter("event")) == {"control": 18, "indinavir": 8}
    low = data.participants.filter(pl.col("cd4_stratum") == "<=50")
    assert counts(data, low.select("participant")) == {"control": 220, "indinavir": 219}
    assert data.participants["sex"].unique().sort().to_list() == ["F", "M"]


def test_actg175(shared: Path) -> None:
    data = read(shared, "actg175")
    arms = {"zdv": 532, "zdv_ddi": 522, "zdv_ddc": 524, "ddi": 561}
    assert counts(data, data.participants.select("participant")) == arms
    events = {"zdv": 181, "zdv_ddi": 103, "zdv_ddc": 109, "ddi": 128}
    assert counts(data, data.times["PROGRESS"].filter("event")) == events
    cd4 = data.measurements["cd4"]
    seen = {"zdv": 321, "zdv_ddi": 333, "zdv_ddc": 337, "ddi": 351}
    assert counts(data, cd4.filter(pl.col("visit") == "W96").select("participant")) == seen
    week_20 = cd4.filter(pl.col("visit") == "W20").join(
        data.participants.select("participant", "arm"), on="participant"
    )
    means = dict(week_20.group_by("arm").agg(pl.col("change").mean()).iter_rows())
    assert means == pytest.approx({"zdv": -17.07, "zdv_ddi": 54.45, "zdv_ddc": 19.26, "ddi": 26.86}, abs=0.005)
    assert counts(data, data.participants.filter(pl.col("regimen") == "OTHER").select("participant")).keys() == (
        arms.keys() - {"zdv"}
    )


def test_aids_ddi_ddc(shared: Path) -> None:
    data = read(shared, "aids_ddi_ddc")
    assert counts(data, data.participants.select("participant")) == {"ddc": 237, "ddi": 230}
    assert counts(data, data.times["DEATH"].filter("event")) == {"ddc": 88, "ddi": 100}
    roots = data.measurements["cd4_root"]
    by_visit = {
        visit: counts(data, roots.filter(pl.col("visit") == visit).select("participant"))
        for visit in ("M0", "M2", "M6", "M12", "M18")
    }
    assert [tuple(by_visit[v][arm] for v in by_visit) for arm in ("ddc", "ddi")] == [
        (237, 186, 157, 123, 14),
        (230, 182, 153, 103, 20),
    ]


def test_counts_are_the_squares_of_what_the_file_holds(shared: Path) -> None:
    data = read(shared, "aids_ddi_ddc")
    cd4, root = data.measurements["cd4"], data.measurements["cd4_root"]
    assert (cd4["value"] % 1 == 0).all()
    assert (cd4["value"] - root["value"] ** 2).abs().max() < 1e-6
