"""The record as SDTM: every domain of the trial, blinded or with the codes opened."""

from collections.abc import Iterator, Sequence

import polars as pl

from ....conduct.door.state import Trial
from ....conduct.organisation.joined import join_versions
from ....protocol import Protocol, protocol_version
from ...dataset import Dataset
from ..opened import Opened
from .design import write_design
from .disposition import write_disposition
from .exposure import write_collected, write_given
from .findings import DOMAINS as FINDINGS
from .findings import write_findings
from .participants import write_criteria_not_met, write_participants
from .records import TOPIC, write_records
from .study import Course, Entry, Study
from .variables import Kind, Row
from .visits import write_elements, write_visits


def write_sdtm(
    protocol: Protocol, trial: Trial, *, opened: Opened | None = None, earlier: Sequence[Protocol] = ()
) -> dict[str, Dataset]:
    """Return the data of a trial as SDTM datasets by name (SDTMIG 3.4); the same trial gives the same datasets.

    protocol: the newest version. earlier: those before it, in the order of their issue; what only they have is
    written as they have it. Without `opened` nothing tells an arm: ARM and its like are empty for all, there is no
    EX, and masked items are left out; what remains is the same whatever the arms are. Raises DataError where the
    record holds a form or an item that no version has.
    """
    versions = [*earlier, protocol]
    newest = protocol_version(protocol)
    study = Study(join_versions(versions), trial, opened, version=newest, versions=versions)
    return {dataset.name: dataset for dataset in _write(study)}


def _write(study: Study) -> Iterator[Dataset]:
    yield from write_participants(study)
    yield from write_elements(study)
    yield from write_visits(study)
    yield from write_disposition(study)
    yield from write_criteria_not_met(study)
    if study.forms_of("EC"):
        yield from write_collected(study)
    if study.forms_of("EX"):
        yield from write_records(study, "EX")
    elif study.opened is not None:
        yield from write_given(study)
    for domain in FINDINGS:
        if study.forms_of(domain) or (domain == "SC" and study.protocol.variables):
            yield from write_findings(study, domain)
    yield from write_records(study, "DV", filled=_DEVIATION, further=_deviations_noted)
    if study.forms_of("AE"):
        yield from write_records(study, "AE", fill=_adverse_event, filled=_ADVERSE_EVENT)
    for domain in TOPIC:
        if domain not in ("AE", "DV", "EC", "EX") and study.forms_of(domain):
            yield from write_records(study, domain)
    yield from write_design(study)


_DEVIATION: dict[str, Kind] = {
    **dict.fromkeys(("DVCAT", "DVSCAT", "VISIT"), pl.String),
    "VISITNUM": pl.Float64,
    "VISITDY": pl.Int64,
}
_ADVERSE_EVENT: dict[str, Kind] = dict.fromkeys(("AEDECOD",), pl.String)


def _deviations_noted(course: Course) -> list[Row]:
    """Return the deviations that decisions found."""
    return [
        {
            **course.head,
            "DOMAIN": "DV",
            "DVTERM": deviation.what,
            "DVCAT": deviation.category,
            "DVSCAT": deviation.weight,
            **course.visit(deviation.visit),
            "DVSTDTC": deviation.on.isoformat(),
        }
        for deviation in course.participant.deviations
    ]


def _adverse_event(_: Course, _entry: Entry, row: Row) -> Row:
    """Let an event that is not coded stand under its reported term."""
    return {"AEDECOD": row.get("AEDECOD") or row.get("AETERM")}
