"""SV and SE: the visits that were held, missed or not planned, and the elements that participants passed.

Source: SDTMIG 3.4, 5.3 (SE) and 5.4 (SV). In an epoch in which something is given each arm has an element of its
own; while the codes are closed all share one, called masked.
"""

import polars as pl

from ....protocol import Protocol
from ...dataset import Dataset
from .study import Study
from .variables import Kind, Row, make_dataset

MASKED = "MASKED"


def write_visits(study: Study) -> list[Dataset]:
    """Return SV: a row a visit, in the order of visits."""
    rows: list[Row] = []
    for course in study.courses:
        held = course.participant.visits.items()
        for key, visit in sorted(held, key=lambda one: course.visit_number(one[0]) or 0):
            on = None if visit.on is None else visit.on.isoformat()
            rows.append(
                {
                    **course.head,
                    "DOMAIN": "SV",
                    **course.visit(key),
                    "SVPRESP": None if visit.name is None else "Y",
                    "SVOCCUR": None if visit.name is None else "N" if visit.on is None else "Y",
                    "SVREASOC": visit.missed,
                    "SVSTDTC": on,
                    "SVENDTC": on,
                    "SVSTDY": course.day(visit.on),
                    "SVENDY": course.day(visit.on),
                    "SVUPDES": "Unscheduled visit" if visit.name is None else None,
                }
            )
    kinds: dict[str, Kind] = {
        **dict.fromkeys(("STUDYID", "DOMAIN", "USUBJID"), pl.String),
        "VISITNUM": pl.Float64,
        **dict.fromkeys(("VISIT", "SVPRESP", "SVOCCUR", "SVREASOC"), pl.String),
        "VISITDY": pl.Int64,
        **dict.fromkeys(("SVSTDTC", "SVENDTC"), pl.String),
        **dict.fromkeys(("SVSTDY", "SVENDY"), pl.Int64),
        "SVUPDES": pl.String,
    }
    return [make_dataset("SV", rows, kinds, as_given=True)]


def write_elements(study: Study) -> list[Dataset]:
    """Return SE: a row for each element that a participant entered."""
    places = {name: place for place, name in enumerate(study.protocol.schedule.epochs, start=1)}
    rows: list[Row] = [
        {
            **course.head,
            "DOMAIN": "SE",
            "ETCD": element_code(passed.epoch, course.arm, study.protocol),
            "ELEMENT": element_name(passed.epoch, course.arm, study.protocol),
            "TAETORD": places[passed.epoch],
            "EPOCH": passed.epoch.upper(),
            "SESTDTC": passed.start.isoformat(),
            "SEENDTC": None if passed.end is None else passed.end.isoformat(),
            "SESTDY": course.day(passed.start),
            "SEENDY": course.day(passed.end),
        }
        for course in study.courses
        for passed in course.passed
    ]
    kinds: dict[str, Kind] = {
        **dict.fromkeys(("STUDYID", "DOMAIN", "USUBJID"), pl.String),
        "SESEQ": pl.Int64,
        **dict.fromkeys(("ETCD", "ELEMENT"), pl.String),
        "TAETORD": pl.Int64,
        **dict.fromkeys(("EPOCH", "SESTDTC", "SEENDTC"), pl.String),
        **dict.fromkeys(("SESTDY", "SEENDY"), pl.Int64),
    }
    return [make_dataset("SE", rows, kinds, as_given=True)]


def element_code(epoch: str, arm: str | None, protocol: Protocol) -> str:
    """Return ETCD of the element of an arm in an epoch (arm None: masked)."""
    if not has_doses(epoch, protocol):
        return epoch.upper()[:8]
    return MASKED if arm is None else arm.upper()[:8]


def element_name(epoch: str, arm: str | None, protocol: Protocol) -> str:
    """Return ELEMENT of an arm in an epoch (arm None: masked)."""
    label = protocol.schedule.epochs[epoch].label.say()
    if not has_doses(epoch, protocol):
        return label
    return f"{label}: {'masked' if arm is None else protocol.arms[arm].label.say()}"


def has_doses(epoch: str, protocol: Protocol) -> bool:
    """Whether an intervention is given at a visit of the epoch."""
    visits = list(protocol.schedule.visits)
    epochs = list(protocol.schedule.epochs)
    first = visits.index(protocol.schedule.epochs[epoch].starts)
    after = epochs[epochs.index(epoch) + 1 :]
    last = visits.index(protocol.schedule.epochs[after[0]].starts) if after else len(visits)
    return any(visit in plan.at for plan in protocol.interventions.values() for visit in visits[first:last])
