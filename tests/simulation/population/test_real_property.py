"""Trials drawn from the participants of a real one, or from what was fitted to them."""

from pathlib import Path

import numpy as np
import pytest

from equipoise.analysis.run import run_analyses
from equipoise.errors import ProtocolError
from equipoise.simulation.analyses.alone import read_results
from equipoise.simulation.analyses.simulated import simulated_analyses
from equipoise.simulation.operating.chunk import simulate_chunk, true_effects
from equipoise.simulation.population import chunk_streams
from equipoise.simulation.population.real import RealParticipants, ResampledPopulation
from equipoise.simulation.run.settings import Settings, settings_of

from ...shipped import assembled, shipped

pytestmark = pytest.mark.shared
PLAN = shipped("cdiscpilot01")


@pytest.fixture(scope="module")
def settings(shared: Path) -> Settings:
    return settings_of("cdiscpilot01", 1, data=[shared / "data" / "cdiscpilot01" / "adam"])


@pytest.fixture(scope="module")
def real(settings: Settings) -> RealParticipants:
    assert settings.real is not None
    return settings.real


def test_the_trial_itself_gives_what_its_analysis_gives(real: RealParticipants, shared: Path) -> None:
    data = assembled("cdiscpilot01", shared / "data" / "cdiscpilot01" / "adam")
    analyses = simulated_analyses(PLAN, ("adas_cog_mmrm", "dermatologic_km", "dermatologic_cox"), real)
    found = analyses.run(ResampledPopulation(PLAN, real, "observed").itself())
    compared = 0
    for name in analyses.names:
        expected = read_results(PLAN, name, run_analyses(PLAN, data, only=[name]).table)
        for one in (one for one in found if one.place.analysis == name):
            for statistic, values in one.statistics.items():
                if (one.place, statistic) in expected:
                    assert values[0] == pytest.approx(expected[one.place, statistic], rel=1e-8)
                    compared += 1
    assert compared > 25


def test_arms_keep_their_sizes_and_draw_from_themselves_or_from_the_control(real: RealParticipants) -> None:
    sizes = np.bincount(real.arm)
    placebo = list(PLAN.arms).index("placebo")
    for scenario in ("observed", "none"):
        trials = ResampledPopulation(PLAN, real, scenario).draw(chunk_streams(1, 0), 3)
        assert all(np.array_equal(np.bincount(arm), sizes) for arm in trials.arm)
        entry = trials.visit("BL")
        baseline = trials.values["adas_cog"][..., entry]
        for k in range(len(sizes)):
            pool = real.values["adas_cog"][real.arm == (k if scenario == "observed" else placebo), entry]
            assert np.isin(baseline[trials.arm == k], pool).all()


def test_nothing_differs_where_all_are_drawn_from_the_control(real: RealParticipants) -> None:
    analyses = simulated_analyses(PLAN, ("adas_cog_ancova",), real)
    population = ResampledPopulation(PLAN, real, "none")
    truths = true_effects(analyses, population)
    assert set(truths.values()) == {0.0}
    rows = simulate_chunk(analyses, population, truths, 1, 0, 300).frame()
    rejected = rows.filter((rows["statistic"] == "rejected") & (rows["versus"] == "placebo"))
    share = (rejected["sum"] / rejected["count"]).to_numpy()
    assert share == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 300))


def test_the_same_data_are_equal_and_other_data_are_not(real: RealParticipants, shared: Path) -> None:
    again = settings_of("cdiscpilot01", 1, data=[shared / "data" / "cdiscpilot01" / "adam"]).real
    assert again == real
    assert hash(again) == hash(real)
    assert settings_of("actg320", 1, data=[shared / "data" / "actg320"]).real != real


def test_what_is_fitted_has_the_means_and_the_covariance_of_the_data(shared: Path) -> None:
    fitted = settings_of("cdiscpilot01", 1, data=[shared / "data" / "cdiscpilot01" / "adam"], fit=True)
    population = fitted.population("none")
    trials = population.draw(chunk_streams(3, 0), 40)
    values = trials.values["adas_cog"]
    given = fitted.protocol().assumptions
    assert given is not None
    model = given.participant
    places = [trials.visit(visit) for visit in model.means]  # type: ignore[union-attr]
    drawn = values[..., places].reshape(-1, len(places))
    assert drawn.mean(axis=0) == pytest.approx(list(model.means.values()), abs=0.5)  # type: ignore[union-attr]
    assert np.cov(drawn, rowvar=False) == pytest.approx(np.array(model.covariance), rel=0.08)  # type: ignore[union-attr]
    assert 1 - trials.completed.mean() == pytest.approx(given.dropout.share, abs=0.02)  # type: ignore[union-attr]


def test_an_unknown_scenario_of_data_is_refused(real: RealParticipants) -> None:
    with pytest.raises(ProtocolError, match="have the scenarios observed and none"):
        ResampledPopulation(PLAN, real, "planned")
