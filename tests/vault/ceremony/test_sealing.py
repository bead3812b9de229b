"""The sealed schedule: nobody sees an arm by it, nobody changes it unseen, a third person can make it again."""

from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, ProtocolError, RecordCorrupt
from equipoise.protocol import Protocol, read_protocol
from equipoise.vault.ceremony.check_digit import has_valid_check_digit
from equipoise.vault.ceremony.holders import make_key
from equipoise.vault.ceremony.open_list import make_open_list
from equipoise.vault.ceremony.schedule import audit_boxes, audit_schedule, hold_ceremony, seal_schedule
from equipoise.vault.ceremony.sealing import Place, digits_needed, open_slot, seal_places
from equipoise.vault.ceremony.shares import join_shares

KEY = make_key()
ARMS = ("high", "low", "placebo")
seeds = st.binary(min_size=32, max_size=32)
SITES = {"site": ["01", "02"]}


@pytest.fixture(scope="module")
def trial() -> Protocol:
    return read_protocol("hucmsc_inr")


def places(arms: list[str], strata: int = 2) -> list[Place]:
    """Places of `strata` lists of the same length, one arm after the other."""
    each = len(arms) // strata or 1
    return [Place(f"site={i // each:02}", i // each, i % each + 1, arm) for i, arm in enumerate(arms)]


@given(seeds, st.lists(st.sampled_from(ARMS), min_size=2, max_size=24), st.randoms())
@settings(max_examples=40)
def test_permuted_arms_leave_everything_the_same_that_a_blinded_person_can_see(
    seed: bytes, arms: list[str], random: "st.Random"
) -> None:
    permuted = random.sample(arms, len(arms))
    one, other = (seal_places(places(given), seed, KEY.public_key) for given in (arms, permuted))
    assert [(s.stratum, s.position, s.number) for s in one] == [(s.stratum, s.position, s.number) for s in other]
    assert {len(slot.box) for slot in (*one, *other)} == {len(one[0].box)}
    assert {len(slot.commitment) for slot in (*one, *other)} == {32}


def test_the_length_of_a_box_does_not_tell_a_long_name_from_a_short_one() -> None:
    slots = seal_places([Place("a", 1, 1, "a"), Place("a", 123456, 2, "b" * 200)], bytes(32), KEY.public_key)
    assert len(slots[0].box) == len(slots[1].box)
    with pytest.raises(DataError, match="shorter"):
        seal_places([Place("a", 1, 1, "b" * 500)], bytes(32), KEY.public_key)


def test_boxes_are_fresh_each_time_while_numbers_and_commitments_stay(trial: Protocol) -> None:
    one, other = (seal_schedule(trial, bytes(32), KEY.public_key, levels=SITES) for _ in range(2))
    assert len({slot.box for slot in (*one.slots, *other.slots)}) == 2 * len(one.slots)
    assert one.list_hash == other.list_hash
    assert one.numbers_hash == other.numbers_hash


@given(seeds)
@settings(max_examples=10)
def test_numbers_are_unique_valid_and_in_no_order(seed: bytes) -> None:
    numbers = [slot.number for slot in seal_places(places(["high"] * 200), seed, KEY.public_key)]
    assert len(set(numbers)) == 200
    assert all(has_valid_check_digit(number) for number in numbers)
    climbs = sum(a < b for a, b in pairwise(numbers))
    assert 60 < climbs < 140  # 199 steps, half of them up: six standard deviations of a random order


def test_numbers_that_are_taken_are_not_given_again() -> None:
    first = seal_places(places(["high"] * 50), bytes(32), KEY.public_key)
    again = seal_places(places(["high"] * 50), bytes(32), KEY.public_key, taken={s.number for s in first})
    assert not {s.number for s in first} & {s.number for s in again}


@given(st.integers(1, 10**6))
def test_at_most_one_number_in_ten_is_used(count: int) -> None:
    digits = digits_needed(count)
    assert digits >= 5
    assert 10 * count <= 10**digits
    assert digits == 5 or 10 * count > 10 ** (digits - 1)


def test_too_many_places_for_the_numbers_are_refused() -> None:
    with pytest.raises(DataError, match="more digits"):
        seal_places(places(["high"] * 20), bytes(32), KEY.public_key, digits=2)


def test_a_slot_opens_to_the_arm_that_was_sealed_and_only_with_the_key() -> None:
    (slot,) = seal_places([Place("a", 3, 1, "low")], bytes(32), KEY.public_key)
    assert open_slot(slot, KEY).arm == "low"
    assert open_slot(slot, KEY).block == 3
    with pytest.raises(RecordCorrupt, match=slot.number):
        open_slot(slot, make_key())


def test_boxes_that_changed_places_are_found() -> None:
    one, other = seal_places([Place("a", 1, 1, "low"), Place("a", 1, 2, "high")], bytes(32), KEY.public_key)
    moved = msgspec.structs.replace(one, box=other.box)
    assert audit_boxes([one, other], KEY) == []
    (finding,) = audit_boxes([moved, other], KEY)
    assert one.number in finding
    assert not any(arm in finding for arm in ARMS)


def test_the_joined_shares_make_the_list_again(trial: Protocol) -> None:
    held = hold_ceremony(
        trial, [("A", "correct horse battery"), ("B", "staple of the stable")], levels=SITES, cost="minimal"
    )
    seed = join_shares(*held.shares)
    assert audit_schedule(held.sealed.slots, trial, seed, levels=SITES) == []
    assert Counter(slot.stratum for slot in held.sealed.slots) == held.sealed.places
    assert min(held.sealed.places.values()) >= 72


@given(st.data())
@settings(max_examples=25)
def test_one_changed_arm_is_found_and_named(trial: Protocol, data: st.DataObject) -> None:
    seed = b"s" * 32
    made = make_open_list(trial, seed, levels=SITES, length=12)
    place = data.draw(st.integers(0, len(made.places) - 1))
    honest = made.places[place]
    arm = data.draw(st.sampled_from([arm for arm in trial.arms if arm != honest.arm]))
    changed = list(made.places)
    changed[place] = msgspec.structs.replace(honest, arm=arm)
    kept = seal_places(changed, seed, KEY.public_key)
    (finding,) = audit_schedule(kept, trial, seed, levels=SITES, length=12)
    assert f"stratum {honest.stratum} position {honest.position} " in finding
    assert not any(name in finding for name in trial.arms)


def test_a_missing_an_added_and_a_renumbered_slot_are_found(trial: Protocol) -> None:
    seed = b"s" * 32
    kept = list(seal_schedule(trial, seed, KEY.public_key, levels=SITES, length=6).slots)
    kept[1] = msgspec.structs.replace(kept[1], number="R-00000-0")
    added = msgspec.structs.replace(kept[0], position=99)
    findings = audit_schedule([*kept[1:], added], trial, seed, levels=SITES, length=6)
    assert ["missing" in f or "another number" in f or "not in the list" in f for f in findings] == [True] * 3


def test_the_list_of_another_seed_or_protocol_is_not_this_one(trial: Protocol) -> None:
    kept = seal_schedule(trial, b"s" * 32, KEY.public_key, levels=SITES, length=6).slots
    assert len(audit_schedule(kept, trial, b"t" * 32, levels=SITES, length=6)) >= len(kept)


def test_a_trial_without_randomisation_has_the_plan_of_its_file_as_list() -> None:
    pilot = make_open_list(read_protocol("hucmsc_pilot"), bytes(32))
    assert [place.arm for place in pilot.places] == ["cells"] * 7 + ["saline"] * 6
    assert pilot.lengths == {"all participants": 13}
    assert len(make_open_list(read_protocol("admsc_inr"), bytes(32), length=9).places) == 9
    with pytest.raises(DataError, match="13 places"):
        make_open_list(read_protocol("hucmsc_pilot"), bytes(32), length=9)


def test_a_protocol_that_does_not_say_how_arms_are_given_is_refused() -> None:
    with pytest.raises(ProtocolError):
        make_open_list(read_protocol("actg175"), bytes(32))


def test_where_arms_are_drawn_as_participants_come_the_seed_is_sealed_instead(minimised: Protocol) -> None:
    sealed = seal_schedule(minimised, bytes(32), KEY.public_key)
    assert sealed.slots == ()
    assert sealed.seed_box is not None
    assert sealed.places == {"all participants": minimised.size}
