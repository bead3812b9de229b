"""Simulated power is that of the formula, and tests keep their size, in every shipped trial with a plan."""

from collections.abc import Iterator
from functools import cache
from math import sqrt
from pathlib import Path

import polars as pl
import pytest

from equipoise.design import plan_design
from equipoise.design.options import option
from equipoise.protocol import locate_protocol, shipped_protocols
from equipoise.simulation.estimands.moments import measure_moments
from equipoise.simulation.run.settings import settings_of
from equipoise.simulation.run.simulate import simulate

from ..shipped import shipped

PLANNED = [
    name for name in shipped_protocols() if "\ndesign:" in locate_protocol(name).read_text(encoding="utf-8")
]
TRIALS = {"hucmsc_inr": 1500, "hucmsc_confirm": 250}
"""Trials of each scenario; the larger trial takes the longer."""


@cache
def simulated(name: str, scenarios: tuple[str, ...], folder: Path) -> pl.DataFrame:
    plan = shipped(name)
    assert plan.design is not None
    settings = settings_of(name, 5, only=(plan.design.analysis,))
    with pytest.MonkeyPatch.context() as patch:
        # true effects and looks on the way, of which nothing is asked here, would take half of the time
        patch.setattr("equipoise.simulation.estimands.moments.PARTICIPANTS", 20_000)
        patch.setattr("equipoise.simulation.operating.chunk.summarise_interim", lambda *_: None)
        return simulate(settings, TRIALS[name], folder / name, scenarios=scenarios).table


@pytest.fixture(autouse=True, scope="module")
def few_trials() -> Iterator[None]:
    """What the design would gain by other options is not asked here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(option, "TRIALS", 1000)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("power")


def chosen(table: pl.DataFrame, **where: str) -> dict[str, object]:
    return table.filter(*(pl.col(name) == value for name, value in where.items())).row(0, named=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANNED)
def test_simulated_power_is_that_of_the_formula_within_three_errors(name: str, folder: Path) -> None:
    plan = shipped(name)
    assert plan.design is not None
    scenarios = ("none", "planned")
    table = simulated(name, scenarios, folder)
    moments = {one: measure_moments(plan, plan.design.analysis, one) for one in scenarios}
    result = plan_design(plan, moments, others={})
    if name == "hucmsc_confirm":
        assert min(result.planned.power.each) >= plan.design.power
    for one in result.scenarios:
        if one.scenario != "planned":
            continue
        for arm, power in zip(result.arms, one.power.each, strict=True):
            row = chosen(
                table,
                scenario="planned",
                analysis=plan.design.analysis,
                arm=arm,
                versus="placebo",
                statistic="success",
            )
            error = sqrt(power * (1 - power) / TRIALS[name])
            assert row["value"] == pytest.approx(power, abs=3 * error), arm


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANNED)
def test_the_familywise_error_is_alpha_within_its_monte_carlo_interval(name: str, folder: Path) -> None:
    plan = shipped(name)
    assert plan.design is not None
    row = chosen(
        simulated(name, ("none", "planned"), folder),
        scenario="none",
        analysis=plan.design.analysis,
        arm="",
        statistic="any_true_null_rejected",
    )
    assert row["value"] == pytest.approx(0.05, abs=3 * sqrt(0.05 * 0.95 / TRIALS[name]))


EXACT = ("cd4_ancova", "cd4_later", "cd8_ancova", "ratio_ancova", "activation_ancova", "cd4_ranks", "response_km")
"""Analyses of the phase II trial whose tests have their size, exactly or nearly."""
CONSERVATIVE = ("responders_table", "response_cox")
"""Fisher's test, and Wald's with few events, reject more seldom than they may."""


def test_every_test_keeps_its_size_without_an_effect(folder: Path) -> None:
    trials = 2000
    settings = settings_of("hucmsc_inr", 8, only=(*EXACT, *CONSERVATIVE))
    table = simulate(settings, trials, folder / "sizes", scenarios=("none",)).table
    error = sqrt(0.05 * 0.95 / trials)
    for name in (*EXACT, *CONSERVATIVE):
        rows = table.filter(
            (pl.col("analysis") == name) & (pl.col("versus") == "placebo") & (pl.col("statistic") == "rejected")
        )
        assert rows.height == 2
        for size in rows["value"]:
            # the trials are the same for both arms and most analyses: 3.5 errors for 18 sizes together
            assert size < 0.05 + 3.5 * error, name
            assert name in CONSERVATIVE or size > 0.05 - 3.5 * error, name
