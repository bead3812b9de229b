"""The CDISC pilot, from its ADaM, its XPT and its SDTM: counts printed in the clinical study report of 2006.

Counts are exact. The analysis datasets of 2006 that were delivered are a second judge of those derived here from
SDTM: of ADAS-Cog, CIBIC+ and the times to a dermatologic event every value is the same to 1e-12.
"""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from equipoise.datasets.analysis_data import AnalysisData
from equipoise.protocol import parse_expression

from ...shipped import assembled, shipped

pytestmark = pytest.mark.shared

PROTOCOL = shipped("cdiscpilot01")
ARMS = ("placebo", "low", "high")


@pytest.fixture(scope="module", params=["adam", "xpt", "sdtm"])
def pilot(request: pytest.FixtureRequest, shared: Path) -> AnalysisData:
    return assembled("cdiscpilot01", shared / "data" / "cdiscpilot01" / request.param)


@pytest.fixture(scope="module")
def delivered(shared: Path) -> AnalysisData:
    return assembled("cdiscpilot01", shared / "data" / "cdiscpilot01" / "adam")


@pytest.fixture(scope="module")
def derived(shared: Path) -> AnalysisData:
    return assembled("cdiscpilot01", shared / "data" / "cdiscpilot01" / "sdtm")


def by_arm(data: AnalysisData, rows: pl.DataFrame) -> tuple[int, ...]:
    """Count the participants of each arm among `rows`."""
    people = data.participants.select("participant", "arm").join(
        rows.select("participant").unique(), on="participant"
    )
    return tuple(people.filter(pl.col("arm") == arm).height for arm in ARMS)


def members(data: AnalysisData, name: str) -> pl.DataFrame:
    return data.participants.filter(parse_expression(PROTOCOL.analysis_sets[name].rule))


def test_arms_and_analysis_sets(pilot: AnalysisData) -> None:
    assert by_arm(pilot, members(pilot, "randomised")) == (86, 84, 84)
    assert by_arm(pilot, members(pilot, "safety")) == (86, 84, 84)
    assert by_arm(pilot, members(pilot, "efficacy")) == (79, 81, 74)
    assert by_arm(pilot, members(pilot, "completers")) == (60, 28, 30)


def test_who_completed_the_study(pilot: AnalysisData) -> None:
    assert by_arm(pilot, pilot.participants.filter(pl.col("completed") == "Y")) == (58, 25, 27)


def test_characteristics(pilot: AnalysisData) -> None:
    placebo = pilot.participants.filter(pl.col("arm") == "placebo")
    assert placebo["age"].mean() == pytest.approx(75.2, abs=0.05)
    assert placebo["weight"].mean() == pytest.approx(62.8, abs=0.05)
    groups = [by_arm(pilot, pilot.participants.filter(pl.col("age_group") == g)) for g in ("<65", "65-80", ">80")]
    assert groups == [(14, 8, 11), (42, 47, 55), (30, 29, 18)]
    assert by_arm(pilot, pilot.participants.filter(pl.col("sex") == "M")) == (33, 34, 44)
    assert pilot.participants["site_group"].n_unique() == 11


def test_time_to_a_dermatologic_event(pilot: AnalysisData) -> None:
    times = pilot.times["TTDE"]
    assert times.height == 254
    assert by_arm(pilot, times.filter("event")) == (29, 62, 61)
    at_risk = [by_arm(pilot, times.filter(pl.col("time") >= day)) for day in (20, 100, 180)]
    assert at_risk == [(75, 58, 48), (47, 12, 4), (35, 5, 3)]


def test_treatment_emergent_events(pilot: AnalysisData) -> None:
    events = pilot.adverse_events
    assert events is not None
    emergent = events.filter(pl.col("treatment_emergent") == "Y")
    assert by_arm(pilot, emergent) == (65, 77, 76)
    assert by_arm(pilot, emergent.filter(pl.col("serious") == "Y")) == (0, 1, 2)
    assert by_arm(pilot, emergent.filter(pl.col("term") == "PRURITUS")) == (8, 21, 26)
    assert by_arm(pilot, emergent.filter(pl.col("term") == "SINUS BRADYCARDIA")) == (2, 7, 8)


def test_deaths(pilot: AnalysisData) -> None:
    assert by_arm(pilot, pilot.participants.filter(pl.col("death_day").is_not_null())) == (2, 1, 0)


def test_the_global_impression_carried_forward_to_week_24(pilot: AnalysisData) -> None:
    cibic = pilot.measurements["cibic"].join(members(pilot, "efficacy"), on="participant", how="semi")
    assert by_arm(pilot, cibic.filter("analysed")) == (79, 81, 74)


def test_cognition_at_week_24_carried_forward(delivered: AnalysisData) -> None:
    adas = delivered.measurements["adas_cog"].join(members(delivered, "efficacy"), on="participant", how="semi")
    week_24 = adas.filter((pl.col("visit") == "W24") & pl.col("analysed"))
    assert by_arm(delivered, week_24) == (79, 81, 74)
    placebo = week_24.join(delivered.participants.filter(pl.col("arm") == "placebo"), on="participant", how="semi")
    assert placebo["change"].mean() == pytest.approx(2.5, abs=0.05)
    assert placebo["baseline"].mean() == pytest.approx(24.1, abs=0.05)


def test_screening_is_known_from_dm(derived: AnalysisData) -> None:
    assert (derived.screened, derived.screen_failures) == (306, {"SCREEN FAILURE": 52})


def test_events_counted_from_the_domain(derived: AnalysisData) -> None:
    assert derived.adverse_events is not None
    emergent = derived.adverse_events.filter(pl.col("treatment_emergent") == "Y")
    arms = derived.participants.select("participant", "arm")
    counts = dict(emergent.join(arms, on="participant").group_by("arm").len().iter_rows())
    assert counts == {"placebo": 281, "low": 412, "high": 433}


@pytest.mark.parametrize("item", ["adas_cog", "cibic"])
def test_values_derived_are_those_delivered(delivered: AnalysisData, derived: AnalysisData, item: str) -> None:
    def observed(data: AnalysisData) -> pl.DataFrame:
        kept = pl.col("analysed") & pl.col("imputed").is_null() & pl.col("visit").is_not_null()
        return (
            data.measurements[item].filter(kept).select("participant", "visit", "value", "baseline").sort(pl.all())
        )

    assert_frame_equal(observed(derived), observed(delivered), rel_tol=1e-12)


def test_vital_signs_derived_are_those_delivered(delivered: AnalysisData, derived: AnalysisData) -> None:
    columns = ("participant", "visit", "value", "baseline", "change")
    one = delivered.measurements["systolic"].filter("analysed", pl.col("visit").is_not_null()).select(columns)
    other = derived.measurements["systolic"].filter("analysed").select(columns)
    both = one.join(other, on=["participant", "visit"], suffix="_derived")
    assert both.height == one.height == 1800
    assert (both["value"] - both["value_derived"]).abs().max() == 0.0
    assert (both["baseline"] - both["baseline_derived"]).abs().max() == 0.0


def test_times_derived_are_those_delivered(delivered: AnalysisData, derived: AnalysisData) -> None:
    one, other = (
        data.times["TTDE"].select("participant", "time", "event").sort("participant")
        for data in (delivered, derived)
    )
    assert one.equals(other)
