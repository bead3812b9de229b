"""Taking slots: in the order of the list, once each, whoever comes and however often, and nothing told."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import errors, sql

from equipoise.errors import DataError, DecisionRefused
from equipoise.line import Places, read_places, take_next_slot, witness_places
from equipoise.record import Book, Draft, Stamp, create_book, role_name
from equipoise.record.gate import open_gate, shut_gate
from equipoise.record.server import Server
from equipoise.vault.ceremony.schedule import Ceremony
from equipoise.vault.schema import create_vault, install_schedule
from equipoise.vault.slots import read_slots

ARMS = ("high", "low", "placebo")
ONE = "site=01"


def listed(held: Ceremony, stratum: str = ONE) -> list[str]:
    """The numbers of a stratum in the order of its list."""
    return [slot.number for slot in held.sealed.slots if slot.stratum == stratum]


def test_slots_are_taken_in_the_order_of_the_list(vault_server: Server, held: Ceremony) -> None:
    conduct = vault_server.connect("conduct")
    taken = [take_next_slot(conduct, ONE, f"01-{i:03}", f"r{i}") for i in range(1, 6)]
    assert taken == listed(held)[:5]
    assert read_places(conduct) == {ONE: Places(5, 12), "site=02": Places(0, 12)}
    assert witness_places(read_places(conduct)) == "site=01: 5 of 12 | site=02: 0 of 12"


def test_sixteen_at_once_lose_nothing_take_nothing_twice_and_keep_the_order(
    each_vault_server: Server, held: Ceremony
) -> None:
    places = len(listed(held))

    def work(worker: int) -> list[tuple[str, str]]:
        with psycopg.connect(each_vault_server.url("conduct"), autocommit=True) as connection:
            got = []
            for i in range(3):
                person = f"01-{worker % 8:02}{i}"  # each participant is sent by two of the sixteen
                try:
                    got.append((person, take_next_slot(connection, ONE, person, f"key of {person}")))
                except DecisionRefused:
                    got.append((person, "refused"))
            return got

    with ThreadPoolExecutor(16) as pool:
        answers = [answer for answers in pool.map(work, range(16)) for answer in answers]
    given = {person: number for person, number in answers if number != "refused"}
    refused = {person for person, number in answers if number == "refused"}
    assert len(answers) == 48
    assert len(given) == places
    assert not refused & set(given)
    assert {pair for pair in answers if pair[1] != "refused"} == set(given.items())
    with each_vault_server.connect("vault") as vault:
        stored = vault.execute("SELECT place, number, participant FROM vault.allocation ORDER BY place").fetchall()
    assert [row[0] for row in stored] == list(range(1, places + 1))
    assert [row[1] for row in stored] == listed(held)
    assert {participant: number for _, number, participant in stored} == given


def test_a_participant_and_a_request_get_the_same_answer_again(vault_server: Server) -> None:
    conduct = vault_server.connect("conduct")
    first = take_next_slot(conduct, ONE, "01-001", "r1")
    assert take_next_slot(conduct, ONE, "01-001", "r1") == first
    assert take_next_slot(conduct, ONE, "01-001", "another key") == first
    assert take_next_slot(conduct, "site=02", "01-001", "r1") == first
    assert read_places(conduct)[ONE].taken == 1
    assert read_places(conduct)["site=02"].taken == 0


def test_one_participant_sent_to_two_strata_at_once_gets_one_slot(vault_server: Server) -> None:
    first, second = vault_server.connect("conduct"), vault_server.connect("conduct")
    with ThreadPoolExecutor(1) as pool:
        with first.transaction():
            number = take_next_slot(first, ONE, "01-001", "r1")
            waiting = pool.submit(take_next_slot, second, "site=02", "01-001", "r2")
        assert waiting.result(10) == number
    assert [place.taken for place in read_places(first).values()] == [1, 0]


def test_what_is_rolled_back_has_taken_nothing(vault_server: Server, held: Ceremony) -> None:
    conduct = vault_server.connect("conduct")
    with pytest.raises(ZeroDivisionError), conduct.transaction():
        take_next_slot(conduct, ONE, "01-001", "r1")
        raise ZeroDivisionError
    assert read_places(conduct)[ONE].taken == 0
    assert take_next_slot(conduct, ONE, "01-002", "r2") == listed(held)[0]


def state(server: Server) -> list[object]:
    with server.connect("vault") as vault:
        return [
            vault.execute(sql.SQL("SELECT * FROM vault.{} ORDER BY 1, 2").format(sql.Identifier(table))).fetchall()
            for table in ("stratum", "slot", "allocation")
        ]


def refusal(server: Server, stratum: str, participant: str, request: str) -> tuple[str, str | None]:
    conduct = server.connect("conduct")
    with pytest.raises(DecisionRefused) as refused:
        take_next_slot(conduct, stratum, participant, request)
    cause = refused.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert not any(arm in f"{refused.value} {cause} {cause.diag.message_detail}" for arm in ARMS)
    return str(refused.value).replace(stratum, "S").replace(participant, "P"), cause.sqlstate


def test_every_refusal_has_the_same_words_and_changes_nothing(vault_server: Server) -> None:
    conduct = vault_server.connect("conduct")
    for i in range(12):
        take_next_slot(conduct, ONE, f"01-{i:03}", f"r{i}")
    before = state(vault_server)
    refused = [
        refusal(vault_server, ONE, "01-099", "r99"),
        refusal(vault_server, "site=77", "77-001", "r77"),
        refusal(vault_server, "site=02", "02-001", "r0"),
    ]
    with vault_server.connect("vault") as vault:
        shut_gate(vault, "vault_record", "the backup of Monday was put back")
    refused.append(refusal(vault_server, "site=02", "02-001", "r98"))
    assert [sqlstate for _, sqlstate in refused] == ["QV001", "QV003", "QV004", "QV002"]
    assert len({words for words, _ in refused}) == 1
    assert "Call the randomisation contact" in refused[0][0]
    assert state(vault_server) == before


def test_a_refused_step_leaves_the_list_where_it_was(vault_server: Server, held: Ceremony) -> None:
    for i in range(12):
        take_next_slot(vault_server.connect("conduct"), ONE, f"01-{i:03}", f"r{i}")
    refusal(vault_server, ONE, "01-099", "r99")
    assert (
        take_next_slot(vault_server.connect("conduct"), "site=02", "01-099", "r99") == listed(held, "site=02")[0]
    )


def test_a_connection_that_is_gone_is_not_called_a_refusal(vault_server: Server) -> None:
    conduct = vault_server.connect("conduct")
    conduct.close()
    with pytest.raises(psycopg.OperationalError):
        take_next_slot(conduct, ONE, "01-001", "r1")


def test_the_gate_of_the_trial_s_record_stands_before_the_slots_too(database: Server, held: Ceremony) -> None:
    with database.connect("owner") as owner:
        create_book(
            owner, trial="demo", mode="live", writers=[role_name("conduct")], gatekeepers=[role_name("vault")]
        )
        create_vault(owner, trial="demo", mode="live", gates=["record"])
        install_schedule(owner, held.sealed)
    conduct = database.connect("conduct")
    shut_gate(conduct, "record", "an event was witnessed that the record does not reach")
    assert refusal(database, ONE, "01-001", "r1")[1] == "QV002"
    open_gate(database.connect("vault"), "record", "reconciled")
    assert take_next_slot(conduct, ONE, "01-001", "r1") == listed(held)[0]


def everything_in(server: Server, role: str) -> list[str]:
    """Statements that read each table and call each function of the schema, and try to change it."""
    with server.connect_admin() as admin:
        tables = admin.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'vault'::regnamespace "
            "AND relkind IN ('r', 'v', 'm', 'p')"
        ).fetchall()
        functions = admin.execute(
            "SELECT p.oid::regprocedure::text, p.proname, "
            "(SELECT string_agg('NULL::' || t::regtype, ', ') FROM unnest(p.proargtypes) t) FROM pg_proc p "
            "WHERE pronamespace = 'vault'::regnamespace AND prorettype <> 'trigger'::regtype"
        ).fetchall()
    assert {"allocation", "slot", "stratum", "ceremony"} <= {name for (name,) in tables}
    statements = [f"SELECT * FROM vault.{table}" for (table,) in tables]
    statements += [f"SELECT count(*) FROM vault.{table}" for (table,) in tables]
    statements += [f"COPY vault.{table} TO STDOUT" for (table,) in tables]
    statements += [f"TABLE vault.{table}" for (table,) in tables]
    statements += [f"DELETE FROM vault.{table}" for (table,) in tables]
    statements += [f"TRUNCATE vault.{table} CASCADE" for (table,) in tables]
    statements += [
        f"UPDATE vault.{table} SET {column} = {column}"
        for table, column in [
            ("stratum", "taken"),
            ("slot", "box"),
            ("allocation", "request"),
        ]
    ]
    allowed = {"take_next", "places"}
    return statements + [
        f"SELECT vault.{name}({arguments or ''})" for _, name, arguments in functions if name not in allowed
    ]


@pytest.mark.parametrize("role", ["conduct", "reader"])
def test_the_blinded_roles_can_read_and_change_nothing_of_the_vault(each_vault_server: Server, role: str) -> None:
    connection = each_vault_server.connect(role)
    statements = everything_in(each_vault_server, role)
    for statement in statements:
        with pytest.raises(errors.InsufficientPrivilege) as refused:
            connection.execute(statement)
        assert not any(arm in str(refused.value) for arm in ARMS)
    for statement in (
        "SELECT * FROM vault_record.event",
        "SELECT * FROM vault_record.book",
        "CREATE TABLE vault.mine (a int)",
        "SELECT pg_read_file('postgresql.conf')",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement)
    member = connection.execute(
        "SELECT bool_or(pg_has_role(%s, other, 'MEMBER')) FROM unnest(%s::text[]) other",
        (f"equipoise_{role}", ["equipoise_vault", "equipoise_owner"]),
    ).fetchone()
    assert member == (False,)


def test_what_the_blinded_role_sees_of_the_catalogue_tells_no_arm(vault_server: Server) -> None:
    conduct = vault_server.connect("conduct")
    take_next_slot(conduct, ONE, "01-001", "r1")
    with vault_server.connect_admin() as admin:
        admin.execute("ANALYZE")
    seen = [
        conduct.execute(f"SELECT * FROM {view}").fetchall()
        for view in (
            "pg_stats",
            "pg_stat_activity",
            "pg_proc WHERE pronamespace = 'vault'::regnamespace",
            "pg_locks",
        )
    ]
    assert not [row for row in seen[0] if row[0] == "vault"]
    assert not any(arm in str(seen) for arm in ("placebo", "high dose"))


def test_an_object_put_in_the_way_does_not_lead_the_door_astray(vault_server: Server, held: Ceremony) -> None:
    conduct = vault_server.connect("conduct")
    with vault_server.connect_admin() as admin:
        admin.execute(f"GRANT TEMPORARY ON DATABASE {admin.info.dbname} TO equipoise_conduct")
    conduct.execute("CREATE TEMP TABLE slot (number text)")
    conduct.execute(
        "CREATE TEMP TABLE allocation AS SELECT 'R-00000-0'::text AS number, '01-001'::text AS participant"
    )
    conduct.execute("SET search_path = pg_temp, public")
    assert take_next_slot(conduct, ONE, "01-001", "r1") == listed(held)[0]
    with vault_server.connect_admin() as admin:  # the database is used again by other tests
        admin.execute(f"REVOKE TEMPORARY ON DATABASE {admin.info.dbname} FROM equipoise_conduct")


def test_the_vault_role_can_read_the_slots_but_change_none(vault_server: Server, held: Ceremony) -> None:
    vault = vault_server.connect("vault")
    assert read_slots(vault) == list(held.sealed.slots)
    for statement in (
        "DELETE FROM vault.slot",
        "UPDATE vault.slot SET box = ''",
        "INSERT INTO vault.allocation VALUES ('R-1-1', 'site=01', 1, '01-001', 'r')",
        "UPDATE vault.stratum SET taken = 0",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            vault.execute(statement)
    with pytest.raises(psycopg.DatabaseError) as refused:
        vault.execute("SELECT vault.reserve('site=01', 99, 'R-1', '', sha256(''), '01-001')")
    assert refused.value.sqlstate == "QV005"


def test_not_even_the_owner_changes_what_is_stored(vault_server: Server) -> None:
    owner = vault_server.connect("owner")
    take_next_slot(vault_server.connect("conduct"), ONE, "01-001", "r1")
    for statement in (
        "UPDATE vault.slot SET box = ''",
        "DELETE FROM vault.allocation",
        "TRUNCATE vault.slot CASCADE",
        "DELETE FROM vault.ceremony",
        "UPDATE vault.stratum SET taken = 0",
        "DELETE FROM vault.stratum",
        "UPDATE vault.stratum SET taken = 5, name = 'site=99' WHERE name = 'site=01'",
    ):
        with pytest.raises(psycopg.DatabaseError) as refused:
            owner.execute(statement)
        assert refused.value.sqlstate == "QV005"


def test_a_schedule_is_installed_once(vault_server: Server, held: Ceremony) -> None:
    owner = vault_server.connect("owner")
    with pytest.raises(DataError, match="never replaced"):
        install_schedule(owner, held.sealed)
    with pytest.raises(DataError, match="vault_record"):
        create_vault(owner, trial="hucmsc_inr", mode="live")
    assert len(read_slots(vault_server.connect("vault"))) == len(held.sealed.slots)


def test_roles_that_are_not_there_are_named(database: Server) -> None:
    with pytest.raises(DataError, match="nobody"):
        create_vault(database.connect("owner"), trial="demo", mode="live", conduct="nobody")


def test_a_slot_and_its_event_are_stored_together_or_not_at_all(vault_server: Server, held: Ceremony) -> None:
    with vault_server.connect("owner") as owner:
        create_book(owner, trial="hucmsc_inr", mode="live", writers=[role_name("conduct")])
    conduct = vault_server.connect("conduct")
    book = Book(conduct)

    def allocate(participant: str, *, fail: bool = False) -> str:
        stamp = Stamp("dr chen", "investigator", "UTC", f"allocate {participant}")
        with book.turn(0, stamp.request) as turn:
            number = take_next_slot(turn.connection, ONE, participant, stamp.request)
            if not turn.answered:
                turn.append(stamp, [Draft("ParticipantAllocated", 1, "{}", participant=participant)])
            if fail:
                raise ZeroDivisionError
        return number

    with pytest.raises(ZeroDivisionError):
        allocate("01-001", fail=True)
    assert (book.head().sequence, read_places(conduct)[ONE].taken) == (0, 0)
    numbers = [allocate(f"01-{i:03}") for i in range(12)]
    assert numbers == listed(held)
    assert allocate("01-003") == numbers[3]
    with pytest.raises(DecisionRefused, match="no randomisation number can be given out"):
        allocate("01-099")
    assert (book.head().sequence, read_places(conduct)[ONE].taken) == (12, 12)
