"""What each intercurrent-event strategy does to a measurement, on participants few enough to read.

Weeks 4, 8 and 12 are aimed at days 29, 57 and 85.
"""

from typing import Any

import pytest

from equipoise.analysis.estimand import EstimandFrame, build_estimand_frame
from equipoise.errors import EstimationFailed

from ..conftest import Trial, measured, plan, series

WEEK_12 = {"item": "count", "summary": "change from baseline", "at": "W12", "better": "higher"}


def estimand(**changes: Any) -> dict[str, Any]:
    usual = {
        "question": "Effect on the count",
        "variable": WEEK_12,
        "set": "full",
        "summary": "difference in means",
    }
    return {"effect": usual | changes}


def outcomes(frame: EstimandFrame) -> dict[str, float]:
    return dict(frame.records.select("participant", "outcome").iter_rows())


def handled(frame: EstimandFrame) -> dict[str, str]:
    return dict(frame.records.select("participant", "handled").iter_rows())


PEOPLE = [
    {"participant": "A", "arm": "placebo"},
    {"participant": "B", "arm": "low", "stop_day": 40},
    {"participant": "C", "arm": "high"},
]
COUNTS = [
    *series("A", BL=100, W4=105, W8=110, W12=120),
    *series("B", BL=100, W4=90, W8=130, W12=160),
    *series("C", BL=100, W4=100, W8=104, W12=108),
]


def build(
    trial: Trial, people: list[dict[str, Any]] = PEOPLE, counts: Any = COUNTS, **changes: Any
) -> EstimandFrame:
    context = trial(plan(estimand(**changes)), people, measurements={"count": measured(counts)})
    return build_estimand_frame(context, "effect")


def test_treatment_policy_uses_values_whatever_happened(trial: Trial) -> None:
    frame = build(trial, intercurrent={"stop": "treatment policy"})
    assert outcomes(frame) == {"A": 20, "B": 60, "C": 8}
    assert "Tablets stopped: 1 participant had it (Low dose 1); values are used whatever happened" in " ".join(
        frame.account
    )


def test_hypothetical_sets_records_on_and_after_the_event_missing(trial: Trial) -> None:
    frame = build(trial, intercurrent={"stop": "hypothetical"})
    assert outcomes(frame) == {"A": 20, "C": 8}
    assert "2 records on or after it set missing (hypothetical)." in " ".join(frame.account)
    assert frame.excluded.rows() == [("B", "Low dose", "Week 12", "no value")]


def test_a_record_on_the_day_of_a_hypothetical_event_is_set_missing(trial: Trial) -> None:
    people = [{**p, "stop_day": 85} if p["participant"] == "B" else p for p in PEOPLE]
    assert "B" not in outcomes(build(trial, people, intercurrent={"stop": "hypothetical"}))


def test_hypothetical_then_last_observation_carries_forward_only_what_came_before(trial: Trial) -> None:
    frame = build(trial, intercurrent={"stop": "hypothetical"}, missing="last observation carried forward")
    assert outcomes(frame)["B"] == -10
    assert handled(frame)["B"] == "last observation carried forward"


def test_a_delivered_value_is_not_used_once_an_event_has_taken_a_record_away(trial: Trial) -> None:
    delivered = {"participant": "B", "visit": "W12", "value": 130, "imputed": "LOCF", "baseline": 100}
    counts = [row for row in COUNTS if not (row["participant"] == "B" and row["visit"] == "W12")] + [delivered]
    policy = build(trial, counts=counts, missing="last observation carried forward")
    assert handled(policy)["B"] == "last observation carried forward (as in the data)"
    assert outcomes(policy)["B"] == 30
    hypothetical = build(
        trial, counts=counts, intercurrent={"stop": "hypothetical"}, missing="last observation carried forward"
    )
    assert outcomes(hypothetical)["B"] == -10


def test_while_on_treatment_lets_the_last_value_before_the_event_stand(trial: Trial) -> None:
    frame = build(trial, intercurrent={"stop": "while on treatment"})
    assert outcomes(frame) == {"A": 20, "B": -10, "C": 8}
    assert handled(frame)["B"] == "last value while on treatment"
    assert "2 records after it dropped" in " ".join(frame.account)


def test_while_on_treatment_keeps_a_record_of_the_day_of_the_event(trial: Trial) -> None:
    people = [{**p, "stop_day": 57} if p["participant"] == "B" else p for p in PEOPLE]
    assert outcomes(build(trial, people, intercurrent={"stop": "while on treatment"}))["B"] == 30


def test_composite_takes_the_worst_change_observed_by_anyone(trial: Trial) -> None:
    frame = build(trial, intercurrent={"stop": "composite, worst value"})
    assert outcomes(frame) == {"A": 20, "B": 8, "C": 8}
    assert frame.records.filter(frame.records["participant"] == "B")["value"].item() == 108
    assert "1 outcome replaced by the worst observed" in " ".join(frame.account)


def test_the_worst_value_is_the_highest_where_lower_is_better(trial: Trial) -> None:
    frame = build(trial, variable=WEEK_12 | {"better": "lower"}, intercurrent={"stop": "composite, worst value"})
    assert outcomes(frame)["B"] == 60


def test_a_participant_who_died_before_the_visit_gets_the_worst_value_without_a_record(trial: Trial) -> None:
    people = [*PEOPLE, {"participant": "D", "arm": "low", "death_day": 90}, {"participant": "E", "arm": "low"}]
    counts = [*COUNTS, *series("D", BL=100, W4=100), *series("E", BL=100, W4=99)]
    frame = build(trial, people, counts, intercurrent={"death": "composite, worst value"})
    assert outcomes(frame)["D"] == 8
    assert "E" not in outcomes(frame)


def test_an_event_after_the_record_of_the_visit_leaves_it_as_it_is(trial: Trial) -> None:
    people = [{**p, "stop_day": 86} if p["participant"] == "B" else p for p in PEOPLE]
    assert outcomes(build(trial, people, intercurrent={"stop": "composite, worst value"}))["B"] == 60


def test_a_worst_value_is_refused_where_nobody_says_what_is_better(trial: Trial) -> None:
    variable = {k: v for k, v in WEEK_12.items() if k != "better"}
    with pytest.raises(EstimationFailed, match="`better` is higher or lower"):
        build(trial, variable=variable, intercurrent={"stop": "composite, worst value"})


def test_principal_stratum_leaves_out_whoever_had_the_event_in_any_arm(trial: Trial) -> None:
    frame = build(trial, intercurrent={"stop": "principal stratum"})
    assert outcomes(frame) == {"A": 20, "C": 8}
    assert frame.excluded.rows() == [("B", "Low dose", "", "Tablets stopped")]


RESPONSE = {"item": "count", "at": "W12", "response": "change >= 15"}


def test_a_response_is_one_or_zero(trial: Trial) -> None:
    frame = build(trial, variable=RESPONSE, summary="difference in proportions")
    assert outcomes(frame) == {"A": 1, "B": 1, "C": 0}


def test_composite_non_response_counts_the_event_as_none(trial: Trial) -> None:
    frame = build(
        trial,
        variable=RESPONSE,
        summary="difference in proportions",
        intercurrent={"stop": "composite, non-response"},
    )
    assert outcomes(frame) == {"A": 1, "B": 0, "C": 0}
    assert handled(frame)["B"] == "non-response after Tablets stopped"


def test_missing_is_left_out_or_counted_as_non_response_as_the_estimand_says(trial: Trial) -> None:
    people = [*PEOPLE, {"participant": "D", "arm": "low"}]
    counts = [*COUNTS, *series("D", BL=100, W4=150)]
    options: dict[str, Any] = {"variable": RESPONSE, "summary": "difference in proportions"}
    assert "D" not in outcomes(build(trial, people, counts, **options))
    frame = build(trial, people, counts, missing="non-response", **options)
    assert outcomes(frame)["D"] == 0
    assert "1 missing response counted as non-response." in frame.account


def test_a_response_may_have_to_be_confirmed_at_the_next_visit_with_a_value(trial: Trial) -> None:
    variable = {"item": "count", "at": "W8", "response": "change >= 10", "confirmed_by": "next visit"}
    people = [*PEOPLE, {"participant": "D", "arm": "low"}]
    counts = [*COUNTS, *series("D", BL=100, W8=120)]
    frame = build(trial, people, counts, variable=variable, summary="difference in proportions")
    assert outcomes(frame) == {"A": 1, "B": 1, "C": 0, "D": 0}


def test_the_worst_observation_after_day_1_is_carried_forward(trial: Trial) -> None:
    people = [*PEOPLE, {"participant": "D", "arm": "low"}]
    counts = [*COUNTS, *series("D", BL=70, W4=80, W8=95)]
    frame = build(trial, people, counts, missing="worst observation carried forward")
    assert outcomes(frame)["D"] == 10
    assert outcomes(build(trial, people, counts, missing="last observation carried forward"))["D"] == 25


def test_a_baseline_value_is_never_carried_forward(trial: Trial) -> None:
    people = [*PEOPLE, {"participant": "D", "arm": "low"}]
    frame = build(trial, people, [*COUNTS, *series("D", BL=70)], missing="last observation carried forward")
    assert "D" not in outcomes(frame)


def test_an_unplanned_visit_before_the_visit_is_carried_forward(trial: Trial) -> None:
    people = [*PEOPLE, {"participant": "D", "arm": "low"}]
    early = {"participant": "D", "visit": None, "day": 60, "value": 77, "baseline": 70}
    counts = [*COUNTS, *series("D", BL=70, W4=80), early]
    assert outcomes(build(trial, people, counts, missing="last observation carried forward"))["D"] == 7


def test_values_filled_by_the_data_are_not_used_where_the_estimand_wants_observed_ones(trial: Trial) -> None:
    people = [*PEOPLE, {"participant": "D", "arm": "low"}]
    filled = {"participant": "D", "visit": "W12", "value": 80, "imputed": "LOCF", "baseline": 70}
    counts = [*COUNTS, *series("D", BL=70, W4=80), filled]
    assert "D" not in outcomes(build(trial, people, counts))


def test_the_baseline_may_be_the_mean_of_visits(trial: Trial) -> None:
    variable = WEEK_12 | {"baseline": "mean of SCR and BL"}
    counts = [*COUNTS, *series("A", SCR=80)]
    frame = build(trial, counts=counts, variable=variable)
    assert outcomes(frame) == {"A": 30, "B": 60, "C": 8}


def test_arms_that_the_estimand_does_not_name_are_left_out(trial: Trial) -> None:
    frame = build(trial, arms=["high"])
    assert frame.arms == ("Placebo", "High dose")
    assert frame.versus == "Placebo"
    assert set(outcomes(frame)) == {"A", "C"}


def test_a_rule_that_cannot_be_decided_counts_as_not_met(trial: Trial) -> None:
    sets = {"full": {"label": "Adults", "rule": "age >= 18"}}
    people = [{**p, "age": age} for p, age in zip(PEOPLE, [30, None, 17], strict=True)]
    context = trial(plan(estimand(), analysis_sets=sets), people, measurements={"count": measured(COUNTS)})
    assert set(outcomes(build_estimand_frame(context, "effect"))) == {"A"}


def test_every_visit_of_the_estimand_has_its_own_rows(trial: Trial) -> None:
    frame = build(trial, variable=WEEK_12 | {"at": ["W4", "W12"]}, intercurrent={"stop": "while on treatment"})
    assert [label for _, label, _ in frame.visits()] == ["Week 4", "Week 12"]
    assert [rows.height for _, _, rows in frame.visits()] == [3, 3]
