"""Tipping points and reference-based imputation from a protocol: seed, levels, and what each strategy assumes."""

from typing import Any

import polars as pl
import pytest

from equipoise.analysis.context import Context
from equipoise.analysis.repeated_measures.imputation import terms_at_a_visit
from equipoise.errors import EstimationFailed
from equipoise.protocol.model import Mmrm

from ..conftest import Trial, measured, plan, series
from ..reading import analyse, cell

EFFECT: dict[str, Any] = {
    "question": "Effect on the count",
    "variable": {"item": "count", "summary": "change from baseline", "at": "W12", "better": "higher"},
    "set": "full",
    "summary": "difference in means",
}
MODEL: dict[str, Any] = {"method": "mmrm", "estimand": "effect", "terms": ["baseline", "arm * visit"]}
TIPPING: dict[str, Any] = {
    "method": "tipping point",
    "estimand": "effect",
    "of": "m",
    "deltas": [-60, 0],
    "points": 7,
    "imputations": 20,
}
REFERENCES: dict[str, Any] = {
    "method": "reference-based imputation",
    "estimand": "effect",
    "of": "m",
    "strategies": ["missing at random", "jump to reference", "copy reference"],
    "imputations": 20,
}
AT = {"parameter": "CNT", "visit": "Week 12"}
LOW = {"arm": "Low dose", "versus": "Placebo"}
GAIN = {"placebo": 0.0, "low": 15.0, "high": 25.0}


def noise(i: int, k: int) -> float:
    return (7 * i * i + 11 * k * k + 13 * i * k) % 17 - 8.0


def with_dropout(
    trial: Trial,
    analysis: dict[str, Any],
    *,
    leave: bool = True,
    gone: tuple[str, ...] = ("W8", "W12"),
    **model: Any,
) -> Context:
    """Thirty-six participants in turn to the arms, of whom every fifth leaves after week 4."""
    protocol = plan({"effect": EFFECT}, {"m": MODEL | model, "a": analysis})
    rows = [{"participant": f"P{i:02d}", "arm": ("placebo", "low", "high")[i % 3]} for i in range(36)]
    counts = []
    for i, row in enumerate(rows):
        own, gain = noise(i, 9), GAIN[row["arm"]]
        values: dict[str, float | None] = {
            "BL": 100 + noise(i, 5),
            "W4": 100 + own + gain / 3 + noise(i, 1),
            "W8": 100 + own + gain / 1.5 + noise(i, 2),
            "W12": 100 + own + gain + noise(i, 3),
        }
        if leave and i % 5 == 4:
            values |= dict.fromkeys(gone)
        counts += series(row["participant"], **values)
    return trial(protocol, rows, measurements={"count": measured(counts)})


def test_one_seed_gives_the_same_bytes_and_another_seed_others(trial: Trial) -> None:
    first, again, other = (
        analyse(with_dropout(trial, TIPPING | {"seed": seed}), "a").results for seed in (7, 7, 8)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_the_seed_and_the_number_of_imputations_are_told(trial: Trial) -> None:
    said = " ".join(analyse(with_dropout(trial, TIPPING | {"seed": 7}), "a").account)
    assert "imputed 20 times by the model of m (baseline, arm * visit; covariance unstructured)" in said
    assert "seed 7." in said
    assert "values imputed: Week 4 0; Week 8 7; Week 12 7." in said


def test_no_delta_is_the_same_as_a_delta_of_zero(trial: Trial) -> None:
    read = cell(analyse(with_dropout(trial, TIPPING), "a"))
    for statistic in ("estimate", "se", "df", "p", "lower", "upper"):
        none, zero = read(statistic, **LOW, **AT), read(statistic, group="delta=0", **LOW, **AT)
        assert none == pytest.approx(zero)


def test_a_delta_moves_the_difference_by_the_share_imputed(trial: Trial) -> None:
    # twelve participants of the low dose, of whom P04, P19 and P34 have left; no covariate but the arm
    context = with_dropout(trial, TIPPING, terms=["arm * visit"])
    read = cell(analyse(context, "a"))
    assert read("count", arm="Low dose", group="status=imputed", **AT) == 3
    moved = (read("estimate", group="delta=-60", **LOW, **AT) or 0) - (read("estimate", **LOW, **AT) or 0)
    assert moved == pytest.approx(-60 * 3 / 12)


def test_at_the_tipping_delta_the_conclusion_changes(trial: Trial) -> None:
    result = analyse(with_dropout(trial, TIPPING | {"points": 61}), "a")
    read = cell(result)
    delta, level = (read(s, group="tipping=delta", **LOW, **AT) or 0 for s in ("delta", "level"))
    assert level == pytest.approx(0.05)
    along = result.results.filter(
        pl.col("group").str.starts_with("delta="), pl.col("arm") == "Low dose", pl.col("statistic") == "p"
    )
    for group, p in along.select("group", "value").iter_rows():
        assert (p < level) == (float(group.removeprefix("delta=")) > delta)
    assert any(f"this changes where {delta:.4g} is added" in said for said in result.account)


def test_a_conclusion_that_holds_over_the_range_has_no_tipping_delta(trial: Trial) -> None:
    result = analyse(with_dropout(trial, TIPPING | {"deltas": [-1, 1]}), "a")
    assert cell(result)("delta", group="tipping=delta", **LOW, **AT) is None
    assert any("this holds at every delta from -1 to 1" in said for said in result.account)


def test_the_level_is_what_dunnett_leaves_each_comparison(trial: Trial) -> None:
    read = cell(analyse(with_dropout(trial, TIPPING, multiplicity="dunnett"), "a"))
    level = read("level", group="tipping=delta", **LOW, **AT)
    assert 0.025 < (level or 0) < 0.05


def test_an_arm_without_missing_values_has_no_delta_and_the_account_says_so(trial: Trial) -> None:
    result = analyse(with_dropout(trial, TIPPING, leave=False), "a")
    assert not result.results["group"].str.starts_with("delta=").any()
    assert any("Low dose, Week 12: no tipping point, because" in said for said in result.account)


def test_jumping_to_placebo_draws_an_arm_that_gains_towards_it(trial: Trial) -> None:
    read = cell(analyse(with_dropout(trial, REFERENCES), "a"))
    at_random, jump, copy = (
        read("estimate", arm="High dose", versus="Placebo", group=f"strategy={strategy}", **AT) or 0
        for strategy in REFERENCES["strategies"]
    )
    assert jump < at_random
    assert jump < copy < at_random


def test_a_strategy_alone_gives_what_it_gives_among_others(trial: Trial) -> None:
    among = cell(analyse(with_dropout(trial, REFERENCES), "a"))
    alone = cell(analyse(with_dropout(trial, REFERENCES | {"strategies": ["copy reference"]}), "a"))
    place = {**LOW, "group": "strategy=copy reference", **AT}
    assert among("estimate", **place) == alone("estimate", **place)


def test_who_was_never_seen_after_day_1_is_imputed_too(trial: Trial) -> None:
    context = with_dropout(trial, REFERENCES, gone=("W4", "W8", "W12"))
    read = cell(analyse(context, "a"))
    assert read("n", arm="Low dose", **AT) == 12


def test_a_last_mean_needs_a_visit_before_leaving(trial: Trial) -> None:
    spec = REFERENCES | {"strategies": ["last mean carried forward"]}
    with pytest.raises(EstimationFailed, match="carried forward only from a visit before the event"):
        analyse(with_dropout(trial, spec, gone=("W4", "W8", "W12")), "a")


def test_another_structure_is_imputed_by_bootstrap(trial: Trial) -> None:
    result = analyse(with_dropout(trial, TIPPING | {"imputations": 5}, covariance="csh"), "a")
    assert any("refitted to bootstrap samples" in said for said in result.account)


def test_the_analysis_of_completed_data_leaves_the_visit_out_of_the_terms() -> None:
    spec = Mmrm(method="mmrm", estimand="e", terms=("baseline * visit", "visit", "sex:visit", "sex * arm * visit"))
    assert terms_at_a_visit(spec) == ["baseline", "sex", "sex * arm"]
