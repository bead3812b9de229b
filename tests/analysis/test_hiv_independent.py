"""Published results of three HIV trials, and values of their data computed in R, to the printed digit.

actg320: Hammer et al., N Engl J Med 1997;337:725-33 and R on the data. actg175: values of the public data (2,139
of 2,467 participants) computed in R. aids_ddi_ddc: Abrams et al., N Engl J Med 1994;330:657-62 and R on the data;
program and output in `references/r/aids_ddi_ddc`.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from equipoise.analysis import TrialResults

from .published import analysed, printed, reader

pytestmark = pytest.mark.shared

Cell = Callable[..., float]


def results(shared: Path, trial: str) -> TrialResults:
    return analysed(trial, shared / "data" / trial)


def ratio(cell: Cell, decimals: int, **levels: str) -> str:
    """Read a hazard ratio with its interval as `0.50 (0.33-0.76)`."""
    values = [printed(cell(name, **levels), decimals) for name in ("hazard_ratio", "lower", "upper")]
    return "{} ({}-{})".format(*values)


class TestActg320:
    PLACEBO, INDINAVIR = "Placebo + 2 nucleosides", "Indinavir + 2 nucleosides"

    def cell(self, shared: Path, analysis: str, parameter: str) -> Cell:
        read = reader(results(shared, "actg320"), analysis)
        return lambda statistic, **levels: read(statistic, parameter=parameter, **levels)

    def counts(self, cell: Cell, **levels: str) -> list[tuple[float, float]]:
        return [
            (cell("events", arm=arm, **levels), cell("n", arm=arm, **levels))
            for arm in (self.INDINAVIR, self.PLACEBO)
        ]

    @property
    def compared(self) -> dict[str, str]:
        return {"arm": self.INDINAVIR, "versus": self.PLACEBO}

    def test_aids_or_death(self, shared: Path) -> None:
        cell = self.cell(shared, "progression_cox", "AIDSDTH")
        events = [row[0] for row in self.counts(cell)]
        assert events == [33, 63]
        assert ratio(cell, 2, **self.compared) == "0.50 (0.33-0.76)"
        assert ratio(cell, 4, **self.compared) == "0.4994 (0.3277-0.7611)"
        assert printed(cell("p", **self.compared), 4) == "0.0012"
        assert printed(cell("p", **self.compared), 3) == "0.001"

    def test_death(self, shared: Path) -> None:
        cell = self.cell(shared, "death_cox", "DEATH")
        assert [row[0] for row in self.counts(cell)] == [8, 18]
        assert ratio(cell, 2, **self.compared) == "0.43 (0.19-0.99)"
        assert ratio(cell, 4, **self.compared) == "0.4319 (0.1878-0.9934)"
        assert printed(cell("p", **self.compared), 3) == "0.048"

    @pytest.mark.parametrize(
        ("level", "counts", "hazard"),
        [
            ("<=50", [(23, 219), (44, 220)], "0.495 (0.299-0.819)"),
            (">50", [(10, 355), (19, 357)], "0.511 (0.237-1.098)"),
        ],
    )
    def test_strata(self, shared: Path, level: str, counts: list[tuple[float, float]], hazard: str) -> None:
        cell = self.cell(shared, "progression_cox", "AIDSDTH")
        group = f"cd4_stratum={level}"
        assert self.counts(cell, group=group) == counts
        assert ratio(cell, 3, group=group, **self.compared) == hazard


class TestActg175:
    ARMS = ("ZDV", "ZDV + ddI", "ZDV + ddC", "ddI")

    def cell(self, shared: Path, analysis: str, parameter: str, visit: str = "") -> Cell:
        read = reader(results(shared, "actg175"), analysis)
        return lambda statistic, **levels: read(statistic, parameter=parameter, visit=visit, **levels)

    def test_participants_and_events(self, shared: Path) -> None:
        cell = self.cell(shared, "progression_cox", "PROGRESS")
        assert [cell("n", arm=arm) for arm in self.ARMS] == [532, 522, 524, 561]
        assert [cell("events", arm=arm) for arm in self.ARMS] == [181, 103, 109, 128]

    @pytest.mark.parametrize(
        ("arm", "hazard"),
        [
            ("ZDV + ddI", "0.4920 (0.3862-0.6267)"),
            ("ZDV + ddC", "0.5249 (0.4138-0.6657)"),
            ("ddI", "0.5858 (0.4671-0.7347)"),
        ],
    )
    def test_hazard_ratios(self, shared: Path, arm: str, hazard: str) -> None:
        cell = self.cell(shared, "progression_cox", "PROGRESS")
        assert ratio(cell, 4, arm=arm, versus="ZDV") == hazard

    def test_log_rank(self, shared: Path) -> None:
        cell = self.cell(shared, "progression_km", "PROGRESS")
        assert printed(cell("chi2"), 1) == "49.2"
        assert cell("df") == 3

    def test_all_others_against_zidovudine(self, shared: Path) -> None:
        cell = self.cell(shared, "progression_pooled", "PROGRESS")
        assert ratio(cell, 4, group="term=regimen[T.OTHER]") == "0.5350 (0.4466-0.6408)"

    def test_mean_change_of_cd4(self, shared: Path) -> None:
        cell = self.cell(shared, "cd4_week_20", "CD4", "Week 20")
        means = [printed(cell("mean", arm=arm, group="summary=change"), 2) for arm in self.ARMS]
        assert means == ["-17.07", "54.45", "19.26", "26.86"]

    @pytest.mark.parametrize(
        ("analysis", "parameter", "visit", "differences"),
        [
            ("cd4_week_20", "CD4", "Week 20", "70.24 7.08 36.21 7.07 42.29 6.95"),
            ("cd4_week_96", "CD4", "Week 96", "67.25 11.40 71.97 11.35 54.77 11.25"),
            ("cd8_week_20", "CD8", "Week 20", "27.80 17.91 -24.40 17.89 25.86 17.59"),
        ],
    )
    def test_differences_adjusted_for_baseline(
        self, shared: Path, analysis: str, parameter: str, visit: str, differences: str
    ) -> None:
        cell = self.cell(shared, analysis, parameter, visit)
        found = [
            printed(cell(statistic, arm=arm, versus="ZDV"), 2)
            for arm in self.ARMS[1:]
            for statistic in ("estimate", "se")
        ]
        assert " ".join(found) == differences

    def test_participants_seen_at_week_96(self, shared: Path) -> None:
        cell = self.cell(shared, "cd4_week_96", "CD4", "Week 96")
        assert [cell("n", arm=arm) for arm in self.ARMS] == [321, 333, 337, 351]


class TestDdiDdc:
    def test_deaths_and_hazard_ratio(self, shared: Path) -> None:
        read = reader(results(shared, "aids_ddi_ddc"), "death_cox")
        cell: Cell = lambda statistic, **levels: read(statistic, parameter="DEATH", **levels)  # noqa: E731
        assert [(cell("events", arm=arm), cell("n", arm=arm)) for arm in ("ddI", "ddC")] == [(100, 230), (88, 237)]
        assert ratio(cell, 4, arm="ddI", versus="ddC") == "1.2339 (0.9264-1.6434)"
        assert printed(cell("p", arm="ddI", versus="ddC"), 3) == "0.151"

    @pytest.mark.parametrize(("arm", "rows"), [("ddC", "237 186 157 123 14"), ("ddI", "230 182 153 103 20")])
    def test_participants_by_month(self, shared: Path, arm: str, rows: str) -> None:
        done = results(shared, "aids_ddi_ddc").done["cd4_by_visit"].results
        seen = done.filter((done["statistic"] == "n") & (done["arm"] == arm) & (done["group"] == "summary=value"))
        parameter = seen["parameter"][0]
        counts = seen.filter(seen["parameter"] == parameter)["value"].cast(int).to_list()
        assert " ".join(str(n) for n in counts) == rows
