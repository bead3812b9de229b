"""Exports: recorded with rows and hashes, unblinded ones only when the blind is over."""

from typing import Any

import pytest
from tests.conduct.closing.conftest import Closing

from equipoise.conduct.closing.exports import ExportData
from equipoise.conduct.closing.locks import LockTrial
from equipoise.conduct.closing.unblinding import UnblindTrial
from equipoise.errors import DecisionRefused


def export(closing: Any, **changed: Any) -> ExportData:
    fields = {"blind": "blinded", "purpose": "open report", "sequence": closing.trial.sequence}
    return ExportData(**{**fields, "rows": {"dm": 3}, "hashes": {"dm": "ab"}, **changed})


def test_an_export_is_an_event_and_changes_nothing(closing: Any) -> None:
    closing.enrol("01-001")
    before = closing.trial.participants["01-001"]
    (outcome,) = closing.do(export(closing), "ma")
    assert (outcome.fact.rows, outcome.fact.hashes, outcome.fact.blind) == ({"dm": 3}, {"dm": "ab"}, "blinded")
    assert closing.events[-1].kind == "DataExported"
    assert closing.trial.participants["01-001"] == before


def test_unblinded_data_leave_only_after_unblinding(closing: Any) -> None:
    closing.finish("01-001")
    for step in (None, LockTrial()):
        if step is not None:
            closing.do(step, "ma")
        with pytest.raises(DecisionRefused, match="before the trial is unblinded only blinded data"):
            closing.ask(export(closing, blind="unblinded"), "ma")
    closing.do(UnblindTrial(holders=("ka", "ko")), "su")
    assert closing.ask(export(closing, blind="unblinded"), "ma")


def test_an_open_trial_has_no_blind_to_keep(pilot: Any) -> None:
    closing = Closing(pilot)
    assert closing.ask(export(closing, blind="unblinded"), "ma")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"purpose": " "}, "needs its purpose"),
        ({"rows": {}, "hashes": {}}, "names rows and hash of each"),
        ({"hashes": {"ae": "ab"}}, "names rows and hash of each"),
        ({"sequence": 0}, "up to an event of the record"),
        ({"sequence": 1000}, "Got 1000"),
    ],
)
def test_an_export_says_what_it_is(closing: Any, changed: dict[str, Any], why: str) -> None:
    with pytest.raises(DecisionRefused, match=why):
        closing.ask(export(closing, **changed), "ma")
