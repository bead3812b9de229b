"""The kits of a walked trial: the record held against what the staff counted, and against the vault's own."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.simulation.rehearsal.conftest import Told

from equipoise.conduct.closing.checklist import checklist
from equipoise.conduct.door.state import Infusion
from equipoise.conduct.supply.ledger import MISSING, account
from equipoise.errors import RecordCorrupt
from equipoise.record import Event
from equipoise.trial.opened import Disclosed, opened_of
from equipoise.trial.supply.agreement import check_kits
from equipoise.trial.verify import replay

REFUSED = {
    "a kit of another site": "must not be used",
    "a kit past its date": "must not be used",
    "a kit in quarantine": "must not be used",
    "another kit of the carton": "must not be used",
    "one person signing both preparation and check": "ask a colleague to read the label",
    "a release by the one who barred": "another person than the one who put them",
}


@pytest.fixture(scope="module")
def told(once: Callable[[str], Told]) -> Told:
    """The walk of the trial that is given from kits."""
    return once("kits")


def said(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.payload)
    return found


def doses(told: Told) -> list[tuple[str, Infusion]]:
    people = told.trial.participants.values()
    return [(person.id, one) for person in people for one in person.infusions.values() if one.bag is not None]


def test_each_dose_is_a_bag_from_a_kit_of_its_own(told: Told) -> None:
    counts, given = told.counts, doses(told)
    bags, kits, cartons = ({getattr(one, name) for _, one in given} for name in ("bag", "kit", "carton"))
    assert len(bags) == len(kits) == len(cartons) == len(given) == counts["bags given out"] > 10
    assert len(given) == counts["doses signed by two"] == len(told.of("PreparationChecked"))
    assert counts["preparations given up"] == len(told.of("CartonReplaced")) > 0
    assert counts["cartons used"] == len(given) + counts["preparations given up"] == len(told.of("CartonAssigned"))


def test_who_has_prepared_a_dose_has_never_checked_it(told: Told) -> None:
    prepared = {said(event)["order"]: event.actor for event in told.of("PreparationSigned")}
    checked = {said(event)["order"]: event for event in told.of("PreparationChecked")}
    assert prepared.keys() == checked.keys() == {one.order for _, one in doses(told)}
    assert all(checked[order].actor != person for order, person in prepared.items())
    assert {event.role for event in checked.values()} == {"nurse", "pharmacist"}
    assert len(set(prepared.values())) == 2


def test_a_carton_is_used_only_where_it_is_before_its_date_and_out_of_quarantine(told: Told) -> None:
    where: dict[str, str] = {}
    dates: dict[str, date] = {}
    barred: set[str] = set()
    used: set[str] = set()
    travels: dict[str, tuple[str, list[str]]] = {}
    for event in told.events:
        fact = said(event)
        match event.kind:
            case "CartonsPacked":
                dates |= {one["carton"]: date.fromisoformat(one["use_by"]) for one in fact["cartons"]}
            case "ShipmentSent":
                assert not barred & set(fact["cartons"]) and not where.keys() & set(fact["cartons"])
                travels[fact["shipment"]] = (str(event.site), fact["cartons"])
            case "ShipmentReceived":
                site, cartons = travels.pop(fact["shipment"])
                where |= dict.fromkeys(cartons, site)
            case "CartonsQuarantined":
                barred |= set(fact["cartons"])
            case "CartonsReleased":
                barred -= set(fact["cartons"])
            case "CartonAssigned":
                carton = fact["carton"]
                assert where[carton] == event.site
                assert event.at.astimezone(ZoneInfo(event.zone)).date() <= dates[carton]
                assert carton not in barred | used
                used.add(carton)
    assert travels == {}
    assert len(used) == told.counts["cartons used"]


def test_shipments_were_counted_one_was_too_warm_and_a_store_was_released_by_somebody_else(told: Told) -> None:
    counts, received = told.counts, [said(event) for event in told.of("ShipmentReceived")]
    assert counts["shipments sent"] == counts["shipments received"] == len(received)
    assert sum(one["highest"] > 8 for one in received) == counts["journeys too warm"] == 1
    assert sum(len(one.get("damaged", ())) for one in received) == counts["kits damaged on arrival"] == 1
    assert counts["excursions of a store"] == len(told.of("ExcursionReported")) == 1
    (released,) = told.of("CartonsReleased")
    barring = [event for event in told.of("CartonsQuarantined") if event.sequence < released.sequence][-1]
    assert set(said(barring)["cartons"]) == set(said(released)["cartons"])
    assert barring.actor != released.actor


def test_what_was_too_warm_on_its_way_went_back_unused(told: Told) -> None:
    (warm,) = (said(event) for event in told.of("ShipmentReceived") if said(event)["highest"] > 8)
    for carton in told.trial.shipments[warm["shipment"]].cartons:
        known = told.trial.cartons[carton]
        assert known.order is None
        assert known.place == "stock"
        assert set(known.gone) == set(known.kits)


def test_every_kit_is_accounted_for_before_the_lock(told: Told) -> None:
    lines = account(told.trial)
    assert len(lines) == told.counts["kits packed"] == len({line.kit for line in lines})
    assert {line.state for line in lines} <= {"destroyed", MISSING}
    (locked,), destroyed = told.of("TrialLocked"), told.of("KitsDestroyed")
    assert all(event.sequence < locked.sequence for event in destroyed)
    assert all(said(event)["witness"] != event.actor for event in destroyed)
    points = said(locked)["checklist"]
    assert {name for name in points if "kits" in name or "shipments" in name or "preparations" in name} == {
        "kits at the sites not accounted for",
        "shipments on the way",
        "preparations neither checked nor given up",
    }


def test_before_kits_come_back_the_lock_waits_for_them(told: Told) -> None:
    last = told.of("BagIssued")[-1].sequence
    trial = replay(told.events[:last])
    points = checklist(told.protocol, trial, told.events[last - 1].at.date())
    assert points["kits at the sites not accounted for"] > 2 * points["shipments on the way"] >= 0
    assert points["preparations neither checked nor given up"] == 0


@pytest.mark.parametrize("what", REFUSED)
def test_a_wrong_kit_and_a_person_alone_were_refused(told: Told, what: str) -> None:
    assert told.counts[f"refused: {what}"] > 0
    assert REFUSED[what] in told.refusals[what]


def test_both_records_say_the_same_and_every_dose_is_of_its_arm(told: Told) -> None:
    assert check_kits(told.trial, told.vault, told.disclosed) == len(doses(told))
    arms = {slot.participant: slot.arm for slot in told.disclosed.slots}
    opened = {kit.order: kit for kit in told.disclosed.kits}
    for participant, infusion in doses(told):
        kit = opened[infusion.order]
        assert arms[participant] in kit.arms
        assert kit.drawn is not None
        assert (kit.drawn.drawn > 0) == (arms[participant] == "active")
    assert len({kit.lot for kit in opened.values()}) > 2
    assert {dose.lot for dose in opened_of(told.disclosed).doses} == {kit.lot for kit in opened.values()}


def without(told: Told, kind: str) -> list[Event]:
    last = [event for event in told.vault if event.kind == kind][-1]
    return [event for event in told.vault if event is not last]


@pytest.mark.parametrize("kind", ["CartonsMade", "KitChosen", "DosePrepared"])
def test_an_event_of_the_vault_that_is_gone_is_found(told: Told, kind: str) -> None:
    with pytest.raises(RecordCorrupt, match="say different things"):
        check_kits(told.trial, without(told, kind), told.disclosed)


def with_kits(disclosed: Disclosed, **other: Any) -> Disclosed:
    kits = (msgspec.structs.replace(disclosed.kits[0], **other), *disclosed.kits[1:])
    return msgspec.structs.replace(disclosed, kits=kits)


def test_a_kit_of_another_arm_and_a_kit_that_was_exchanged_are_found(told: Told) -> None:
    arms = {"active", "placebo"} - set(told.disclosed.kits[0].arms)
    with pytest.raises(RecordCorrupt, match="another arm"):
        check_kits(told.trial, told.vault, with_kits(told.disclosed, arms=tuple(arms)))
    with pytest.raises(RecordCorrupt, match="say different things of order"):
        check_kits(told.trial, told.vault, with_kits(told.disclosed, kit="K-000000-0"))
    doses = tuple(msgspec.structs.replace(dose, bag="B-000000-0") for dose in told.disclosed.doses)
    with pytest.raises(RecordCorrupt, match="say different things of bag"):
        check_kits(told.trial, told.vault, msgspec.structs.replace(told.disclosed, doses=doses))


def test_a_trial_without_kits_has_none_to_compare(once: Callable[[str], Told]) -> None:
    plain = once("blinded")
    assert check_kits(plain.trial, plain.vault, plain.disclosed) == 0
    assert not any("kit" in what for what in Counter(plain.counts))
