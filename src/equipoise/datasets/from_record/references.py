"""What is said of a laboratory result besides its value: whose it is, the range that held, and its toxicity grade.

The range is the one that was in force at the laboratory on the day of collection, for sex and age on that day
(`conduct/laboratory/ranges.py`). Grades are those of the protocol's grading (`safety.grading.laboratory`), by the
criteria of `standards/grading`; a test that has none, or of which the criterion needs what is not there, has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from ...conduct.door.state import Participant, ReferenceRange, Specimen, Trial
from ...conduct.laboratory.people import Person, read_person
from ...conduct.laboratory.ranges import find_range, indicate, limits_in
from ...conduct.laboratory.units import conversion_of, plain_unit
from ...protocol import Protocol
from ...protocol.model import Item
from ...standards.grading import read_grading
from ..assemble.derived.grades import TERMS, with_grades
from ..dataset import Dataset

Row = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """The range of a result: limits in the unit of the item, and as text in the unit that was reported."""

    low: float | None
    high: float | None
    low_reported: str | None
    high_reported: str | None
    indicator: str | None


class References:
    """The ranges of a trial's laboratories, asked for the results of its participants."""

    def __init__(self, protocol: Protocol, trial: Trial) -> None:
        self._protocol, self._trial = protocol, trial
        self._people: dict[str, Person] = {}
        self._ranges: dict[tuple[str, str], list[ReferenceRange]] = {}
        for name, laboratory in trial.laboratories.items():
            for one in laboratory.ranges:
                self._ranges.setdefault((name, one.test), []).append(one)

    def name_of(self, specimen: Specimen) -> str:
        """Return the full name of the laboratory of a specimen."""
        known = self._trial.laboratories.get(specimen.laboratory)
        return specimen.laboratory if known is None else known.name

    def person(self, participant: Participant) -> Person:
        """Return sex and age of a participant, read once."""
        if participant.id not in self._people:
            self._people[participant.id] = read_person(self._protocol, participant)
        return self._people[participant.id]

    def find(
        self, participant: Participant, item: Item, specimen: Specimen, value: float, reported_in: str | None
    ) -> Reference | None:
        """Return the range by which a result is judged; None where the laboratory has set none for it."""
        on = date.fromisoformat(specimen.collected[:10])
        person = self.person(participant)
        for test in filter(None, (item.testcd, item.sdtm_testcd)):
            ranges = self._ranges.get((specimen.laboratory, test), ())
            found = find_range(ranges, test, person.sex, person.age_on(on), on)
            if found is not None:
                low, high = limits_in(item, found)
                return Reference(
                    low=low,
                    high=high,
                    low_reported=_told(item, found, found.low, low, reported_in),
                    high_reported=_told(item, found, found.high, high, reported_in),
                    indicator=indicate(value, low, high),
                )
        return None


def _told(
    item: Item, reference: ReferenceRange, text: str, limit: float | None, reported_in: str | None
) -> str | None:
    """Return a limit in the unit in which the result was reported: as the laboratory wrote it, where it did."""
    if limit is None:
        return None
    if plain_unit(reference.unit) == plain_unit(reported_in or ""):
        return text
    try:
        slope, zero = conversion_of(item, reported_in or "", "UCUM", {})
    except ValueError:  # a spelling of the laboratory alone, which only its manifest knew
        return None
    return f"{float((Decimal(repr(limit)) - zero) / slope):.12g}"


def grade_results(rows: Sequence[Row], standard: str, people: Mapping[str, Person], domain: str = "LB") -> None:
    """Put --TOXGR and --TOX into rows of a findings domain: grade 0 to 4, and the term where it is 1 or more."""
    if standard not in TERMS or not rows:
        return
    known = {criterion: one.direction for criterion, one in read_grading(standard).criteria.items()}
    base = {
        (row["USUBJID"], row[f"{domain}TESTCD"]): row.get(f"{domain}STRESN")
        for row in rows
        if row.get(f"{domain}BLFL") == "Y"
    }
    frame = pl.DataFrame(
        {
            "ROW": list(range(len(rows))),
            "USUBJID": [row["USUBJID"] for row in rows],
            "PARAMCD": [row[f"{domain}TESTCD"] for row in rows],
            "AVAL": [row.get(f"{domain}STRESN") for row in rows],
            "AVALU": [row.get(f"{domain}STRESU") for row in rows],
            "ANRLO": [row.get(f"{domain}STNRLO") for row in rows],
            "ANRHI": [row.get(f"{domain}STNRHI") for row in rows],
            "ANRIND": [row.get(f"{domain}NRIND") for row in rows],
            "BASE": [base.get((row["USUBJID"], row[f"{domain}TESTCD"])) for row in rows],
            "SEX": [people[row["USUBJID"]].sex for row in rows],
            "AGE": [_years(people[row["USUBJID"]], row[f"{domain}DTC"]) for row in rows],
        },
        schema={
            "ROW": pl.Int64,
            **dict.fromkeys(("USUBJID", "PARAMCD"), pl.String),
            "AVAL": pl.Float64,
            "AVALU": pl.String,
            **dict.fromkeys(("ANRLO", "ANRHI"), pl.Float64),
            "ANRIND": pl.String,
            "BASE": pl.Float64,
            "SEX": pl.String,
            "AGE": pl.Float64,
        },
    ).filter(pl.col("AVAL").is_not_null())
    nobody = pl.DataFrame(schema={"USUBJID": pl.String})  # sex and age stand in the frame itself
    graded = with_grades(Dataset(domain.lower(), frame), nobody, standard).frame
    if "ATOXGRL" not in graded.columns:
        return
    for place, code, low, high in graded.select("ROW", "PARAMCD", "ATOXGRL", "ATOXGRH").iter_rows():
        grade = max((one for one in (low, high) if one is not None), default=None)
        if grade is None:
            continue
        rows[place][f"{domain}TOXGR"] = str(grade)
        towards = "low" if grade == low else "high"
        terms = [term for term in TERMS[standard].get(code, ()) if known[term] == towards]
        rows[place][f"{domain}TOX"] = terms[0] if grade and terms else None


def _years(person: Person, dtc: str) -> float | None:
    age = person.age_on(date.fromisoformat(dtc[:10]))
    return None if age is None else float(age.years)
