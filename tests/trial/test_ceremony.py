"""The ceremony in the database of a trial: once, with the right people; a third can make the list again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.rewind import Rewind, rewinding
from tests.invariants.scripted import HOLDERS, SECRETS, SITES, START, TRIAL, Scripted, let_in

from equipoise.conduct.organisation.sites import OpenSite
from equipoise.errors import DataError, DecisionRefused
from equipoise.record import Server
from equipoise.trial.ceremony import seal_list
from equipoise.trial.running import begin_trial
from equipoise.trial.vault_process import open_vault
from equipoise.vault.ceremony.holders import read_key, unwrap_key
from equipoise.vault.ceremony.schedule import audit_boxes, audit_schedule
from equipoise.vault.ceremony.shares import join_shares
from equipoise.vault.slots import read_slots


@pytest.fixture
def unsealed(database: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rewind]:
    """A trial with its sites and the people of the ceremony, whose list was not sealed yet."""
    monkeypatch.setenv("DATABASE_URL", database.admin_url)
    names = {"sponsor": "sponsor", "administrator": "administrator"}
    running = begin_trial(tmp_path / "trial", str(TRIAL), **names, mode="rehearsal", at=START, flush=False)
    script = Scripted(running, START)
    for site, zone in SITES.items():
        script.do(OpenSite(site=site, name=f"Hospital {site}", country="CHN", zone=zone), "administrator")
    let_in(script, "custodian", "list custodian")
    for holder, _ in HOLDERS:
        let_in(script, holder, "key holder")
    let_in(script, "nurse.01", "nurse", "01")
    with rewinding(script, database) as kept:
        yield kept
    script.close()


def seal(script: Scripted, custodian: str = "custodian", holders: tuple[tuple[str, str], ...] = HOLDERS) -> object:
    by = script.by("list custodian")
    return seal_list(script.running, custodian, holders, at=by.at, cost="minimal")


def test_the_list_is_sealed_announced_and_can_be_made_again_from_both_shares(unsealed: Rewind) -> None:
    script = unsealed.script
    first, second = seal(script)
    levels = {"site": tuple(SITES)}
    with script.running.server.connect("vault") as connection:
        slots = read_slots(connection)
    assert audit_schedule(slots, script.running.protocol, join_shares(first, second), levels=levels) == []
    file = script.running.folder.vault_key
    key = unwrap_key(read_key(file.read_text(encoding="utf-8")), SECRETS)
    assert audit_boxes(slots, key) == []
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert set(script.trial.places) == {f"site={site}" for site in SITES}
    assert sum(script.trial.places.values()) == len(slots)
    assert script.trial.list_hash is not None
    vault = open_vault(script.folder, SECRETS)
    assert vault.ceremony.numbers_hash == script.trial.list_hash, "what is announced knows no arm"
    vault.connection.close()


def test_a_list_is_sealed_once(trial_at: TrialAt) -> None:
    script = trial_at()
    key = script.running.folder.vault_key.read_text()
    with pytest.raises(DataError, match="has a sealed list already, which is never replaced"):
        seal(script)
    assert script.running.folder.vault_key.read_text() == key


@pytest.mark.parametrize(
    ("custodian", "holders", "says"),
    [
        ("nurse.01", HOLDERS, "is not list custodian"),
        ("custodian", (("nurse.01", SECRETS[0]), HOLDERS[1]), "must have the role key holder"),
        ("custodian", (HOLDERS[0], ("nobody", SECRETS[1])), "must have the role key holder"),
    ],
)
def test_people_without_the_role_hold_no_ceremony_and_leave_nothing(
    unsealed: Rewind, custodian: str, holders: tuple[tuple[str, str], ...], says: str
) -> None:
    before = unsealed.stored()
    with pytest.raises(DecisionRefused, match=says):
        seal(unsealed.script, custodian, holders)
    assert unsealed.stored() == before
    assert not unsealed.script.running.folder.vault_key.exists()


def test_a_list_by_site_needs_its_sites_first(unsealed: Rewind) -> None:
    unsealed.script.trial.sites.clear()
    before = unsealed.stored()
    with pytest.raises(DataError, match="let the sites join the trial before the list is sealed"):
        seal(unsealed.script)
    assert unsealed.stored() == before
