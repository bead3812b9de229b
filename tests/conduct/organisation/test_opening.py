"""A trial is opened once: its protocol is issued and the first people come in."""

from datetime import UTC, datetime

import pytest

from equipoise.conduct.door.fact import By
from equipoise.conduct.organisation.opening import open_trial
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol, protocol_version
from equipoise.record import Book, Server, create_book, role_name

BY = By("chen", "sponsor", datetime(2026, 3, 2, 2, tzinfo=UTC), "Asia/Shanghai")


def new_book(database: Server, trial: str = "hucmsc_inr") -> Book:
    with database.connect("owner") as owner:
        create_book(owner, trial=trial, mode="rehearsal", writers=[role_name("conduct")])
    return Book(database.connect("conduct"))


def test_the_first_events_issue_the_protocol_and_let_the_first_people_in(database: Server, inr: Protocol) -> None:
    book = new_book(database)
    events = open_trial(book, inr, BY, sponsor="chen", administrator="wu", names={"wu": "Wu Min"})
    assert [event.kind for event in events] == [
        "ProtocolIssued", "PersonEntered", "PersonEntered", "RoleGranted", "RoleGranted",
    ]  # fmt: skip
    assert protocol_version(inr) in events[0].payload
    assert '"name":"Wu Min"' in events[2].payload
    assert '"since":"2026-03-02"' in events[3].payload
    assert {(event.actor, event.role, event.zone) for event in events} == {("chen", "sponsor", "Asia/Shanghai")}


def test_who_opens_a_trial_alone_is_sponsor_and_administrator(database: Server, inr: Protocol) -> None:
    events = open_trial(new_book(database), inr, BY)
    roles = [event.payload for event in events if event.kind == "RoleGranted"]
    assert ['"chen"' in payload for payload in roles] == [True, True]
    assert ['"role":"sponsor"' in roles[0], '"role":"administrator"' in roles[1]] == [True, True]


def test_opening_it_again_changes_nothing(database: Server, inr: Protocol, confirm: Protocol) -> None:
    book = new_book(database)
    first = open_trial(book, inr, BY)
    assert open_trial(book, inr, BY) == first
    assert book.head().sequence == len(first)
    changed = inr.model_copy(update={"provenance": {}})
    with pytest.raises(DecisionRefused, match="opened before with another version"):
        open_trial(book, changed, BY)
    with pytest.raises(DecisionRefused, match="the record of trial hucmsc_inr"):
        open_trial(book, confirm, BY)


def test_a_record_that_was_begun_by_something_else_is_not_opened(database: Server, inr: Protocol) -> None:
    from equipoise.record import Draft, Stamp

    book = new_book(database)
    with book.turn(0, "first") as turn:
        turn.append(Stamp("somebody", "sponsor", "UTC", "first", BY.at), [Draft("SiteClosed", 1, "{}")])
    with pytest.raises(DecisionRefused, match="was begun before, by somebody"):
        open_trial(book, inr, BY)
