"""Invariant 9: kit numbers, their order, the dates shown, resupply and refusals are independent of the arm.

The same supply runs in worlds that differ only in the arms. All that the blinded side records and is told is the
same in each, byte for byte, but for which kit of a carton was named; and that, over many vaults, says nothing of
what is in it (an exact permutation test).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count, product

import msgspec
import numpy as np
import pytest
from nacl.public import PrivateKey
from scipy.stats import permutation_test
from tests.conduct.supply.pharmacy import Pharmacy, supplied
from tests.servers import fresh_database, running_server
from tests.vault.test_blind import turn_arms
from tests.vault.worlds import SECRETS, hold, open_vault, order, set_up, stamp

from equipoise.conduct.door.state import Infusion, Visit
from equipoise.conduct.supply.ledger import account, owed_to
from equipoise.conduct.supply.packing import PackCartons, PackedCarton
from equipoise.conduct.supply.preparation import AssignCarton, NameKit
from equipoise.errors import DecisionRefused
from equipoise.line import take_next_slot
from equipoise.vault.ceremony.boxes import open_box
from equipoise.vault.ceremony.holders import unwrap_key
from equipoise.vault.ceremony.sealing import SealedSchedule
from equipoise.vault.service import Vault
from equipoise.vault.supply import desk as supply_desk
from equipoise.vault.supply import packing
from equipoise.vault.supply.contents import Lot, VaultStock
from equipoise.vault.supply.desk import SupplyDesk
from equipoise.vault.supply.packing import make_cartons

PEOPLE = [f"{site}-{n:03}" for n, site in product(range(1, 8), ("01", "02"))]
VISITS = ("W0", "W4")
MARCH = date(2024, 3, 18)
LOTS = (
    Lot(lot="one", intervention="cells", arms=("high", "low"), expiry=date(2024, 4, 20), kits=15),
    Lot(lot="two", intervention="cells", arms=("high", "low"), expiry=date(2024, 9, 30), kits=60),
    Lot(lot="three", intervention="cells", arms=("placebo",), expiry=date(2024, 6, 30), kits=20),
    Lot(lot="four", intervention="cells", arms=("placebo",), expiry=date(2024, 10, 31), kits=60),
)
HELD = hold(supplied())
hashing = count()


@contextmanager
def world(sealed: SealedSchedule) -> Iterator[Vault]:
    """Give a vault of one list, whose participants have come."""
    servers = fresh_database(running_server("wheel"))
    server = set_up(next(servers), sealed)
    with server.connect("conduct") as conduct:
        for who in PEOPLE:
            take_next_slot(conduct, f"site={who[:2]}", who, who)
    vault = open_vault(server, HELD, supplied(), tuple(SECRETS))
    yield vault
    vault.close()
    next(servers, None)


def what_is_seen(vault: Vault) -> bytes:
    """Everything that the blinded side records and is told of supply; of a named kit, only from which carton."""
    desk, ledger = SupplyDesk(vault), Pharmacy()
    seen: list[object] = []
    for lot in LOTS:
        desk.receive_lot(stamp(lot.lot), lot, MARCH)
    packed = desk.pack_cartons(stamp("pack"), "cells", 40, MARCH)
    cartons = tuple(PackedCarton(one.carton, one.kits, one.use_by) for one in packed)
    ledger.do(PackCartons(intervention="cells", cartons=cartons))
    for who in PEOPLE:
        known = ledger.trial.participants.setdefault(
            who, msgspec.structs.replace(ledger.participant, id=who, site=who[:2])
        )
        known.visits = {visit: Visit(name=visit, on=MARCH) for visit in VISITS}
        known.infusions = {
            f"{who}/{visit}": Infusion(order=f"{who}/{visit}", visit=visit, weight_kg="72.4", weighed_on=MARCH)
            for visit in VISITS
        }
    for visit, who in product(VISITS, PEOPLE):
        name, site = f"{who}/{visit}", who[:2]
        today = ledger.at.date()
        if owed_to(ledger.protocol, ledger.trial, site, "cells", today):
            ledger.receive(ledger.send(site))
        ledger.do(AssignCarton(participant=who, order=name))
        carton = ledger.trial.participants[who].infusions[name].carton
        assert carton is not None
        vault.prepare_dose(stamp(f"dose {name}"), order(who, visit))
        kit = desk.pick_kit(stamp(f"pick {name}"), name, who, carton)
        ledger.do(NameKit(participant=who, order=name, kit=kit))
        for wrong in (carton, cartons[0].carton, "C-00000-0"):
            try:
                desk.pick_kit(stamp(f"again {name} {wrong}"), f"{name} again", who, wrong)
            except DecisionRefused as refusal:
                seen.append(str(refusal))
        ledger.at += timedelta(days=3)
    for line in account(ledger.trial):
        hidden = {"in preparation": "used", "set aside": "used"}
        seen.append((line.kit, line.carton, f"{line.use_by}", line.shipment, hidden.get(line.state, line.state)))
    payloads = [
        (event.kind, event.participant, "" if event.kind == "KitNamed" else event.payload)
        for event in ledger.events
    ]
    return msgspec.json.encode([seen, payloads])


def worlds() -> Iterator[SealedSchedule]:
    """Give the list as sealed, and with its arms turned by one."""
    yield HELD.sealed
    yield turn_arms(supplied(), HELD)


def seen_in_each_world() -> list[bytes]:
    seen = []
    for sealed in worlds():
        with world(sealed) as vault:
            seen.append(what_is_seen(vault))
    return seen


def test_worlds_that_differ_in_the_arms_have_one_supply() -> None:
    one, turned = seen_in_each_world()
    assert one == turned
    assert one.count(b"CartonAssigned") == len(PEOPLE) * len(VISITS)
    assert one.count(b"ShipmentSent") > 4


def test_a_refusal_that_knew_the_arm_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = SupplyDesk.pick_kit

    def telling(desk: SupplyDesk, stamp: object, order: str, participant: str, carton: str) -> str:
        try:
            return honest(desk, stamp, order, participant, carton)  # type: ignore[arg-type]
        except DecisionRefused as refusal:
            arm = supply_desk.open_participant(desk._vault.connection, desk._vault.key, participant).arm
            raise DecisionRefused(f"{refusal}{' ' * len(arm)}") from refusal

    monkeypatch.setattr(SupplyDesk, "pick_kit", telling)
    one, turned = seen_in_each_world()
    assert one != turned


def numbers_by_content() -> tuple[list[int], list[int]]:
    """Give the numbers of kits with cells, and of those without, of many cartons of many vaults."""
    stock = VaultStock(lots={lot.lot: lot for lot in LOTS}, made=dict.fromkeys((lot.lot for lot in LOTS), 0))
    cells, placebo = [], []
    for n in range(40):
        key = PrivateKey(n.to_bytes(32, "big"))
        for made in make_cartons(supplied(), stock, "cells", 20, MARCH, key):
            inside = open_box(made.sealed, key, dict[str, str], made.carton)
            for kit, lot in inside.items():
                (placebo if stock.lots[lot].arms == ("placebo",) else cells).append(int(kit[2:8]))
    return cells, placebo


def p_value() -> float:
    cells, placebo = (np.array(numbers, float) for numbers in numbers_by_content())
    found = permutation_test(
        (cells - placebo,),
        lambda x, axis: np.abs(np.mean(x, axis=axis)),
        permutation_type="samples",
        n_resamples=1999,
        alternative="greater",
        rng=np.random.default_rng(1),
    )
    return float(found.pvalue)


def test_numbers_of_kits_say_nothing_of_what_is_in_them() -> None:
    assert p_value() > 0.01


def test_numbers_that_followed_the_contents_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def in_order(_key: object, prefix: str, _digits: int, _place: object, _used: object) -> str:
        return f"{prefix}-{next(hashing):06}-0"

    monkeypatch.setattr(packing, "_number", in_order)
    assert p_value() < 0.01


def test_which_kit_of_a_carton_comes_first_says_nothing_of_what_is_in_it() -> None:
    cells, placebo = numbers_by_content()
    first = sum(a < b for a, b in zip(cells, placebo, strict=True))
    n = len(cells)
    assert abs(first - n / 2) < 3 * (n / 4) ** 0.5


def test_the_key_that_draws_the_numbers_is_that_of_the_vault() -> None:
    stock = VaultStock(lots={lot.lot: lot for lot in LOTS}, made=dict.fromkeys((lot.lot for lot in LOTS), 0))
    key = unwrap_key(HELD.wrapped, SECRETS)
    one, again = (make_cartons(supplied(), stock, "cells", 3, MARCH, key) for _ in range(2))
    assert [(made.carton, made.kits) for made in one] == [(made.carton, made.kits) for made in again]
    other = make_cartons(supplied(), stock, "cells", 3, MARCH, PrivateKey.generate())
    assert not {made.carton for made in one} & {made.carton for made in other}
