"""The scripted trial in the middle of its work, with somebody in every role, behind both portals."""

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted
from tests.invariants.work import prepared_work
from tests.web.conftest import each_server, protocols_are_read_once, trial_at
from tests.web.portals import Portals, serve

from equipoise.conduct.quality.queries import RaiseQuery

from .people import let_everybody_in

__all__ = ["each_server", "protocols_are_read_once", "trial_at"]


def serve_for_all(script: Scripted, monkeypatch: pytest.MonkeyPatch) -> Portals:
    """Serve a trial with somebody in every role and the vault in this process; nothing is kept from before."""
    let_everybody_in(script)
    served = serve(script)
    forget_answers()
    for module in ("line", "asking", "code_break", "pharmacy.order"):
        monkeypatch.setattr(f"equipoise.web.vault_pages.{module}.vault_line", lambda: script.vault, raising=False)
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


def forget_answers() -> None:
    """Forget what was worked out for another trial."""
    from equipoise.web.shell import answers

    answers._answers.clear()
    answers._each.clear()
