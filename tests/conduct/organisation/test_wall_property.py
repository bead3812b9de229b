"""Nobody ever holds roles on both sides of the blind, whatever is asked for and in whatever order."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.conduct.organisation.people import EndRole, EnterPerson, GrantRole
from equipoise.conduct.organisation.wall import FURTHER, ROLES, side_of
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol, read_protocol

from .desk import Desk

STEPS = st.lists(
    st.tuples(st.sampled_from(["li", "wu", "sponsor"]), st.sampled_from(ROLES), st.booleans()), max_size=12
)


@given(STEPS)
def test_no_history_of_grants_and_endings_crosses_the_wall(
    inr: Protocol, steps: list[tuple[str, str, bool]]
) -> None:
    desk = Desk(inr)
    desk.open_site("01")
    for person in ("li", "wu"):
        desk.do(EnterPerson(person=person, name=person))
    for person, role, end in steps:
        with suppress(DecisionRefused):
            if end:
                desk.do(EndRole(person=person, role=role, site="01"), by="administrator", role="administrator")
            else:
                desk.do(
                    GrantRole(person=person, role=role, site="01", since=date(2026, 3, 2), training="seen"),
                    by="second sponsor",
                    role="sponsor",
                )
    for person in desk.trial.people.values():
        sides = {side_of(inr, grant.role) for grant in person.grants} - {None}
        assert len(sides) <= 1


def test_a_role_that_was_given_back_still_stands_against_the_other_side(inr: Protocol) -> None:
    desk = Desk(inr)
    desk.open_site("01")
    desk.do(EnterPerson(person="li", name="Li Na"))
    step = {"site": "01", "since": date(2026, 3, 2), "training": "seen"}
    desk.do(GrantRole(person="li", role="pharmacist", **step))  # type: ignore[arg-type]
    desk.wait(200)
    desk.do(EndRole(person="li", role="pharmacist", site="01"))
    desk.wait(200)
    with pytest.raises(DecisionRefused, match="is or was pharmacist, on the unblinded side"):
        desk.ask(GrantRole(person="li", role="nurse", **step))  # type: ignore[arg-type]


def test_the_protocol_says_on_which_side_its_roles_stand(inr: Protocol) -> None:
    assert side_of(inr, "investigator") == side_of(inr, "sponsor") == "blinded"
    assert side_of(inr, "pharmacist") == side_of(inr, "safety board statistician") == "unblinded"
    assert side_of(inr, "safety board") is None


@pytest.mark.parametrize("role", FURTHER)
def test_roles_that_no_protocol_names_stand_on_a_side_wherever_there_is_a_blind(
    inr: Protocol, pilot: Protocol, role: str
) -> None:
    assert side_of(inr, role) == side_of(read_protocol("actg175"), role) == FURTHER[role]
    assert side_of(pilot, role) is None
