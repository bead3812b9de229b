"""Results of a laboratory as SDTM: ranges and grades beside what others have printed.

Grades: DAIDS Table for Grading the Severity of Adult and Pediatric Adverse Events, corrected version 2.1 (July
2017), chemistries and hematology: haemoglobin low (13 years and older), ALT high, absolute CD4+ count low,
platelets decreased, albumin low. Values on and beside each limit, as the table prints them.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.conduct.forms.desk import DAY_1, SCREENED, Desk
from tests.conduct.laboratory.sending import panel, row, send, served

from equipoise.conduct.door.state import ReferenceRange
from equipoise.conduct.laboratory.ranges import SetReferenceRanges
from equipoise.datasets.from_record import write_sdtm
from equipoise.datasets.from_record.abnormal import list_abnormal
from equipoise.protocol.quantity import unit_registry

FROM = date(2024, 1, 1)
CHEMISTRY = {"ALT": "30", "AST": "30", "BILI": "12", "ALP": "80", "ALB": "40", "CREAT": "70", "GLUC": "5.0"}
UNITS = {
    "ALT": "U/L",
    "AST": "U/L",
    "BILI": "umol/L",
    "ALP": "U/L",
    "ALB": "g/L",
    "CREAT": "umol/L",
    "GLUC": "mmol/L",
}
HAEMATOLOGY = {"WBC": "5.1", "NEUT": "3.0", "LYM": "1.6", "HGB": "14.0", "PLAT": "210"}


@pytest.fixture(autouse=True, scope="module")
def units() -> None:
    unit_registry()


def reference(test: str, **fields: Any) -> ReferenceRange:
    return ReferenceRange(**{"test": test, "valid_from": FROM, **fields})


RANGES = (
    reference("HGB", sex="M", age_from=18, low="130", high="175", unit="g/L"),
    reference("HGB", sex="F", age_from=18, low="11.5", high="15.0", unit="g/dL"),
    reference("ALT", high="40", unit="U/L"),
    reference("ALB", low="35", high="50", unit="g/L"),
    reference("ALT", valid_from=DAY_1 + timedelta(20), high="50", unit="U/L"),
)


def desk(sex: str = "M") -> Desk:
    """A participant at week 4, with the ranges of the laboratory."""
    here = served(Desk())
    here.hold("SCR", SCREENED)
    here.save("demography", "SCR", {"age": 40, "sex": sex})
    here.start_from_day_1()
    here.hold("W4", DAY_1 + timedelta(28))
    here.do(SetReferenceRanges(laboratory="central", ranges=RANGES), role="data manager")
    return here


def lb(here: Desk, code: str) -> list[dict[str, Any]]:
    frame = write_sdtm(here.protocol, here.trial)["lb"].frame
    return [one for one in frame.iter_rows(named=True) if one["LBTESTCD"] == code]


def graded(code: str, value: str, sex: str = "M") -> str | None:
    """Send a value of a test at week 4; return its grade."""
    here = desk(sex)
    at = f"{DAY_1 + timedelta(28)}T08:00"
    if code in HAEMATOLOGY:
        rows = panel(at, {**HAEMATOLOGY, code: value})
    elif code in CHEMISTRY:
        values = {**CHEMISTRY, code: value}
        rows = [row(n, at, test, one, unit=UNITS[test]) for n, (test, one) in enumerate(values.items(), 2)]
    else:
        rows = panel(at, {"CD4": value, "CD8": "700"})
    send(here, rows)
    (found,) = lb(here, code)
    return found["LBTOXGR"]


@pytest.mark.parametrize(
    ("code", "sex", "value", "grade"),
    [
        # haemoglobin, g/dL: male 10.0-10.9, 9.0 to < 10.0, 7.0 to < 9.0, < 7.0
        *[("HGB", "M", value, grade) for value, grade in (("11.0", 0), ("10.9", 1), ("10.0", 1), ("9.9", 2))],
        *[("HGB", "M", value, grade) for value, grade in (("9.0", 2), ("8.9", 3), ("7.0", 3), ("6.9", 4))],
        # female 9.5-10.4, 8.5 to < 9.5, 6.5 to < 8.5, < 6.5
        *[("HGB", "F", value, grade) for value, grade in (("10.5", 0), ("10.4", 1), ("9.4", 2), ("8.4", 3))],
        ("HGB", "F", "6.4", 4),
        # CD4, cells/uL: 300 to < 400, 200 to < 300, 100 to < 200, < 100
        *[("CD4", "M", value, grade) for value, grade in (("400", 0), ("399", 1), ("299", 2), ("199", 3))],
        ("CD4", "M", "99", 4),
        # ALT, upper limit 50 of that day: 1.25 to < 2.5, 2.5 to < 5, 5 to < 10, 10 times it and more
        *[("ALT", "M", value, grade) for value, grade in (("62", 0), ("63", 1), ("124", 1), ("125", 2))],
        *[("ALT", "M", value, grade) for value, grade in (("250", 3), ("499", 3), ("500", 4))],
        # platelets, 10^9/L: 100 to < 125, 50 to < 100, 25 to < 50, < 25
        *[("PLAT", "M", value, grade) for value, grade in (("125", 0), ("124", 1), ("99", 2), ("49", 3))],
        ("PLAT", "M", "24", 4),
        # albumin, g/dL: 3.0 to < lower limit, 2.0 to < 3.0, < 2.0
        *[("ALB", "M", value, grade) for value, grade in (("35", 0), ("34", 1), ("29", 2), ("19", 3))],
    ],
)
def test_a_result_has_the_grade_that_daids_prints(code: str, sex: str, value: str, grade: int) -> None:
    assert graded(code, value, sex) == str(grade)


def test_a_result_says_whose_it_is_when_it_was_taken_and_the_range_of_that_day_in_both_units() -> None:
    here = desk("F")
    send(here, panel(f"{DAY_1 + timedelta(28)}T08:10", {**HAEMATOLOGY, "HGB": "11.0"}))
    (found,) = lb(here, "HGB")
    assert (found["LBREFID"], found["LBNAM"]) == (f"A-{DAY_1 + timedelta(28)}", "Central")
    assert (found["LBDTC"], found["LBDY"]) == (f"{DAY_1 + timedelta(28)}T08:10", 29)
    assert (found["LBORRES"], found["LBORRESU"], found["LBSTRESN"]) == ("11.0", "g/dL", 110.0)
    assert (found["LBORNRLO"], found["LBORNRHI"]) == ("11.5", "15.0")
    assert (found["LBSTNRLO"], found["LBSTNRHI"], found["LBNRIND"]) == (115.0, 150.0, "LOW")
    assert (found["LBTOXGR"], found["LBTOX"]) == ("0", None)


def test_each_result_is_judged_by_the_range_of_its_day() -> None:
    here = desk()
    for visit, on in (("W0", DAY_1), ("W4", DAY_1 + timedelta(28))):
        values = {**CHEMISTRY, "ALT": "45"}
        rows = [
            row(n, f"{on}T08:00", test, one, unit=UNITS[test]) for n, (test, one) in enumerate(values.items(), 2)
        ]
        send(here, rows, file=f"{visit}.csv")
    found = lb(here, "ALT")
    assert [(one["LBSTNRHI"], one["LBNRIND"]) for one in found] == [(40.0, "HIGH"), (50.0, "NORMAL")]


def test_a_result_typed_by_hand_has_no_laboratory_and_no_range_but_a_grade_where_it_needs_none() -> None:
    here = desk()
    on = DAY_1 + timedelta(28)
    here.save(
        "haematology",
        "W4",
        {"wbc": 5.1, "neutrophils": 3, "lymphocytes": 1.6, "haemoglobin": 95, "platelets": 20},
        on=on,
    )
    (found,) = lb(here, "PLAT")
    assert (found["LBNAM"], found["LBREFID"], found["LBNRIND"]) == (None, None, None)
    assert (found["LBTOXGR"], found["LBTOX"]) == ("4", "Platelets, Decreased")


def test_the_list_of_abnormal_results_has_the_gravest_first_and_nothing_normal() -> None:
    here = desk()
    at = f"{DAY_1 + timedelta(28)}T08:00"
    send(
        here,
        [*panel(at, {**HAEMATOLOGY, "HGB": "12.0", "PLAT": "30"}), *panel(at, {"CD4": "150", "CD8": "700"}, 9)],
    )
    found = list_abnormal(here.protocol, here.trial)
    assert [(one.test, one.grade, one.indicator) for one in found] == [
        ("CD4", 3, ""),
        ("PLAT", 3, ""),
        ("HGB", 0, "LOW"),
    ]
    assert [one.test for one in list_abnormal(here.protocol, here.trial, grade=3)] == ["CD4", "PLAT"]
