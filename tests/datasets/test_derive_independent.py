"""The CDISC pilot derived from its SDTM and compared with the ADaM datasets delivered with it (2006, SAS).

Every variable that is compared, and how many rows differ, stands in docs/reference/pilot-derivation.md with the
reason of each difference; the counts here must be those of that page. Numbers agree to 1e-9 of the value.
"""

from functools import cache
from pathlib import Path

import polars as pl
import pytest

from equipoise.datasets import DataFolder
from equipoise.datasets.compare import compare_datasets
from equipoise.datasets.derive.adverse_events import EMERGENT, derive_adverse_events, derive_query
from equipoise.datasets.derive.dates import derive_date
from equipoise.datasets.derive.findings import (
    derive_baseline_values,
    derive_change_from_baseline,
    derive_findings,
)
from equipoise.datasets.derive.missing import derive_locf
from equipoise.datasets.derive.participants import (
    derive_adsl,
    derive_groups,
    derive_screen_failures,
    derive_treatment_end,
)
from equipoise.datasets.derive.selection import derive_first_flag
from equipoise.datasets.derive.supplement import derive_with_supplement
from equipoise.datasets.derive.time_to_event import TimeSource, derive_time_to_event
from equipoise.datasets.derive.windows import Window, derive_analysis_windows

PAGE = Path(__file__).parents[2] / "docs/reference/pilot-derivation.md"

# The rules of the pilot, from the data definition document that was delivered with it.
AGES = {"<65": 0, "65-80": 65, ">80": 81}
BMI = {"<25": 0, "25-<30": 25, ">=30": 30}
REASONS = {
    "COMPLETED": "Completed",
    "ADVERSE EVENT": "Adverse Event",
    "DEATH": "Death",
    "LACK OF EFFICACY": "Lack of Efficacy",
    "LOST TO FOLLOW-UP": "Lost to Follow-up",
    "PHYSICIAN DECISION": "Physician Decision",
    "PROTOCOL ENTRY CRITERIA NOT MET": "I/E Not Met",
    "PROTOCOL VIOLATION": "Protocol Violation",
    "STUDY TERMINATED BY SPONSOR": "Sponsor Decision",
    "WITHDRAWAL BY SUBJECT": "Withdrew Consent",
}
SETS = {"EFFICACY": "EFFFL", "COMPLT8": "COMP8FL", "COMPLT16": "COMP16FL", "COMPLT24": "COMP24FL"}
DERMATOLOGIC = pl.col("AEDECOD").str.contains("APPLICATION|DERMATITIS|ERYTHEMA|BLISTER") | (
    (pl.col("AEBODSYS") == "SKIN AND SUBCUTANEOUS TISSUE DISORDERS")
    & ~pl.col("AEDECOD").is_in(["COLD SWEAT", "HYPERHIDROSIS", "ALOPECIA"])
)
IN_QUERY = EMERGENT & pl.col("CQ01NAM").is_not_null()
WINDOWS = [
    Window("Baseline", 0, 1, None, 1),
    Window("Week 8", 8, 56, 2, 84),
    Window("Week 16", 16, 112, 85, 140),
    Window("Week 24", 24, 168, 141, None),
]


class Pilot:
    """The SDTM and the delivered ADaM of the pilot."""

    def __init__(self, folder: Path) -> None:
        self._sdtm = DataFolder(folder / "sdtm")
        self._adam = DataFolder(folder / "adam")

    def sdtm(self, name: str) -> pl.DataFrame:
        return self._sdtm.read(name).frame

    def adam(self, name: str) -> pl.DataFrame:
        return self._adam.read(name).frame

    @cache  # noqa: B019
    def adsl(self) -> pl.DataFrame:
        adsl = derive_adsl(self.sdtm("dm"), self.sdtm("ex"), self.sdtm("ds"), age_groups=AGES, reasons=REASONS)
        adsl = derive_treatment_end(adsl, "EOSDT")
        adsl = derive_with_supplement(adsl, self.sdtm("suppdm").filter(pl.col("QNAM").is_in(list(SETS))))
        adsl = adsl.rename(SETS).with_columns(pl.col(SETS.values()).fill_null("N"))
        adsl = derive_date(adsl, "RFENDTC", "RFENDT")
        sizes = self.sdtm("vs").filter(pl.col("VSTESTCD").is_in(["HEIGHT", "WEIGHT"]))
        sizes = derive_change_from_baseline(derive_findings(sizes, adsl))
        adsl = derive_baseline_values(adsl, sizes, {"HEIGHT": "HEIGHTBL", "WEIGHT": "WEIGHTBL"})
        # The pilot rounds height and weight first and takes the index of the rounded ones.
        adsl = with_one_decimal(adsl, ["HEIGHTBL", "WEIGHTBL"])
        adsl = adsl.with_columns(BMIBL=pl.col("WEIGHTBL") / (pl.col("HEIGHTBL") / 100) ** 2)
        adsl = with_one_decimal(adsl, ["BMIBL"])
        return derive_groups(adsl, "BMIBL", "BMIBLGR1", BMI)

    @cache  # noqa: B019
    def adae(self) -> pl.DataFrame:
        adae = derive_query(
            derive_adverse_events(self.sdtm("ae"), self.adsl()), "DERMATOLOGIC EVENTS", DERMATOLOGIC
        )
        return derive_first_flag(adae, "AOCC01FL", ["USUBJID"], ["ASTDT", "AESEQ"], where=IN_QUERY)

    def adtte(self) -> pl.DataFrame:
        return derive_time_to_event(
            self.adsl(),
            parameter="TTDE",
            label="Time to First Dermatologic Event",
            events=[
                TimeSource(self.adae(), "ASTDT", "Dematologic Event Occured", "ADAE", "AESEQ", where=IN_QUERY)
            ],
            censorings=[TimeSource(self.adsl(), "RFENDT", "Study Completion Date", "ADSL")],
        )

    @cache  # noqa: B019
    def adqsadas(self) -> pl.DataFrame:
        items = self.sdtm("qs").filter(pl.col("QSTESTCD").str.contains("^AC(ITM|TOT)"))
        bds = derive_change_from_baseline(derive_findings(items, self.adsl()))
        return derive_analysis_windows(bds, WINDOWS)


def with_one_decimal(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Half away from zero, as SAS rounds."""
    return frame.with_columns((pl.col(names) * 10 + 0.5 + 1e-9).floor() / 10)


def compare_adsl(pilot: Pilot) -> pl.DataFrame:
    names = [
        "STUDYID",
        "SUBJID",
        "SITEID",
        "ARM",
        "TRT01P",
        "TRT01A",
        "TRTSDT",
        "TRTEDT",
        "AGE",
        "AGEU",
        "AGEGR1",
        "AGEGR1N",
        "SEX",
        "RACE",
        "ETHNIC",
    ]
    names += [
        "SAFFL",
        "ITTFL",
        "DTHFL",
        "DCREASCD",
        "RFSTDTC",
        "RFENDTC",
        "RFENDT",
        "HEIGHTBL",
        "WEIGHTBL",
        "BMIBL",
        "BMIBLGR1",
    ]
    variables = {name: name for name in [*names, *SETS.values()]} | {"TRTDURD": "TRTDUR"}
    return compare_datasets(pilot.adsl(), pilot.adam("adsl"), keys=["USUBJID"], variables=variables)


def compare_adae(pilot: Pilot) -> pl.DataFrame:
    names = [
        "TRTSDT",
        "TRTEDT",
        "ASTDT",
        "ASTDTF",
        "ASTDY",
        "AENDT",
        "AENDY",
        "ADURN",
        "ADURU",
        "TRTEMFL",
        "CQ01NAM",
    ]
    names += ["AOCCFL", "AOCCSFL", "AOCCPFL", "AOCC01FL"]
    return compare_datasets(pilot.adae(), pilot.adam("adae"), keys=["USUBJID", "AESEQ"], variables=names)


def compare_adtte(pilot: Pilot) -> pl.DataFrame:
    names = [
        "PARAMCD",
        "PARAM",
        "STARTDT",
        "ADT",
        "AVAL",
        "CNSR",
        "EVNTDESC",
        "SRCDOM",
        "SRCVAR",
        "SRCSEQ",
        "TRTP",
        "TRTA",
    ]
    return compare_datasets(pilot.adtte(), pilot.adam("adtte"), keys=["USUBJID"], variables=names)


def compare_advs(pilot: Pilot) -> pl.DataFrame:
    ours = derive_change_from_baseline(
        derive_findings(pilot.sdtm("vs"), pilot.adsl()), keys=["USUBJID", "PARAMCD", "ATPT"]
    )
    theirs = pilot.adam("advs").filter(pl.col("AVISIT").ne_missing(pl.lit("End of Treatment")))
    names = [
        "PARAMCD",
        "PARAM",
        "AVAL",
        "ADT",
        "ADY",
        "ATPT",
        "ATPTN",
        "VISIT",
        "VISITNUM",
        "ABLFL",
        "BASE",
        "CHG",
        "PCHG",
    ]
    return compare_datasets(ours, theirs, keys=["USUBJID", "VSSEQ"], variables=names)


def compare_adlbc(pilot: Pilot) -> pl.DataFrame:
    chemistry = pilot.sdtm("lb").filter(pl.col("LBCAT") == "CHEMISTRY")
    ours = derive_change_from_baseline(derive_findings(chemistry, pilot.adsl()), baseline_visits=["SCREENING 1"])
    theirs = pilot.adam("adlbc").filter(
        ~pl.col("PARAMCD").str.starts_with("_") & (pl.col("AVISIT") != "End of Treatment")
    )
    names = ["PARAMCD", "PARAM", "AVAL", "ADT", "ADY", "VISIT", "VISITNUM", "ABLFL", "BASE", "CHG"]
    return compare_datasets(ours, theirs, keys=["USUBJID", "LBSEQ"], variables=names)


def compare_adqsadas(pilot: Pilot) -> pl.DataFrame:
    theirs = pilot.adam("adqsadas").filter(pl.col("DTYPE").is_null())
    names = [
        "AVAL",
        "ADT",
        "ADY",
        "VISIT",
        "ABLFL",
        "BASE",
        "CHG",
        "PCHG",
        "AVISIT",
        "AVISITN",
        "AWTARGET",
        "AWTDIFF",
        "AWLO",
        "AWHI",
        "AWU",
        "ANL01FL",
    ]
    return compare_datasets(pilot.adqsadas(), theirs, keys=["USUBJID", "PARAMCD", "QSSEQ"], variables=names)


def compare_locf(pilot: Pilot) -> pl.DataFrame:
    total = pilot.adqsadas().filter(PARAMCD="ACTOT")
    visits = {window.visit: window.number for window in WINDOWS[1:]}
    ours = derive_locf(total, visits, baseline="Baseline", where=pl.col("ANL01FL") == "Y").filter(DTYPE="LOCF")
    theirs = pilot.adam("adqsadas").filter(DTYPE="LOCF", ANL01FL="Y")
    names = ["AVISITN", "AVAL", "BASE", "CHG", "PCHG", "ADT", "ADY", "QSSEQ"]
    return compare_datasets(ours, theirs, keys=["USUBJID", "PARAMCD", "AVISIT"], variables=names)


COMPARISONS = {
    "ADSL": compare_adsl,
    "ADAE": compare_adae,
    "ADTTE": compare_adtte,
    "ADVS": compare_advs,
    "ADLBC": compare_adlbc,
    "ADQSADAS": compare_adqsadas,
    "ADQSADAS, LOCF": compare_locf,
}


@pytest.fixture(scope="module")
def pilot(shared: Path) -> Pilot:
    return Pilot(shared / "data/cdiscpilot01")


def listed(dataset: str) -> dict[str, tuple[int, int]]:
    """The counts of the page: variable, rows compared, rows that differ; variables of one count share a line."""
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in PAGE.read_text().splitlines()
        if line.startswith(f"| {dataset} |")
    ]
    return {name: (int(row[2]), int(row[3])) for row in rows for name in row[1].split(", ")}


@pytest.mark.parametrize("dataset", COMPARISONS)
def test_what_differs_from_the_delivered_dataset_is_what_the_page_lists(dataset: str, pilot: Pilot) -> None:
    found = COMPARISONS[dataset](pilot)
    counts = {row["variable"]: (row["n_compared"], row["n_different"]) for row in found.iter_rows(named=True)}
    assert counts == listed(dataset), found.filter(pl.col("n_different") > 0)["examples"].to_list()


def test_screened_and_randomised_are_those_of_the_report(pilot: Pilot) -> None:
    failures = derive_screen_failures(pilot.sdtm("dm"))
    assert (pilot.adsl().height, failures.height) == (254, 52)
    assert pilot.adsl()["TRT01P"].value_counts().sort("TRT01P").rows() == [
        ("Placebo", 86),
        ("Xanomeline High Dose", 84),
        ("Xanomeline Low Dose", 84),
    ]


def test_events_of_the_primary_time_to_event_are_those_of_the_report(pilot: Pilot) -> None:
    events = pilot.adtte().filter(CNSR=0)["TRTP"].value_counts().sort("TRTP").rows()
    assert events == [("Placebo", 29), ("Xanomeline High Dose", 61), ("Xanomeline Low Dose", 62)]


def test_treatment_emergent_events_are_those_of_the_report(pilot: Pilot) -> None:
    emergent = pilot.adae().filter(EMERGENT).join(pilot.adsl().select("USUBJID", ARM="TRT01P"), on="USUBJID")
    counts = emergent.group_by("ARM").agg(pl.col("USUBJID").n_unique(), pl.len()).sort("ARM").rows()
    assert counts == [("Placebo", 65, 281), ("Xanomeline High Dose", 76, 433), ("Xanomeline Low Dose", 77, 412)]
