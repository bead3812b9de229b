"""Nothing on the blinded pages depends on the arms: two worlds that differ in them alone look the same.

The script of the invariants is run in two worlds (tests/invariants/test_non_interference.py), and everything that
each blinded role can reach is compared byte by byte. In a third, every arm is a canary: a random word that may
stand on no page, in no header, log or download.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path

import pytest
from tests.invariants.canaries import Overheard, canaried, do_what_knows_the_arms
from tests.invariants.conftest import TrialAt, database_url
from tests.invariants.role_table import BLINDED as BLINDED_ROLES
from tests.invariants.role_table import OPEN
from tests.invariants.scanner import find
from tests.invariants.scripted import Scripted, begin, bring
from tests.invariants.test_non_interference import another_database, by_the_same_dice, differing
from tests.invariants.work import at_work
from tests.servers import running_server
from tests.web.portals import Portals

from equipoise.conduct.closing.locks import CutData
from equipoise.conduct.quality.queries import RaiseQuery
from equipoise.datasets.from_record.sdtm.exposure import masked_name
from equipoise.trial.vault_process import vault_handlers

from .conftest import serve_for_all
from .crawl import World, crawl, send_everything

ROLES = (*BLINDED_ROLES, *OPEN)
SENDS = ("coordinator", "investigator", "data manager")
KINDS = (b"application/zip", b"application/pdf")
SEEN = {"coordinator": 4, "monitor": 2, "data manager": 2}
"""How many addresses of a page are looked at, by role; one in the others."""


class Still(datetime):
    """A clock that stands still, later than all that was recorded."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime(2026, 6, 1, 4, tzinfo=tz)


@contextmanager
def world(kind: str, home: Path, *, turned: bool) -> Iterator[Scripted]:
    """Run the script in a world, and keep it open."""
    home.mkdir()
    with another_database(running_server(kind)) as server, database_url(server), by_the_same_dice(turned=turned):
        script = begin(home / "trial", flush=False)
        bring(script, 3, "infused")
        do_what_knows_the_arms(script, Overheard(vault_handlers(script.vault.vault)))
        at_work(script)
        script.do(RaiseQuery(participant="01-001", record="W0/vitals/1", item="weight", question="?"), "monitor")
        script.do(CutData(through=script.today()), "data manager")
        yield script
        script.close()


def look_around(portals: Portals) -> World:
    """Look at everything in every blinded role, then send what stands on the pages."""
    seen = World()
    for role in ROLES:
        seen |= crawl(portals, role, of_each=SEEN.get(role, 1))
    for role in SENDS:
        seen |= send_everything(portals, role, seen)
    return seen


def test_permuted_arms_change_no_byte_of_any_blinded_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    for turned in (False, True):
        with world("wheel", tmp_path / f"{turned}", turned=turned) as script:
            portals = serve_for_all(script, monkeypatch)
            monkeypatch.setattr("equipoise.web.shell.here.datetime", Still)
            seen.append(look_around(portals))
    assert len(seen[0]) > 400
    assert [place for place in seen[0] if seen[0][place].startswith(b"5")] == []
    kinds = {
        kind for kind in KINDS for place in seen[0] if place.endswith(" file") and kind in seen[0][place][:400]
    }
    assert kinds == set(KINDS), "what is made in the background is compared, too"
    assert differing(*seen) == []


def test_no_page_header_log_or_download_holds_a_canary(
    trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canaries = canaried("wheel")
    script = trial_at.copy(canaries.database, canaries.folder)
    script.do(CutData(through=script.today()), "data manager")
    portals = serve_for_all(script, monkeypatch)
    caplog.clear()
    seen = look_around(portals)
    seen["log"] = "\n".join(f"{record.name} {record.getMessage()}" for record in caplog.records).encode()
    protocol_itself = {place for place in seen if "/versions/" in place}
    assert protocol_itself, "the protocol says what arms there are; only who has which is a secret"
    products = script.running.protocol.interventions.items()
    masked = [masked_name(script.running.protocol, name, plan).encode() for name, plan in products]
    assert any(masked[0] in answer for answer in seen.values()), "whoever was given a bag was given one of all"
    for place in seen.keys() - protocol_itself:
        for name in masked:
            seen[place] = seen[place].replace(name, b"")
    found = find(canaries.words, {place: seen[place] for place in seen if place not in protocol_itself})
    assert found == [], "\n".join(found)


def test_a_page_that_told_the_arm_would_be_found(portals: Portals) -> None:
    seen = crawl(portals, "monitor", of_each=1)
    place = next(iter(seen))
    assert differing(seen, {**seen, place: seen[place] + b" "}) == [place]
    assert find(["canary_low"], {place: seen[place] + b"CANARY_low"}) == [f"canary_low in {place}"]
