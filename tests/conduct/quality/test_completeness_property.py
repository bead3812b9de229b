"""Completeness of a whole trial: by site and form, and fast enough to be asked at any time."""

import time
from datetime import timedelta

import msgspec
from tests.conduct.forms.desk import DAY_1, VITALS, WHO, Desk

from equipoise.conduct.door.state import FormEntry, Participant, Site, Trial, Value, Visit
from equipoise.conduct.quality.completeness import Counts, check_trial, count_by_site, count_missing


def test_forms_and_visits_are_counted_by_site(desk: Desk) -> None:
    desk.trial.sites["02"] = Site(name="Urumqi", country="CHN", zone="Asia/Urumqi")
    desk.save("vitals", "W0", VITALS)
    found = check_trial(lambda _: desk.protocol, desk.trial, DAY_1 + timedelta(weeks=4))
    assert found[WHO].due == ("W4",)
    counts = count_by_site(desk.trial, found)
    assert (counts["01"].filled_in, counts["01"].due, counts["01"].overdue) == (1, 1, 0)
    assert counts["02"] == Counts()
    later = check_trial(lambda _: desk.protocol, desk.trial, DAY_1 + timedelta(weeks=14))
    assert (later[WHO].due, later[WHO].overdue) == ((), ("W4", "W12"))
    assert count_missing(found)["immunology"] == 2


def filled_in(desk: Desk, number: int) -> Participant:
    """A participant who has been at eight visits, with every form of them."""
    participant: Participant = msgspec.structs.replace(desk.participant, id=f"01-{number}", visits={}, forms={})
    for weeks, visit in enumerate(list(desk.protocol.schedule.visits)[:8]):
        participant.visits[visit] = Visit(name=visit, on=DAY_1 + timedelta(weeks=weeks))
        for form, visits in desk.protocol.schedule.activities.items():
            if visit in visits and form in desk.protocol.forms:
                participant.forms[f"{visit}/{form}/1"] = FormEntry(
                    form=form, visit=visit, repeat=1, on=DAY_1, values={"any": Value(value=1)}
                )
    return participant


def test_three_thousand_participants_take_less_than_two_seconds(desk: Desk) -> None:
    one = filled_in(desk, 1)
    assert len(one.forms) > 60
    people = {f"01-{n}": msgspec.structs.replace(one, id=f"01-{n}") for n in range(3000)}
    trial = Trial(sites=desk.trial.sites, participants=people)
    began = time.process_time()
    found = check_trial(lambda _: desk.protocol, trial, DAY_1 + timedelta(weeks=60))
    assert time.process_time() - began < 2
    assert count_by_site(trial, found)["01"].filled_in == 3000 * len(one.forms)
