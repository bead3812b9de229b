"""Packing in the vault: lots that serve every arm, kits with numbers and dates that say nothing."""

import re
from datetime import date, timedelta

import msgspec
import pytest
from tests.vault.worlds import DAY, SECRETS, open_vault, stamp

from equipoise.errors import DecisionRefused, RecordCorrupt
from equipoise.vault.ceremony.check_digit import has_valid_check_digit
from equipoise.vault.service import Vault
from equipoise.vault.supply.contents import Lot
from equipoise.vault.supply.desk import SupplyDesk

from .depot import CELLS, EARLY, LATE, LOTS, PLACEBO, pack

ANOTHER = Lot(lot="HUC-9", intervention="cells", arms=CELLS, expiry=LATE, kits=5)


def not_received(desk: SupplyDesk, **more: object) -> str:
    before = desk._vault.book.head()
    with pytest.raises(DecisionRefused) as caught:
        desk.receive_lot(stamp(f"receive {more}"), msgspec.structs.replace(ANOTHER, **more), DAY)
    assert desk._vault.book.head() == before
    return str(caught.value)


def test_a_carton_holds_a_kit_of_each_content_with_numbers_of_their_own(desk: SupplyDesk, vault: Vault) -> None:
    cartons = pack(desk)
    kits = [kit for carton in cartons for kit in carton.kits]
    assert len(set(kits)) == len(kits) == 24
    assert all(has_valid_check_digit(number) for number in [*kits, *(carton.carton for carton in cartons)])
    assert all(re.fullmatch(r"K-\d{6}-\d", kit) for kit in kits)
    for carton in cartons:
        assert carton.kits == tuple(sorted(carton.kits))
        assert sorted(vault.stock.lot_of(carton.carton, kit).arms for kit in carton.kits) == [CELLS, PLACEBO]


def test_the_lot_that_ends_first_is_packed_first_and_all_of_a_carton_has_its_date(
    desk: SupplyDesk, vault: Vault
) -> None:
    cartons = pack(desk)
    assert [carton.use_by for carton in cartons] == [EARLY] * 4 + [LATE] * 8
    assert vault.stock.made == {"HUC-1": 4, "HUC-2": 8, "SAL-1": 12}


def test_no_event_tells_a_lot_an_arm_or_what_is_in_a_kit(desk: SupplyDesk, vault: Vault) -> None:
    pack(desk)
    desk.find_lot(stamp("trace"), "HUC-1", "the maker recalls HUC-1, high dose")
    said = "".join(event.payload for event in vault.book.read())
    assert not [word for word in ("HUC-", "SAL-", "high dose", '"high"', '"low"', '"placebo"') if word in said]


def test_boxes_of_all_lots_and_cartons_have_one_length(desk: SupplyDesk, vault: Vault) -> None:
    pack(desk)
    received = {len(event.payload) for event in vault.book.read() if event.kind == "LotReceived"}
    assert len(received) == 1


def test_the_same_request_packs_once(desk: SupplyDesk, vault: Vault) -> None:
    first = pack(desk)
    assert desk.pack_cartons(stamp("pack"), "cells", 12, DAY) == first
    assert len(vault.stock.cartons) == 12
    assert not {one.carton for one in first} & {one.carton for one in pack(desk, 3, "more")}


def test_more_cartons_than_the_lots_hold_are_refused_and_nothing_is_packed(desk: SupplyDesk, vault: Vault) -> None:
    pack(desk, 12)
    with pytest.raises(DecisionRefused, match="the lots for placebo do not hold kits for 9 cartons; pack fewer"):
        desk.pack_cartons(stamp("too many"), "cells", 9, DAY)
    assert len(vault.stock.cartons) == 12
    assert len(desk.pack_cartons(stamp("the rest"), "cells", 8, DAY)) == 8


def test_a_lot_past_its_date_is_not_packed(desk: SupplyDesk) -> None:
    pack(desk, 1)
    with pytest.raises(DecisionRefused, match="do not hold kits"):
        desk.pack_cartons(stamp("late"), "cells", 1, LATE + timedelta(days=1))


def test_no_carton_lacks_the_kit_of_an_arm(desk: SupplyDesk) -> None:
    desk.receive_lot(stamp("only cells"), LOTS[0], DAY)
    with pytest.raises(DecisionRefused) as caught:
        desk.pack_cartons(stamp("half a carton"), "cells", 1, DAY)
    assert str(caught.value).endswith("for the others first. Got none for placebo")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lot": "HUC-1"}, "this lot was received before"),
        ({"lot": " "}, "a lot has a name"),
        ({"intervention": "cell"}, "gives no kits of this product"),
        ({"arms": ("high", "middle")}, "Got middle"),
        ({"arms": ()}, "Got none"),
        ({"arms": ("high",)}, "another lot serves the same arms or others"),
        ({"expiry": DAY}, "lot HUC-9 is past its date, 2014-05-02; send it back"),
        ({"expiry": date(2014, 5, 1)}, "is past its date"),
        ({"kits": 0}, "a lot makes one kit at least and 100000 at most; count its kits again. Got 0"),
        ({"kits": 10**9}, "100000 at most; count its kits again. Got 1000000000"),
    ],
)
def test_a_lot_that_cannot_serve_is_refused(desk: SupplyDesk, wrong: dict[str, object], said: str) -> None:
    pack(desk, 1)
    assert said in not_received(desk, **wrong)


@pytest.mark.parametrize("number", [0, 10**9])
def test_a_number_of_cartons_that_nobody_packs_is_refused(desk: SupplyDesk, number: int) -> None:
    pack(desk, 1)
    with pytest.raises(DecisionRefused) as refused:
        desk.pack_cartons(stamp("many"), "cells", number, DAY)
    assert str(refused.value) == (
        f"at least one carton is packed, and 10000 at most in a trial, of which 9999 are left. Got {number}"
    )


def test_only_the_pharmacist_receives_packs_and_sees_what_is_inside(desk: SupplyDesk) -> None:
    (carton,) = pack(desk, 1)
    for role in ("nurse", "coordinator", "data manager", "unblinded monitor"):
        with pytest.raises(DecisionRefused, match="only pharmacist may receive lots and pack cartons"):
            desk.show_packing(stamp(f"show {role}", role), (carton.carton,))
    shown = desk.show_packing(stamp("show"), (carton.carton,))
    assert {one.lot for one in shown} == {"HUC-1", "SAL-1"}


def test_a_vault_that_is_opened_again_knows_the_same(
    desk: SupplyDesk, vault: Vault, database, held, trial
) -> None:  # type: ignore[no-untyped-def]
    (carton, *_) = pack(desk)
    desk._vault.close()
    again = open_vault(database, held, trial, tuple(SECRETS))
    assert again.stock == vault.stock
    assert carton.carton in again.stock.cartons


def test_a_table_that_does_not_say_what_the_record_says_is_found(  # type: ignore[no-untyped-def]
    desk: SupplyDesk, vault: Vault, database, held, trial
) -> None:
    (carton, *_) = pack(desk)
    with database.connect_admin() as admin:
        admin.execute(
            "INSERT INTO vault.chosen_kit VALUES (%s, %s, '01-001/W0', '01-001')", (carton.carton, carton.kits[0])
        )
    with pytest.raises(RecordCorrupt, match="the kits that the vault keeps as named are not those of its record"):
        open_vault(database, held, trial)
