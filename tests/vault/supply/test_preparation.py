"""What the vault does for a dose: the kit of the right arm, and how much to draw, in decimals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conduct.supply.test_preparation_property import one_sentence
from tests.vault.worlds import order, stamp

from equipoise.errors import DecisionRefused
from equipoise.vault.service import Vault
from equipoise.vault.supply.desk import SupplyDesk, compute_drawn, refuse_kit

from .depot import COUNT, LIVING, arm_of, pack, supplied, take

ORDER = "01-001/W0"


def refused(step: object, *args: object) -> str:
    with pytest.raises(DecisionRefused) as caught:
        step(*args)  # type: ignore[operator]
    return str(caught.value)


def with_arm(vault: Vault, *arms: str) -> str:
    return next(who for n in range(1, 13) if arm_of(vault, who := f"01-{n:03}") in arms)


def test_every_participant_gets_the_kit_of_their_arm(desk: SupplyDesk, vault: Vault) -> None:
    for n, carton in enumerate(pack(desk), 1):
        who = f"01-{n:03}"
        kit = take(desk, vault, carton.carton, who)
        assert arm_of(vault, who) in vault.stock.lot_of(carton.carton, kit).arms
    stored = vault.connection.execute("SELECT carton, kit FROM vault.chosen_kit").fetchall()
    assert dict(stored) == vault.stock.chosen


def test_the_same_order_gets_the_same_kit_and_a_carton_serves_one_order(desk: SupplyDesk, vault: Vault) -> None:
    (carton, *_) = pack(desk)
    kit = take(desk, vault, carton.carton)
    assert desk.pick_kit(stamp("again"), ORDER, "01-001", carton.carton) == kit
    for who in ("01-002", "01-003", "01-004"):
        assert refused(take, desk, vault, carton.carton, who) == refused(refuse_kit, carton.carton, f"{who}/W0")


def test_the_refusal_of_a_kit_has_the_words_of_the_blinded_side(desk: SupplyDesk, vault: Vault) -> None:
    carton, other, *_ = pack(desk)
    kit = take(desk, vault, carton.carton)
    wrong = [next(one for one in carton.kits if one != kit), other.kits[0], "K-000000-0", ""]
    for one in wrong:
        assert refused(desk.record_preparation, stamp(one), ORDER, one, COUNT, LIVING) == one_sentence(one)
    assert refused(desk.pick_kit, stamp("unknown"), ORDER, "01-001", "C-00000-0") == one_sentence("C-00000-0")


def test_cells_are_drawn_by_their_count_and_placebo_by_none(desk: SupplyDesk, vault: Vault) -> None:
    cartons = pack(desk)
    high, placebo = with_arm(vault, "high"), with_arm(vault, "placebo")
    kit = take(desk, vault, cartons[0].carton, high)
    drawn = desk.record_preparation(stamp("count"), f"{high}/W0", kit, COUNT, LIVING)
    # 1.5e6 cells/kg x 72.4 kg = 108.6e6 living cells; 1.8e6 living ones in a mL: 60.33 mL
    assert (drawn.drawn, drawn.filled) == (Decimal("60.3"), Decimal("39.7"))
    assert desk.record_preparation(stamp("again"), f"{high}/W0", kit, COUNT, LIVING) == drawn
    kit = take(desk, vault, cartons[1].carton, placebo)
    assert refused(desk.record_preparation, stamp("p"), f"{placebo}/W0", kit, COUNT, LIVING) == (
        "this kit holds no cells; enter no count"
    )
    drawn = desk.record_preparation(stamp("none"), f"{placebo}/W0", kit, None, None)
    assert (drawn.drawn, drawn.filled) == (Decimal(0), Decimal(100))


@pytest.mark.parametrize(
    ("count", "living", "said"),
    [
        (COUNT, Decimal(69), "at least 70 percent of the cells must live; give up this preparation. Got 69"),
        (COUNT, Decimal(101), "count again"),
        (Decimal(0), LIVING, "count again"),
        (Decimal("NaN"), LIVING, "count again"),
        (None, LIVING, "Got no count"),
        (Decimal(100_000), LIVING, "the dose must lie in 0.1 to 100 mL of suspension"),
        (Decimal(10) ** 12, LIVING, "the dose must lie in 0.1 to 100 mL of suspension"),
    ],
)
def test_a_count_that_does_not_serve_is_refused(
    desk: SupplyDesk, vault: Vault, count: Decimal | None, living: Decimal, said: str
) -> None:
    (carton, *_) = pack(desk, 1)
    who = with_arm(vault, "high", "low")
    kit = take(desk, vault, carton.carton, who)
    before = vault.book.head()
    assert said in refused(desk.record_preparation, stamp("count"), f"{who}/W0", kit, count, living)
    assert vault.book.head() == before


def test_a_second_count_of_one_kit_is_refused(desk: SupplyDesk, vault: Vault) -> None:
    (carton, *_) = pack(desk, 1)
    who = with_arm(vault, "high", "low")
    kit = take(desk, vault, carton.carton, who)
    desk.record_preparation(stamp("count"), f"{who}/W0", kit, COUNT, LIVING)
    assert "with another count" in refused(
        desk.record_preparation, stamp("count 2"), f"{who}/W0", kit, COUNT, Decimal(95)
    )


def test_a_preparation_that_is_given_up_frees_the_order_for_another_carton(desk: SupplyDesk, vault: Vault) -> None:
    first, second, *_ = pack(desk)
    take(desk, vault, first.carton)
    assert refused(desk.give_up, stamp("g"), ORDER, " ").startswith("say why")
    desk.give_up(stamp("g"), ORDER, "the bag burst")
    kit = take(desk, vault, second.carton)
    assert vault.stock.kit_of(ORDER) == kit
    assert kit in second.kits


def test_a_bag_without_a_computed_dose_has_no_preparation(desk: SupplyDesk, vault: Vault) -> None:
    (carton, *_) = pack(desk, 1)
    kit = desk.pick_kit(stamp("pick"), ORDER, "01-001", carton.carton)
    assert refused(desk.record_preparation, stamp("count"), ORDER, kit, None, None) == one_sentence(kit)
    vault.prepare_dose(stamp("dose"), order())


@given(
    amount=st.decimals(1, 200_000_000, places=1),
    count=st.decimals(1_000, 50_000_000, places=0),
    living=st.decimals(70, 100, places=1),
)
def test_what_is_drawn_holds_the_dose_to_half_a_step_and_the_bag_has_its_volume(
    amount: Decimal, count: Decimal, living: Decimal
) -> None:
    product = supplied().interventions["cells"]
    try:
        drawn = compute_drawn(product, "o", "k", amount, count, living)
    except DecisionRefused as refusal:
        assert "mL of suspension" in str(refusal)
        return
    assert drawn.drawn + drawn.filled == 100
    assert abs(drawn.drawn * count * living / 100 - amount) <= Decimal("0.05") * count * living / 100


@pytest.mark.parametrize(
    ("count", "living"),
    [("1e15", "90"), ("1e3000000", "90"), ("NaN", "90"), ("2e6", "1e-3000000"), ("2e6", "101")],
)
def test_a_count_that_nobody_can_have_made_is_refused(count: str, living: str) -> None:
    product = supplied().interventions["cells"]
    with pytest.raises(DecisionRefused, match=r"count again\. Got .{1,30}$"):
        compute_drawn(product, "o", "k", Decimal(1), Decimal(count), Decimal(living))


def test_the_account_of_lots_names_every_kit_once(desk: SupplyDesk, vault: Vault) -> None:
    cartons = pack(desk)
    kit = take(desk, vault, cartons[0].carton)
    with pytest.raises(DecisionRefused, match="only pharmacist or unblinded monitor"):
        desk.lot_accounts(stamp("a", "monitor"))
    accounts = desk.lot_accounts(stamp("a", "unblinded monitor"))
    assert [(one.lot, one.received, len(one.kits)) for one in accounts] == [
        ("HUC-1", 4, 4),
        ("HUC-2", 20, 8),
        ("SAL-1", 20, 12),
    ]
    assert [one for account in accounts for one in account.named] == [kit]


def test_a_lot_is_traced_to_its_cartons(desk: SupplyDesk) -> None:
    cartons = pack(desk)
    assert desk.find_lot(stamp("t"), "HUC-1", "recalled") == sorted(one.carton for one in cartons[:4])
    assert refused(desk.find_lot, stamp("u"), "HUC-7", "recalled").endswith("Got HUC-7")
    assert refused(desk.find_lot, stamp("v"), "HUC-1", "").startswith("say why")
