"""Protocol versions are issued once; a site takes part by the newest version that it has been activated for."""

from datetime import date

import pytest

from equipoise.conduct.organisation.sealed_list import AnnounceSchedule
from equipoise.conduct.organisation.sites import (
    ActivateSite,
    CloseSite,
    OpenSite,
    require_enrolling,
    version_in_use,
)
from equipoise.conduct.organisation.versions import IssueProtocol
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol

from .desk import LATER, Desk


def test_a_version_is_issued_once_and_by_the_hash_of_its_content(inr: Protocol) -> None:
    desk = Desk(inr)
    desk.do(IssueProtocol(protocol=LATER))
    assert desk.trial.versions == [desk.version, LATER]
    with pytest.raises(DecisionRefused, match="was issued before"):
        desk.ask(IssueProtocol(protocol=LATER))
    with pytest.raises(DecisionRefused, match="64 digits from 0 to f"):
        desk.ask(IssueProtocol(protocol="version 2"))


def test_a_site_needs_a_time_zone_of_the_iana_list_and_the_refusal_suggests_one(inr: Protocol) -> None:
    desk = Desk(inr)
    with pytest.raises(DecisionRefused, match="did you mean Asia/Shanghai"):
        desk.ask(OpenSite(site="01", name="Hospital", country="CHN", zone="Asia/Shanghia"))


@pytest.mark.parametrize("number", ["", "01-A", "site=1", "01; sex=F", "x" * 11])
def test_a_site_is_named_by_letters_and_digits_for_numbers_and_strata_are_made_of_it(
    inr: Protocol, number: str
) -> None:
    with pytest.raises(DecisionRefused, match="letters and digits"):
        Desk(inr).ask(OpenSite(site=number, name="Hospital", country="CHN", zone="Asia/Shanghai"))


def test_a_site_joins_once_with_a_name_and_a_country(inr: Protocol) -> None:
    desk = Desk(inr)
    desk.open_site("01")
    with pytest.raises(DecisionRefused, match="joined before, as Hospital 01"):
        desk.ask(OpenSite(site="01", name="Another", country="CHN", zone="Asia/Shanghai"))
    with pytest.raises(DecisionRefused, match="needs a name and a country"):
        desk.ask(OpenSite(site="02", name=" ", country="CHN", zone="Asia/Shanghai"))


def test_a_site_is_activated_for_an_issued_version_after_its_approval(inr: Protocol) -> None:
    desk = Desk(inr)
    desk.open_site("01", activate=False)
    with pytest.raises(DecisionRefused, match="not issued for the trial"):
        desk.ask(ActivateSite(site="01", protocol=LATER, approved_on=date(2026, 2, 1)))
    with pytest.raises(DecisionRefused, match="has not joined the trial"):
        desk.ask(ActivateSite(site="09", protocol=desk.version, approved_on=date(2026, 2, 1)))
    with pytest.raises(DecisionRefused, match="not activated for protocol version"):
        version_in_use(desk.trial, "01", desk.today)
    desk.do(ActivateSite(site="01", protocol=desk.version, approved_on=desk.today))
    assert version_in_use(desk.trial, "01", desk.today) == desk.version
    with pytest.raises(DecisionRefused, match="is activated for this version since"):
        desk.ask(ActivateSite(site="01", protocol=desk.version, approved_on=desk.today))


def test_today_is_the_day_at_the_site(inr: Protocol) -> None:
    desk = Desk(inr)
    desk.open_site("01", "Asia/Shanghai", activate=False)
    desk.open_site("02", "America/New_York", activate=False)
    approval = date(2026, 3, 2)
    assert desk.ask(ActivateSite(site="01", protocol=desk.version, approved_on=approval))
    with pytest.raises(DecisionRefused, match="cannot be of a day after today, 2026-03-01"):
        desk.ask(ActivateSite(site="02", protocol=desk.version, approved_on=approval))


def test_a_site_works_on_the_old_version_until_it_is_activated_for_the_new_one(inr: Protocol) -> None:
    desk = Desk(inr)
    desk.open_site("01")
    desk.do(IssueProtocol(protocol=LATER))
    assert version_in_use(desk.trial, "01", desk.today) == desk.version
    with pytest.raises(DecisionRefused, match="not activated for protocol version bbbb"):
        require_enrolling(desk.trial, "01", LATER, desk.today)
    desk.do(ActivateSite(site="01", protocol=LATER, approved_on=desk.today))
    assert version_in_use(desk.trial, "01", desk.today) == LATER


def test_a_closed_site_takes_in_nobody_and_is_not_closed_or_activated_again(inr: Protocol) -> None:
    desk = Desk(inr)
    desk.open_site("01")
    desk.do(CloseSite(site="01"))
    with pytest.raises(DecisionRefused, match="was closed on 2026-03-02"):
        version_in_use(desk.trial, "01", desk.today)
    with pytest.raises(DecisionRefused, match="was closed before"):
        desk.ask(CloseSite(site="01"))
    with pytest.raises(DecisionRefused, match="was closed on"):
        desk.ask(ActivateSite(site="01", protocol=desk.version, approved_on=desk.today))


def test_a_site_that_joins_after_the_list_was_sealed_has_no_places_and_is_not_activated(inr: Protocol) -> None:
    desk = Desk(inr)
    desk.open_site("01", activate=False)
    desk.do(
        AnnounceSchedule(
            list_hash="a" * 64, public_key="b" * 64, method="m", generator="g", places={"site=01": 12}
        )
    )
    desk.open_site("02", activate=False)
    desk.do(ActivateSite(site="01", protocol=desk.version, approved_on=desk.today))
    with pytest.raises(DecisionRefused, match="no places for site 02, which joined after the key ceremony"):
        desk.ask(ActivateSite(site="02", protocol=desk.version, approved_on=desk.today))
