"""EC and EX: what was hung up, and what was in it."""

from dataclasses import replace
from typing import Any

from equipoise.conduct.door.state import Value
from equipoise.datasets.from_record import Opened, write_sdtm


def test_an_infusion_as_collected_tells_bag_volume_and_time_but_not_the_product(inr: Any, rows: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "high", until="W4", not_infused=("W4",)))
    ec = write_sdtm(inr.protocol, trial)["ec"]
    told = ("ECSEQ", "ECTRT", "ECOCCUR", "ECREFID", "ECDOSE", "ECDOSU", "ECSTDTC", "ECENDTC", "ECSTDY", "VISIT")
    product = "hUC-MSC suspension or Placebo"
    assert rows(ec, *told) == [
        (1, product, "Y", "B-0001", 100.0, "mL", "2026-03-02T09:30", "2026-03-02T10:15", 1, "Baseline"),
        (2, product, "N", None, None, None, None, None, None, "Week 4"),
    ]
    assert rows(ec, "ECREASOC", "ECROUTE") == [(None, "INTRAVENOUS"), ("ADVERSE EVENT", "INTRAVENOUS")]


def test_exposure_gives_the_cells_of_each_infusion_that_was_given(inr: Any, rows: Any) -> None:
    trial, opened = inr.play(
        inr.script("01-001", "high", until="W4"), inr.script("01-002", "placebo", until="W4", not_infused=("W4",))
    )
    ex = write_sdtm(inr.protocol, trial, opened=opened)["ex"]
    told = ("USUBJID", "EXTRT", "EXDOSE", "EXDOSU", "EXDOSRGM", "EXREFID", "EXSTDTC", "VISIT")
    cells = "Therapeutic Cells"
    assert rows(ex, *told) == [
        *[
            (f"HUCMSC_INR-01-00{n}", trt, dose, cells, plan, bag, start, visit)
            for n, trt, dose, plan, bag, start, visit in (
                (1, "hUC-MSC suspension", 93_750_000.0, "1500000 /kg", "B-0001", "2026-03-02T09:30", "Baseline"),
                (1, "hUC-MSC suspension", 93_750_000.0, "1500000 /kg", "B-0002", "2026-03-30T09:30", "Week 4"),
                (2, "Placebo", 0.0, "0 /kg", "B-0003", "2026-03-02T09:30", "Baseline"),
            )
        ]
    ]


def test_there_is_no_exposure_while_the_codes_are_closed(inr: Any) -> None:
    trial, _ = inr.play(inr.script("01-001", "high", until="W4"))
    assert "ex" not in write_sdtm(inr.protocol, trial)


def test_of_a_bag_that_did_not_run_in_whole_the_part_counts(inr: Any, rows: Any) -> None:
    trial, opened = inr.play(inr.script("01-001", "high", until="W4"))
    forms = trial.participants["01-001"].forms
    forms["W0/infusion/1"].values["volume_given"] = Value(value=40.0)
    forms["W4/infusion/1"].values["volume_given"] = Value(value=103.0)
    ex = write_sdtm(inr.protocol, trial, opened=opened)["ex"]
    assert rows(ex, "EXDOSE") == [(37_500_000.0,), (93_750_000.0,)]


def test_the_bag_that_was_hung_up_counts_not_the_one_that_was_meant(inr: Any, rows: Any) -> None:
    trial, opened = inr.play(inr.script("01-001", "high", until="W0"), inr.script("01-002", "placebo", until="W0"))
    trial.participants["01-002"].forms["W0/infusion/1"].values["bag_number"] = Value(value="B-0001")
    ex = write_sdtm(inr.protocol, trial, opened=opened)["ex"]
    assert rows(ex, "EXREFID", "EXTRT", "EXDOSE", "EXDOSRGM")[1] == (
        "B-0001",
        "hUC-MSC suspension",
        93_750_000.0,
        "0 /kg",
    )


def test_an_infusion_of_which_the_vault_knows_nothing_has_no_dose(inr: Any, rows: Any) -> None:
    trial, opened = inr.play(inr.script("01-001", "high", until="W0"))
    ex = write_sdtm(inr.protocol, trial, opened=Opened(arms=opened.arms))["ex"]
    assert rows(ex, "EXDOSE", "EXDOSU", "EXTRT", "EXREFID") == [(None, None, "hUC-MSC suspension", "B-0001")]


def test_a_volume_with_its_unit_is_understood(inr: Any, rows: Any) -> None:
    trial, opened = inr.play(inr.script("01-001", "high", until="W0"))
    doses = tuple(replace(dose, volume="100 mL") for dose in opened.doses)
    ex = write_sdtm(inr.protocol, trial, opened=replace(opened, doses=doses))["ex"]
    assert rows(ex, "EXDOSE") == [(93_750_000.0,)]


def test_the_only_arm_of_a_trial_needs_no_other_name(single_arm: Any, rows: Any) -> None:
    trial, _ = single_arm.play(single_arm.script("01-001", "cells", until="W0"))
    ec = write_sdtm(single_arm.protocol, trial)["ec"]
    assert rows(ec, "ECTRT") == [("Allogeneic adipose-derived MSC suspension",)]


def test_the_lot_is_that_of_the_bag_that_was_hung_up_and_absent_where_there_are_no_kits(
    inr: Any, rows: Any
) -> None:
    trial, opened = inr.play(inr.script("01-001", "high", until="W0"), inr.script("01-002", "low", until="W0"))
    assert "EXLOT" not in write_sdtm(inr.protocol, trial, opened=opened)["ex"].frame.columns
    doses = (replace(opened.doses[0], lot="HUC-1"), replace(opened.doses[1], lot="HUC-2"))
    trial.participants["01-002"].forms["W0/infusion/1"].values["bag_number"] = Value(value="B-0001")
    ex = write_sdtm(inr.protocol, trial, opened=replace(opened, doses=doses))["ex"]
    assert rows(ex, "EXREFID", "EXLOT") == [("B-0001", "HUC-1"), ("B-0001", "HUC-1")]
