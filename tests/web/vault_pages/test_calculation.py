"""The calculation of a dose as it is shown, line by line, against values worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest
from tests.conduct.supply.pharmacy import supplied

from equipoise.errors import DecisionRefused
from equipoise.vault.bags import Preparation
from equipoise.vault.doses import Weighing
from equipoise.vault.supply.contents import Drawn
from equipoise.web.vault_pages.pharmacy.calculation import dose_lines, drawn_lines

ON, WEIGHED = date(2026, 3, 9), date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("equipoise.web.words", "equipoise.web.shell.templatetags.words"):
        monkeypatch.setattr(f"{module}.language", lambda: "en")


def prepared(arm: str, amount: str, weight: str) -> Preparation:
    return Preparation(
        *(
            "01-001/W0",
            "01-001",
            "cells",
            "W0",
            ON,
            "B-1",
            "100 mL",
            arm,
            Decimal(amount),
            "cells",
            Decimal(weight),
        )
    )


def lines(arm: str, amount: str, weight: str, used: str) -> list[tuple[str, str]]:
    weighing = Weighing(Decimal(weight), "kg", WEIGHED)
    return [(line.how, line.result) for line in dose_lines(supplied(), prepared(arm, amount, used), weighing)]


def test_a_dose_is_shown_from_the_dose_of_the_arm_to_the_rounded_one() -> None:
    assert lines("high", "48500000", "32.3", "32.3") == [
        ("", "1,500,000 cells/kg"),
        ("02 Mar 2026", "32.3 kg"),
        ("at most 100 kg", "32.3 kg"),
        ("1,500,000 × 32.3", "48,450,000 cells"),
        ("to the nearest 100,000 cells, a half upwards", "48,500,000 cells"),
    ]


def test_a_weight_above_the_cap_counts_as_the_cap() -> None:
    assert lines("low", "50000000", "104.2", "100")[2:4] == [
        ("at most 100 kg", "100 kg"),
        ("500,000 × 100", "50,000,000 cells"),
    ]


def test_placebo_is_calculated_alike() -> None:
    assert lines("placebo", "0", "61.3", "61.3")[-1] == ("to the nearest 100,000 cells, a half upwards", "0 cells")


def test_another_dose_than_the_protocols_is_refused() -> None:
    with pytest.raises(DecisionRefused, match=r"prepare nothing.*Got 48,500,000 and 48,400,000"):
        lines("high", "48400000", "32.3", "32.3")


def test_what_is_drawn_follows_from_the_count() -> None:
    drawn = Drawn(
        order="01-001/W0",
        kit="K",
        concentration=Decimal("2.1e6"),
        viability=Decimal("90"),
        drawn=Decimal("25.7"),
        filled=Decimal("74.3"),
    )
    assert [(one.how, one.result) for one in drawn_lines(prepared("high", "48500000", "32.3"), drawn)] == [
        ("", "2,100,000"),
        ("", "90 %"),
        ("2,100,000 × 90 %", "1,890,000"),
        ("48,500,000 ÷ 1,890,000", "25.7 mL"),
        ("to 100 mL", "74.3 mL"),
    ]
