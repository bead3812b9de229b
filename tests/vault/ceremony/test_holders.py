"""The vault's key takes both passphrases, and says no in the same words whatever is wrong."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, DecisionRefused
from equipoise.vault.ceremony.holders import WrappedKey, make_key, read_key, unwrap_key, wrap_key, write_key

FIRST, SECOND = "correct horse battery", "staple 电池 été"
KEY = make_key()


@pytest.fixture(scope="module")
def wrapped() -> WrappedKey:
    return wrap_key(KEY, [("Li Na", FIRST), ("Wang Wei", SECOND)], cost="minimal")


def refusal(wrapped: WrappedKey, *passphrases: str) -> str:
    with pytest.raises(DecisionRefused) as refused:
        unwrap_key(wrapped, passphrases)
    return str(refused.value)


def test_both_passphrases_open_the_key_after_it_was_written_and_read(wrapped: WrappedKey) -> None:
    assert unwrap_key(read_key(write_key(wrapped)), [FIRST, SECOND]) == KEY


def test_every_wrong_passphrase_is_refused_in_the_same_words(wrapped: WrappedKey) -> None:
    said = {
        refusal(wrapped, FIRST, "something else"),
        refusal(wrapped, "something else", SECOND),
        refusal(wrapped, SECOND, FIRST),
        refusal(wrapped, FIRST, FIRST),
        refusal(wrapped, FIRST, ""),
        refusal(wrapped, FIRST),
    }
    assert len(said) == 1
    assert FIRST not in said.pop()


@settings(max_examples=30)
@given(data=st.data())
def test_a_changed_document_does_not_open(wrapped: WrappedKey, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(wrapped.sealed) - 1))
    changed = bytearray(wrapped.sealed)
    changed[place] ^= data.draw(st.integers(1, 255))
    refusal(msgspec.structs.replace(wrapped, sealed=bytes(changed)), FIRST, SECOND)


def test_a_document_with_other_names_or_another_public_key_does_not_open(wrapped: WrappedKey) -> None:
    one, other = wrapped.holders
    renamed = msgspec.structs.replace(wrapped, holders=(msgspec.structs.replace(one, name="Mallory"), other))
    refusal(renamed, FIRST, SECOND)
    refusal(msgspec.structs.replace(wrapped, public_key=bytes(make_key().public_key)), FIRST, SECOND)


def test_an_accent_typed_in_two_keystrokes_is_the_same_passphrase(wrapped: WrappedKey) -> None:
    assert unwrap_key(wrapped, [FIRST, SECOND.replace("é", "é")]) == KEY


def test_nothing_in_the_document_is_the_key(wrapped: WrappedKey) -> None:
    assert bytes(KEY) not in wrapped.sealed
    assert wrap_key(KEY, [("A", FIRST), ("B", SECOND)], cost="minimal").sealed != wrapped.sealed


@pytest.mark.parametrize(
    ("passphrases", "said"),
    [
        ([("A", FIRST)], "two holders"),
        ([("A", FIRST), ("A", SECOND)], "two holders"),
        ([("A", FIRST), ("B", FIRST)], "the same"),
        ([("A", FIRST), ("B", "short")], "12 characters"),
    ],
)
def test_holders_who_are_not_two_with_a_passphrase_each_are_refused(
    passphrases: list[tuple[str, str]], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        wrap_key(KEY, passphrases, cost="minimal")


def test_a_file_that_is_no_key_document_is_refused() -> None:
    with pytest.raises(DataError, match="key document"):
        read_key('{"holders": []}')
