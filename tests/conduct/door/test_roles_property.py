"""The role matrix: what is listed is allowed where and while the role is held, everything else is refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.conduct.door.chapters import DECISIONS, ROLES
from equipoise.conduct.door.fact import By, Intent
from equipoise.conduct.door.roles import Permission, require_role, role_matrix
from equipoise.conduct.door.state import Grant, Person, Site, Trial
from equipoise.conduct.enrolment.allocation import AllocateParticipant
from equipoise.conduct.organisation.people import AT_ONE_SITE, EnterPerson
from equipoise.conduct.organisation.sites import CloseSite
from equipoise.conduct.organisation.wall import ROLES as KNOWN
from equipoise.errors import DecisionRefused

SINCE = date(2026, 3, 1)
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
INTENTS: dict[type[Intent], Intent] = {kind: kind(**dict.fromkeys(kind.__struct_fields__)) for kind in DECISIONS}
"""An intent of each kind without content, as the matrix looks at nothing but its kind."""


def trial_with(role: str, site: str | None = "01", *, since: date = SINCE, until: date | None = None) -> Trial:
    grants = [Grant(role=role, site=site, since=since, until=until)]
    sites = {
        "01": Site(name="Hospital", country="CHN", zone="Asia/Shanghai"),
        "02": Site(name="Clinic", country="USA", zone="America/New_York"),
    }
    return Trial(people={"li": Person(name="Li Na", grants=grants)}, sites=sites)


def allowed(trial: Trial, role: str, intent: Intent, site: str | None, at: datetime = NOON) -> bool:
    try:
        require_role(trial, By("li", role, at), intent, site)
    except DecisionRefused:
        return False
    return True


def test_every_intent_is_somebodys_and_every_role_of_the_matrix_exists() -> None:
    assert set(ROLES) == set(DECISIONS)
    assert all(ROLES.values())
    assert {role for roles in ROLES.values() for role in roles} <= set(KNOWN)


@pytest.mark.parametrize("role", KNOWN)
def test_each_cell_of_the_matrix_is_what_the_door_says(role: str) -> None:
    listed = {permission.intent for permission in role_matrix() if permission.role == role}
    trial = trial_with(role)
    opened = {kind.__name__ for kind, intent in INTENTS.items() if allowed(trial, role, intent, "01")}
    assert opened == listed


def test_roles_that_look_on_ask_for_nothing_that_changes_data() -> None:
    matrix = role_matrix()
    changes = {"SaveForm", "RemoveForm", "AllocateParticipant", "ScreenParticipant", "SignConsent", "HoldVisit"}
    on_lookers = set(KNOWN) - {"investigator", "coordinator", "nurse", "assessor", "laboratory"}
    assert not [p for p in matrix if p.role in on_lookers and p.intent in changes]
    assert Permission("investigator", "AllocateParticipant", "own site") in matrix
    assert [p.role for p in matrix if p.intent == "AllocateParticipant"] == ["investigator"]


def test_no_role_of_the_system_touches_a_participant() -> None:
    of_participants = {kind.__name__ for kind in DECISIONS if "participant" in kind.__struct_fields__}
    assert not [p for p in role_matrix() if p.role == "administrator" and p.intent in of_participants]


@given(st.sampled_from(sorted(DECISIONS, key=str)), st.sampled_from(KNOWN), st.sampled_from(KNOWN))
def test_who_holds_another_role_than_the_one_acted_in_is_refused(
    kind: type[Intent], held: str, acted: str
) -> None:
    assert allowed(trial_with(held), acted, INTENTS[kind], "01") == (held == acted and acted in ROLES[kind])


def test_a_role_at_one_site_reaches_neither_another_site_nor_the_trial_as_a_whole() -> None:
    step = AllocateParticipant(participant="01-001")
    at_one = trial_with("investigator", "01")
    assert [allowed(at_one, "investigator", step, site) for site in ("01", "02", None)] == [True, False, False]
    person = EnterPerson(person="wu", name="Wu Min")
    assert not allowed(trial_with("administrator", "01"), "administrator", person, None)
    assert allowed(trial_with("administrator", None), "administrator", person, None)
    assert {p.reach for p in role_matrix() if p.role in AT_ONE_SITE} == {"own site"}


def test_the_day_on_which_a_role_begins_and_ends_is_that_of_the_site() -> None:
    step = AllocateParticipant(participant="01-001")
    evening = datetime(2026, 3, 1, 20, tzinfo=UTC)  # 2 March in Shanghai, 1 March in New York
    begins = {site: trial_with("investigator", site, since=date(2026, 3, 2)) for site in ("01", "02")}
    ends = {site: trial_with("investigator", site, until=date(2026, 3, 2)) for site in ("01", "02")}
    assert [allowed(begins[s], "investigator", step, s, evening) for s in ("01", "02")] == [True, False]
    assert [allowed(ends[s], "investigator", step, s, evening) for s in ("01", "02")] == [False, True]


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("America/Los_Angeles", datetime(2026, 3, 2, 2, tzinfo=UTC)),  # 1 March there
        ("Asia/Shanghai", datetime(2026, 3, 1, 20, tzinfo=UTC)),  # 2 March there
    ],
)
def test_a_role_at_all_sites_begins_on_the_opening_day_west_and_east_of_utc(zone: str, at: datetime) -> None:
    """The sponsor opens a trial on a day of their own calendar; at the site it is another."""
    trial = trial_with("sponsor", site=None, since=date(2026, 3, 2))
    trial.sites["01"].zone = zone
    assert allowed(trial, "sponsor", CloseSite(site="01"), "01", at=at)
    assert not allowed(trial, "sponsor", CloseSite(site="01"), "01", at=at - timedelta(days=1))


def test_the_refusals_say_who_may_and_who_is_asked() -> None:
    step = AllocateParticipant(participant="01-001")
    trial = trial_with("investigator", until=date(2026, 3, 2))
    for by, why in (
        (By("li", "monitor", NOON), r"this step \(allocate participant\) is for: investigator. Got monitor"),
        (By("wu", "investigator", NOON), "nobody is entered in this trial as wu"),
        (By("li", "investigator", NOON), "Li Na is not investigator at site 01 on 2026-03-02, which this step"),
    ):
        with pytest.raises(DecisionRefused, match=why):
            require_role(trial, by, step, "01")
