"""Who may open a way in to whom: never to oneself; to the arms it takes one proof from each side of the blind."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conduct.organisation.desk import Desk

from equipoise.conduct.access.links import CHAPTER, GiveLink, OpenWayIn, ResetSecondFactor
from equipoise.conduct.door.fact import By, Intent, Setting
from equipoise.conduct.organisation.people import AT_ONE_SITE, PersonEntered, RoleEnded, RoleGranted
from equipoise.conduct.organisation.wall import ROLES, side_of
from equipoise.errors import DecisionRefused
from equipoise.protocol import read_protocol

PROTOCOL = read_protocol("hucmsc_inr")


def is_allowed(desk: Desk, intent: Intent, by: str) -> bool:
    setting = Setting(desk.protocol, By(by, by, desk.now), {})
    try:
        CHAPTER.decisions[type(intent)](setting, desk.trial, intent)
    except DecisionRefused:
        return False
    return True


@given(role=st.sampled_from(ROLES), ended=st.booleans(), by=st.sampled_from(("administrator", "sponsor")))
def test_only_the_sponsor_opens_a_way_to_the_arms_also_to_who_has_left(role: str, ended: bool, by: str) -> None:
    desk = Desk(PROTOCOL)
    desk.open_site()
    desk.fold(PersonEntered(person="li", name="Li Na"))
    site = "01" if role in AT_ONE_SITE else None
    desk.fold(RoleGranted(person="li", role=role, site=site, since=date(2026, 1, 1), training="seen"))
    if ended:
        desk.fold(RoleEnded(person="li", role=role, site=site, on=desk.today - timedelta(days=1)))
    to_the_arms = role == "sponsor" or side_of(PROTOCOL, role) == "unblinded"
    for intent in (GiveLink("li"), ResetSecondFactor("li", "came in person")):
        assert is_allowed(desk, intent, by) == (by == "sponsor" or not to_the_arms)


@pytest.mark.parametrize("by", ["administrator", "sponsor"])
def test_nobody_opens_a_way_to_themselves_or_to_nobody(by: str) -> None:
    desk = Desk(PROTOCOL)
    for person in (by, "nobody.at.all"):
        assert not is_allowed(desk, GiveLink(person), by)
        assert not is_allowed(desk, ResetSecondFactor(person, "came in person"), by)


def test_a_second_factor_is_taken_away_for_a_reason() -> None:
    desk = Desk(PROTOCOL)
    desk.fold(PersonEntered(person="li", name="Li Na"))
    assert not is_allowed(desk, ResetSecondFactor("li", " "), "administrator")


def test_nobody_lets_in_at_the_vault_themselves_nobody_or_without_a_reason() -> None:
    desk = Desk(PROTOCOL)
    for person in ("li", "list custodian"):
        desk.fold(PersonEntered(person=person, name="Li Na"))
    assert is_allowed(desk, OpenWayIn("li", "rang back"), "list custodian")
    assert not is_allowed(desk, OpenWayIn("li", " "), "list custodian")
    assert not is_allowed(desk, OpenWayIn("list custodian", "rang back"), "list custodian")
    assert not is_allowed(desk, OpenWayIn("nobody.at.all", "rang back"), "list custodian")


def test_the_password_is_given_on_one_side_and_the_second_factor_of_the_vault_on_the_other() -> None:
    assert {side_of(PROTOCOL, role) for role in CHAPTER.roles[GiveLink]} == {"blinded"}
    assert {side_of(PROTOCOL, role) for role in CHAPTER.roles[OpenWayIn]} == {"unblinded"}
