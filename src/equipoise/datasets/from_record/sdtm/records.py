"""Domains of events and interventions: a row for each record of a form (SDTMIG 3.4, 6.1 and 6.2).

An item goes to the variable that the protocol names, else to SUPP--. A form that asks for one thing in advance,
and so has no item for what it is about, is about what its label says (--PRESP, --OCCUR).
"""

from collections.abc import Callable, Mapping

import polars as pl

from ....conduct.quality.coding import coding_of
from ....conduct.quality.dictionary import TOPICS
from ...dataset import Dataset
from .qualifiers import qualify
from .study import Course, Entry, Study, typed
from .variables import Kind, Row, make_dataset, make_supplement, number_rows, shorten

TOPIC: Mapping[str, str] = {
    "AE": "AETERM",
    "CE": "CETERM",
    "CM": "CMTRT",
    "DV": "DVTERM",
    "EC": "ECTRT",
    "EX": "EXTRT",
    "MH": "MHTERM",
    "PR": "PRTRT",
    "SU": "SUTRT",
}
"""The variable that says what a record is about, by domain."""

Fill = Callable[[Course, Entry, Row], Row]
"""Gives further variables of a record: (participant, form, what the form gave) -> variables."""


def write_records(
    study: Study,
    domain: str,
    *,
    fill: Fill | None = None,
    filled: Mapping[str, Kind] | None = None,
    further: Callable[[Course], list[Row]] | None = None,
) -> list[Dataset]:
    """Return a domain of records, and its supplemental qualifiers where there are any.

    fill: what a domain adds to each record, of the kinds `filled`. further: rows that no form holds.
    """
    forms = study.forms_of(domain)
    asked = {name for name, form in forms.items() if TOPIC[domain] not in {i.sdtm for i in form.items.values()}}
    rows: list[Row] = []
    told: list[tuple[Row, Entry]] = []
    for course in study.courses:
        for entry in course.entries(forms):
            row = _row(course, domain, entry, asked=entry.name in asked)
            row |= {} if fill is None else fill(course, entry, row)
            rows.append(_dated(course, domain, row))
            told.append((row, entry))
        rows += [] if further is None else [_dated(course, domain, row) for row in further(course)]
    number_rows(rows, f"{domain}SEQ")
    supplement = [q for row, entry in told for q in qualify(study, domain, row, entry)]
    kinds = _kinds(study, domain, asked=bool(asked)) | dict(filled or {})
    made = [make_dataset(domain, rows, kinds, labels=_labels(study, domain))]
    return [*made, make_supplement(domain, supplement)] if supplement else made


def _row(course: Course, domain: str, entry: Entry, *, asked: bool) -> Row:
    row: Row = {**course.head, "DOMAIN": domain, f"{domain}SPID": entry.source}
    if asked:
        row |= {TOPIC[domain]: entry.form.label.say(), f"{domain}PRESP": "Y", f"{domain}OCCUR": "Y"}
    if asked or entry.form.category is not None:
        row[f"{domain}CAT"] = entry.form.category or entry.form.label.say().upper()
    for name, item in entry.form.items.items():
        if item.sdtm is not None and name in entry.values:
            row[item.sdtm] = typed(entry.values[name].value, item)
    row |= _meaning(course, domain, entry)
    if entry.visit is None:
        return row
    return {**row, **course.visit(entry.visit), f"{domain}DTC": entry.on.isoformat()}


def _meaning(course: Course, domain: str, entry: Entry) -> Row:
    """Return what the reported term of a record was coded as, with the codes that the domain has columns for."""
    row: Row = {}
    for name in course.participant.codings.get(entry.source, ()):
        coding = coding_of(course.participant, entry.source, name)
        if coding is not None:
            row |= {f"{domain}DECOD": coding.decoded, f"{domain}BODSYS": coding.body_system or None}
            codes = {"LLTCD": coding.code, "PTCD": coding.decoded_code, "BDSYCD": coding.body_system_code}
            if domain == "AE":
                row["AELLT"] = coding.chosen
                row |= {f"AE{column}": float(code) for column, code in codes.items() if code.isdigit()}
    return row


def _dated(course: Course, domain: str, row: Row) -> Row:
    """Add the study days of the dates, and the epoch of the first of them."""
    start, end, collected = (row.get(f"{domain}{name}") for name in ("STDTC", "ENDTC", "DTC"))
    row["EPOCH"] = course.epoch(start or collected)
    row[f"{domain}STDY"], row[f"{domain}ENDY"] = course.day(start), course.day(end)
    row[f"{domain}DY"] = course.day(collected)
    return row


def _kinds(study: Study, domain: str, *, asked: bool) -> dict[str, Kind]:
    forms = study.forms_of(domain)
    own = ["SPID", "STDTC", "ENDTC"]
    if asked:
        own += ["PRESP", "OCCUR"]
    if asked or any(form.category for form in forms.values()):
        own.append("CAT")
    kinds: dict[str, Kind] = dict.fromkeys(("STUDYID", "DOMAIN", "USUBJID", "EPOCH", TOPIC[domain]), pl.String)
    kinds |= dict.fromkeys((f"{domain}{name}" for name in own), pl.String)
    kinds |= dict.fromkeys((f"{domain}{name}" for name in ("SEQ", "STDY", "ENDY")), pl.Int64)
    if any(form not in study.protocol.schedule.at_any_time for form in forms):
        kinds |= {"VISITNUM": pl.Float64, "VISIT": pl.String, "VISITDY": pl.Int64}
        kinds |= {f"{domain}DTC": pl.String, f"{domain}DY": pl.Int64}
    coded = {kind for kind, variables in TOPICS.items() if TOPIC[domain] in variables}
    if coded & study.trial.dictionaries.keys():
        kinds |= {f"{domain}DECOD": pl.String, f"{domain}BODSYS": pl.String}
    numbers: dict[str, bool] = {}
    for form in forms.values():
        for item in form.items.values():
            if item.sdtm is not None:
                numbers[item.sdtm] = item.is_number and numbers.get(item.sdtm, True)
    return kinds | {name: pl.Float64 if number else pl.String for name, number in numbers.items()}


def _labels(study: Study, domain: str) -> dict[str, str]:
    return {
        item.sdtm: shorten(item.label.say())
        for form in study.forms_of(domain).values()
        for item in form.items.values()
        if item.sdtm is not None
    }
