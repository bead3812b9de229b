"""DM and IE: who took part, and which criteria kept the others out (SDTMIG 3.4, 5.2 and 6.3.4).

Study day 1 (RFSTDTC) is that of the visit aimed at it; for who was allocated but never came, of the allocation.
RFENDTC is the day on which the participant was last seen. An arm stands there only once the codes are open.
"""

import polars as pl

from ....conduct.enrolment.criteria import hash_rules
from ...dataset import Dataset
from .qualifiers import make_qualifier, qualify
from .study import Course, Study, typed
from .variables import Kind, Row, make_dataset, make_supplement

SCREEN_FAILURE = "SCREEN FAILURE"
NOT_ASSIGNED = "NOT ASSIGNED"
NOT_TREATED = "ASSIGNED, NOT TREATED"

_OWN = (
    *(
        "STUDYID",
        "DOMAIN",
        "USUBJID",
        "SUBJID",
        "RFSTDTC",
        "RFENDTC",
        "RFXSTDTC",
        "RFXENDTC",
        "RFICDTC",
        "RFPENDTC",
    ),
    *("DTHDTC", "DTHFL", "SITEID", "AGEU", "SEX", "ARMCD", "ARM", "ACTARMCD", "ACTARM", "ARMNRS", "COUNTRY"),
)


def write_participants(study: Study) -> list[Dataset]:
    """Return DM, and SUPPDM where there is any."""
    forms = study.forms_of("DM")
    rows: list[Row] = []
    supplement: list[Row] = []
    for course in study.courses:
        row = _row(course)
        for entry in course.entries(forms):
            for name, item in entry.form.items.items():
                if item.sdtm is not None and name in entry.values:
                    row[item.sdtm] = typed(entry.values[name].value, item)
            supplement += qualify(study, "DM", row, entry)
        row["AGEU"] = "YEARS" if row.get("AGE") is not None else None
        row["DTHFL"] = "Y" if row.get("DTHDTC") is not None else None
        supplement += _strata(course, row)
        rows.append(row)
    kinds: dict[str, Kind] = {**dict.fromkeys(_OWN, pl.String), "AGE": pl.Int64}
    for form in forms.values():
        for item in form.items.values():
            if item.sdtm is not None and item.sdtm != "AGE":
                kinds[item.sdtm] = pl.Float64 if item.is_number else pl.String
    for row in rows:
        row["AGE"] = None if row.get("AGE") is None else int(row["AGE"])
    made = [make_dataset("DM", rows, kinds)]
    return [*made, make_supplement("DM", supplement)] if supplement else made


def write_criteria_not_met(study: Study) -> list[Dataset]:
    """Return IE: a row for each criterion that kept a person out, as it stood when they were judged."""
    by_rules = {hash_rules(one): one.population for one in study.versions}
    newest = study.versions[-1].population
    rows: list[Row] = []
    for course in study.courses:
        verdict = course.participant.eligibility
        if verdict is None:
            continue
        on = study.day_of(verdict.assessed_at, course.participant.site)
        population = by_rules.get(verdict.rules, newest)
        for name in verdict.not_met:
            inclusion = name in population.inclusion
            criterion = population.inclusion.get(name) or population.exclusion[name]
            result = "N" if inclusion else "Y"
            rows.append(
                {
                    **course.head,
                    "DOMAIN": "IE",
                    "IETESTCD": name,
                    "IETEST": criterion.text.say(),
                    "IECAT": "INCLUSION" if inclusion else "EXCLUSION",
                    "IEORRES": result,
                    "IESTRESC": result,
                    "EPOCH": course.epoch(on),
                    "IEDTC": on.isoformat(),
                    "IEDY": course.day(on),
                }
            )
    text = ("STUDYID", "DOMAIN", "USUBJID", "EPOCH")
    own = ("IETESTCD", "IETEST", "IECAT", "IEORRES", "IESTRESC", "IEDTC")
    kinds: dict[str, Kind] = dict.fromkeys((*text, *own), pl.String)
    kinds |= {"IESEQ": pl.Int64, "IEDY": pl.Int64}
    return [make_dataset("IE", rows, kinds)]


def _row(course: Course) -> Row:
    participant, study = course.participant, course.study
    given, last = course.given, course.last_seen
    consents = [consent.signed_on for consent in participant.consents]
    died = participant.ended.get("life")
    return {
        **course.head,
        "DOMAIN": "DM",
        "SUBJID": participant.id,
        "RFSTDTC": None if course.day_1 is None else course.day_1.isoformat(),
        "RFENDTC": None if course.day_1 is None or last is None else last.isoformat(),
        "RFXSTDTC": given[0].start if given else None,
        "RFXENDTC": (given[-1].end or given[-1].start[:10]) if given else None,
        "RFICDTC": min(consents).isoformat() if consents else None,
        "RFPENDTC": None if course.ended_on is None else course.ended_on.isoformat(),
        "DTHDTC": None if died is None else died.on.isoformat(),
        "SITEID": participant.site,
        "COUNTRY": study.trial.sites[participant.site].country,
        **_arm(course),
    }


def _arm(course: Course) -> Row:
    """Return the planned and the actual arm, or why there is none."""
    if course.allocated_on is None:
        return {"ARMNRS": NOT_ASSIGNED if course.failed_on is None else SCREEN_FAILURE}
    if course.arm is None:
        return {}
    label = course.study.protocol.arms[course.arm].label.say()
    planned = {"ARMCD": course.arm.upper(), "ARM": label}
    if not course.given:
        return {**planned, "ARMNRS": NOT_TREATED}
    return {**planned, "ACTARMCD": course.arm.upper(), "ACTARM": label}


def _strata(course: Course, row: Row) -> list[Row]:
    """Return the stratum of the allocation, and the true one where that turned out to be another."""
    place = course.participant.allocation
    if place is None:
        return []
    told = [("STRATUM", "Stratum of the allocation", place.stratum)]
    if place.true_strata is not None:
        true = ", ".join(f"{name}={level}" for name, level in place.true_strata.items())
        told.append(("TRUESTRA", "True strata", true))
    return [make_qualifier("DM", row, name, label, value, origin="eDT") for name, label, value in told]
