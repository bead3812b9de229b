"""The amendment of a rehearsal: sites follow one by one, participants when they sign, records keep theirs."""

from datetime import timedelta
from itertools import pairwise

from equipoise.conduct.door.state import Participant
from equipoise.simulation.rehearsal.amending import SECOND_CONSENT

from .conftest import Told

ITEM = "waist"


def moved(told: Told) -> list[Participant]:
    who = {event.participant for event in told.of("ParticipantMoved")}
    return [person for person in told.trial.participants.values() if person.id in who]


def test_one_version_is_issued_after_one_that_is_refused(told: Told) -> None:
    assert (told.counts["amendments issued"], len(told.trial.versions)) == (1, 2)
    assert told.counts["refused: an amendment that retypes an item"] == 1
    assert "values of type text; add a new item" in told.refusals["an amendment that retypes an item"]


def test_sites_are_activated_for_it_a_fortnight_apart(told: Told) -> None:
    days = [site.versions[told.trial.versions[1]] for site in told.trial.sites.values()]
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=14)}


def test_who_signs_its_consent_form_moves_and_what_was_recorded_keeps_its_version(told: Told) -> None:
    first, second = told.trial.versions
    assert moved(told)
    for person in moved(told):
        assert person.protocol == second
        assert SECOND_CONSENT in {consent.document for consent in person.consents}
        assert first in {entry.protocol for entry in person.forms.values()}


def test_the_new_item_is_filled_in_on_records_of_the_new_version_only(told: Told) -> None:
    entries = [entry for person in told.trial.participants.values() for entry in person.forms.values()]
    versions = {entry.protocol for entry in entries if ITEM in entry.values}
    assert versions == {told.trial.versions[1]}
