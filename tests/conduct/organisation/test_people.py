"""People are entered once; roles are delegated with dates and training, and taken back at once."""

from datetime import date, timedelta

import pytest

from equipoise.conduct.organisation.people import EndRole, EnterPerson, GrantRole, holds_role
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol

from .desk import Desk


def grant(role: str = "investigator", person: str = "li", site: str | None = "01", **others: object) -> GrantRole:
    fields = {"since": date(2026, 3, 2), "training": "GCP certificate"} | others
    return GrantRole(person=person, role=role, site=site, **fields)  # type: ignore[arg-type]


@pytest.fixture
def desk(inr: Protocol) -> Desk:
    desk = Desk(inr)
    desk.open_site("01")
    desk.do(EnterPerson(person="li", name="Li Na"))
    return desk


def test_a_person_is_entered_once_by_a_short_name(desk: Desk) -> None:
    with pytest.raises(DecisionRefused, match="li is taken by Li Na"):
        desk.ask(EnterPerson(person="li", name="Li Qiang"))
    with pytest.raises(DecisionRefused, match="short name"):
        desk.ask(EnterPerson(person="", name="Li Qiang"))


def test_a_role_is_held_from_its_day_on_at_its_site_only(desk: Desk) -> None:
    desk.do(grant(since=date(2026, 3, 4)))
    assert not holds_role(desk.trial, "li", "investigator", "01", date(2026, 3, 3))
    assert holds_role(desk.trial, "li", "investigator", "01", date(2026, 3, 4))
    assert not holds_role(desk.trial, "li", "investigator", "02", date(2026, 3, 4))
    assert not holds_role(desk.trial, "li", "investigator", None, date(2026, 3, 4))
    assert not holds_role(desk.trial, "li", "coordinator", "01", date(2026, 3, 4))
    assert not holds_role(desk.trial, "nobody", "investigator", "01", date(2026, 3, 4))


def test_a_role_at_all_sites_holds_at_each_and_for_the_trial_as_a_whole(desk: Desk) -> None:
    desk.do(grant("data manager", site=None))
    assert holds_role(desk.trial, "li", "data manager", "01", desk.today)
    assert holds_role(desk.trial, "li", "data manager", None, desk.today)


def test_until_is_the_first_day_without_the_role(desk: Desk) -> None:
    desk.do(grant(until=date(2026, 6, 1)))
    assert holds_role(desk.trial, "li", "investigator", "01", date(2026, 5, 31))
    assert not holds_role(desk.trial, "li", "investigator", "01", date(2026, 6, 1))
    with pytest.raises(DecisionRefused, match="first day without the role"):
        desk.ask(grant("coordinator", until=date(2026, 3, 2)))


@pytest.mark.parametrize(
    ("intent", "why"),
    [
        (grant("investigater"), "did you mean investigator"),
        (grant("participant"), "no such role"),
        (grant(person="lii"), "nobody is entered as lii; did you mean li"),
        (grant(site="07"), "site 07 has not joined"),
        (grant(site=None), "is held at a site; name the site"),
        (grant(training=" "), "which proof of training was seen"),
    ],
)
def test_a_delegation_that_lacks_something_is_refused(desk: Desk, intent: GrantRole, why: str) -> None:
    with pytest.raises(DecisionRefused, match=why):
        desk.ask(intent)


def test_a_role_is_not_granted_twice_for_the_same_time(desk: Desk) -> None:
    desk.do(grant(until=date(2026, 6, 1)))
    with pytest.raises(DecisionRefused, match="is investigator at site 01 already"):
        desk.ask(grant(since=date(2026, 5, 31)))
    assert desk.ask(grant(since=date(2026, 6, 1)))


def test_a_role_that_is_taken_back_is_gone_at_once_and_stays_in_the_history(desk: Desk) -> None:
    desk.do(grant(until=date(2027, 1, 1)))
    desk.wait(10)
    desk.do(EndRole(person="li", role="investigator", site="01"))
    assert not holds_role(desk.trial, "li", "investigator", "01", desk.today)
    assert holds_role(desk.trial, "li", "investigator", "01", desk.today - timedelta(days=1))
    assert [g.role for g in desk.trial.people["li"].grants] == ["investigator"]
    with pytest.raises(DecisionRefused, match="is not investigator at site 01"):
        desk.ask(EndRole(person="li", role="investigator", site="01"))


def test_a_role_that_has_not_begun_can_be_taken_back(desk: Desk) -> None:
    desk.do(grant(since=date(2026, 5, 1)))
    desk.do(EndRole(person="li", role="investigator", site="01"))
    assert not holds_role(desk.trial, "li", "investigator", "01", date(2026, 5, 2))


def test_nobody_grants_a_role_to_themselves(desk: Desk) -> None:
    with pytest.raises(DecisionRefused, match="nobody grants a role to themselves"):
        desk.ask(
            grant("data manager", person="administrator", site=None), by="administrator", role="administrator"
        )


@pytest.mark.parametrize("role", ["pharmacist", "list custodian", "key holder", "unblinded monitor", "sponsor"])
def test_an_administrator_cannot_open_the_way_to_the_arms_but_a_sponsor_can(desk: Desk, role: str) -> None:
    with pytest.raises(DecisionRefused, match="an administrator cannot grant this role"):
        desk.ask(grant(role, site=None), role="administrator")
    assert desk.ask(grant(role, site=None), role="sponsor")


def test_in_an_open_trial_an_administrator_may_grant_what_leads_to_no_secret(pilot: Protocol) -> None:
    desk = Desk(pilot)
    desk.do(EnterPerson(person="li", name="Li Na"))
    assert desk.ask(grant("pharmacist", site=None), role="administrator")


def test_the_last_sponsor_stays_until_there_is_another(desk: Desk) -> None:
    last = EndRole(person="sponsor", role="sponsor")
    with pytest.raises(DecisionRefused, match="is the only sponsor"):
        desk.ask(last)
    desk.do(grant("sponsor", site=None))
    desk.do(last, by="li", role="sponsor")
    assert not holds_role(desk.trial, "sponsor", "sponsor", None, desk.today)
