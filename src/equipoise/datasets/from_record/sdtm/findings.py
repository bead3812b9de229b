"""Findings domains: a row for each test of a form (SDTMIG 3.4, 6.3).

--ORRES and --ORRESU are what was typed, --STRESC, --STRESN and --STRESU the value in the unit of the protocol. A
missing code gives a row with --STAT, and --REASND where the code says more than NOT DONE. An item without a test
code qualifies the first test of its form; where none was done, a row `--ALL` says so and carries it (4.5.1.2).
--LOBXFL marks the last result up to the day of the first infusion, --BLFL that up to study day 1; of one day every
result counts as before the infusion, since forms hold days. A result that a laboratory sent bears its accession
number, the time of its collection, and the range that held then; those of LB are graded by the protocol's grading.
"""

import re
from collections.abc import Iterator

import polars as pl

from ....protocol.model import Item
from ...dataset import Dataset
from ..references import grade_results
from .qualifiers import qualify
from .study import Course, Entry, Recorded, Study, say_number, say_value
from .variables import DATASETS, Kind, Row, make_dataset, make_supplement, number_rows, shorten

DOMAINS = ("EG", "FA", "IS", "LB", "MB", "PC", "PE", "QS", "RP", "RS", "SC", "VS")
LABORATORY = ("IS", "LB", "MB")
"""Domains whose results a laboratory may send."""
RANGED = ("IS", "LB")
"""Those of them that have reference ranges."""
NOT_DONE, NOT_ASKED = "NOT DONE", "NOT ASKED FOR"

_TEXT = ("STUDYID", "DOMAIN", "USUBJID", "VISIT", "EPOCH")
_OWN_TEXT = ("SPID", "TESTCD", "TEST", "CAT", "ORRES", "ORRESU", "STRESC", "STRESU", "STAT", "REASND", "DTC")
_FLAGS = ("LOBXFL", "BLFL")
_TYPED = re.compile(r"^\s*([<>]?\s*[+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*(.*?)\s*$")


def write_findings(study: Study, domain: str) -> list[Dataset]:
    """Return a findings domain, and its supplemental qualifiers where there are any."""
    forms = study.forms_of(domain)
    rows: list[Row] = []
    extra: list[tuple[Row, Entry]] = []
    for course in study.courses:
        own = [_rows_of(course, domain, entry) for entry in course.entries(forms)]
        for entry, found in own:
            rows += found
            if found:
                extra.append((found[0], entry))
        if domain != "SC":
            _flag(course, domain, [row for _, found in own for row in found])
    if domain == "SC":
        rows += characteristics(study)
        rows.sort(key=lambda row: str(row["USUBJID"]))
    number_rows(rows, f"{domain}SEQ")
    if (grading := _grading(study, domain)) is not None:
        people = {course.subject: study.references.person(course.participant) for course in study.courses}
        grade_results(rows, grading, people)
    supplement = [q for row, entry in extra for q in qualify(study, domain, row, entry)]
    made = [make_dataset(domain, rows, _kinds(study, domain), labels=_labels(study, domain))]
    return [*made, make_supplement(domain, supplement)] if supplement else made


def characteristics(study: Study) -> Iterator[Row]:
    """Give the characteristics of participants that other domains hold under no name of their own in ADSL.

    These are the protocol's participant variables that are the value of an item without a test code: a row each,
    its last value up to study day 1.
    """
    items = study.protocol.items
    for course in study.courses:
        for variable in study.protocol.variables.values():
            item = items.get(variable.item or "")
            if not variable.adam or item is None or item.testcd is not None or variable.adam[0] == item.sdtm:
                continue
            held = {name: form for name, form in study.protocol.forms.items() if variable.item in form.items}
            told = [(e, e.values[variable.item or ""]) for e in course.entries(held) if variable.item in e.values]
            before = [
                one
                for one in told
                if one[1].value is not None and (course.day_1 is None or one[0].on <= course.day_1)
            ]
            if before:
                entry, recorded = max(before, key=lambda one: one[0].on)
                yield {
                    **_placed(course, "SC", entry),
                    "SCTESTCD": variable.adam[0],
                    "SCTEST": shorten(variable.label.say()),
                    **_result("SC", item, recorded),
                }


def _rows_of(course: Course, domain: str, entry: Entry) -> tuple[Entry, list[Row]]:
    """Return the rows of a form as filled in at one visit; none where nothing was recorded."""
    label = entry.form.label.say().upper()
    category = entry.form.category or (None if label == DATASETS[domain].upper() else label)
    placed = {**_placed(course, domain, entry), f"{domain}CAT": category}
    for name, item in entry.form.items.items():
        if item.sdtm is not None and name in entry.values:
            placed[item.sdtm] = say_value(entry.values[name].value) or None
    rows = []
    for name, item in entry.form.items.items():
        code = item.sdtm_testcd or item.testcd
        if code is not None and name in entry.values:
            rows.append(
                {
                    **placed,
                    f"{domain}TESTCD": code,
                    f"{domain}TEST": shorten(item.label.say()),
                    f"{domain}TPT": item.timepoint,
                    **_result(domain, item, entry.values[name]),
                    **_measured(course, domain, item, entry.values[name]),
                }
            )
    if not rows and entry.values:
        said = {f"{domain}TESTCD": f"{domain}ALL", f"{domain}TEST": DATASETS[domain]}
        rows.append({**placed, **said, f"{domain}STAT": NOT_DONE, f"{domain}REASND": NOT_ASKED})
    return entry, rows


def _placed(course: Course, domain: str, entry: Entry) -> Row:
    return {
        **course.head,
        "DOMAIN": domain,
        f"{domain}SPID": entry.source,
        **course.visit(entry.visit),
        "EPOCH": course.epoch(entry.on),
        f"{domain}DTC": entry.on.isoformat(),
        f"{domain}DY": course.day(entry.on),
    }


def _result(domain: str, item: Item, recorded: Recorded) -> Row:
    if recorded.value is None:
        why = None if recorded.missing == NOT_DONE else recorded.missing
        return {f"{domain}STAT": NOT_DONE, f"{domain}REASND": why}
    text = say_value(recorded.value)
    original, unit = _as_typed(recorded.entered, text, item)
    number = float(recorded.value) if item.is_number else None
    return {
        f"{domain}ORRES": original,
        f"{domain}ORRESU": unit,
        f"{domain}STRESC": text if number is None else say_number(number),
        f"{domain}STRESN": number,
        f"{domain}STRESU": item.unit if item.is_number else None,
    }


def _measured(course: Course, domain: str, item: Item, recorded: Recorded) -> Row:
    """Return what a laboratory has said of a result: its accession number, when it was collected, the range."""
    specimen, references = recorded.specimen, course.study.references
    if specimen is None:
        return {}
    row: Row = {
        f"{domain}REFID": specimen.accession or None,
        f"{domain}NAM": references.name_of(specimen),
        f"{domain}DTC": specimen.collected,
        f"{domain}DY": course.day(specimen.collected),
        "EPOCH": course.epoch(specimen.collected),
    }
    if domain not in RANGED or not item.is_number or recorded.value is None:
        return row
    _, unit = _as_typed(recorded.entered, "", item)
    found = references.find(course.participant, item, specimen, float(recorded.value), unit)
    if found is not None:
        row |= {
            f"{domain}ORNRLO": found.low_reported,
            f"{domain}ORNRHI": found.high_reported,
            f"{domain}STNRLO": found.low,
            f"{domain}STNRHI": found.high,
            f"{domain}NRIND": found.indicator,
        }
    return row


def _grading(study: Study, domain: str) -> str | None:
    """Return the grading of laboratory results that the protocol names."""
    grading = None if study.protocol.safety is None else study.protocol.safety.grading
    return grading.laboratory if domain == "LB" and grading is not None else None


def _as_typed(entered: str | None, text: str, item: Item) -> tuple[str, str | None]:
    """Return the result and the unit as they were typed; of the protocol's unit where no other was."""
    unit = item.unit if item.is_number else None
    if entered is None:
        return text, unit
    match = _TYPED.match(entered) if item.is_number else None
    if match is None:
        return entered, unit
    return match.group(1), match.group(2) or unit


def _flag(course: Course, domain: str, rows: list[Row]) -> None:
    """Mark the last result of each test before the first infusion, and before study day 1."""
    first = date_of(course.given[0].start) if course.given else None
    day_1 = None if course.day_1 is None else course.day_1.isoformat()
    for flag, limit in ((f"{domain}LOBXFL", first), (f"{domain}BLFL", day_1)):
        last: dict[tuple[str, str | None], Row] = {}
        for row in rows:
            known = limit is not None and row.get(f"{domain}STRESC") is not None
            if known and date_of(row[f"{domain}DTC"]) <= str(limit):
                test = (row[f"{domain}TESTCD"], row.get(f"{domain}TPT"))
                before = last.get(test)
                if before is None or before[f"{domain}DTC"] <= row[f"{domain}DTC"]:
                    last[test] = row
        for row in last.values():
            row[flag] = "Y"


def date_of(dtc: str) -> str:
    """Return the day of an ISO 8601 text."""
    return dtc[:10]


def _kinds(study: Study, domain: str) -> dict[str, Kind]:
    forms = study.forms_of(domain).values()
    kinds: dict[str, Kind] = dict.fromkeys(_TEXT, pl.String)
    flags = () if domain == "SC" else _FLAGS
    kinds |= dict.fromkeys((f"{domain}{name}" for name in (*_OWN_TEXT, *flags)), pl.String)
    kinds |= {f"{domain}SEQ": pl.Int64, f"{domain}STRESN": pl.Float64, f"{domain}DY": pl.Int64}
    kinds |= {"VISITNUM": pl.Float64, "VISITDY": pl.Int64}
    kinds |= {item.sdtm: pl.String for form in forms for item in form.items.values() if item.sdtm is not None}
    if domain in LABORATORY and study.trial.laboratories:
        kinds |= dict.fromkeys((f"{domain}REFID", f"{domain}NAM"), pl.String)
    if _grading(study, domain) is not None:
        kinds |= dict.fromkeys((f"{domain}TOX", f"{domain}TOXGR"), pl.String)
    if any(item.timepoint for form in forms for item in form.items.values()):
        kinds[f"{domain}TPT"] = pl.String
    return kinds


def _labels(study: Study, domain: str) -> dict[str, str]:
    return {
        item.sdtm: shorten(item.label.say())
        for form in study.forms_of(domain).values()
        for item in form.items.values()
        if item.sdtm is not None
    }
