"""Findings: values as typed and in the unit of the protocol, missing codes, flags, qualifiers, masked items."""

from datetime import date
from typing import Any

import pytest

from equipoise.conduct.door.state import Value, Visit
from equipoise.datasets.from_record import Opened, write_sdtm
from equipoise.errors import DataError

RESULT = ("LBORRES", "LBORRESU", "LBSTRESC", "LBSTRESN", "LBSTRESU")


def test_a_value_stands_as_it_was_recorded(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W4", values={("W4", "cd4"): 213.0}))
    lb = write_sdtm(inr.protocol, trial)["lb"]
    assert rows(lb, *RESULT, LBTESTCD="CD4", VISIT="Week 4") == [("213", "cells/uL", "213", 213.0, "cells/uL")]
    placed = ("LBCAT", "LBTEST", "VISITNUM", "VISITDY", "LBDTC", "LBDY", "LBSPID", "EPOCH")
    assert rows(lb, *placed, LBTESTCD="CD4", VISIT="Week 4") == [
        ("T-CELL COUNTS", "CD4+ T cells", 3.0, 29, "2026-03-30", 29, "W4/immunology/1", "TREATMENT")
    ]


def test_a_value_in_another_unit_keeps_what_was_typed(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="SCR"))
    values = trial.participants["01-001"].forms["SCR/haematology/1"].values
    values["haemoglobin"] = Value(value=135.0, entered="13.5 g/dL")
    values["wbc"] = Value(value=4.25)
    lb = write_sdtm(inr.protocol, trial)["lb"]
    assert rows(lb, *RESULT, LBTESTCD="HGB") == [("13.5", "g/dL", "135", 135.0, "g/L")]
    assert rows(lb, *RESULT, LBTESTCD="WBC") == [("4.25", "10^9/L", "4.25", 4.25, "10^9/L")]


def test_a_code_is_a_result_without_number_and_unit(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="SCR"))
    pe = write_sdtm(inr.protocol, trial)["pe"]
    assert rows(pe, "PEORRES", "PEORRESU", "PESTRESC", "PESTRESN", PETESTCD="HEART") == [
        ("NORMAL", None, "NORMAL", None)
    ]


def test_a_missing_code_says_that_the_test_was_not_done_and_why(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="SCR"))
    values = trial.participants["01-001"].forms["SCR/vitals/1"].values
    values["pulse"], values["weight"] = Value(missing="REFUSED"), Value(missing="NOT DONE")
    vs = write_sdtm(inr.protocol, trial)["vs"]
    told = ("VSORRES", "VSSTRESN", "VSSTRESU", "VSSTAT", "VSREASND")
    assert rows(vs, *told, VSTESTCD="PULSE") == [(None, None, None, "NOT DONE", "REFUSED")]
    assert rows(vs, *told, VSTESTCD="WEIGHT") == [(None, None, None, "NOT DONE", None)]


def test_an_item_without_a_test_code_qualifies_the_first_test_of_its_form(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="SCR"))
    virology = trial.participants["01-001"].forms["SCR/virology/1"]
    virology.values |= {"below_limit": Value(value="Y"), "assay_limit": Value(value=20.0)}
    sdtm = write_sdtm(inr.protocol, trial)
    (sequence,) = rows(sdtm["mb"], "MBSEQ", MBTESTCD="HIV1RNA")[0]
    found = rows(sdtm["suppmb"], "RDOMAIN", "IDVAR", "IDVARVAL", "QNAM", "QVAL")
    assert found == [
        ("MB", "MBSEQ", str(sequence), "BELOWLIM", "Y"),
        ("MB", "MBSEQ", str(sequence), "ASSAYLIM", "20"),
    ]


def test_a_form_without_any_test_done_says_so_in_one_row(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="SCR"))
    sdtm = write_sdtm(inr.protocol, trial)
    assert rows(sdtm["lb"], "LBTEST", "LBSTAT", "LBREASND", "LBCAT", LBTESTCD="LBALL") == [
        ("Laboratory Test Results", "NOT DONE", "NOT ASKED FOR", "PREGNANCY TEST")
    ]
    assert rows(sdtm["supplb"], "QNAM", "QVAL") == [("CHILDBEA", "N")]


def test_flags_mark_the_last_result_before_the_first_infusion_and_before_day_1(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W12", not_infused=("W0",)))
    trial.participants["01-001"].forms["W0/vitals/1"].values["pulse"] = Value(missing="NOT DONE")
    vs = write_sdtm(inr.protocol, trial)["vs"]
    told = ("VISIT", "VSLOBXFL", "VSBLFL")
    assert rows(vs, *told, VSTESTCD="WEIGHT") == [
        ("Screening", None, None),
        ("Baseline", None, "Y"),
        ("Week 4", "Y", None),
        ("Week 12", None, None),
    ]
    assert rows(vs, *told, VSTESTCD="PULSE")[:2] == [("Screening", None, "Y"), ("Baseline", None, None)]


def test_the_rows_of_a_participant_follow_the_visits_and_are_counted(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W12"), inr.script("01-002", "low", until="W0"))
    person = trial.participants["01-001"]
    person.visits["U1"] = Visit(name=None, on=date(2026, 4, 7))
    inr.add_form(person, "vitals", date(2026, 4, 7), {"weight": 61.0}, visit="U1")
    vs = write_sdtm(inr.protocol, trial)["vs"]
    weights = rows(vs, "VISITNUM", "VSDTC", VSTESTCD="WEIGHT", USUBJID="HUCMSC_INR-01-001")
    assert weights == [
        (1.0, "2026-02-16"),
        (2.0, "2026-03-02"),
        (3.0, "2026-03-30"),
        (3.01, "2026-04-07"),
        (4.0, "2026-05-25"),
    ]
    counts = vs.frame.group_by("USUBJID", maintain_order=True).agg("VSSEQ")
    assert [list(range(1, len(numbers) + 1)) for numbers in counts["VSSEQ"]] == counts["VSSEQ"].to_list()


def test_a_record_that_was_struck_out_is_left_out(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="SCR"))
    trial.participants["01-001"].forms["SCR/vitals/1"].removed = "other participant"
    sdtm = write_sdtm(inr.protocol, trial)
    assert sdtm["vs"].frame.is_empty()
    assert sdtm["vs"].frame.schema["VSSTRESN"].is_float()


def test_characteristics_that_no_test_code_names_are_in_sc_under_their_name_in_adsl(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="W0"))
    sc = write_sdtm(inr.protocol, trial)["sc"]
    assert rows(sc, "SCTESTCD", "SCORRES", "SCSTRESN", "SCSTRESU", "SCSPID") == [
        ("HIVROUTE", "HETEROSEXUAL", None, None, "SCR/hiv_history/1"),
        ("ARTMONS", "60", 60.0, "month", "SCR/art_history/1"),
        ("ARTCLASS", "NNRTI", None, None, "SCR/art_history/1"),
        ("CD4NADIR", "45", 45.0, "cells/uL", "SCR/hiv_history/1"),
    ]


def test_a_masked_item_is_there_only_when_the_codes_are_open(inr: Any, rows: Any) -> None:
    trial, opened = inr.play(inr.script("01-001", "low", until="W48"))
    del trial.participants["01-001"].forms["W48/hla_antibodies/1"]
    masked = {("01-001", "W48", "hla_class_1"): 12.0}
    both = Opened(arms=opened.arms, doses=opened.doses, masked=masked)
    assert write_sdtm(inr.protocol, trial)["is"].frame.is_empty()
    told = write_sdtm(inr.protocol, trial, opened=both)["is"]
    assert rows(told, "ISTESTCD", "VISIT", "ISSTRESN", "ISDTC") == [
        ("HLAIPRA", "Baseline", 30.0, "2026-03-02"),
        ("HLAIIPRA", "Baseline", 30.0, "2026-03-02"),
        ("HLAIPRA", "Week 48", 12.0, "2027-02-01"),
    ]


def test_a_form_that_the_protocol_does_not_have_is_refused(inr: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "low", until="SCR"))
    inr.add_form(trial.participants["01-001"], "vital", date(2026, 3, 2), {"weight": 61.0})
    with pytest.raises(
        DataError, match=r"a form of 01-001 \(vital\) holds what no version .* did you mean vitals"
    ):
        write_sdtm(inr.protocol, trial)
