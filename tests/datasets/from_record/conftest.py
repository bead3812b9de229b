"""Small trials written down as the state that a record leads to, with the codes that belong to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.shipped import shipped

from equipoise.conduct.door.state import (
    Allocation,
    Consent,
    Eligibility,
    FormEntry,
    Infusion,
    Leaving,
    Participant,
    Scalar,
    Site,
    Trial,
    Value,
    Visit,
    form_key,
)
from equipoise.datasets import Dataset
from equipoise.datasets.from_record import Opened, PreparedDose
from equipoise.protocol import Protocol
from equipoise.protocol.model import Form

DAY_1 = date(2026, 3, 2)
Values = Mapping[str, Scalar]


def on_day(day: int, start: date = DAY_1) -> date:
    return start + timedelta(days=day - 1 if day > 0 else day)


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def entry(form: str, visit: str, on: date, values: Values, repeat: int = 1) -> FormEntry:
    return FormEntry(
        form=form, visit=visit, repeat=repeat, on=on, values={name: Value(value=v) for name, v in values.items()}
    )


def add_form(
    participant: Participant, form: str, on: date, values: Values, *, visit: str = "", repeat: int = 1
) -> FormEntry:
    """Put a form of a participant into the state, as it would be after it was saved."""
    made = entry(form, visit, on, values, repeat)
    participant.forms[form_key(visit, form, repeat)] = made
    return made


@dataclass
class Script:
    """A participant to be played: arm None for who fails screening; visits left out, infusions not given."""

    id: str
    arm: str | None
    start: date = DAY_1
    missed: tuple[str, ...] = ()
    not_infused: tuple[str, ...] = ()
    until: str | None = None
    values: dict[tuple[str, str], Scalar] = field(default_factory=dict)


def play(protocol: Protocol, scripts: list[Script]) -> tuple[Trial, Opened]:
    """Return the state of a trial in which everybody comes on the day aimed at, and what the vault knows of it."""
    trial = Trial(trial=protocol.trial.id, versions=["v1"])
    trial.sites = {
        site: Site(name=f"Hospital {site}", country="CHN", zone="Asia/Shanghai")
        for site in sorted({script.id[:2] for script in scripts})
    }
    doses: list[PreparedDose] = []
    for script in scripts:
        trial.participants[script.id] = _participant(protocol, script, doses)
    arms = {script.id: script.arm for script in scripts if script.arm is not None}
    return trial, Opened(arms=arms, doses=tuple(doses))


def _participant(protocol: Protocol, script: Script, doses: list[PreparedDose]) -> Participant:
    screened = on_day(-14, script.start)
    person = Participant(id=script.id, site=script.id[:2], screened_on=screened, protocol="v1")
    person.consents = [Consent(document="1.0", language="zh", signed_on=screened)]
    person.eligibility = Eligibility(eligible=script.arm is not None, assessed_at=at_noon(screened))
    if script.arm is not None:
        person.allocation = Allocation(
            number=f"R-{script.id}",
            stratum=f"site {person.site}",
            strata={"site": person.site},
            at=at_noon(script.start),
        )
    for visit, plan in protocol.schedule.visits.items():
        on = screened if plan.target < 0 else on_day(plan.target, script.start)
        if visit in script.missed:
            person.visits[visit] = Visit(name=visit, missed="ill")
        else:
            person.visits[visit] = Visit(name=visit, on=on)
            _fill(protocol, person, script, visit, on, doses)
        if visit == script.until or script.arm is None:
            break
    return person


def _fill(
    protocol: Protocol, person: Participant, script: Script, visit: str, on: date, doses: list[PreparedDose]
) -> None:
    for name, form in protocol.forms.items():
        if visit not in protocol.schedule.activities.get(name, ()):
            continue
        if form.sdtm == "EC":
            _infuse(protocol, person, script, visit, on, doses)
        elif not form.repeats:
            values = _usual(form, on) | {
                item: value for (at, item), value in script.values.items() if at == visit and item in form.items
            }
            if {"cd4", "cd8"} <= values.keys():
                values["cd4_cd8"] = float(values["cd4"]) / float(values["cd8"])  # type: ignore[arg-type]
            add_form(person, name, on, values, visit=visit)


def _infuse(
    protocol: Protocol, person: Participant, script: Script, visit: str, on: date, doses: list[PreparedDose]
) -> None:
    if visit in script.not_infused or script.arm is None:
        add_form(person, "infusion", on, {"infused": "N", "not_infused_why": "ADVERSE EVENT"}, visit=visit)
        return
    order, bag = f"{person.id}/{visit}", f"B-{len(doses) + 1:04d}"
    weight = person.forms[form_key(visit, "vitals")].values["weight"].value
    cells = protocol.arms[script.arm].doses["cells"].value * Decimal(str(weight))
    doses.append(PreparedDose(person.id, order, visit, f"{cells:f}", "100", bag, on))
    person.infusions[order] = Infusion(
        order=order, visit=visit, weight_kg=str(weight), weighed_on=on, bag=bag, volume="100"
    )
    given = {
        "infused": "Y",
        "bag_number": bag,
        "infusion_start": f"{on}T09:30",
        "infusion_end": f"{on}T10:15",
        "volume_given": 100.0,
        "interrupted": "N",
        "temperature_after": 36.8,
        "reaction": "N",
    }
    add_form(person, "infusion", on, given, visit=visit)


USUAL: Values = {
    "age": 41.0,
    "sex": "M",
    "weight": 62.5,
    "cd4": 180.0,
    "cd8": 720.0,
    "hiv_rna": 20.0,
    "nadir_cd4": 45.0,
    "months_on_art": 60.0,
    "months_undetectable": 40.0,
    "systolic": 118.0,
    "diastolic": 76.0,
    "karnofsky": 90.0,
}


def _usual(form: Form, on: date) -> dict[str, Scalar]:
    """Return a value for each item of a form that somebody has to fill in."""
    values: dict[str, Scalar] = {}
    for name, item in form.items.items():
        if name in USUAL:
            values[name] = USUAL[name]
        elif item.derive is not None or not item.required:
            continue
        elif item.range is not None:
            low, high = item.range
            values[name] = float(round(low + (high - low) * 0.3))
        elif item.codes:
            values[name] = next(iter(item.codes))
        else:
            values[name] = {"yes or no": "N", "date": f"{on}", "date and time": f"{on}T08:00"}.get(
                item.type, "as told"
            )
    return values


def end(participant: Participant, what: str, on: date, why: str) -> None:
    """Let treatment, participation or life of a participant end, by the form that says so."""
    forms = {
        "treatment": ("end_of_treatment", {"treatment_ended": f"{on}", "treatment_end_why": why}),
        "participation": ("end_of_study", {"study_ended": f"{on}", "study_end_why": why}),
        "life": ("death", {"death_date": f"{on}", "death_cause": why, "autopsy": "N"}),
    }
    form, values = forms[what]
    participant.ended[what] = Leaving(on=on, why=why)
    add_form(participant, form, on, values)


@dataclass
class Stage:
    """A protocol and what a test needs to play small trials by it."""

    protocol: Protocol

    def script(self, id_: str, arm: str | None, **more: Any) -> Script:
        return Script(id_, arm, **more)

    def play(self, *scripts: Script) -> tuple[Trial, Opened]:
        return play(self.protocol, list(scripts))

    def all_arms(self, each: int = 1) -> list[Script]:
        """So many in each arm, at the two sites in turn, and one who fails screening."""
        people = [arm for _ in range(each) for arm in self.protocol.arms]
        scripts = [
            Script(f"0{1 + n % 2}-{n // 2 + 1:03d}", arm, start=on_day(1 + 3 * n)) for n, arm in enumerate(people)
        ]
        return [*scripts, Script("01-099", None)]

    add_form = staticmethod(add_form)
    end = staticmethod(end)
    on_day = staticmethod(on_day)
    at_noon = staticmethod(at_noon)


@pytest.fixture(scope="session")
def inr() -> Stage:
    return Stage(shipped("hucmsc_inr"))


@pytest.fixture(scope="session")
def pilot() -> Stage:
    return Stage(shipped("hucmsc_pilot"))


@pytest.fixture(scope="session")
def single_arm() -> Stage:
    return Stage(shipped("admsc_inr"))


Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def rows() -> Rows:
    """Rows of a dataset as tuples of the variables asked for, where the given variables have the given values."""

    def select(dataset: Dataset, *names: str, **where: Any) -> list[tuple[Any, ...]]:
        return dataset.frame.filter(**where).select(names).rows()

    return select
