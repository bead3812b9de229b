"""Invariant 10: the ledger of kits is what its events say, never below nothing, and no wrong kit is ever given.

Not an expired one, none in quarantine, of another site, incomplete, or used; not by many at once, not by SQL with
the rights of the blinded side or of the vault.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from equipoise.conduct.closing.locks import HoldScope
from equipoise.conduct.door.chapters import replay
from equipoise.conduct.door.fact import By
from equipoise.conduct.door.state import Scope
from equipoise.conduct.supply import preparation
from equipoise.conduct.supply.preparation import (
    AssignCarton,
    CheckPreparation,
    NameKit,
    ReplaceCarton,
    SignPreparation,
)
from equipoise.conduct.supply.quarantine import QuarantineCartons, ReleaseCartons, ReportExcursion
from equipoise.conduct.supply.returns import DestroyKits, ReturnKits
from equipoise.errors import DecisionRefused, RecordCorrupt
from equipoise.record import Stamp
from equipoise.trial.steps import stamp_of
from equipoise.trial.supply.steps import account_by_lot, quarantine_lot, replace_kit
from equipoise.trial.supply.stock_guard import cached_stock, replayed_stock

from .by_hand import record_event
from .clients import open_door
from .conftest import TrialAt
from .mutation import drop_trigger, rewrite_function
from .stocked import EXPIRY, Stocked, stocked_at

WRONG_USE = """
WITH used AS (
    SELECT sequence, site, participant, at, zone, payload::jsonb ->> 'carton' AS carton
    FROM record.event WHERE kind = 'CartonAssigned'
), packed AS (
    SELECT one ->> 'carton' AS carton, (one ->> 'use_by')::date AS use_by
    FROM record.event, jsonb_array_elements(payload::jsonb -> 'cartons') one WHERE kind = 'CartonsPacked'
), moved AS (
    SELECT sequence, site, kind, one AS carton
    FROM record.event, jsonb_array_elements_text(payload::jsonb -> 'cartons') one
    WHERE kind IN ('ShipmentSent', 'CartonsQuarantined', 'CartonsReleased')
)
SELECT carton || ' was used ' || count(*) || ' times' FROM used GROUP BY carton HAVING count(*) > 1
UNION ALL SELECT carton || ' was never packed' FROM used u
    WHERE NOT EXISTS (SELECT FROM packed p WHERE p.carton = u.carton)
UNION ALL SELECT carton || ' was past its date' FROM used u JOIN packed p USING (carton)
    WHERE (u.at AT TIME ZONE u.zone)::date > p.use_by
UNION ALL SELECT carton || ' was at another site' FROM used u
    WHERE NOT EXISTS (SELECT FROM moved m WHERE m.carton = u.carton AND m.kind = 'ShipmentSent'
        AND m.site = u.site AND m.site = split_part(u.participant, '-', 1))
UNION ALL SELECT carton || ' was in quarantine' FROM used u
    WHERE 'CartonsQuarantined' = (SELECT m.kind FROM moved m WHERE m.carton = u.carton AND m.kind <> 'ShipmentSent'
        AND m.sequence < u.sequence ORDER BY m.sequence DESC LIMIT 1)
"""
"""What is wrong with the cartons that were used, by the events alone: it knows no fold and no guard."""

WRONG_KIT = """
SELECT n.payload::jsonb ->> 'kit' || ' is not the kit that the vault has named'
FROM record.event n WHERE n.kind = 'KitNamed' AND NOT EXISTS (
    SELECT FROM vault.chosen_kit k WHERE k.kit = n.payload::jsonb ->> 'kit' AND k.participant = n.participant
        AND k.request_order = n.payload::jsonb ->> 'order')
"""


def wrong_in(admin: Connection[TupleRow], stocked: Stocked) -> list[str]:
    """Say what is wrong: with the kits that were used, and where ledger, replay and cache differ."""
    wrong = [row[0] for query in (WRONG_USE, WRONG_KIT) for row in admin.execute(query)]
    book = stocked.script.running.book
    try:
        replayed = replay(book.read())
    except RecordCorrupt as error:
        return sorted([*wrong, f"the ledger contradicts itself: {error}"])
    if replayed_stock(replayed) != cached_stock(admin):
        wrong.append("the cache is not what the ledger says")
    if replayed.cartons != stocked.script.running.door.refresh().cartons:
        wrong.append("the state at work is not what the ledger says")
    return sorted(wrong)


def walk(stocked: Stocked) -> None:
    """A fortnight of a pharmacy: doses, an excursion, a lot in doubt, a preparation given up, returns."""
    script = stocked.script
    stocked.dose("01-001")
    order = stocked.order("02-001")
    taken = stocked.take(order)
    replace_kit(script.running, script.vault, script.by("pharmacist"), "02-001", order, "the bag burst")  # type: ignore[arg-type]
    again = stocked.take(order)
    assert again.carton != taken.carton
    stocked.prepare(order, again.kit)
    stocked.check(order, again)
    stocked.give_out(order)
    script.do(
        ReportExcursion(site="01", lowest=3, highest=12, minutes=50, reason="door left open"), "nurse", site="01"
    )
    with pytest.raises(DecisionRefused, match="no kit can be given out at site 01 now"):
        stocked.take(stocked.order("01-002"))
    barred = [number for number, carton in script.trial.cartons.items() if carton.quarantined_by]
    release = ReleaseCartons(cartons=tuple(barred), reason="the maker allows an hour at 12 degrees")
    script.do(release, "pharmacist")
    stocked.take("01-002/W0")
    stocked.supply("01")
    kits = script.trial.cartons[again.carton].kits
    script.do(ReturnKits(site="02", kits=kits), "nurse", site="02")
    script.do(DestroyKits(kits=kits, witness="pharmacist.2", reason="set aside"), "pharmacist")
    quarantine_lot(script.running, script.vault, script.by("pharmacist"), "HUC-7731", "recalled")  # type: ignore[arg-type]


def test_ledger_replay_and_cache_are_one_after_all_that_can_happen(trial_at: TrialAt) -> None:
    stocked = stocked_at(trial_at)
    walk(stocked)
    assert wrong_in(trial_at.admin, stocked) == []


def test_every_kit_of_every_lot_is_somewhere_once(trial_at: TrialAt) -> None:
    stocked = stocked_at(trial_at)
    walk(stocked)
    script = stocked.script
    accounts = account_by_lot(script.running, script.vault, script.by("pharmacist"))  # type: ignore[arg-type]
    for lot, where in accounts.values():
        assert sum(where.values()) == len(lot.kits) <= lot.received
        assert min(where.values()) > 0


def test_without_its_trigger_the_cache_would_not_be_the_ledger(trial_at: TrialAt) -> None:
    stocked = stocked_at(trial_at)
    change = ("SET quarantined = true WHERE", "SET quarantined = false WHERE")
    rewrite_function(trial_at.admin, "guard.keep_stock()", change)
    (number, *_) = stocked.script.trial.cartons
    stocked.script.do(QuarantineCartons(cartons=(number,), reason="a lot is in doubt"), "pharmacist")
    assert wrong_in(trial_at.admin, stocked) == ["the cache is not what the ledger says"]


def test_many_at_once_use_what_there_is_and_no_more(trial_at: TrialAt) -> None:
    stocked = stocked_at(trial_at, 10)
    here = [who for who in stocked.script.trial.participants if who.startswith("01-")]
    orders = {who: stocked.order(who) for who in here}
    protocols, at = stocked.script.running.door.protocols, stocked.script.now()
    doors = [open_door(trial_at.server.connect("conduct"), protocols) for _ in range(2 * len(here))]

    def ask(n: int) -> str:
        who = here[n % len(here)]
        try:
            by = By("pharmacist", "pharmacist", at)
            doors[n].submit(AssignCarton(participant=who, order=orders[who]), by, f"key {n}")
        except DecisionRefused as refused:
            return str(refused)
        return "used"

    with ThreadPoolExecutor(len(doors)) as pool:
        answers = list(pool.map(ask, range(len(doors))))
    assert answers.count("used") == 3
    assert sum(answer.startswith("no kit can be given out at site 01") for answer in answers) >= 2
    assert wrong_in(trial_at.admin, stocked) == []


def test_in_a_locked_scope_no_dose_is_prepared(trial_at: TrialAt) -> None:
    stocked = stocked_at(trial_at)
    for who in ("01-001", "01-002", "02-001"):
        stocked.order(who)
    taken = stocked.take("01-002/W0")
    hold = HoldScope(scope=Scope(site="01"), locked=True)
    stocked.script.do(hold, "data manager", site="")
    label = {"participant": "01-002", "order": "01-002/W0", "bag": taken.bag, "kit": taken.kit, "volume": "100 mL"}
    locked = (
        AssignCarton(participant="01-001", order="01-001/W0"),
        NameKit(participant="01-002", order="01-002/W0", kit=taken.kit),
        SignPreparation(**label),
        CheckPreparation(**label),
        ReplaceCarton(participant="01-002", order="01-002/W0"),
    )
    assert {type(intent) for intent in locked} == set(preparation.CHAPTER.decisions)
    for intent in locked:
        with pytest.raises(DecisionRefused, match="site 01 was locked by"):
            stocked.script.do(intent, "pharmacist")
    assert stocked.take("02-001/W0")


Attack = Callable[[Connection[TupleRow], Stocked, datetime], object]


def use(connection: Connection[TupleRow], carton: str, at: datetime, who: str = "01-001") -> None:
    said = {"order": f"{who}/W0", "carton": carton}
    record_event(connection, "CartonAssigned", who, said, at, f"use {carton} at {at}")


def use_one_past_its_date(connection: Connection[TupleRow], stocked: Stocked, at: datetime) -> None:
    use(connection, unused_at(stocked, "01")[1], at + (EXPIRY - at.date()) + timedelta(days=2))


def unused_at(stocked: Stocked, site: str | None) -> list[str]:
    cartons = stocked.script.trial.cartons
    return [number for number, carton in cartons.items() if carton.site == site and carton.place != "used"]


def use_one_in_quarantine(connection: Connection[TupleRow], stocked: Stocked, at: datetime) -> None:
    use(connection, unused_at(stocked, "01")[0], at)


def name_the_other_kit(connection: Connection[TupleRow], stocked: Stocked, at: datetime) -> None:
    carton = stocked.script.trial.cartons[stocked.carton_of("01-002/W0")]
    (other,) = set(carton.kits) - {carton.kit}
    record_event(connection, "KitNamed", "01-002", {"order": "01-002/W0", "kit": other}, at, "the other kit")


ATTACKS: Mapping[str, Attack] = {
    "use one that was never packed": lambda c, _, at: use(c, "C-00000-0", at),
    "use one that is used": lambda c, s, at: use(c, s.carton_of("01-002/W0"), at),
    "use one in quarantine": use_one_in_quarantine,
    "use one of another site": lambda c, s, at: use(c, unused_at(s, "02")[0], at),
    "use one of the depot": lambda c, s, at: use(c, unused_at(s, None)[0], at),
    "name the other kit": name_the_other_kit,
    "use one past its date": use_one_past_its_date,
    "write the table oneself": lambda c, *_: c.execute("UPDATE guard.carton SET quarantined = false"),
    "write the vault's table oneself": lambda c, *_: c.execute(
        "INSERT INTO vault.chosen_kit VALUES ('C-1', 'K-1', '01-001/W0', '01-001')"
    ),
}
"""Transactions as the role of conduct; 01-002 has a kit, 01-001 has an order and none."""


def wrong_after_attacks(trial_at: TrialAt, *mutations: Callable[[Connection[TupleRow]], object]) -> list[str]:
    stocked = stocked_at(trial_at)
    stocked.order("01-001")
    stocked.take(stocked.order("01-002"))
    barred = unused_at(stocked, "01")[0]
    stocked.script.do(QuarantineCartons(cartons=(barred,), reason="a lot is in doubt"), "pharmacist")
    for mutate in mutations:
        mutate(trial_at.admin)
    by_hand = trial_at.server.connect("conduct")
    for attack in ATTACKS.values():
        with suppress(psycopg.Error), by_hand.transaction():
            attack(by_hand, stocked, stocked.script.now())
    return wrong_in(trial_at.admin, stocked)


def test_no_statement_of_the_blinded_side_uses_a_wrong_kit(trial_at: TrialAt) -> None:
    assert wrong_after_attacks(trial_at) == []


def test_without_its_guard_every_wrong_kit_could_be_used(trial_at: TrialAt) -> None:
    wrong = wrong_after_attacks(trial_at, lambda admin: drop_trigger(admin, "keep_stock", "record.event"))
    for what in ("never packed", "used 2 times", "in quarantine", "another site", "past its date", "has named"):
        assert any(what in said for said in wrong), what


def test_the_vault_names_a_kit_only_for_a_carton_that_the_record_has_given_to_the_order(
    trial_at: TrialAt,
) -> None:
    stocked = stocked_at(trial_at)
    order = stocked.order("01-001")
    (free, *_) = unused_at(stocked, "01")
    stamp = {"stamp": _stamp(stocked), "order": order, "participant": "01-001"}
    with pytest.raises(DecisionRefused, match=f"this kit must not be used for order {order}"):
        stocked.script.vault.call("pick_kit", str, carton=free, **stamp)
    drop_trigger(trial_at.admin, "require_in_use", "vault.chosen_kit")
    assert stocked.script.vault.call("pick_kit", str, carton=free, **stamp)


def test_what_the_vault_has_named_is_never_taken_back(trial_at: TrialAt) -> None:
    stocked = stocked_at(trial_at)
    stocked.take(stocked.order("01-001"))
    vault = trial_at.server.connect("vault")
    for statement in ("DELETE FROM vault.chosen_kit", "UPDATE vault.chosen_kit SET kit = 'K-1'"):
        with pytest.raises(psycopg.Error):
            vault.execute(statement.encode())
        with pytest.raises(psycopg.Error, match="is not changed"):
            trial_at.admin.execute(statement.encode())


def test_a_step_that_broke_off_goes_on_with_the_same_carton_and_kit(trial_at: TrialAt) -> None:
    stocked = stocked_at(trial_at)
    order = stocked.order("01-001")
    stocked.script.do(AssignCarton(participant="01-001", order=order), "pharmacist")
    carton = stocked.carton_of(order)
    taken = stocked.take(order, "key")
    assert taken.carton == carton
    assert stocked.take(order, "key") == stocked.take(order, "another key") == taken
    assert wrong_in(trial_at.admin, stocked) == []


def _stamp(stocked: Stocked) -> Stamp:

    return stamp_of(stocked.script.by("pharmacist"), "by hand", rehearsed=True)
