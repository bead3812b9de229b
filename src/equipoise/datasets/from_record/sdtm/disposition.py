"""DS: milestones, how treatment and participation ended, and what else happened (SDTMIG 3.4, 6.2.4).

Within a participant the end of participation comes first, then that of treatment, then the milestones by date,
then other events: whoever looks for the reason of leaving or of failing screening finds it at the first row.
"""

from collections.abc import Iterator
from datetime import date

import polars as pl

from ...dataset import Dataset
from .qualifiers import qualify
from .study import Course, Entry, Study, say_value
from .variables import Kind, Row, make_dataset, make_supplement, number_rows

DISPOSITION, MILESTONE, OTHER = "DISPOSITION EVENT", "PROTOCOL MILESTONE", "OTHER EVENT"
PARTICIPATION, TREATMENT = "STUDY PARTICIPATION", "STUDY TREATMENT"
WITHDRAWN = "WITHDRAWAL BY SUBJECT"

_ENDS = {"participation": PARTICIPATION, "treatment": TREATMENT}


def write_disposition(study: Study) -> list[Dataset]:
    """Return DS, and SUPPDS where there is any."""
    rows: list[Row] = []
    told: list[tuple[Row, Entry]] = []
    for course in study.courses:
        ends = _endings(course)
        told += [(row, entry) for row, entry in ends if entry is not None and entry.form.sdtm == "DS"]
        own = [row for row, _ in ends]
        if not any(row["DSSCAT"] == PARTICIPATION for row in own):
            own += _unformed(course)
        own.sort(key=lambda row: row["DSSCAT"] != PARTICIPATION)
        milestones = sorted(_milestones(course), key=lambda row: row["DSSTDTC"])
        rows += [*own, *milestones, *_others(course, own)]
    number_rows(rows, "DSSEQ")
    supplement = [q for row, entry in told for q in qualify(study, "DS", row, entry)]
    text = ("STUDYID", "DOMAIN", "USUBJID", "EPOCH")
    own_text = ("DSTERM", "DSDECOD", "DSCAT", "DSSCAT", "DSREFID", "DSSPID", "DSSTDTC")
    kinds: dict[str, Kind] = dict.fromkeys((*text, *own_text), pl.String)
    kinds |= {"DSSEQ": pl.Int64, "DSSTDY": pl.Int64}
    made = [make_dataset("DS", rows, kinds)]
    return [*made, make_supplement("DS", supplement)] if supplement else made


def _endings(course: Course) -> list[tuple[Row, Entry | None]]:
    """Return how treatment and participation ended: as a form says, else as the record does."""
    found: list[tuple[Row, Entry | None]] = []
    forms = course.study.protocol.forms
    for what, category in _ENDS.items():
        named = {name: form for name, form in forms.items() if form.ends == what}
        entries = course.entries(named)
        found += [(_of_form(course, entry, category), entry) for entry in entries]
        leaving = course.participant.ended.get(what)
        struck_out = any(entry.form in named for entry in course.participant.forms.values())
        if not entries and leaving is not None and not struck_out:
            found.append((_row(course, leaving.on, leaving.why, DISPOSITION, category), None))
    return found


def _of_form(course: Course, entry: Entry, category: str) -> Row:
    """Return the row of a form: its variables, else its first date and its first code."""
    told: dict[str, str] = {}
    for name, item in entry.form.items.items():
        recorded = entry.values.get(name)
        if recorded is None or recorded.value is None:
            continue
        text = say_value(recorded.value)
        if item.sdtm is not None:
            told[item.sdtm] = text
        elif item.type in ("date", "date and time"):
            told.setdefault("DSSTDTC", text)
        elif item.codes:
            told.setdefault("DSDECOD", text)
    decod = told.pop("DSDECOD", "")
    on = told.pop("DSSTDTC", entry.on.isoformat())
    row = _row(course, on, told.pop("DSTERM", decod), DISPOSITION, category)
    return {**row, "DSDECOD": decod, "DSSPID": entry.source}


def _unformed(course: Course) -> Iterator[Row]:
    """Give the end of participation of whom no form tells it: death, failing screening, consent withdrawn."""
    participant = course.participant
    died = participant.ended.get("life")
    if died is not None:
        yield _row(course, died.on, "DEATH", DISPOSITION, PARTICIPATION)
    elif course.failed_on is not None:
        verdict, closed = participant.eligibility, participant.ended.get("screening")
        eligible = verdict is None or verdict.eligible
        withdrawn = eligible and participant.consent_withdrawn_on is not None
        how = WITHDRAWN if withdrawn else "SCREEN FAILURE"
        row = _row(course, course.failed_on, how, DISPOSITION, PARTICIPATION)
        yield row if withdrawn or closed is None or not eligible else {**row, "DSTERM": closed.why}
    elif participant.consent_withdrawn_on is not None:
        yield _row(course, participant.consent_withdrawn_on, WITHDRAWN, DISPOSITION, PARTICIPATION)


def _milestones(course: Course) -> Iterator[Row]:
    participant, study = course.participant, course.study
    for consent in participant.consents:
        row = _row(course, consent.signed_on, "INFORMED CONSENT OBTAINED", MILESTONE)
        yield {**row, "DSREFID": consent.document}
    verdict = participant.eligibility
    if verdict is not None and verdict.eligible:
        yield _row(
            course, study.day_of(verdict.assessed_at, participant.site), "ELIGIBILITY CRITERIA MET", MILESTONE
        )
    place = participant.allocation
    if place is not None and course.allocated_on is not None:
        how = "RANDOMIZED" if study.protocol.randomisation else "ENTERED INTO TRIAL"
        yield {**_row(course, course.allocated_on, how, MILESTONE), "DSREFID": place.number}


def _others(course: Course, endings: list[Row]) -> Iterator[Row]:
    """Give what happened beside the end of participation."""
    participant = course.participant
    reasons = {row["DSDECOD"] for row in endings if row["DSSCAT"] == PARTICIPATION}
    died, withdrawn = participant.ended.get("life"), participant.consent_withdrawn_on
    if died is not None and "DEATH" not in reasons:
        yield _row(course, died.on, "DEATH", OTHER)
    if withdrawn is not None and WITHDRAWN not in reasons:
        yield _row(course, withdrawn, "WITHDRAWAL OF CONSENT", OTHER)
    if participant.code_broken_at is not None:
        day = course.study.day_of(participant.code_broken_at, participant.site)
        yield _row(course, day, "TREATMENT UNBLINDED", OTHER)


def _row(course: Course, on: date | str, term: str, category: str, within: str | None = None) -> Row:
    text = on if isinstance(on, str) else on.isoformat()
    return {
        **course.head,
        "DOMAIN": "DS",
        "DSTERM": term,
        "DSDECOD": term,
        "DSCAT": category,
        "DSSCAT": within,
        "EPOCH": course.epoch(text),
        "DSSTDTC": text,
        "DSSTDY": course.day(text),
    }
