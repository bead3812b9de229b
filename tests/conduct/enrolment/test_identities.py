"""Identities are sealed, kept apart, read at their site only, and gone for good once their key is destroyed."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.conduct.door.fact import By
from equipoise.conduct.door.state import Grant, Person, Site, Trial
from equipoise.conduct.enrolment.identities import Identities, create_identities, scrub_keys
from equipoise.errors import DataError, DecisionRefused, RecordCorrupt
from equipoise.record import Server

from ..organisation.desk import PERSON

SECRET = bytes(range(32))
IDENTITIES = Identities(SECRET)
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture
def connection(database: Server) -> Iterator[psycopg.Connection]:
    with database.connect("owner") as owner:
        create_identities(owner)
    with database.connect("conduct") as connection:
        yield connection


@pytest.fixture
def trial() -> Trial:
    roles = {"li": "investigator", "mo": "monitor", "dm": "data manager"}
    people = {
        person: Person(name=person, grants=[Grant(role=role, site="01", since=date(2026, 3, 1))])
        for person, role in roles.items()
    }
    site = Site(name="Hospital", country="CHN", zone="Asia/Shanghai")
    return Trial(people=people, sites={"01": site, "02": site})


def test_a_stored_identity_is_read_at_its_site(connection: psycopg.Connection, trial: Trial) -> None:
    contact = PERSON | {"contact": "tel. 138 0000 0000"}
    IDENTITIES.store(connection, "01-001", "01", contact)
    for by in (By("li", "investigator", NOW), By("mo", "monitor", NOW)):
        assert IDENTITIES.read(connection, trial, by, "01-001") == contact


@pytest.mark.parametrize(
    ("by", "participant"),
    [
        (By("dm", "data manager", NOW), "01-001"),
        (By("li", "investigator", NOW), "02-001"),
        (By("li", "coordinator", NOW), "01-001"),
        (By("wu", "investigator", NOW), "01-001"),
        (By("li", "investigator", datetime(2026, 2, 27, tzinfo=UTC)), "01-001"),
        (By("li", "investigator", NOW), "01-999"),
    ],
)
def test_nobody_else_reads_it_and_all_are_told_the_same(
    connection: psycopg.Connection, trial: Trial, by: By, participant: str
) -> None:
    IDENTITIES.store(connection, "01-001", "01", PERSON)
    IDENTITIES.store(connection, "02-001", "02", PERSON | {"name": "Zhao Min"})
    with pytest.raises(DecisionRefused, match="at their own site only"):
        IDENTITIES.read(connection, trial, by, participant)


def test_the_same_person_is_refused_and_the_other_number_is_told_at_the_same_site_only(
    connection: psycopg.Connection,
) -> None:
    IDENTITIES.store(connection, "01-001", "01", PERSON)
    with pytest.raises(DecisionRefused, match="registered in the trial before, with the number 01-001"):
        IDENTITIES.store(connection, "01-002", "01", PERSON | {"name": "FANG, Wang"})
    with pytest.raises(DecisionRefused, match="before, at another site") as caught:
        IDENTITIES.store(connection, "02-001", "02", PERSON)
    assert "01-001" not in str(caught.value)
    assert "Wang" not in str(caught.value)
    IDENTITIES.store(connection, "01-003", "01", PERSON | {"distinction": "ward 4"})


def test_nothing_of_the_person_stands_in_the_database_or_in_a_dump_of_it(
    database: Server, connection: psycopg.Connection
) -> None:
    IDENTITIES.store(connection, "01-001", "01", PERSON)
    dump = subprocess.run(
        [database.binary("pg_dump"), "--dbname", database.admin_url], capture_output=True, check=True
    ).stdout
    assert b"01-001" in dump
    assert b"Wang Fang" not in dump
    assert b"1984-05-06" not in dump
    with pytest.raises(RecordCorrupt, match="belongs to another secret"):
        stranger = Identities(bytes(32))
        reader = Trial(
            people={"li": Person(name="li", grants=[Grant(role="investigator", site="01", since=date.min)])}
        )
        stranger.read(connection, reader, By("li", "investigator", NOW), "01-001")


def test_a_destroyed_identity_cannot_be_read_and_its_key_has_left_the_file(
    database: Server, connection: psycopg.Connection, trial: Trial
) -> None:
    IDENTITIES.store(connection, "01-001", "01", PERSON)
    IDENTITIES.store(connection, "01-002", "01", PERSON | {"name": "Zhao Min"})
    (key,) = connection.execute("SELECT sealed FROM identity.key WHERE participant = '01-001'").fetchone() or ()
    by = By("li", "investigator", NOW)
    IDENTITIES.destroy(connection, "01-001")
    with pytest.raises(DecisionRefused, match="was destroyed and cannot be read by anybody"):
        IDENTITIES.read(connection, trial, by, "01-001")
    assert IDENTITIES.read(connection, trial, by, "01-002")["name"] == "Zhao Min"
    with database.connect_admin() as admin:
        assert key in file_of_keys(admin)
        scrub_keys(admin)
        assert key not in file_of_keys(admin)


def file_of_keys(admin: psycopg.Connection) -> bytes:
    admin.execute("CHECKPOINT")
    row = admin.execute("SELECT pg_read_binary_file(pg_relation_filepath('identity.key'))").fetchone()
    assert row is not None
    content: bytes = row[0]
    return content


def test_a_row_put_beside_another_participant_is_found(
    database: Server, connection: psycopg.Connection, trial: Trial
) -> None:
    IDENTITIES.store(connection, "01-001", "01", PERSON)
    IDENTITIES.store(connection, "01-002", "01", PERSON | {"name": "Zhao Min"})
    with database.connect_admin() as admin:
        for table in ("person", "key"):
            admin.execute(
                f"UPDATE identity.{table} t SET sealed = o.sealed FROM identity.{table} o "
                "WHERE t.participant = '01-001' AND o.participant = '01-002'"
            )
    with pytest.raises(RecordCorrupt, match="is that of another participant"):
        IDENTITIES.read(connection, trial, By("li", "investigator", NOW), "01-001")


@pytest.mark.parametrize("role", ["vault", "reader"])
@pytest.mark.parametrize("table", ["person", "key"])
def test_other_roles_of_the_database_have_no_access(
    database: Server, connection: psycopg.Connection, role: str, table: str
) -> None:
    with (
        database.connect(role) as other,  # type: ignore[arg-type]
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        other.execute(f"SELECT * FROM identity.{table}")


def test_the_role_of_conduct_can_change_no_identity(connection: psycopg.Connection) -> None:
    IDENTITIES.store(connection, "01-001", "01", PERSON)
    for statement in (
        "UPDATE identity.person SET site = '02'",
        "DELETE FROM identity.person",
        "UPDATE identity.key SET mark = ''",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def mark(name: str, **changed: str) -> bytes:
    return IDENTITIES.mark(PERSON | {"name": name} | changed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wang Fang", "WANG, Fang"),
        ("Wang Fang", "Fang  Wang"),
        ("José Núñez", "Jose Nunez"),
        ("王芳", "王 芳"),
        ("Ｗａｎｇ Fang", "Wang Fang"),
        ("O'Neill, Ann-Marie", "Ann Marie O Neill"),
    ],
)
def test_ways_of_writing_a_name_give_one_mark(one: str, other: str) -> None:
    assert mark(one) == mark(other)


@given(st.text(min_size=1))
def test_a_mark_hangs_on_every_part_and_on_the_secret(one: str) -> None:
    assert mark(one) == mark(f" {one}.")
    assert mark(f"a {one}") != mark(f"a {one} b")
    assert mark(one) != mark(one, birth_date="1984-05-07")
    assert mark(one) != mark(one, sex="M")
    assert mark(one) != mark(one, distinction="x")
    assert mark(one) != Identities(bytes(32)).mark(PERSON | {"name": one})
    assert len(mark(one)) == 32


def test_a_name_cannot_be_moved_into_the_distinction() -> None:
    assert mark("Wang Fang", distinction="Li") != mark("Wang Fang Li")


def test_the_secret_has_32_bytes_and_shows_nowhere() -> None:
    with pytest.raises(DataError, match="has 32 bytes"):
        Identities(b"short")
    assert repr(IDENTITIES) == "Identities()"
