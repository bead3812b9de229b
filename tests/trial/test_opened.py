"""What is opened after the lock: plain data for the datasets; every arm is the one that was committed to."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import RecordCorrupt
from equipoise.trial.opened import Disclosed, DisclosedDose, check_disclosed, opened_of
from equipoise.vault.ceremony.sealing import Place, commit, derive_nonce, derive_number, hash_list
from equipoise.vault.disclosure import DisclosedSlot
from equipoise.vault.service import MaskedValue

SEED = bytes(range(32))
ARMS = ("high", "low", "placebo")


def slot(
    stratum: str, position: int, *, as_they_came: bool = False, participant: str | None = None
) -> DisclosedSlot:
    """A slot as the vault discloses it, with its proof."""
    place = Place(stratum, 1, position, ARMS[position % 3])
    number, nonce = derive_number(SEED, stratum, position, set()), derive_nonce(SEED, stratum, position)
    proof = commit(place, number, nonce).hex()
    return DisclosedSlot(stratum, position, number, place.arm, 1, nonce, proof, participant, as_they_came)


SLOTS = tuple(slot(f"site=0{site}", position) for site in (1, 2) for position in range(1, 7))
LIST_HASH = hash_list(bytes.fromhex(one.commitment) for one in SLOTS)


def test_the_list_that_was_sealed_is_accepted() -> None:
    check_disclosed(Disclosed(SLOTS), LIST_HASH)


CHANGES: Mapping[str, Any] = {
    "stratum": "site=03",
    "position": 9,
    "number": "R-00000-0",
    "nonce": "0" * 64,
    "commitment": "0" * 64,
}


@given(st.integers(0, len(SLOTS) - 1), st.sampled_from([*CHANGES, "arm"]))
def test_a_slot_that_is_not_the_one_that_was_sealed_is_named(at: int, field: str) -> None:
    other = next(arm for arm in ARMS if arm != SLOTS[at].arm)
    changed = msgspec.structs.replace(SLOTS[at], **{field: CHANGES.get(field, other)})
    told = changed.number if field == "number" else SLOTS[at].number
    with pytest.raises(RecordCorrupt, match=f"the opened slot {told} .* is not the one that was sealed"):
        check_disclosed(Disclosed((*SLOTS[:at], changed, *SLOTS[at + 1 :])), LIST_HASH)


@pytest.mark.parametrize(
    "slots",
    [SLOTS[1:], SLOTS[:-1], SLOTS[::-1], (*SLOTS, slot("site=02", 7)), ()],
    ids=["the first left out", "the last left out", "turned round", "one more", "none"],
)
def test_another_list_of_good_slots_is_not_the_one_that_was_sealed(slots: tuple[DisclosedSlot, ...]) -> None:
    with pytest.raises(RecordCorrupt, match="the opened list is not the one that was sealed"):
        check_disclosed(Disclosed(slots), LIST_HASH)


def test_slots_drawn_as_participants_came_are_proved_one_by_one_and_are_no_part_of_the_list() -> None:
    drawn = slot("all participants", 1, as_they_came=True)
    check_disclosed(Disclosed((*SLOTS, drawn)), LIST_HASH)
    with pytest.raises(RecordCorrupt, match="is not the one that was sealed"):
        check_disclosed(Disclosed((*SLOTS, msgspec.structs.replace(drawn, arm="high"))), LIST_HASH)


def test_the_datasets_get_arms_of_participants_doses_and_masked_values() -> None:
    dose = DisclosedDose(
        participant="01-001",
        order="01-001/W0",
        intervention="cells",
        visit="W0",
        on=date(2026, 3, 2),
        bag="B-1",
        volume="100 mL",
        arm="high",
        amount=Decimal("9.2E+7"),
        unit="cells",
    )
    entered = {"participant": "01-001", "visit": "W12", "form": "antibodies", "item": "hla"}
    masked = MaskedValue(**entered, value=17, actor="laboratory", at=datetime(2026, 6, 1, tzinfo=UTC), reason=None)
    odd = msgspec.structs.replace(masked, item="note", value=["a", "list"])
    opened = opened_of(
        Disclosed((slot("site=01", 1, participant="01-001"), slot("site=01", 2)), (dose,), (masked, odd))
    )
    assert dict(opened.arms) == {"01-001": "low"}, "an unused slot is nobody's"
    (given_,) = opened.doses
    assert (given_.cells, given_.bag, given_.on) == ("92000000", "B-1", date(2026, 3, 2))
    assert dict(opened.masked) == {("01-001", "W12", "hla"): 17, ("01-001", "W12", "note"): "['a', 'list']"}
