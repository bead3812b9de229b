"""Minimisation behind the same door: each arm drawn when a participant comes, kept with all it came from."""

from collections import Counter

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DecisionRefused, ProtocolError, RecordCorrupt
from equipoise.line import read_places, take_next_slot
from equipoise.protocol import Protocol
from equipoise.record.server import Server
from equipoise.vault.adaptive import Draw, audit_draws, draw_arm
from equipoise.vault.ceremony.check_digit import has_valid_check_digit
from equipoise.vault.ceremony.holders import unwrap_key
from equipoise.vault.ceremony.schedule import Ceremony
from equipoise.vault.ceremony.sealing import open_slot
from equipoise.vault.ceremony.shares import join_shares
from equipoise.vault.service import Vault
from equipoise.vault.slots import read_slots

from .worlds import SECRETS, hold, open_vault, order, set_up, stamp

EVERYBODY = "all participants"
levels = st.fixed_dictionaries({"site": st.sampled_from(["01", "02"]), "sex": st.sampled_from(["F", "M"])})


@pytest.fixture(scope="module")
def ceremony(minimised: Protocol) -> Ceremony:
    return hold(minimised, length=40)


@pytest.fixture
def server(database: Server, ceremony: Ceremony) -> Server:
    return set_up(database, ceremony)


@pytest.fixture
def vault(server: Server, ceremony: Ceremony, minimised: Protocol) -> Vault:
    return open_vault(server, ceremony, minimised)


def come(vault: Vault, server: Server, participants: int) -> dict[str, str]:
    """Let participants come one after the other; their numbers."""
    with server.connect("conduct") as conduct:
        numbers = {}
        for i in range(participants):
            who = f"01-{i:03}"
            vault.prepare_slot(
                stamp(f"slot for {who}", "investigator"), who, {"site": "01", "sex": "FM"[i % 3 % 2]}
            )
            numbers[who] = take_next_slot(conduct, EVERYBODY, who, f"allocate {who}")
        return numbers


def many(protocol: Protocol, seed: bytes, factors: list[dict[str, str]]) -> list[Draw]:
    before: list[tuple[dict[str, str], str]] = []
    draws = []
    for own in factors:
        draw = draw_arm(protocol, "v" * 64, seed, before, own)
        before.append((own, draw.arm))
        draws.append(draw)
    return draws


@given(seed=st.binary(min_size=32, max_size=32), factors=st.lists(levels, min_size=1, max_size=15))
@settings(max_examples=30)
def test_every_draw_comes_out_again_from_what_was_kept(
    minimised: Protocol, seed: bytes, factors: list[dict[str, str]]
) -> None:
    draws = many(minimised, seed, factors)
    assert audit_draws(draws, minimised, "v" * 64, seed) == []
    assert (
        audit_draws(msgspec.json.decode(msgspec.json.encode(draws), type=list[Draw]), minimised, "v" * 64, seed)
        == []
    )


def test_a_changed_draw_another_seed_and_another_order_are_found(minimised: Protocol) -> None:
    factors = [{"site": "01", "sex": "F"}, {"site": "02", "sex": "M"}, {"site": "01", "sex": "M"}] * 3
    draws = many(minimised, b"s" * 32, factors)
    other = next(arm for arm in minimised.arms if arm != draws[4].arm)
    changed = [*draws[:4], msgspec.structs.replace(draws[4], arm=other), *draws[5:]]
    assert audit_draws(changed, minimised, "v" * 64, b"s" * 32)[0].startswith("draw 5 ")
    assert audit_draws(draws, minimised, "v" * 64, b"t" * 32)
    assert audit_draws([draws[1], draws[0], *draws[2:]], minimised, "v" * 64, b"s" * 32)
    assert audit_draws(draws, minimised, "w" * 64, b"s" * 32)


def test_the_draw_prefers_the_arm_that_balances_and_keeps_why(minimised: Protocol) -> None:
    before = [({"site": "01", "sex": "F"}, "high"), ({"site": "01", "sex": "F"}, "low")]
    draw = draw_arm(minimised, "v", bytes(32), before, {"site": "01", "sex": "F"})
    assert draw.counts == [[1, 1, 0], [1, 1, 0]]
    assert int(np.argmin(draw.imbalance)) == 2
    assert draw.probabilities == pytest.approx([0.1, 0.1, 0.8])
    assert draw.arm == list(minimised.arms)[int(np.searchsorted(np.cumsum(draw.probabilities), draw.uniform))]


def test_the_first_draws_are_spread_over_the_arms(minimised: Protocol) -> None:
    arms = Counter(
        draw_arm(minimised, "v", seed.to_bytes(32, "big"), [], {"site": "01", "sex": "F"}).arm
        for seed in range(300)
    )
    # each expected 100 times with a standard deviation of 8.2
    assert all(65 < arms[arm] < 135 for arm in minimised.arms)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"site": "01"},
        {"site": "01", "sex": "X"},
        {"site": "", "sex": "F"},
        {"site": "01", "sex": "F", "age": "5"},
    ],
)
def test_levels_that_are_not_those_of_the_factors_are_refused(minimised: Protocol, given: dict[str, str]) -> None:
    with pytest.raises(DecisionRefused, match="levels of site, sex"):
        draw_arm(minimised, "v", bytes(32), [], given)


def test_a_protocol_with_a_list_draws_nothing(trial: Protocol) -> None:
    with pytest.raises(ProtocolError, match="has a list"):
        draw_arm(trial, "v", bytes(32), [], {"site": "01"})


def test_participants_come_through_the_same_door(
    vault: Vault, server: Server, ceremony: Ceremony, minimised: Protocol
) -> None:
    numbers = come(vault, server, 9)
    assert len(set(numbers.values())) == 9
    assert all(has_valid_check_digit(number) for number in numbers.values())
    with server.connect("conduct") as conduct:
        assert read_places(conduct)[EVERYBODY].taken == 9
        assert take_next_slot(conduct, EVERYBODY, "01-003", "again") == numbers["01-003"]
    key = unwrap_key(ceremony.wrapped, SECRETS)
    held = [open_slot(slot, key).arm for slot in read_slots(server.connect("vault"))]
    opened = vault.unblind_all(stamp("u", "key holder"), SECRETS, "hash")
    assert list(opened.values()) == held == [draw.arm for draw in vault.draws()]
    seed = join_shares(*ceremony.shares)
    assert audit_draws(vault.draws(), minimised, vault.ceremony.protocol, seed) == []


def test_a_vault_opened_again_goes_on_where_it_was(
    vault: Vault, server: Server, ceremony: Ceremony, minimised: Protocol
) -> None:
    come(vault, server, 4)
    again = open_vault(server, ceremony, minimised)
    come(again, server, 8)
    vault.prepare_slot(stamp("late"), "02-001", {"site": "02", "sex": "F"})
    again.unblind_all(stamp("u", "key holder"), SECRETS, "hash")
    assert len(again.draws()) == 9
    assert audit_draws(again.draws(), minimised, again.ceremony.protocol, join_shares(*ceremony.shares)) == []


def test_nobody_takes_a_slot_that_was_drawn_for_another(vault: Vault, server: Server) -> None:
    vault.prepare_slot(stamp("s1"), "01-001", {"site": "01", "sex": "F"})
    with server.connect("conduct") as conduct:
        with pytest.raises(DecisionRefused):
            take_next_slot(conduct, EVERYBODY, "01-002", "r2")
        assert take_next_slot(conduct, EVERYBODY, "01-001", "r1").startswith("R-")


def test_a_participant_who_is_sent_twice_is_drawn_once(vault: Vault, server: Server) -> None:
    for request in ("s1", "s1", "s2"):
        vault.prepare_slot(stamp(request), "01-001", {"site": "01", "sex": "F"})
    assert len(read_slots(server.connect("vault"))) == 1


def test_when_all_places_are_used_the_draw_is_refused_and_nothing_kept(
    database: Server, minimised: Protocol
) -> None:
    held = hold(minimised, length=3)
    vault = open_vault(set_up(database, held), held, minimised)
    come(vault, database, 3)
    with pytest.raises(DecisionRefused, match="all 3 places are used"):
        vault.prepare_slot(stamp("s4"), "01-003", {"site": "01", "sex": "F"})
    assert len(read_slots(database.connect("vault"))) == 3


def test_a_list_design_prepares_no_slot(vault_server: Server, held: Ceremony, trial: Protocol) -> None:
    vault = open_vault(vault_server, held, trial)
    with pytest.raises(DecisionRefused, match="sealed list"):
        vault.prepare_slot(stamp("s1"), "01-001", {"site": "01"})


def test_doses_and_code_breaks_are_as_for_a_list(vault: Vault, server: Server) -> None:
    come(vault, server, 2)
    vault.prepare_dose(stamp("d1"), order("01-000"))
    shown = vault.show_preparation(stamp("s1"), "01-000/W0")
    assert vault.break_code(stamp("b1", "investigator"), "01-000", "anaphylaxis").arm == shown.arm


def test_a_slot_that_a_superuser_put_in_place_of_a_drawn_one_is_found(
    vault: Vault, server: Server, ceremony: Ceremony, minimised: Protocol
) -> None:
    come(vault, server, 2)
    with server.connect_admin() as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE vault.slot SET commitment = sha256('x') WHERE position = 2")
    with pytest.raises(RecordCorrupt, match="drawn"):
        open_vault(server, ceremony, minimised)
