"""Several arms against one: each adjustment bears its relation to the unadjusted p and limits."""

from typing import Any

import polars as pl
import pytest

from equipoise.analysis.efficacy.multiplicity import level_of_each
from equipoise.protocol.model import Ancova
from equipoise.statistics.distributions import t_quantile
from equipoise.statistics.linear import ancova

from ..conftest import Trial, measured, plan, series
from ..reading import Cell, analyse, cell

EFFECT: dict[str, Any] = {
    "question": "Effect on the count",
    "variable": {"item": "count", "at": "W12", "better": "higher"},
    "set": "full",
    "summary": "difference in means",
}
AT = {"parameter": "CNT", "visit": "Week 12"}
ARMS = ("Low dose", "High dose")
GAIN = {"placebo": 0.0, "low": 2.0, "high": 5.0}


def adjusted_by(trial: Trial, method: str, model: str = "ancova", **options: Any) -> tuple[Cell, str]:
    """Analyse twenty-four participants by a method; return the reader and the group of what is adjusted."""
    terms = ["arm * visit"] if model == "mmrm" else ["arm"]
    spec = {"method": model, "estimand": "e", "terms": terms, "multiplicity": method, **options}
    rows = [{"participant": f"P{i:02d}", "arm": ("placebo", "low", "high")[i % 3]} for i in range(24)]
    counts = []
    for i, row in enumerate(rows):
        error = (5 * i * i) % 11 - 5.0
        gain = GAIN[row["arm"]]
        counts += series(row["participant"], BL=100, W8=100 + gain + (7 * i) % 9, W12=100 + gain + error)
    context = trial(plan({"e": EFFECT}, {"a": spec}), rows, measurements={"count": measured(counts)})
    return cell(analyse(context, "a")), f"multiplicity={method};comparisons=2"


def both(read: Cell, statistic: str, group: str = "") -> list[float]:
    found = [read(statistic, arm=arm, versus="Placebo", group=group, **AT) for arm in ARMS]
    return [value for value in found if value is not None]


@pytest.mark.parametrize("model", ["ancova", "mmrm"])
@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg", "hommel", "dunnett", "step-down dunnett"])
def test_an_adjusted_p_is_never_below_the_p_of_the_comparison(trial: Trial, model: str, method: str) -> None:
    read, group = adjusted_by(trial, method, model)
    for p, adjusted in zip(both(read, "p"), both(read, "p", group), strict=True):
        assert p <= adjusted <= min(1.0, 2 * p + 1e-12)


@pytest.mark.parametrize("method", ["bonferroni", "dunnett"])
def test_simultaneous_limits_exclude_zero_where_the_adjusted_p_is_small(trial: Trial, method: str) -> None:
    read, group = adjusted_by(trial, method, confidence=0.9)
    outside = [low > 0 for low in both(read, "lower", group)]
    assert outside == [p < 0.1 for p in both(read, "p", group)]
    plain = [b - a for a, b in zip(both(read, "lower"), both(read, "upper"), strict=True)]
    wide = [b - a for a, b in zip(both(read, "lower", group), both(read, "upper", group), strict=True)]
    assert all(w > p for w, p in zip(wide, plain, strict=True))


def test_dunnett_is_less_strict_than_bonferroni(trial: Trial) -> None:
    dunnett, bonferroni = adjusted_by(trial, "dunnett"), adjusted_by(trial, "bonferroni")
    pairs = zip(both(dunnett[0], "p", dunnett[1]), both(bonferroni[0], "p", bonferroni[1]), strict=True)
    assert all(one < other for one, other in pairs)


def test_a_fixed_sequence_carries_the_largest_p_so_far(trial: Trial) -> None:
    read, group = adjusted_by(trial, "fixed sequence", sequence=["low", "high"])
    low, high = both(read, "p")
    assert both(read, "p", group) == [low, max(low, high)]


def test_stepwise_methods_have_no_limits(trial: Trial) -> None:
    read, group = adjusted_by(trial, "holm")
    with pytest.raises(AssertionError):
        read("lower", arm="Low dose", versus="Placebo", group=group, **AT)


def test_the_method_the_family_and_its_level_are_told(trial: Trial) -> None:
    spec = {"method": "ancova", "estimand": "e", "terms": ["arm"], "multiplicity": "dunnett", "confidence": 0.9}
    rows = [{"participant": f"P{i:02d}", "arm": ("placebo", "low", "high")[i % 3]} for i in range(12)]
    counts = [r for i, p in enumerate(rows) for r in series(p["participant"], BL=100, W12=100 + (i * i) % 7)]
    context = trial(plan({"e": EFFECT}, {"a": spec}), rows, measurements={"count": measured(counts)})
    said = analyse(context, "a").account
    assert (
        "Week 12: p and limits of 2 comparisons with Placebo adjusted by Dunnett's test, single-step, familywise "
        "error rate 0.1." in said
    )


def test_each_comparison_is_tested_at_the_level_of_its_critical_value() -> None:
    data = {"arm": ["P", "L", "H"] * 4, "outcome": [1.0, 2, 4, 2, 4, 3, 0, 3, 6, 3, 1, 5]}
    fit = ancova("outcome ~ arm", pl.DataFrame(data), reference={"arm": "P"})
    spec = {"method": "ancova", "estimand": "e", "terms": ("arm",)}
    plain = level_of_each(fit, Ancova(**spec, multiplicity="none"), "P")
    half = level_of_each(fit, Ancova(**spec, multiplicity="bonferroni"), "P")
    dunnett = level_of_each(fit, Ancova(**spec, multiplicity="dunnett"), "P")
    assert plain == pytest.approx({"L": 0.05, "H": 0.05})
    assert half == pytest.approx({"L": 0.025, "H": 0.025})
    # published critical value of two-sided Dunnett, 2 comparisons, 9 df, 5%: 2.61 (Dunnett, Biometrics 1964)
    assert float(t_quantile(1 - dunnett["L"] / 2, 9)) == pytest.approx(2.61, abs=0.005)


def test_a_graph_passes_the_level_of_what_is_rejected_on(trial: Trial) -> None:
    model = {"method": "ancova", "estimand": "e", "terms": ["arm"]}
    graph = {
        "method": "multiplicity graph",
        "hypotheses": {
            "high": {"of": "a", "arm": "high", "weight": 1, "passes": {"low": 1}},
            "low": {"of": "a", "arm": "low"},
        },
    }
    rows = [{"participant": f"P{i:02d}", "arm": ("placebo", "low", "high")[i % 3]} for i in range(24)]
    counts = []
    for i, row in enumerate(rows):
        counts += series(row["participant"], BL=100, W12=100 + 4 * GAIN[row["arm"]] + (5 * i * i) % 11)
    context = trial(plan({"e": EFFECT}, {"a": model, "g": graph}), rows, measurements={"count": measured(counts)})
    plain, read = cell(analyse(context, "a")), cell(analyse(context, "g"))
    p = {arm: plain("p", arm=arm, versus="Placebo", **AT) or 0 for arm in ARMS}
    adjusted = [
        read("adjusted_p", arm=arm, versus="Placebo", group=f"hypothesis={key}", **AT)
        for arm, key in (("High dose", "high"), ("Low dose", "low"))
    ]
    assert adjusted == [p["High dose"], max(p.values())]
    assert read("level", group="step=1;hypothesis=high") == 0.05
