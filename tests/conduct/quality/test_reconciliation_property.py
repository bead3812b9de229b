"""Reconciliation of serious events: what is only on one side, what differs, what the record itself contradicts."""

from datetime import timedelta
from typing import Any

import pytest
from tests.conduct.forms.desk import WHO, Desk
from tests.conduct.safety.cases import RECORD, SERIOUS, report

from equipoise.conduct.quality.reconciliation import check_harm, compare_cases, read_cases
from equipoise.errors import DataError

HEAD = "participant,term,started,outcome\n"
SAME = f"{WHO},pulmonary  embolism,2024-03-18,RECOVERING/RESOLVING\n"


def compared(desk: Desk, *rows: str, head: str = HEAD) -> list[tuple[str, str]]:
    found = compare_cases(desk.protocol, desk.trial, read_cases(head + "".join(rows)))
    return [(one.record, one.what) for one in found]


@pytest.fixture
def reported(desk: Desk) -> Desk:
    report(desk)
    return desk


def test_events_that_agree_are_not_listed(reported: Desk) -> None:
    assert compared(reported, SAME) == []


def test_what_is_on_one_side_only_is_listed(reported: Desk) -> None:
    assert compared(reported) == [(RECORD, "only in the record: not in the safety database")]
    twice = compared(reported, SAME, SAME)
    assert [(record, what.partition(":")[0]) for record, what in twice] == [("", "only in the safety database")]
    (unknown,) = compared(reported, SAME, "01-099,Fever,2024-03-18,\n")
    assert "nobody has this number" in unknown[1]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (
            "Embolism,2024-03-18,RECOVERING/RESOLVING",
            "term: Pulmonary embolism in the record, Embolism in the safety",
        ),
        ("Pulmonary embolism,2024-03-19,RECOVERING/RESOLVING", "started: 2024-03-18 in the record, 2024-03-19"),
        ("Pulmonary embolism,2024-03-18,FATAL", "outcome: RECOVERING/RESOLVING in the record, FATAL"),
        ("Pulmonary embolism,2024-03-18,", "in the record, nothing in the safety database"),
    ],
)
def test_what_differs_is_named_with_both_values(reported: Desk, row: str, what: str) -> None:
    ((record, said),) = compared(reported, f"{WHO},{row}\n")
    assert record == RECORD
    assert what in said


def test_an_event_that_is_not_serious_is_no_case(desk: Desk) -> None:
    desk.save("adverse_event")
    assert compared(desk) == []
    assert "not serious in the record" in compared(desk, f"{WHO},Fever,2024-03-18,\n")[0][1]


def test_the_number_of_the_record_goes_before_everything(reported: Desk) -> None:
    head = HEAD.replace("\n", ",record\n")
    found = compared(reported, f"{WHO},Stroke,2024-03-20,RECOVERING/RESOLVING,{RECORD}\n", head=head)
    assert [what.partition(":")[0] for _, what in found] == ["term", "started"]


def harm(desk: Desk) -> list[str]:
    return [one.what for one in check_harm(desk.protocol, desk.trial)]


def test_the_record_is_asked_whether_it_agrees_with_itself(desk: Desk) -> None:
    grave: dict[str, Any] = {
        **SERIOUS,
        "ae_death": "Y",
        "ae_outcome": "FATAL",
        "ae_grade": "5",
        "ae_ended": "2024-03-27",
    }
    report(desk, {**grave, "ae_action": "DRUG WITHDRAWN"})
    assert harm(desk) == [
        "led to death, and no death is recorded",
        "the product was stopped for good, and treatment has not ended",
    ]
    desk.today += timedelta(days=1)
    report(
        desk,
        {**SERIOUS, "ae_serious": "N", "ae_hospital": "N", "ae_outcome": "UNKNOWN", "ae_grade": "2"},
        ae_death="N",
    )
    assert all("runs on, though the event is not serious any more" in what for what in harm(desk))
    assert harm(desk)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "needs the columns participant, term, started"),
        ("participant,term\n", "needs the columns"),
        ("participant,term,started,colour\n", "Got participant, term, started, colour"),
        (f"{HEAD}{WHO},,2024-03-18,\n", "row 2 of the list lacks term"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(content: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_cases(content)
