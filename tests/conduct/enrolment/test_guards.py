"""What runs inside the transaction of a step: the identity is kept, the place is taken, and both or nothing."""

from collections.abc import Iterator

import psycopg
import pytest

from equipoise.conduct.door.chapter import Chapter
from equipoise.conduct.door.fact import Intent, Outcome
from equipoise.conduct.door.services import Services
from equipoise.conduct.enrolment import allocation, screening
from equipoise.conduct.enrolment.allocation import AllocateParticipant, ParticipantAllocated, no_number
from equipoise.conduct.enrolment.identities import Identities, create_identities
from equipoise.conduct.enrolment.screening import DestroyIdentity, ScreenParticipant
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol
from equipoise.record import Book, Server, create_book, role_name
from equipoise.record.book import Turn
from equipoise.record.gate import shut_gate

from ..organisation.desk import PERSON, Desk, enrolling, found_eligible

GUARDS = {**screening.GUARDS, **allocation.GUARDS}
IDENTITIES = Identities(bytes(range(32)))


@pytest.fixture
def book(database: Server) -> Iterator[Book]:
    with database.connect("owner") as owner:
        create_book(owner, trial="hucmsc_inr", mode="rehearsal", writers=[role_name("conduct")])
        create_identities(owner)
    with database.connect("conduct") as connection:
        yield Book(connection)


@pytest.fixture
def desk(inr: Protocol) -> Desk:
    return enrolling(inr, {"site=01": 72})


def guard(turn: Turn, desk: Desk, services: Services, intent: Intent) -> list[Outcome]:
    return GUARDS[type(intent)](turn, services, desk.trial, intent, desk.ask(intent), "a key")


def stored(book: Book, table: str) -> list[str]:
    rows = book.connection.execute(f"SELECT participant FROM identity.{table}")  # type: ignore[arg-type]
    return [row[0] for row in rows]


def test_every_intent_that_needs_the_database_has_its_guard() -> None:
    chapters: tuple[Chapter, ...] = (screening.CHAPTER, allocation.CHAPTER)
    assert all(any(intent in chapter.decisions for chapter in chapters) for intent in GUARDS)
    assert {ScreenParticipant, DestroyIdentity, AllocateParticipant} == set(GUARDS)


def test_the_identity_is_stored_with_the_screening_or_not_at_all(book: Book, desk: Desk) -> None:
    services, screen = Services(identities=IDENTITIES), ScreenParticipant(site="01", identity=PERSON)
    with pytest.raises(KeyboardInterrupt), book.turn(0, "a key") as turn:
        guard(turn, desk, services, screen)
        raise KeyboardInterrupt
    assert stored(book, "person") == stored(book, "key") == []
    with book.turn(0, "a key") as turn:
        (outcome,) = guard(turn, desk, services, screen)
    assert outcome.participant == "01-001"
    assert stored(book, "person") == stored(book, "key") == ["01-001"]


def test_a_person_who_is_there_already_is_refused_and_nothing_is_stored(book: Book, desk: Desk) -> None:
    services, screen = Services(identities=IDENTITIES), ScreenParticipant(site="01", identity=PERSON)
    with book.turn(0, "a key") as turn:
        guard(turn, desk, services, screen)
    desk.screen()
    with pytest.raises(DecisionRefused, match="nobody takes part twice"), book.turn(0, "another key") as turn:
        guard(turn, desk, services, screen)
    assert stored(book, "person") == ["01-001"]


def test_the_key_of_an_identity_goes_with_its_event(book: Book, desk: Desk) -> None:
    services = Services(identities=IDENTITIES)
    with book.turn(0, "a key") as turn:
        guard(turn, desk, services, ScreenParticipant(site="01", identity=PERSON))
    desk.screen()
    with book.turn(0, "another key") as turn:
        guard(turn, desk, services, DestroyIdentity(participant="01-001", reason="asked for"))
    assert stored(book, "person") == ["01-001"]
    assert stored(book, "key") == []


def test_the_number_of_the_place_goes_into_the_fact(book: Book, desk: Desk) -> None:
    asked: list[tuple[str, str, str]] = []

    def allocate(connection: psycopg.Connection, stratum: str, participant: str, request: str) -> str:
        assert connection is book.connection
        asked.append((stratum, participant, request))
        return "R-48213-7"

    participant = found_eligible(desk)
    step = AllocateParticipant(participant=participant.id, strata={"site": "01"})
    with book.turn(0, "a key") as turn:
        (outcome,) = guard(turn, desk, Services(allocate=allocate), step)
    assert isinstance(outcome.fact, ParticipantAllocated)
    assert outcome.fact.number == "R-48213-7"
    assert asked == [("site=01", "01-001", "a key")]


def test_no_place_is_asked_for_while_the_gate_is_shut(book: Book, desk: Desk) -> None:
    def allocate(*_: object) -> str:
        raise AssertionError("a place was asked for")

    participant = found_eligible(desk)
    step = AllocateParticipant(participant=participant.id, strata={"site": "01"})
    shut_gate(book.connection, "record", "the database was restored")
    with pytest.raises(DecisionRefused, match="are shut until the numbers"), book.turn(0, "a key") as turn:
        guard(turn, desk, Services(allocate=allocate), step)


def test_without_a_vault_or_a_table_of_identities_the_steps_are_refused(book: Book, desk: Desk) -> None:
    participant = found_eligible(desk)
    for step, why in (
        (
            AllocateParticipant(participant=participant.id, strata={"site": "01"}),
            "no randomisation number can be given",
        ),
        (ScreenParticipant(site="01", identity=PERSON), "nobody can be registered here"),
        (DestroyIdentity(participant=participant.id, reason="asked for"), "no identity can be destroyed here"),
    ):
        with pytest.raises(DecisionRefused, match=why), book.turn(0, "a key") as turn:
            guard(turn, desk, Services(), step)
    assert str(no_number("site=01", "01-001")).startswith("no randomisation number can be given")
