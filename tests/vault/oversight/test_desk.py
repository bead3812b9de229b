"""The audit of the list by a third with both shares: silent where it holds, and it names what was exchanged."""

import msgspec
import pytest
from tests.servers import Server
from tests.vault.worlds import hold, open_vault, set_up, stamp

from equipoise.errors import DataError, DecisionRefused
from equipoise.protocol import Protocol
from equipoise.vault.ceremony.schedule import Ceremony
from equipoise.vault.events import read_said
from equipoise.vault.oversight.desk import OversightDesk
from equipoise.vault.service import Vault
from equipoise.vault.slots import read_slots

CUSTODIAN = "list custodian"


@pytest.fixture(scope="module")
def held(trial: Protocol) -> Ceremony:
    """A list as long as the protocol says, as `equipoise seal` makes it."""
    return hold(trial, length=None)


@pytest.fixture
def vault_server(database: Server, held: Ceremony) -> Server:
    return set_up(database, held)


def audit(vault: Vault, held: Ceremony, request: str = "audit") -> list[str]:
    shares = [share.text() for share in held.shares]
    return OversightDesk(vault).audit_list(stamp(request, CUSTODIAN), shares)


def test_a_list_that_follows_from_protocol_and_shares_gives_no_finding_and_an_event(
    vault_server: Server, held: Ceremony, trial: Protocol
) -> None:
    vault = open_vault(vault_server, held, trial)
    assert audit(vault, held) == []
    (event,) = vault.book.read()
    assert msgspec.to_builtins(read_said(event)) == {"slots": sum(held.sealed.places.values()), "findings": 0}


def test_slots_that_changed_places_are_named_without_an_arm(
    vault_server: Server, held: Ceremony, trial: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = open_vault(vault_server, held, trial)
    first, second, *others = read_slots(vault.connection)
    exchanged = [
        msgspec.structs.replace(first, box=second.box, commitment=second.commitment),
        msgspec.structs.replace(second, box=first.box, commitment=first.commitment),
        *others,
    ]
    monkeypatch.setattr("equipoise.vault.oversight.desk.read_slots", lambda _: exchanged)
    found = audit(vault, held)
    assert len(found) >= 2
    assert all(any(f"position {place}" in one for one in found) for place in (1, 2))
    assert not [arm for arm in trial.arms for one in found if arm in one]


def test_shares_of_another_ceremony_and_of_one_custodian_are_refused(
    vault_server: Server, held: Ceremony, trial: Protocol
) -> None:
    desk = OversightDesk(open_vault(vault_server, held, trial))
    one = held.shares[0].text()
    with pytest.raises(DataError, match="the share of custodian 1 and that of custodian 2"):
        desk.audit_list(stamp("twice the same", CUSTODIAN), [one, one])
    with pytest.raises(DecisionRefused, match="only list custodian may audit the sealed list"):
        desk.audit_list(stamp("by another", "pharmacist"), [one, one])


def test_draws_made_as_participants_come_are_drawn_again(database: Server, minimised: Protocol) -> None:
    held = hold(minimised, length=40)
    vault = open_vault(set_up(database, held), held, minimised)
    for number, (site, sex) in enumerate([("01", "F"), ("02", "M"), ("01", "M")]):
        vault.prepare_slot(stamp(f"draw {number}"), f"{site}-{number:03}", {"site": site, "sex": sex})
    assert audit(vault, held) == []


def test_the_unblinded_monitor_signs_the_accounts_once_and_nobody_else(
    vault_server: Server, held: Ceremony, trial: Protocol
) -> None:
    vault = open_vault(vault_server, held, trial)
    desk = OversightDesk(vault)
    for _ in range(2):
        desk.verify_accounts(stamp("visit of May", "unblinded monitor"), "all kits seen")
    (event,) = vault.book.read()
    assert "all kits" not in event.payload
    with pytest.raises(DecisionRefused, match="only unblinded monitor may sign"):
        desk.verify_accounts(stamp("visit of June", "pharmacist"), "all kits seen")
    with pytest.raises(DecisionRefused, match="say what was verified"):
        desk.verify_accounts(stamp("visit of July", "unblinded monitor"), " ")
