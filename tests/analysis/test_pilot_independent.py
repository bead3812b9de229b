"""The CDISC pilot's clinical study report (27 June 2006), number by number, to the printed digit.

Source: the report's tables, confirmed from the data with R (the values are in the reference page on the pilot).
Rounding is half away from zero, as SAS prints. From the ADaM datasets of the submission, from its SDTM datasets,
and from the SAS transport files that exist for it (ADSL, ADTTE and the questionnaire of global impression). A few
characteristics are only in ADSL: it lacks a weight that SDTM has, and SDTM keeps one reason of termination apart.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from equipoise.analysis import TrialResults

from .published import analysed, printed, reader

pytestmark = pytest.mark.shared

PLACEBO, LOW, HIGH = "Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"
ARMS = (PLACEBO, LOW, HIGH)
Cell = Callable[..., float]

everywhere = pytest.mark.parametrize("form", ["adam", "sdtm", "xpt"])
delivered = pytest.mark.parametrize("form", ["adam", "xpt"])
in_full = pytest.mark.parametrize("form", ["adam", "sdtm"])


def results(shared: Path, *forms: str, only: tuple[str, ...] = ()) -> TrialResults:
    return analysed("cdiscpilot01", *(shared / "data" / "cdiscpilot01" / form for form in forms), only=only)


def across(cell: Cell, statistic: str, decimals: int, **levels: str) -> list[str]:
    """Read a statistic in the three arms, as printed."""
    return [printed(cell(statistic, arm=arm, **levels), decimals) for arm in ARMS]


class TestDisposition:
    def test_persons_screened_and_screen_failures(self, shared: Path) -> None:
        cell = reader(results(shared, "adam", "sdtm", only=("disposition",)), "disposition")
        assert cell("count", group="milestone=screened") == 306
        assert cell("count", group="milestone=screen failure") == 52

    @everywhere
    def test_randomised_and_analysis_sets(self, shared: Path, form: str) -> None:
        cell = reader(results(shared, form), "disposition")
        assert cell("count", group="milestone=randomised", arm="Total") == 254
        assert across(cell, "count", 0, group="milestone=randomised") == ["86", "84", "84"]
        assert cell("count", group="set=safety", arm="Total") == 254
        assert across(cell, "count", 0, group="set=efficacy") == ["79", "81", "74"]

    @everywhere
    def test_completers(self, shared: Path, form: str) -> None:
        cell = reader(results(shared, form), "disposition")
        assert across(cell, "count", 0, group="milestone=completed_week_24") == ["60", "28", "30"]
        assert across(cell, "count", 0, group="milestone=completed") == ["58", "25", "27"]

    @delivered
    def test_early_termination_and_its_reasons(self, shared: Path, form: str) -> None:
        result = results(shared, form).done["disposition"]
        cell = reader(results(shared, form), "disposition")
        assert across(cell, "count", 0, group="milestone=discontinued") == ["26", "56", "54"]
        groups = [g for g in result.results["group"].unique() if g.startswith("milestone=discontinued;reason=")]
        found = {tuple(across(cell, "count", 0, group=group)) for group in groups}
        assert found == {
            ("8", "44", "39"),  # adverse event
            ("1", "1", "0"),  # death
            ("3", "0", "1"),  # lack of efficacy
            ("1", "0", "0"),  # lost to follow-up
            ("9", "8", "8"),  # withdrew
            ("1", "0", "2"),  # physician; criteria not met
            ("1", "1", "1"),  # protocol violation
            ("1", "2", "1"),  # sponsor
        }
        assert len(groups) == 9

    @in_full
    def test_the_primary_analysis_leaves_out_those_outside_the_efficacy_set(self, shared: Path, form: str) -> None:
        cell = reader(results(shared, form), "disposition")
        assert across(cell, "count", 0, group="milestone=analysed") == ["79", "81", "74"]
        outside = "milestone=not analysed;reason=not in Efficacy population"
        assert across(cell, "count", 0, group=outside) == ["7", "3", "10"]


NUMBERS = {
    "age": ("75.2 75.7 74.4", "8.59 8.29 7.89", "0.5934"),
    "mmse": ("18.0 17.9 18.5", "4.27 4.22 4.16", "0.5947"),
    "disease_duration": ("42.7 48.7 40.5", "30.24 29.58 24.69", "0.1530"),
    "education": ("12.6 13.2 12.5", "2.95 4.15 2.92", "0.3875"),
    "weight": ("62.8 67.3 70.0", "12.77 14.12 14.65", "0.0030"),
    "height": ("162.6 163.4 165.8", "11.52 10.42 10.13", "0.1262"),
    "bmi": ("23.6 25.1 25.3", "3.67 4.27 4.16", "0.0133"),
}


class TestDemographics:
    @delivered
    @pytest.mark.parametrize("variable", list(NUMBERS))
    def test_means_standard_deviations_and_analysis_of_variance(
        self, shared: Path, form: str, variable: str
    ) -> None:
        cell = reader(results(shared, form), "demographics")
        means, deviations, p = NUMBERS[variable]
        assert across(cell, "mean", 1, parameter=variable) == means.split()
        assert across(cell, "sd", 2, parameter=variable) == deviations.split()
        assert printed(cell("p", parameter=variable), 4) == p

    @pytest.mark.parametrize("variable", ["age", "education"])
    def test_means_that_the_raw_data_give_too(self, shared: Path, variable: str) -> None:
        cell = reader(results(shared, "sdtm"), "demographics")
        means, deviations, p = NUMBERS[variable]
        assert across(cell, "mean", 1, parameter=variable) == means.split()
        assert across(cell, "sd", 2, parameter=variable) == deviations.split()
        assert printed(cell("p", parameter=variable), 4) == p

    @everywhere
    def test_median_and_range_of_age(self, shared: Path, form: str) -> None:
        cell = reader(results(shared, form), "demographics")
        assert across(cell, "median", 1, parameter="age") == ["76.0", "77.5", "76.0"]
        assert across(cell, "min", 0, parameter="age") == ["52", "51", "56"]
        assert across(cell, "max", 0, parameter="age") == ["89", "88", "88"]

    @delivered
    @pytest.mark.parametrize("variable", ["weight", "bmi"])
    def test_one_participant_of_the_low_dose_was_not_weighed(self, shared: Path, form: str, variable: str) -> None:
        cell = reader(results(shared, form), "demographics")
        assert across(cell, "n", 0, parameter=variable) == ["86", "83", "84"]

    @everywhere
    def test_age_groups(self, shared: Path, form: str) -> None:
        cell = reader(results(shared, form), "demographics")
        rows = {"<65": "14 8 11", "65-80": "42 47 55", ">80": "30 29 18"}
        for level, counts in rows.items():
            counted = across(cell, "count", 0, parameter="age_group", group=f"age_group={level}")
            assert counted == counts.split()
        assert printed(cell("p", parameter="age_group"), 4) == "0.1439"

    @everywhere
    def test_sex(self, shared: Path, form: str) -> None:
        cell = reader(results(shared, form), "demographics")
        assert across(cell, "count", 0, parameter="sex", group="sex=M") == ["33", "34", "44"]
        assert across(cell, "count", 0, parameter="sex", group="sex=F") == ["53", "50", "40"]
        assert printed(cell("p", parameter="sex"), 4) == "0.1409"


@in_full
class TestPrimary:
    """ADAS-Cog (11), change from baseline at week 24, last observation carried forward."""

    def cell(self, shared: Path, form: str) -> Cell:
        read = reader(results(shared, form), "adas_cog_ancova")
        return lambda statistic, **levels: read(statistic, parameter="ACTOT", visit="Week 24", **levels)

    def test_participants(self, shared: Path, form: str) -> None:
        assert across(self.cell(shared, form), "n", 0) == ["79", "81", "74"]

    @pytest.mark.parametrize(
        ("summary", "means", "deviations"),
        [
            ("baseline", "24.1 24.4 21.3", "12.19 12.92 11.74"),
            ("value", "26.7 26.4 22.8", "13.79 13.18 12.48"),
            ("change", "2.5 2.0 1.5", "5.80 5.55 4.26"),
        ],
    )
    def test_means(self, shared: Path, form: str, summary: str, means: str, deviations: str) -> None:
        cell = self.cell(shared, form)
        assert across(cell, "mean", 1, group=f"summary={summary}") == means.split()
        assert across(cell, "sd", 2, group=f"summary={summary}") == deviations.split()

    def test_median_and_range_of_the_change(self, shared: Path, form: str) -> None:
        cell = self.cell(shared, form)
        assert across(cell, "median", 1, group="summary=change") == ["2.0", "2.0", "1.0"]
        assert across(cell, "min", 0, group="summary=change") == ["-11", "-11", "-7"]
        assert across(cell, "max", 0, group="summary=change") == ["16", "17", "13"]

    @pytest.mark.parametrize(
        ("arm", "versus", "estimate", "se", "lower", "upper", "p"),
        [
            (LOW, PLACEBO, "-0.5", "0.82", "-2.1", "1.1", "0.569"),
            (HIGH, PLACEBO, "-1.0", "0.84", "-2.7", "0.7", "0.233"),
            (HIGH, LOW, "-0.5", "0.84", "-2.2", "1.1", "0.520"),
        ],
    )
    def test_differences(
        self,
        shared: Path,
        form: str,
        arm: str,
        versus: str,
        estimate: str,
        se: str,
        lower: str,
        upper: str,
        p: str,
    ) -> None:
        cell = self.cell(shared, form)
        place = {"arm": arm, "versus": versus}
        assert printed(cell("estimate", **place), 1) == estimate
        assert printed(cell("se", **place), 2) == se
        assert (printed(cell("lower", **place), 1), printed(cell("upper", **place), 1)) == (lower, upper)
        assert printed(cell("p", **place), 3) == p

    @pytest.mark.parametrize(
        ("arm", "versus", "estimate", "se"),
        [
            (LOW, PLACEBO, -0.466782, 0.818042),
            (HIGH, PLACEBO, -1.006014, 0.840529),
            (HIGH, LOW, -0.539231, 0.836109),
        ],
    )
    def test_differences_to_six_decimals(
        self, shared: Path, form: str, arm: str, versus: str, estimate: float, se: float
    ) -> None:
        cell = self.cell(shared, form)
        assert cell("estimate", arm=arm, versus=versus) == pytest.approx(estimate, abs=5e-7)
        assert cell("se", arm=arm, versus=versus) == pytest.approx(se, abs=5e-7)

    def test_residual_degrees_of_freedom(self, shared: Path, form: str) -> None:
        assert self.cell(shared, form)("df", group="term=Residual") == 220

    def test_dose_response(self, shared: Path, form: str) -> None:
        cell = self.cell(shared, form)
        assert printed(cell("p", group="trend=dose"), 3) == "0.245"
        assert cell("estimate", group="trend=dose") == pytest.approx(-0.0117922, abs=5e-8)
        assert cell("se", group="trend=dose") == pytest.approx(0.0101098, abs=5e-8)


AT_RISK = {
    PLACEBO: "86 75 65 59 50 47 45 42 40 35 0",
    LOW: "84 58 31 20 14 12 8 6 6 5 0",
    HIGH: "84 48 31 14 7 4 4 4 4 3 0",
}


@everywhere
class TestDermatologicEvent:
    def cell(self, shared: Path, form: str) -> Cell:
        read = reader(results(shared, form), "dermatologic_km")
        return lambda statistic, **levels: read(statistic, parameter="TTDE", **levels)

    def test_events(self, shared: Path, form: str) -> None:
        assert across(self.cell(shared, form), "events", 0) == ["29", "62", "61"]

    def test_medians(self, shared: Path, form: str) -> None:
        cell = self.cell(shared, form)
        medians = [cell("median", arm=arm, group="quantile=0.5") for arm in ARMS]
        assert medians[0] != medians[0]  # not reached
        assert medians[1:] == [33, 36]
        assert (
            cell("lower", arm=LOW, group="quantile=0.5"),
            cell("upper", arm=LOW, group="quantile=0.5"),
        ) == (27, 48)

    def test_log_rank(self, shared: Path, form: str) -> None:
        cell = self.cell(shared, form)
        assert printed(cell("chi2"), 1) == "60.3"
        assert cell("df") == 2
        assert cell("p") < 0.0001

    @pytest.mark.parametrize("arm", ARMS)
    def test_numbers_at_risk(self, shared: Path, form: str, arm: str) -> None:
        cell = self.cell(shared, form)
        seen = [printed(cell("at_risk", arm=arm, group=f"time={day}"), 0) for day in range(0, 201, 20)]
        assert seen == AT_RISK[arm].split()


TERMS = {
    "SINUS BRADYCARDIA": "2 7 8",
    "APPLICATION SITE PRURITUS": "6 22 22",
    "DIZZINESS": "2 8 11",
    "PRURITUS": "8 21 26",
    "RASH": "5 13 9",
}


@in_full
class TestAdverseEvents:
    def test_any(self, shared: Path, form: str) -> None:
        cell = reader(results(shared, form), "adverse_events")
        assert across(cell, "count", 0, group="event=any") == ["65", "77", "76"]
        assert across(cell, "events", 0, group="event=any") == ["281", "412", "433"]
        assert printed(cell("p", arm=LOW, versus=PLACEBO, group="event=any"), 3) == "0.007"
        assert printed(cell("p", arm=HIGH, versus=PLACEBO, group="event=any"), 3) == "0.014"

    @pytest.mark.parametrize("term", list(TERMS))
    def test_preferred_terms(self, shared: Path, form: str, term: str) -> None:
        table = results(shared, form).done["adverse_events"].results
        (group,) = {g for g in table["group"] if g.endswith(f";term={term}")}
        cell = reader(results(shared, form), "adverse_events")
        assert across(cell, "count", 0, group=group) == TERMS[term].split()

    def test_serious(self, shared: Path, form: str) -> None:
        cell = reader(results(shared, form), "adverse_events")
        assert across(cell, "count", 0, group="event=serious") == ["0", "1", "2"]
        table = results(shared, form).done["serious_adverse_events"].results
        (syncope,) = {g for g in table["group"] if g.endswith(";term=SYNCOPE")}
        serious = reader(results(shared, form), "serious_adverse_events")
        assert across(serious, "count", 0, group=syncope) == ["0", "1", "1"]
