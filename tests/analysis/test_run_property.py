"""Running the analyses of a protocol: order, what could not be done, and that the same data give the same rows."""

from typing import Any

import polars as pl
import pytest

from equipoise.analysis import RESULT_SCHEMA, run_analyses
from equipoise.analysis.run import METHODS, analysis_function
from equipoise.errors import DataError

from .conftest import Trial, measured, plan, series

CHANGE = {
    "question": "Effect on the count",
    "variable": {"item": "count", "summary": "change from baseline", "at": "W12", "better": "higher"},
    "set": "full",
    "summary": "difference in means",
}
RELAPSE = {
    "question": "Effect on relapse",
    "variable": {"time_to": "first", "parameter": "RELAPSE"},
    "set": "full",
    "summary": "hazard ratio",
}
ANALYSES = {
    "table": {"method": "demographics", "set": "full", "variables": ["age", "sex"]},
    "relapse": {"method": "kaplan-meier", "estimand": "relapse"},
    "change": {"method": "ancova", "estimand": "change", "terms": ["baseline", "arm"]},
    "events": {"method": "adverse events", "set": "full"},
}


def six() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    arms = ["placebo", "placebo", "low", "low", "high", "high"]
    people = [
        {"participant": f"P{i}", "arm": arm, "age": 40 + i, "sex": "MF"[i % 2]} for i, arm in enumerate(arms)
    ]
    counts = [row for i in range(6) for row in series(f"P{i}", BL=100 + 3 * i, W12=110 + 7 * i - i * i)]
    return people, counts


@pytest.fixture
def context(trial: Trial) -> Any:
    people, counts = six()
    absent = {"adverse_events": "the folder holds no adverse events (ADAE)"}
    protocol = plan({"change": CHANGE, "relapse": RELAPSE}, ANALYSES)
    return trial(protocol, people, measurements={"count": measured(counts)}, absent=absent)


def test_every_method_that_a_protocol_can_name_is_there() -> None:
    from typing import get_args

    from equipoise.protocol.model import analyses

    union = get_args(get_args(analyses.Analysis)[0])
    methods = {get_args(kind.model_fields["method"].annotation)[0] for kind in union}
    assert methods == set(METHODS)
    assert all(callable(analysis_function(method)) for method in methods)


def test_results_come_in_the_order_of_the_protocol(context: Any) -> None:
    results = run_analyses(context.protocol, context.data)
    assert list(results.done) == ["table", "change"]
    assert results.table.schema == dict(RESULT_SCHEMA)
    assert results.table["analysis"].unique(maintain_order=True).to_list() == ["table", "change"]


def test_what_could_not_be_done_is_named_with_its_reason(context: Any) -> None:
    results = run_analyses(context.protocol, context.data)
    assert results.not_done == {
        "relapse": "the data hold no times to event for RELAPSE",
        "events": "the folder holds no adverse events (ADAE)",
    }


def test_only_what_is_asked_for_is_done(context: Any) -> None:
    seen: list[str] = []
    results = run_analyses(context.protocol, context.data, only=["change"], progress=seen.append)
    assert seen == list(results.done) == ["change"]
    with pytest.raises(DataError, match="did you mean change"):
        run_analyses(context.protocol, context.data, only=["chagne"])


def test_the_same_data_give_the_same_rows(context: Any) -> None:
    once, again = (run_analyses(context.protocol, context.data).table for _ in range(2))
    assert once.equals(again)


def test_the_order_of_rows_in_the_data_does_not_matter_to_a_model(trial: Trial) -> None:
    people, counts = six()
    protocol = plan({"change": CHANGE}, {"change": ANALYSES["change"]})
    straight, turned = (
        run_analyses(protocol, trial(protocol, p, measurements={"count": measured(c)}).data).table
        for p, c in ((people, counts), (people[::-1], counts[::-1]))
    )
    assert straight.drop("value").equals(turned.drop("value"))
    assert ((straight["value"] - turned["value"]).abs() < 1e-9).all()


def test_every_record_says_who_and_where_from(context: Any) -> None:
    for result in run_analyses(context.protocol, context.data).done.values():
        assert {"participant", "arm", "source"} <= set(result.records.columns)
    change = run_analyses(context.protocol, context.data).done["change"].records
    assert change.filter(pl.col("participant") == "P2")["source"].item() == "adlb 6"
