"""A demonstration: a rehearsed trial in the middle of its course, with an account for all who work on it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ..conduct.door.dates import day_in
from ..conduct.door.fact import By, Intent
from ..conduct.door.state import FormEntry, Participant, Scalar
from ..conduct.follow_up.infusions import OrderInfusion
from ..conduct.follow_up.visits import HoldVisit
from ..conduct.follow_up.windows import day_1, window_of
from ..conduct.forms.entry import SaveForm
from ..conduct.forms.planned import products_planned_at
from ..conduct.organisation.people import AT_ONE_SITE, EnterPerson, GrantRole
from ..conduct.organisation.wall import ROLES
from ..conduct.quality.queries import RaiseQuery
from ..errors import DecisionRefused
from ..simulation.rehearsal.staff import ADMINISTRATOR, MANAGER, MANAGES, SPONSOR, full_name
from ..simulation.rehearsal.vault_side import PASSPHRASES
from ..simulation.rehearsal.walk import walk_trial
from ..trial.running import RunningTrial
from ..trial.signing.credentials import put_password

PASSWORD = "only a demonstration"
"""The password of everybody in a demonstration: no secret."""
RUNNING_FOR = timedelta(weeks=60)
"""How long ago the demonstrated trial began to recruit."""
ORDERS = 3
"""Infusions that are ordered and wait for the pharmacy."""
QUESTION = "Is this as it stands in the source?"
"""What the data manager asks of a value at each site."""
WEIGHT = 62.5
"""Weight in kg of who comes for them; made up, as all else here."""

__all__ = ["PASSPHRASES", "PASSWORD", "give_passwords", "make_demo"]


def make_demo(source: str, folder: Path, progress: Callable[[str, int, int], object]) -> None:
    """Walk a trial from its set-up to this moment, in a new folder, and give everybody a password."""
    now = datetime.now(UTC)
    opening = (now - RUNNING_FOR).date()
    with walk_trial(source, folder, opening=opening, until=now, progress=progress) as walked:
        leave_orders(walked.running, now)
        leave_questions(walked.running, now)
        let_in_the_others(walked.running, now)
        walked.running.book.flush()
        give_passwords(walked.running)


def leave_questions(running: RunningTrial, at: datetime) -> list[str]:
    """Let the data manager ask each site about a value on its newest form; return the records."""
    newest: dict[str, tuple[str, str, FormEntry]] = {}
    for participant in running.door.refresh().participants.values():
        for record, form in participant.forms.items():
            before = newest.get(participant.site)
            if form.values and form.removed is None and (before is None or before[2].sequence < form.sequence):
                newest[participant.site] = (participant.id, record, form)
    for who, record, form in newest.values():
        asked = RaiseQuery(participant=who, record=record, item=next(iter(form.values)), question=QUESTION)
        running.door.submit(asked, By(MANAGER, MANAGES, at))
    return [record for _, record, _ in newest.values()]


def let_in_the_others(running: RunningTrial, at: datetime) -> list[str]:
    """Let somebody in for every role that nobody has in a rehearsal, at the first site where it is one of a site.

    Returns who was let in.
    """
    trial = running.door.refresh()
    held = {grant.role for person in trial.people.values() for grant in person.grants}
    left = {role.replace(" ", "."): role for role in ROLES if role not in held}
    for person, role in left.items():
        entered = EnterPerson(person=person, name=full_name(person))
        running.door.submit(entered, By(ADMINISTRATOR, "administrator", at))
        site = next(iter(trial.sites)) if role in AT_ONE_SITE else None
        granted = GrantRole(person=person, role=role, site=site, since=at.date(), training="demonstration")
        running.door.submit(granted, By(SPONSOR, "sponsor", at))
    return list(left)


def give_passwords(running: RunningTrial) -> None:
    """Give everybody of a demonstrated trial the same password."""
    at = datetime.now(UTC)
    for person in running.door.refresh().people:
        put_password(running.folder.credentials, person, PASSWORD, at, cost="minimal")


def leave_orders(running: RunningTrial, at: datetime, most: int = ORDERS) -> list[str]:
    """Let participants come for an infusion whose window is open, be weighed, and have it ordered; return orders.

    What the door refuses for one of them (a window, a consent to be renewed) is not done for that one.
    """
    left: list[str] = []
    for participant, visit, on in _due(running, at):
        try:
            left.append(_come(running, at, participant, visit, on))
        except DecisionRefused:
            continue
        if len(left) == most:
            break
    return left


def _due(running: RunningTrial, at: datetime) -> Iterator[tuple[Participant, str, date]]:
    """Give who is due for an infusion dosed by weight, at which visit, and the day that it is there."""
    trial = running.door.refresh()
    for participant in list(trial.participants.values()):
        on = day_in(at, trial.sites[participant.site].zone)
        protocol = running.door.protocol_of(participant.id)
        first = day_1(protocol, participant)
        if first is None or participant.ended:
            continue
        for visit in protocol.schedule.visits:
            by_weight = any(protocol.interventions[one].weight for one in products_planned_at(protocol, visit))
            opens, closes = window_of(protocol, visit, first)
            if by_weight and visit not in participant.visits and opens <= on <= closes:
                yield participant, visit, on


def _come(running: RunningTrial, at: datetime, participant: Participant, visit: str, on: date) -> str:
    """Let somebody come to a visit, be weighed, and have the infusion ordered; return the order."""
    protocol = running.door.protocol_of(participant.id)
    product = protocol.interventions[products_planned_at(protocol, visit)[0]]
    assert product.weight is not None
    form = next(name for name, one in protocol.forms.items() if product.weight.item in one.items)
    weight = product.weight.item
    others = [name for name, item in protocol.forms[form].items.items() if name != weight and item.derive is None]
    values: dict[str, Scalar] = {weight: WEIGHT}
    missing = dict.fromkeys(others, "NOT DONE")
    steps: tuple[tuple[str, Intent], ...] = (
        ("coordinator", HoldVisit(participant=participant.id, visit=visit, on=on)),
        (
            "coordinator",
            SaveForm(participant=participant.id, form=form, visit=visit, on=on, values=values, missing=missing),
        ),
        ("investigator", OrderInfusion(participant=participant.id, visit=visit)),
    )
    zone = running.door.trial.sites[participant.site].zone
    for role, intent in steps:
        people = running.door.trial.people.items()
        person = next(
            name
            for name, one in people
            if any((grant.role, grant.site) == (role, participant.site) for grant in one.grants)
        )
        running.door.submit(intent, By(person, role, at, zone))
    return f"{participant.id}/{visit}"
