"""The terms of CTCAE 5.0 with what each grade of each means, for whoever grades an adverse event.

Source: NCI Common Terminology Criteria for Adverse Events, version 5.0, 27 November 2017 (public domain); the
table is that of the R package tcoRs (MIT), without codes of MedDRA.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

TERMS: Mapping[str, str] = {"CTCAE 5.0": "ctcae_5_0_terms.csv"}
VERSION = "version 5.0, 27 November 2017"
LICENCE = "public domain (NCI); table of tcoRs, MIT"
_NO_GRADE = ("", "-")


@dataclass(frozen=True)
class GradedTerm:
    """A term of a scale: its organ class, what it means, and the grades that it has, each with its description."""

    term: str
    organ_class: str
    definition: str
    grades: Mapping[int, str]


def find_term(standard: str, term: str) -> GradedTerm | None:
    """Return a term of a scale, whatever its capitals; None where the scale has no such term or no terms."""
    return _read(standard).get(term.strip().casefold()) if standard in TERMS else None


def terms_with(standard: str, part: str) -> list[GradedTerm]:
    """Return the terms of a scale that hold a text, in the order of the scale; KeyError where it has no terms."""
    wanted = part.strip().casefold()
    return [one for name, one in _read(standard).items() if wanted in name]


@cache
def _read(standard: str) -> Mapping[str, GradedTerm]:
    text = resources.files(__package__).joinpath(TERMS[standard]).read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        grades = {grade: row[f"grade{grade}"] for grade in range(1, 6)}
        found[row["term"].casefold()] = GradedTerm(
            term=row["term"],
            organ_class=row["soc"],
            definition="" if row["definition"] in _NO_GRADE else row["definition"],
            grades={grade: " ".join(said.split()) for grade, said in grades.items() if said not in _NO_GRADE},
        )
    return found
