"""A simulation made by hand: few rows of every kind, whose values the tests know."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from equipoise.simulation.operating.characteristics import SCHEMA
from equipoise.simulation.run.settings import Settings
from equipoise.simulation.run.simulate import Simulation

TRIALS = 2000
SCENARIOS = ("none", "planned")
SOURCE = (Path(__file__).parent / "trial.yaml").read_text(encoding="utf-8")
Row = tuple[str, str, str, str, str, float]


def small_simulation(trials: int = TRIALS, source: str = SOURCE) -> Simulation:
    """The simulation; `trials`: asked for, of which 2,000 are done."""
    settings = Settings(source, "trial.yaml", 7)
    known = {*settings.analyses().names, *settings.analyses().definitions, "trial", "interim"}
    rows = [
        (scenario, *row, 0.0 if row[-2] == "truth" else _error(row), TRIALS)
        for scenario in SCENARIOS
        for row in _rows(scenario)
        if row[0] in known
    ]
    table = pl.DataFrame(rows, schema=dict(SCHEMA), orient="row")
    return Simulation(settings, SCENARIOS, table, dict.fromkeys(SCENARIOS, TRIALS), trials)


def without_definitions() -> str:
    """The protocol without definitions of a response and without what was reported."""
    lines = SOURCE.splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith("  definitions:"))
    end = next(k for k, line in enumerate(lines) if line.startswith("provenance:"))
    return "\n".join([*lines[:start], *lines[end:]]) + "\n"


def _error(row: Row) -> float:
    """The Monte Carlo error of a share, or a fixed one for other values."""
    value = row[-1]
    return (value * (1 - value) / TRIALS) ** 0.5 if 0 <= value <= 1 and row[-2] != "bias" else 0.25


def _rows(scenario: str) -> Iterator[Row]:
    works = scenario == "planned"
    for arm, effect, power in (("low", 9.5, 0.4321), ("high", 19.0, 0.8765)):
        place = ("count_ancova", "W8", arm, "placebo")
        truth = effect if works else 0.0
        yield (*place, "mean_estimate", truth + 0.3)
        yield (*place, "empirical_se", 7.125)
        yield (*place, "truth", truth)
        yield (*place, "bias", 0.3)
        yield (*place, "mean_se", 7.25)
        yield (*place, "coverage", 0.9515)
        yield (*place, "width", 28.5)
        yield (*place, "adjusted_coverage", 0.975)
        yield (*place, "adjusted_width", 32.5)
        yield (*place, "adjusted_rejected", power if works else 0.0265)
        yield (*place, "rejected", power + 0.05 if works else 0.0475)
        yield (*place, "p_below_0.001", 0.0)
        yield (*place, "success", power if works else 0.0125)
    together = ("count_ancova", "W8", "", "placebo")
    yield (*together, "any_rejected", 0.9035 if works else 0.0485)
    yield (*together, "all_rejected", 0.4055 if works else 0.0045)
    if not works:
        yield (*together, "any_true_null_rejected", 0.0485)
    yield (*together, "any_success", 0.9035 if works else 0.0235)
    yield (*together, "all_success", 0.4055 if works else 0.001)
    yield (*together, "right_arm", 0.8125 if works else 0.9765)
    for arm in ("low", "high", "placebo"):
        yield ("count_within", "W8", arm, "", "rejected", 0.1115)
        yield ("count_within", "W8", arm, "", "p_below_0.001", 0.0215)
    yield ("count_within", "W8", "", "", "any_active_arm", 0.0435)
    yield ("count_within", "W8", "", "", "all_active_arms_and_not_control", 0.0)
    for arm in ("low", "high"):
        yield ("response_table", "W8", arm, "placebo", "rejected", 0.2515 if works else 0.0395)
    yield ("response_table", "W8", "", "placebo", "any_rejected", 0.3505 if works else 0.0715)
    yield from _definition("ever", "", works=works)
    yield from _definition("at_8", "W8", works=works)
    trial = ("trial", "", "", "")
    yield (*trial, "participants", 60.0)
    yield (*trial, "screened", 91.25)
    yield (*trial, "months_to_last_entry", 10.25)
    yield (*trial, "months_to_last_visit", 12.125)
    yield (*trial, "left", 0.0985)
    yield (*trial, "had_stop", 0.0515)
    yield (*trial, "seen_at_planned_visit", 0.9015)
    yield (*trial, "months_to_planned_outcome", 12.125)
    yield (*trial, "analysed_alone", 0.0005)
    yield ("interim", "", "", "", "stop_at_look_1", 0.3145)
    yield ("interim", "", "", "", "participants", 48.75)


def _definition(name: str, visit: str, *, works: bool) -> Iterator[Row]:
    for arm, share in (("low", 0.6335), ("high", 0.7445), ("placebo", 0.5225)):
        yield (name, visit, arm, "", "mean_estimate", share if works else 0.5225)
    yield (name, visit, "low", "placebo", "rejected", 0.2225 if works else 0.0535)
    yield (name, visit, "high", "placebo", "rejected", 0.6665 if works else 0.0545)
    yield (name, visit, "", "placebo", "any_rejected", 0.7005 if works else 0.0975)
    yield (name, visit, "low", "", "as_reported", 0.0165 if works else 0.0)
    yield (name, visit, "low", "placebo", "as_reported", 0.0305 if works else 0.0)
    yield (name, "", "", "", "all_as_reported", 0.0135 if works else 0.0)
