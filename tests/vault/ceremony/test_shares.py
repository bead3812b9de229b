"""The seed in two shares: together they give it, one alone is noise, a slip of the pen is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.vault.ceremony.shares import SEED_BYTES, draw_seed, join_shares, read_share, split_seed

seeds = st.binary(min_size=SEED_BYTES, max_size=SEED_BYTES)


@given(seeds)
def test_two_shares_written_and_read_give_the_seed_in_any_order(seed: bytes) -> None:
    first, second = (read_share(share.text()) for share in split_seed(seed))
    assert join_shares(first, second) == seed
    assert join_shares(second, first) == seed


@given(seeds, seeds, seeds)
def test_one_share_says_nothing_of_the_seed(seed: bytes, other: bytes, pad: bytes) -> None:
    # custodian 1's share is the pad itself; custodian 2's fits any seed, with another pad
    assert split_seed(seed, lambda _: pad)[0].pad == split_seed(other, lambda _: pad)[0].pad == pad
    second = split_seed(seed, lambda _: pad)[1]
    fitting = bytes(a ^ b for a, b in zip(second.pad, other, strict=True))
    assert split_seed(other, lambda _: fitting)[1].pad == second.pad


def test_the_seed_and_its_shares_are_drawn_anew_each_time() -> None:
    seed = draw_seed()
    assert draw_seed() != seed
    assert split_seed(seed)[0].pad != split_seed(seed)[0].pad


@given(seeds, st.data())
def test_a_mistyped_digit_is_found_and_its_group_named(seed: bytes, data: st.DataObject) -> None:
    text = split_seed(seed)[0].text()
    places = [i for i, c in enumerate(text) if c.isdigit() and i > 1]
    place = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != text[place]]))
    group = text[3:place].count(" ") + 1
    with pytest.raises(DataError, match=rf"group {group} "):
        read_share(text[:place] + wrong + text[place + 1 :])


@given(seeds)
def test_groups_in_another_order_are_found(seed: bytes) -> None:
    head, *groups = split_seed(seed)[0].text().split(" ")
    if groups[3] != groups[4]:
        groups[3], groups[4] = groups[4], groups[3]
        with pytest.raises(DataError, match="group"):
            read_share(" ".join([head, *groups]))


def test_shares_of_two_ceremonies_do_not_join() -> None:
    first, _ = split_seed(bytes(32))
    _, second = split_seed(b"\x01" * 32)
    with pytest.raises(DataError, match="one ceremony"):
        join_shares(first, second)
    with pytest.raises(DataError, match="custodian 1 and that of custodian 2"):
        join_shares(first, first)


@pytest.mark.parametrize("text", ["", "3: 48213-7", "1 48213-7", "1: 48213-7", "1: " + "48213 " * 17])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        read_share(text)


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(DataError, match="32 bytes"):
        split_seed(b"short")


def test_a_share_does_not_show_itself_in_a_log() -> None:
    share, _ = split_seed(bytes(range(32)))
    assert str(share.pad) not in repr(share)
    assert share.text()[8:20] not in repr(share)
