"""TA TE TI TS TV: the design of the trial, from the protocol alone (SDTMIG 3.4, 7).

They are the same whoever reads them, but that a blinded export has one more element, that of who is masked.
"""

from collections.abc import Iterator

import polars as pl

from ....protocol import protocol_version
from ....protocol.model import Criterion
from ...dataset import Dataset
from .study import Study
from .variables import Kind, Row, make_dataset
from .visits import element_code, element_name, has_doses


def write_design(study: Study) -> list[Dataset]:
    """Return the five datasets of the design."""
    return [_arms(study), _elements(study), _criteria(study), _summary(study), _visits(study)]


def _arms(study: Study) -> Dataset:
    rows: list[Row] = []
    for arm, plan in study.protocol.arms.items():
        for place, epoch in enumerate(study.protocol.schedule.epochs, start=1):
            rows.append(
                {
                    "STUDYID": study.id,
                    "DOMAIN": "TA",
                    "ARMCD": arm.upper(),
                    "ARM": plan.label.say(),
                    "TAETORD": place,
                    "ETCD": element_code(epoch, arm, study.protocol),
                    "ELEMENT": element_name(epoch, arm, study.protocol),
                    "TABRANCH": _branch(study, place),
                    "EPOCH": epoch.upper(),
                }
            )
    text = ("STUDYID", "DOMAIN", "ARMCD", "ARM", "ETCD", "ELEMENT", "TABRANCH", "TATRANS", "EPOCH")
    return make_dataset("TA", rows, {**_texts(*text), "TAETORD": pl.Int64})


def _branch(study: Study, place: int) -> str | None:
    """Return how participants come to their arm, at the element before the first in which something is given."""
    epochs = list(study.protocol.schedule.epochs)
    dosed = [number for number, epoch in enumerate(epochs, start=1) if has_doses(epoch, study.protocol)]
    if len(study.protocol.arms) < 2 or not dosed or place != dosed[0] - 1:
        return None
    return "Randomised" if study.protocol.randomisation else "Assigned"


def _elements(study: Study) -> Dataset:
    visits = study.protocol.schedule.visits
    rows: dict[str, Row] = {}
    arms: list[str | None] = [*study.protocol.arms, *([None] if study.opened is None else [])]
    for epoch, plan in study.protocol.schedule.epochs.items():
        for arm in arms:
            code = element_code(epoch, arm, study.protocol)
            start = study.protocol.visit_label(plan.starts)
            rows.setdefault(
                code,
                {
                    "STUDYID": study.id,
                    "DOMAIN": "TE",
                    "ETCD": code,
                    "ELEMENT": element_name(epoch, arm, study.protocol),
                    "TESTRL": f"First visit held from {start} (day {visits[plan.starts].target}) on",
                    "TEENRL": _end_rule(study, epoch),
                },
            )
    return make_dataset(
        "TE", list(rows.values()), _texts("STUDYID", "DOMAIN", "ETCD", "ELEMENT", "TESTRL", "TEENRL")
    )


def _end_rule(study: Study, epoch: str) -> str:
    epochs = list(study.protocol.schedule.epochs)
    after = epochs[epochs.index(epoch) + 1 :]
    if not after:
        return "End of participation"
    return f"Start of {study.protocol.schedule.epochs[after[0]].label.say()}, or end of participation"


def _criteria(study: Study) -> Dataset:
    """Return TI: all criteria of each version of the protocol, the earliest first (SDTMIG 3.4, 7.4.1)."""
    newest = study.versions[-1]
    rows = [
        _criterion(study, name, criterion, category, study.version if one is newest else protocol_version(one))
        for one in study.versions
        for category, criteria in (
            ("INCLUSION", one.population.inclusion),
            ("EXCLUSION", one.population.exclusion),
        )
        for name, criterion in criteria.items()
    ]
    text = ("STUDYID", "DOMAIN", "IETESTCD", "IETEST", "IECAT", "TIRL", "TIVERS")
    return make_dataset("TI", rows, _texts(*text), labels={"TIVERS": "Version of the Protocol"})


def _criterion(study: Study, name: str, criterion: Criterion, category: str, version: str) -> Row:
    return {
        "STUDYID": study.id,
        "DOMAIN": "TI",
        "IETESTCD": name,
        "IETEST": criterion.text.say(),
        "IECAT": category,
        "TIRL": criterion.rule,
        "TIVERS": version[:12],
    }


def _visits(study: Study) -> Dataset:
    rows: list[Row] = []
    for name, plan in study.protocol.schedule.visits.items():
        first, last = plan.allowed.first, plan.allowed.last
        days = f"study day {first}" if first == last else f"study day {first} to {last}"
        rows.append(
            {
                "STUDYID": study.id,
                "DOMAIN": "TV",
                "VISITNUM": float(study.order[name]),
                "VISIT": study.protocol.visit_label(name),
                "VISITDY": plan.target,
                "TVSTRL": f"Held on {days}",
            }
        )
    kinds: dict[str, Kind] = {
        **_texts("STUDYID", "DOMAIN"),
        "VISITNUM": pl.Float64,
        "VISIT": pl.String,
        "VISITDY": pl.Int64,
        **_texts("ARMCD", "TVSTRL"),
    }
    return make_dataset("TV", rows, kinds, as_given=True)


def _summary(study: Study) -> Dataset:
    rows: list[Row] = []
    counts: dict[str, int] = {}
    for code, name, value in _parameters(study):
        counts[code] = counts.get(code, 0) + 1
        said = {"TSSEQ": counts[code], "TSPARMCD": code, "TSPARM": name, "TSVAL": value}
        rows.append({"STUDYID": study.id, "DOMAIN": "TS", **said})
    text = ("STUDYID", "DOMAIN", "TSPARMCD", "TSPARM", "TSVAL")
    return make_dataset("TS", rows, {**_texts(*text), "TSSEQ": pl.Int64})


def _parameters(study: Study) -> Iterator[tuple[str, str, str]]:
    """Give code, name and value of each trial summary parameter that protocol and record tell."""
    protocol, trial = study.protocol, study.protocol.trial
    consents = [c.signed_on for course in study.courses for c in course.participant.consents]
    yield "TITLE", "Trial Title", trial.title.say()
    yield "STYPE", "Study Type", "INTERVENTIONAL"
    yield "TPHASE", "Trial Phase Classification", _phase(trial.phase)
    if trial.registry is not None:
        yield "REGID", "Registry Identifier", trial.registry
    if trial.sponsor is not None:
        yield "SPONSOR", "Clinical Study Sponsor", trial.sponsor
    for level, code, name in (
        ("primary", "OBJPRIM", "Trial Primary Objective"),
        ("secondary", "OBJSEC", "Trial Secondary Objective"),
        ("exploratory", "OBJEXP", "Trial Exploratory Objective"),
    ):
        for objective in protocol.objectives.values():
            if objective.level == level:
                yield code, name, objective.text.say()
    yield "INTMODEL", "Intervention Model", "PARALLEL" if len(protocol.arms) > 1 else "SINGLE GROUP"
    yield "NARMS", "Planned Number of Arms", str(len(protocol.arms))
    yield "RANDOM", "Trial is Randomized", "Y" if protocol.randomisation else "N"
    yield "TBLIND", "Trial Blinding Schema", _blinding(study)
    yield "TCNTRL", "Control Type", _control(study)
    for plan in protocol.interventions.values():
        yield "TRT", "Investigational Therapy or Treatment", plan.label.say()
        yield "ROUTE", "Route of Administration", plan.route.upper()
    if protocol.size is not None:
        yield "PLANSUB", "Planned Number of Subjects", str(protocol.size)
    yield "ACTSUB", "Actual Number of Subjects", str(sum(c.allocated_on is not None for c in study.courses))
    if consents:
        yield "SSTDTC", "Study Start Date", min(consents).isoformat()


def _phase(phase: str) -> str:
    return "NOT APPLICABLE" if phase == "not applicable" else f"PHASE {phase} TRIAL"


def _blinding(study: Study) -> str:
    blinded = set(study.protocol.blinding.blinded)
    if not blinded:
        return "OPEN LABEL"
    return "DOUBLE BLIND" if {"participant", "investigator"} <= blinded else "SINGLE BLIND"


def _control(study: Study) -> str:
    control = study.protocol.control
    if control is None:
        return "NONE"
    doses = study.protocol.arms[control].doses.values()
    return "PLACEBO" if doses and not any(dose.value for dose in doses) else "ACTIVE"


def _texts(*names: str) -> dict[str, Kind]:
    return dict.fromkeys(names, pl.String)
