"""A mixed model for repeated measures from a protocol: its visits, intercurrent events, ladder and rows."""

from typing import Any

import pytest

from equipoise.analysis.context import Context
from equipoise.errors import EstimationFailed

from ..conftest import Trial, measured, plan, series
from ..reading import analyse, cell

CHANGE: dict[str, Any] = {
    "question": "Effect on the count",
    "variable": {"item": "count", "summary": "change from baseline", "at": "W12", "better": "higher"},
    "set": "full",
    "summary": "difference in means",
}
MODEL: dict[str, Any] = {"method": "mmrm", "estimand": "effect", "terms": ["baseline", "arm * visit"]}
AT = {"parameter": "CNT", "visit": "Week 12"}
LOW = {"arm": "Low dose", "versus": "Placebo"}


def noise(i: int, k: int) -> float:
    """A number that looks like an error of measurement and is the same every time."""
    return (7 * i * i + 11 * k * k + 13 * i * k) % 17 - 8.0


def values(i: int, arm: str, gap: str = "") -> dict[str, float | None]:
    gain = {"placebo": 0, "low": 10, "high": 20}[arm]
    visits = {"BL": 100.0 + noise(i, 5), "W4": 100 + gain / 3, "W8": 100 + gain / 1.5, "W12": 100.0 + gain}
    moved = {v: x + (0 if v == "BL" else noise(i, k) + noise(i, 9)) for k, (v, x) in enumerate(visits.items())}
    return {visit: None if visit == gap else value for visit, value in moved.items()}


def three_arms(
    trial: Trial, model: dict[str, Any], estimand: dict[str, Any] = CHANGE, *, gaps: bool = True, **events: Any
) -> Context:
    """Thirty participants in turn to the arms; every sixth has no value at week 12, every fifth none at week 8."""
    protocol = plan({"effect": estimand}, {"a": MODEL | model})
    arms = [("placebo", "low", "high")[i % 3] for i in range(30)]
    rows = [{"participant": f"P{i:02d}", "arm": arm, "region": "NS"[i % 2]} for i, arm in enumerate(arms)]
    for name, by_person in events.items():
        for i, day in by_person.items():
            rows[i][name] = day
    counts = []
    for i, arm in enumerate(arms):
        gap = ("W12" if i % 6 == 5 else "W8" if i % 5 == 4 else "") if gaps else ""
        counts += series(f"P{i:02d}", **values(i, arm, gap))
    return trial(protocol, rows, measurements={"count": measured(counts)})


def test_every_scheduled_visit_after_day_1_up_to_the_estimands_enters(trial: Trial) -> None:
    estimand = CHANGE | {"variable": CHANGE["variable"] | {"at": "W8"}}
    result = analyse(three_arms(trial, {}, estimand), "a")
    assert set(result.records["visit"].cast(str)) == {"W4", "W8"}
    assert any(said.startswith("Repeated measures at Week 4, Week 8: change") for said in result.account)


def test_visits_may_be_chosen(trial: Trial) -> None:
    result = analyse(three_arms(trial, {"visits": ["W4", "W12"]}), "a")
    assert set(result.records["visit"].cast(str)) == {"W4", "W12"}


def test_the_answer_stands_at_each_visit_with_n_of_those_seen(trial: Trial) -> None:
    read = cell(analyse(three_arms(trial, {}), "a"))
    assert read("n", arm="Low dose", **AT) == 10
    assert read("n", arm="High dose", **AT) == 5
    assert read("n", arm="High dose", parameter="CNT") == 10
    for visit in ("Week 4", "Week 8", "Week 12"):
        assert read("p", parameter="CNT", visit=visit, **LOW) is not None


def test_with_every_value_there_the_contrast_is_that_of_an_analysis_at_the_visit(trial: Trial) -> None:
    # complete data and no covariate but visit and arm: the difference of the plain means
    context = three_arms(trial, {"terms": ["arm * visit"]}, gaps=False)
    result = analyse(context, "a")
    read = cell(result)
    means = {
        arm: read("mean", arm=arm, group="summary=change", **AT) for arm in ("Placebo", "Low dose", "High dose")
    }
    assert read("estimate", **LOW, **AT) == pytest.approx((means["Low dose"] or 0) - (means["Placebo"] or 0))
    assert read("df", **LOW, **AT) == pytest.approx(27)


def test_terms_have_denominators_and_the_covariance_its_criteria(trial: Trial) -> None:
    read = cell(analyse(three_arms(trial, {}), "a"))
    assert read("df", parameter="CNT", group="term=arm:visit") == 4
    assert (read("df_residual", parameter="CNT", group="term=arm:visit") or 0) > 10
    size = {"parameter": "CNT", "group": "structure=us"}
    assert (read("n", **size), read("parameters", **size)) == (30, 6)
    criterion, likelihood = read("aic", **size), read("log_likelihood", **size)
    assert criterion == pytest.approx(-2 * (likelihood or 0) + 12)
    spread, shared = read("sd", group="covariance=residual", **AT), {"parameter": "CNT", "visit": "Week 4"}
    covariance = read("covariance", group="with=Week 12", **shared)
    correlation = read("correlation", group="with=Week 12", **shared)
    at_start = read("sd", group="covariance=residual", **shared)
    assert covariance == pytest.approx((correlation or 0) * (spread or 0) * (at_start or 0))


def test_the_next_structure_of_the_ladder_is_taken_and_the_reason_told(trial: Trial) -> None:
    # nobody is seen both at week 4 and at week 8, so an unstructured covariance has nothing to rest on
    protocol = plan({"effect": CHANGE}, {"a": MODEL | {"covariance": ["us", "csh"]}})
    rows = [{"participant": f"P{i:02d}", "arm": ("placebo", "low", "high")[i % 3]} for i in range(30)]
    counts = []
    for i, row in enumerate(rows):
        counts += series(row["participant"], **values(i, row["arm"], ("W4", "W8")[(i // 3) % 2]))
    result = analyse(trial(protocol, rows, measurements={"count": measured(counts)}), "a")
    read = cell(result)
    assert read("aic", parameter="CNT", group="structure=us") is None
    assert read("aic", parameter="CNT", group="structure=csh") is not None
    assert any("Covariance us comes before it on the ladder and could not be" in said for said in result.account)


def test_a_hypothetical_event_takes_values_away_from_its_day_on(trial: Trial) -> None:
    estimand = CHANGE | {"intercurrent": {"rescue": "hypothetical"}}
    context = three_arms(trial, {}, estimand, gaps=False, rescue_day={0: 40, 3: 80})
    result = analyse(context, "a")
    # rescue on day 40 takes weeks 8 (day 57) and 12 away, on day 80 week 12 alone
    seen = {who: set(part["visit"].cast(str)) for (who,), part in result.records.group_by("participant")}
    assert (seen["P00"], seen["P03"]) == ({"W4"}, {"W4", "W8"})
    assert any("3 records on or after it set missing (hypothetical)" in said for said in result.account)


def test_a_composite_event_puts_the_worst_value_from_its_day_on(trial: Trial) -> None:
    estimand = CHANGE | {"intercurrent": {"death": "composite, worst value"}}
    context = three_arms(trial, {}, estimand, gaps=False, death_day={0: 40})
    records = analyse(context, "a").records
    for visit, is_worst in (("W4", False), ("W8", True), ("W12", True)):
        here = records.filter(records["visit"].cast(str) == visit)
        own = here.filter(here["participant"] == "P00")["outcome"].item()
        assert (own == here["outcome"].min()) == is_worst


def test_the_average_over_the_visits_is_the_mean_of_the_contrasts(trial: Trial) -> None:
    read = cell(analyse(three_arms(trial, {"average": True}), "a"))
    visits = [read("estimate", parameter="CNT", visit=visit, **LOW) for visit in ("Week 4", "Week 8", "Week 12")]
    average = read("estimate", parameter="CNT", group="visits=average", **LOW)
    assert average == pytest.approx(sum(value or 0 for value in visits) / 3)


def test_a_matrix_for_each_arm_is_told_by_arm(trial: Trial) -> None:
    result = analyse(three_arms(trial, {"covariance": "csh", "covariance_by": "arm"}), "a")
    read = cell(result)
    spread = {arm: read("sd", group=f"covariance=residual;by={arm}", **AT) for arm in ("Placebo", "High dose")}
    assert spread["Placebo"] != spread["High dose"]


def test_an_empirical_variance_changes_errors_and_not_estimates(trial: Trial) -> None:
    plain = cell(analyse(three_arms(trial, {"df": "satterthwaite"}), "a"))
    robust = cell(analyse(three_arms(trial, {"df": "satterthwaite", "variance": "CR2"}), "a"))
    assert plain("estimate", **LOW, **AT) == robust("estimate", **LOW, **AT)
    assert plain("se", **LOW, **AT) != robust("se", **LOW, **AT)


def test_one_visit_is_no_repeated_measure(trial: Trial) -> None:
    with pytest.raises(EstimationFailed, match="two visits or more; use ancova"):
        analyse(three_arms(trial, {"visits": ["W12"]}), "a")


def test_a_visit_of_the_estimand_without_values_is_named(trial: Trial) -> None:
    protocol = plan({"effect": CHANGE}, {"a": MODEL})
    rows = [{"participant": f"P{i:02d}", "arm": ("placebo", "low", "high")[i % 3]} for i in range(9)]
    counts = [row for i, p in enumerate(rows) for row in series(p["participant"], **values(i, p["arm"], "W12"))]
    with pytest.raises(EstimationFailed, match="visit W12 of the estimand has no value of count"):
        analyse(trial(protocol, rows, measurements={"count": measured(counts)}), "a")


def test_who_was_seen_at_any_visit_counts_as_analysed(trial: Trial) -> None:
    protocol = plan(
        {"effect": CHANGE},
        {"a": MODEL, "flow": {"method": "disposition"}},
        report={"sections": ["a"], "primary": "a"},
    )
    rows = [{"participant": f"P{i:02d}", "arm": ("placebo", "low", "high")[i % 3]} for i in range(30)]
    counts = []
    for i, row in enumerate(rows):
        at = values(i, row["arm"])
        # P00 is seen at baseline alone, P01 not at the visit of the question
        gone = {0: ("W4", "W8", "W12"), 1: ("W8", "W12")}.get(i, ())
        counts += series(row["participant"], **{visit: None if visit in gone else x for visit, x in at.items()})
    read = cell(analyse(trial(protocol, rows, measurements={"count": measured(counts)}), "flow"))
    assert read("count", arm="Total", group="milestone=analysed") == 29
    assert read("count", arm="Placebo", group="milestone=not analysed;reason=no value") == 1
