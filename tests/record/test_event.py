"""Events: one way to write a payload, one hash that the program and the database agree on."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.record.books import new_book
from tests.servers import fresh_database, running_server

from equipoise.errors import DataError
from equipoise.record import Book, Draft, Event, Stamp, canonical, hash_event
from equipoise.record.event import require_canonical

# what PostgreSQL can hold: all of Unicode but NUL, and no half of a surrogate pair
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
names = texts.filter(lambda text: text.strip(" "))
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
payloads = st.dictionaries(texts, values, max_size=5)


@pytest.fixture(scope="module")
def rehearsed() -> Iterator[Book]:
    for database in fresh_database(running_server("wheel")):
        yield new_book(database, "rehearsal")


@given(payloads)
def test_equal_payloads_are_written_alike_whatever_the_order_of_their_keys(payload: dict[str, object]) -> None:
    turned_round = dict(reversed(payload.items()))
    assert canonical(turned_round) == canonical(payload)


@given(payloads)
def test_a_payload_that_was_read_is_written_as_it_was(payload: dict[str, object]) -> None:
    text = canonical(payload)
    assert canonical(msgspec.json.decode(text)) == text
    require_canonical(text)


def test_a_payload_is_written_without_blanks_keys_sorted_letters_as_they_are() -> None:
    payload = {"b": [1, None], "a": {"name": "吴 Ünal", "kg": Decimal("61.50")}, "C": 1.5}
    assert canonical(payload) == '{"C":1.5,"a":{"kg":"61.50","name":"吴 Ünal"},"b":[1,null]}'


def test_numbers_as_keys_are_sorted_as_the_text_they_become() -> None:
    assert canonical({9: "a", 10: "b"}) == '{"10":"b","9":"a"}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), "\ud800", object(), 1j])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        canonical({"deep": [{"value": value}]})


@pytest.mark.parametrize("text", ['{"a": 1}', '{"b":1,"a":2}', '{"a":1.50}', '{"a":1,"a":1}', "[1]", "1", "{", ""])
def test_a_payload_that_is_not_canonical_or_no_object_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="canonical"):
        require_canonical(text)


@settings(max_examples=150, deadline=None)
@given(
    actor=names,
    role=names,
    site=st.none() | names,
    participant=st.none() | names,
    kind=names,
    reason=st.none() | names,
    request=names,
    version=st.integers(1, 2**31 - 1),
    payload=payloads,
    microseconds=st.integers(0, 10**9),
)
def test_the_database_computes_the_same_hash(
    rehearsed: Book,
    actor: str,
    role: str,
    site: str | None,
    participant: str | None,
    kind: str,
    reason: str | None,
    request: str,
    version: int,
    payload: dict[str, object],
    microseconds: int,
) -> None:
    latest = rehearsed.head()
    at = (latest.at or datetime(1969, 12, 31, tzinfo=UTC)) + timedelta(microseconds=microseconds)
    request = f"{latest.sequence} {request}"
    draft = Draft(kind, version, canonical(payload), site, participant, reason)
    with rehearsed.turn(latest.sequence, request) as turn:
        (given_back,) = turn.append(Stamp(actor, role, "Europe/Berlin", request, at), [draft])
    (stored,) = rehearsed.read(latest.sequence)
    assert stored == given_back
    assert stored.hash == hash_event(stored)
    assert (stored.at, stored.actor, stored.role, stored.request) == (at, actor, role, request)
    assert (
        Draft(stored.kind, stored.version, stored.payload, stored.site, stored.participant, stored.reason) == draft
    )


def test_a_text_of_a_million_letters_has_the_same_hash_too(rehearsed: Book) -> None:
    latest = rehearsed.head()
    at = latest.at or datetime(1970, 1, 1, tzinfo=UTC)
    with rehearsed.turn(latest.sequence, "long") as turn:
        payload = canonical({"text": "吴'\"\\\n" * 200_000})
        (stored,) = turn.append(Stamp("a", "b", "UTC", "long", at), [Draft("Long", 1, payload)])
    assert stored.hash == hash_event(stored)


def event(**changed: object) -> Event:
    plain = Event(
        7,
        datetime(2026, 3, 1, 8, tzinfo=UTC),
        "UTC",
        "ab",
        "c",
        None,
        None,
        "Kind",
        1,
        "{}",
        None,
        "r",
        1,
        bytes(32),
        bytes(32),
    )
    return msgspec.structs.replace(plain, **changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"sequence": 8},
        {"at": datetime(2026, 3, 1, 8, microsecond=1, tzinfo=UTC)},
        {"zone": "Asia/Shanghai"},
        {"actor": "a", "role": "bc"},
        {"site": ""},
        {"site": "x"},
        {"participant": "x"},
        {"kind": "kind"},
        {"version": 2},
        {"payload": '{"a":1}'},
        {"reason": "x"},
        {"request": "s"},
        {"part": 2},
        {"previous": bytes([1] * 32)},
    ],
)
def test_every_field_is_in_the_hash_and_no_letter_can_move_from_one_to_the_next(
    changed: dict[str, object],
) -> None:
    assert hash_event(event(**changed)) != hash_event(event())


def test_the_same_moment_in_another_zone_has_the_same_hash() -> None:
    moment = event().at.astimezone(ZoneInfo("Asia/Shanghai"))
    assert hash_event(event(at=moment)) == hash_event(event())


def test_the_layout_of_the_hash_is_for_ever() -> None:
    # written out by hand; a record made by an earlier version must verify with every later one
    def framed(text: str) -> bytes:
        return len(text.encode()).to_bytes(4) + text.encode()

    missing = b"\xff\xff\xff\xff"
    microseconds = 1_772_352_000_000_000
    message = bytes(32) + (7).to_bytes(8) + microseconds.to_bytes(8) + (1).to_bytes(4) + (1).to_bytes(4)
    message += framed("UTC") + framed("ab") + framed("c") + framed("01") + missing
    message += framed("Kind") + framed("{}") + framed("错") + framed("r")
    assert hash_event(event(site="01", reason="错")) == hashlib.sha256(message).digest()
