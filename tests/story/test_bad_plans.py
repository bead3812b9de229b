"""Plans that cannot be: one sentence with place and value, exit status 2, nothing written, not even a folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from equipoise.errors import DataError, ProtocolError
from equipoise.protocol import parse_protocol
from equipoise.simulation.run.settings import settings_of
from equipoise.simulation.run.simulate import simulate

from ..command_line import equipoise

TRIAL = (Path(__file__).parents[1] / "protocol" / "minimal.yaml").read_text(encoding="utf-8")
PLAN = """
assumptions:
  sites: {count: 4, participants_per_month: 1}
  screen_failure: 0.3
  participant:
    model: cd4_on_art
    item: cd4
    level: {mean: 180, sd: 60, truncate: [50, 400]}
    slope: {mean: 20, sd: 45, per: 48 weeks}
    within_cv: 0.17
  dropout: {by: W12, share: 0.1}
  missed_visit: 0.03
  background:
    age: {mean: 40, sd: 9, truncate: [18, 65]}
  shares: {pregnant: {Y: 0, N: 1}}
  scenarios:
    none: {active: 0 cells/uL}
    planned: {active: 60 cells/uL, reached_by: W4, lasts_until: W12, half_life: 4 weeks}

design:
  analysis: cd4
  scenario: planned
  power: 0.8
  alpha: 0.05
"""
REPEATED = """
    model: repeated_measures
    item: cd4
    means: {W0: 180, W12: 200}
    covariance: %s
"""
OWN_MODEL = PLAN[PLAN.index("\n    model:") : PLAN.index("  dropout:")]


def edited(*pairs: tuple[str, str]) -> str:
    text = TRIAL + PLAN
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("power: 0.8", "power: 90"), "design.power must be above 0.5 and below 1. Got 90"),
        (("power: 0.8", "power: 1"), "design.power must be above 0.5 and below 1. Got 1"),
        (("power: 0.8", "power: 0"), "design.power must be above 0.5 and below 1. Got 0"),
        (("alpha: 0.05", "alpha: 0"), "design.alpha must be above 0 and below 0.5. Got 0"),
        (("alpha: 0.05", "alpha: 5"), "design.alpha must be above 0 and below 0.5. Got 5"),
        (("alpha: 0.05", "claim: some"), "design.claim must be one of each, any, all"),
        (("sd: 60", "sd: 0"), "assumptions.participant.level.sd must be above 0. Got 0"),
        (("sd: 45", "sd: -45"), "assumptions.participant.slope.sd must be at least 0. Got -45"),
        (("within_cv: 0.17", "within_cv: 0"), "within_cv must be above 0 and below 1. Got 0"),
        (("within_cv: 0.17", "within_cv: 2"), "within_cv must be above 0 and below 1. Got 2"),
        (("[50, 400]", "[400, 50]"), "truncate must go from the lower limit to the higher. Got 400 and 50"),
        (("[18, 65]", "[65, 65]"), "truncate must go from the lower limit to the higher. Got 65 and 65"),
        (("per_month: 1", "per_month: -1"), "participants_per_month must be above 0. Got -1"),
        (("count: 4", "count: 0"), "assumptions.sites.count must be at least 1. Got 0"),
        (("share: 0.1", "share: -0.1"), "dropout.share must be at least 0 and below 1. Got -0.1"),
        (("share: 0.1", "share: 10"), "dropout.share must be at least 0 and below 1. Got 10"),
        (
            ("by: W12", "by: W13"),
            "assumptions.dropout.by names no visit of this protocol; did you mean W12? Got W13",
        ),
        (("by: W12", "by: SCR"), "assumptions.dropout.by must be a visit after study day 1. Got SCR"),
        (
            ("share: 0.1}", "share: 0.1, depends_on: next value, hazard_ratio: -2, per: 50 cells/uL}"),
            "hazard_ratio must be above 0. Got -2",
        ),
        (
            ("share: 0.1}", "share: 0.1, depends_on: next value, hazard_ratio: 2, per: 50 kg}"),
            "assumptions.dropout.per must be in cells/uL, the unit of the main item. Got 50 kg",
        ),
        (("missed_visit: 0.03", "missed_visit: 3"), "assumptions.missed_visit must be below 1. Got 3"),
        (
            ("{Y: 0, N: 1}", "{Y: 0.5, N: 0.6}"),
            "assumptions.shares.pregnant must hold shares that add up to 1. Got 1.1",
        ),
        (("{Y: 0, N: 1}", "{Y: 2, N: 0}"), "assumptions.shares.pregnant.Y must be a share from 0 to 1. Got 2"),
        (("active: 60", "actve: 60"), "scenarios.planned.actve is neither an arm nor a field of a scenario"),
        (
            ("active: 60 cells/uL", "active: 60 kg"),
            "scenarios.planned.active must be in cells/uL, the unit of cd4",
        ),
        (("active: 60", "placebo: 60"), "scenarios.planned.placebo is the control"),
        (("reached_by: W4", "reached_by: W5"), "scenarios.planned.reached_by names no visit of this protocol"),
        (("reached_by: W4", "reached_by: W0"), "reached_by must be a visit after study day 1. Got W0"),
        (("lasts_until: W12", "lasts_until: W0"), "lasts_until must not come before W4"),
        (("half_life: 4", "half_life: 0"), "needs a half_life above 0. Got 0 weeks"),
        ((", half_life: 4 weeks", ""), "needs both lasts_until and half_life"),
        (("analysis: cd4\n", "analysis: cd5\n"), "design.analysis names no analysis of this protocol"),
        (("scenario: planned", "scenario: planed"), "did you mean planned? Got planed"),
        (
            ("alpha: 0.05", "interim: {looks: [0.7, 0.5]}"),
            "design.interim needs its looks from the earlier to the later",
        ),
        (("alpha: 0.05", "interim: {looks: [0]}"), "must be above 0. Got 0"),
        (("alpha: 0.05", "interim: {looks: [1]}"), "must be below 1. Got 1"),
        (("alpha: 0.05", "interim: {looks: [0.5], spending: none}"), "design.interim decides nothing"),
        (("alpha: 0.05", "sensitivity: {sd: [0]}"), "must be above 0. Got 0"),
        (
            ("block_sizes: [2, 4]", "block_sizes: [3]"),
            "must be a multiple of 2, the sum of the ratios of the arms. Got 3",
        ),
        (
            ("block_sizes: [2, 4]", "block_sizes: [0]"),
            "must be a multiple of 2, the sum of the ratios of the arms. Got 0",
        ),
        (("size: 40", "size: 1"), "randomisation.size must be at least 2, a participant for each arm. Got 1"),
        (("size: 40", "size: 0"), "randomisation.size must be at least 1. Got 0"),
        ((OWN_MODEL, REPEATED % "[[3600, 3000]]"), "needs a covariance of 2 rows and columns"),
        ((OWN_MODEL, REPEATED % "[[3600, 4000], [4000, 3600]]"), "needs a covariance that is positive definite"),
        ((OWN_MODEL, REPEATED % "[[3600, 1], [2, 3600]]"), "needs a symmetric covariance"),
    ],
)
def test_a_fault_in_the_file_is_said_where_it_stands(edit: tuple[str, str], said: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_protocol(edited(edit), "p.yaml")
    assert said in str(refused.value)
    assert str(refused.value).startswith("p.yaml:")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A protocol file that can be planned and simulated."""
    path = tmp_path / "plan.yaml"
    path.write_text(edited(), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("design", "--power", "90"), "power must lie between 0.5 and 1 (exclusive); did you mean 0.9? Got 90"),
        (("design", "--power", "-1"), "power must lie between 0.5 and 1"),
        (("design", "--power", "nan"), "Got nan"),
        (("design", "--alpha", "5"), "alpha must lie between 0 and 0.5 (exclusive); did you mean 0.05? Got 5"),
        (("design", "--language", "xx"), "the language of the page must be en or zh. Got xx"),
        (("simulate", "--language", "xx"), "the language of the page must be en or zh. Got xx"),
        (("simulate", "--trials", "0"), "--trials"),
        (("simulate", "--workers", "0"), "--workers"),
        (("simulate", "--scenario", "plan"), "has no scenario of that name; did you mean planned? Got plan"),
        (("simulate", "--only", "cd5"), "has no analysis cd5; did you mean cd4?"),
        (("simulate", "--model", "cd4"), "the model must be one of cd4_on_art, cd4_pools. Got cd4"),
        (("simulate", "--from-data", "nowhere"), "no folder or file of datasets at this path"),
        (("simulate", "--from-data", "x", "--model", "cd4_pools"), "leave one of them out. Got both"),
    ],
)
def test_a_wrong_option_ends_with_2_and_leaves_nothing(
    options: tuple[str, ...], said: str, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    status, _, error = equipoise(capsys, options[0], plan, "--out", out, *options[1:])
    assert status == 2
    assert said in error
    assert "Traceback" not in error
    assert not out.exists()


@pytest.mark.parametrize("address", ["garbage", "tcp://127.0.0.1:9"])
def test_a_cluster_that_does_not_answer_leaves_nothing(
    address: str, plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("equipoise.simulation.run.executors.SECONDS_TO_ANSWER", 0.2)
    out = tmp_path / "out"
    status, _, error = equipoise(capsys, "simulate", plan, "--out", out, "--cluster", address)
    assert status == 2
    assert error.endswith(f"Got --cluster {address}")
    assert not out.exists()


def test_a_protocol_without_participants_says_what_to_bring(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, error = equipoise(capsys, "simulate", "actg320", "--out", tmp_path / "out")
    assert status == 2
    assert "--from-data to simulate" in error


def a_file(out: Path) -> None:
    out.write_text("mine")


def something_else(out: Path) -> None:
    out.mkdir()
    (out / "notes.txt").write_text("mine")


def no_manifest_of_ours(out: Path) -> None:
    out.mkdir()
    (out / "simulation.json").write_text("[1]")


@pytest.mark.parametrize("present", [a_file, something_else, no_manifest_of_ours])
@pytest.mark.parametrize("command", ["design", "simulate"])
def test_a_folder_that_holds_something_else_stays_as_it_is(
    present: Callable[[Path], None], command: str, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    present(out)
    before = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    status, _, error = equipoise(capsys, command, plan, "--out", out)
    assert status == 2
    assert error.endswith(f"Got {out}")
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_damaged_run_is_not_taken_up(plan: Path, tmp_path: Path) -> None:
    settings, out = settings_of(str(plan), 1, only=("cd4",)), tmp_path / "out"
    assert simulate(settings, 2, out, scenarios=("none", "none")).table.is_duplicated().sum() == 0
    for name, content in (("none.00000.2.csv", "a,b\n1\n"), ("truths.none.json", "{")):
        whole = (out / "chunks" / name).read_bytes()
        (out / "chunks" / name).write_text(content)
        with pytest.raises(DataError, match="must be as Equipoise wrote it"):
            simulate(settings, 2, out, scenarios=("none",))
        (out / "chunks" / name).write_bytes(whole)
    with pytest.raises(DataError, match="holds a run with another seed"):
        simulate(settings_of(str(plan), 2, only=("cd4",)), 2, out)
