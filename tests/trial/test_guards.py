"""The guards of the database: they know every kind of data, and those they guard against cannot reach them."""

import psycopg
import pytest
from tests.invariants.conftest import TrialAt

from equipoise.conduct.door.chapters import CHAPTERS
from equipoise.conduct.door.scope import SITE_ROLES
from equipoise.conduct.enrolment import allocation, consent, ending, moving, screening
from equipoise.conduct.enrolment.allocation import StratumNearlyFull
from equipoise.conduct.enrolment.ending import EndScreening, ReopenScreening
from equipoise.conduct.enrolment.screening import IdentityDestroyed
from equipoise.conduct.follow_up import deviations, infusions, leaving, visits
from equipoise.conduct.forms import entry
from equipoise.conduct.supply import preparation
from equipoise.trial.guards import AT_SITES, DATA, GUARDED

LEAVES_DATA = {StratumNearlyFull, IdentityDestroyed}
"""An alarm, and what concerns the person only."""


def test_every_fact_about_a_participant_is_data_that_a_lock_closes() -> None:
    modules = (
        screening,
        consent,
        ending,
        moving,
        allocation,
        visits,
        infusions,
        preparation,
        deviations,
        leaving,
        entry,
    )
    assert all(module.CHAPTER in CHAPTERS for module in modules)
    told = {fact for module in modules for fact in module.CHAPTER.evolutions}
    assert told - LEAVES_DATA <= set(DATA)
    assert len(DATA) == len(set(DATA))


def test_a_freeze_stops_the_same_roles_in_the_database_as_in_the_program() -> None:
    assert set(AT_SITES) == SITE_ROLES


WAYS = (
    "TABLE guard.hold",
    "DELETE FROM guard.hold",
    "SELECT guard.may_be_allocated('01-001')",
    "DROP TRIGGER refuse_locked ON record.event",
    "ALTER TABLE record.event DISABLE TRIGGER refuse_locked",
    "ALTER TABLE vault.allocation DISABLE TRIGGER require_allocatable",
    "CREATE OR REPLACE FUNCTION guard.may_be_allocated(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "DROP SCHEMA guard CASCADE",
    "SET session_replication_role = replica",
)
"""Ways round a guard."""


def test_those_who_are_guarded_against_cannot_reach_the_guards(trial_at: TrialAt) -> None:
    trial_at()
    for role in ("conduct", "vault", "reader"):
        with trial_at.server.connect(role) as connection:
            for way in WAYS:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(way.encode())


def test_every_refusal_of_a_guard_has_a_code_of_its_own_and_says_that_nothing_was_stored(
    trial_at: TrialAt,
) -> None:
    trial_at()
    with trial_at.server.connect("owner") as owner:
        sources = [
            source
            for (source,) in owner.execute(
                "SELECT prosrc FROM pg_proc WHERE pronamespace = 'guard'::regnamespace AND prosrc LIKE '%RAISE%'"
            )
        ]
    assert len(sources) >= 5
    for source in sources:
        assert f"ERRCODE = '{GUARDED}" in source
        assert "nothing was stored" in source


def test_the_database_allocates_nobody_whose_screening_has_ended_and_again_who_came_back(
    trial_at: TrialAt,
) -> None:
    script = trial_at("eligible", 1)
    asked = "SELECT guard.may_be_allocated('01-001')"
    assert trial_at.admin.execute(asked).fetchone() == (True,)
    script.do(EndScreening(participant="01-001", why="DECLINED", reason="no time"), "coordinator")
    assert trial_at.admin.execute(asked).fetchone() == (False,)
    script.do(ReopenScreening(participant="01-001", reason="has time"), "coordinator")
    assert trial_at.admin.execute(asked).fetchone() == (True,)
