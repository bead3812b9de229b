"""The scripted trial in the middle of its work, with somebody in every role, behind both portals."""

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted
from tests.invariants.work import prepared_work
from tests.web.conftest import each_server, protocols_are_read_once, trial_at
from tests.web.portals import Portals, put_vault_at_hand, serve

from equipoise.conduct.quality.queries import RaiseQuery

from .people import let_everybody_in

__all__ = ["each_server", "protocols_are_read_once", "trial_at"]


def serve_for_all(script: Scripted, monkeypatch: pytest.MonkeyPatch) -> Portals:
    """Serve a trial with somebody in every role and the vault in this process."""
    let_everybody_in(script)
    served = serve(script)
    put_vault_at_hand(script, monkeypatch)
    return served


@pytest.fixture
def portals(trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch) -> Portals:
    """Give the portals of a trial at work; one query is open."""
    name, folder, _ = prepared_work("wheel")
    script = trial_at.copy(name, folder)
    who = next(iter(script.trial.participants))
    script.do(
        RaiseQuery(participant=who, record="W0/vitals/1", item="weight", question="As on the chart?"), "monitor"
    )
    return serve_for_all(script, monkeypatch)
