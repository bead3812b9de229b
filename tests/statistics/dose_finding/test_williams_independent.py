"""Williams' test agrees with his printed tables (two decimals) and with rectangles by Miwa's algorithm (1e-8)."""

import json
from pathlib import Path

import polars as pl
import pytest

from equipoise.statistics import williams, williams_critical_value
from equipoise.statistics.dose_finding import williams_p

# Williams, Biometrics 1971;27:103-17, table 1 (5%, one-sided), as the R package StatCharrms holds it after Green,
# Springer and Holbech, Statistical Analysis of Ecotoxicity Studies, Wiley 2018: by number of doses, df 5 to 9
PRINTED = {
    2: (2.14, 2.06, 2.00, 1.96, 1.93),
    3: (2.19, 2.10, 2.04, 2.00, 1.97),
    4: (2.21, 2.12, 2.06, 2.01, 1.98),
    5: (2.22, 2.13, 2.07, 2.02, 1.99),
    6: (2.23, 2.14, 2.08, 2.03, 2.00),
    8: (2.24, 2.15, 2.08, 2.04, 2.01),
}


@pytest.mark.parametrize("doses", PRINTED)
def test_critical_values_are_those_of_the_printed_table(doses: int) -> None:
    for df, printed in zip(range(5, 10), PRINTED[doses], strict=True):
        assert williams_critical_value(0.05, [1] * (doses + 1), df) == pytest.approx(printed, abs=0.006)


def test_p_of_unequal_groups_with_known_and_estimated_variance(references: Path) -> None:
    for case in json.loads((references / "r" / "dose_finding.out.json").read_text())["williams"]:
        assert williams_p(case["t"], case["n"], float(case["df"])) == pytest.approx(case["p"], rel=1e-8)


def test_the_five_doses_step_down_to_the_second(references: Path) -> None:
    # the means rise, so each statistic is a two-sample t statistic with the pooled variance
    data = pl.read_csv(references / "dose5.csv")
    test = williams(data, "chg", "dose", alpha=0.05)
    assert test.minimum_effective == "25"
    assert test.df == 95
