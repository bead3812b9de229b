"""The blind: two worlds that differ only in the arms are the same to everybody who must not know them."""

from contextlib import contextmanager

import msgspec
from tests.servers import fresh_database, running_server

from equipoise.errors import DecisionRefused
from equipoise.line import take_next_slot
from equipoise.protocol import Protocol
from equipoise.record.server import Server
from equipoise.vault.ceremony.holders import unwrap_key
from equipoise.vault.ceremony.open_list import make_open_list
from equipoise.vault.ceremony.schedule import Ceremony
from equipoise.vault.ceremony.sealing import SealedSchedule, seal_places
from equipoise.vault.ceremony.shares import join_shares

from .worlds import LEVELS, SECRETS, open_vault, order, set_up, stamp

another_database = contextmanager(fresh_database)


def turn_arms(trial: Protocol, held: Ceremony) -> SealedSchedule:
    """The sealed list of a ceremony with every arm exchanged for the next one."""
    seed, key = join_shares(*held.shares), unwrap_key(held.wrapped, SECRETS)
    arms = list(trial.arms)
    turned = dict(zip(arms, [*arms[1:], arms[0]], strict=True))
    made = make_open_list(trial, seed, levels=LEVELS, length=12)
    places = [msgspec.structs.replace(place, arm=turned[place.arm]) for place in made.places]
    return msgspec.structs.replace(held.sealed, slots=seal_places(places, seed, key.public_key))


def what_is_seen(server: Server, held: Ceremony, trial: Protocol) -> bytes:
    """Everything that the blinded side is told while participants come and infusions are ordered."""
    vault = open_vault(server, held, trial)
    seen: list[object] = []
    with server.connect("conduct") as conduct:
        for i in range(14):
            try:
                seen.append(take_next_slot(conduct, "site=02", f"02-{i:03}", f"r{i}"))
            except DecisionRefused as refused:
                seen.append(str(refused))
    for i in range(14):
        for weight in ("72.4", "700"):
            try:
                seen.append(vault.prepare_dose(stamp(f"{i} {weight}"), order(f"02-{i:03}", f"W{weight}", weight)))
            except DecisionRefused as refused:
                seen.append(str(refused))
    return msgspec.json.encode([*seen, vault.places()])


def test_permuted_arms_give_the_same_bytes(vault_server: Server, held: Ceremony, trial: Protocol) -> None:
    turned = turn_arms(trial, held)
    with another_database(running_server("wheel")) as other:
        set_up(other, turned)
        assert what_is_seen(vault_server, held, trial) == what_is_seen(other, held, trial)


def test_the_hash_of_the_numbers_may_be_seen_for_it_knows_no_arm(held: Ceremony, trial: Protocol) -> None:
    turned = turn_arms(trial, held)
    assert turned.numbers_hash == held.sealed.numbers_hash
    assert turned.list_hash != held.sealed.list_hash
