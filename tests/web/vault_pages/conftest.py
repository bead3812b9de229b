"""The pages of the vault in front of a scripted trial, with its vault at hand and by the clock of its script."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import pytest
from django.test import Client
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted
from tests.invariants.stocked import Stocked, stocked_at
from tests.trial.safety.conftest import prepared as prepared_ward
from tests.web.portals import PASSWORD, Portals, put_vault_at_hand, serve

from equipoise.web.shell.settings import UNBLINDED


@dataclass(frozen=True)
class Desk:
    """The pages of the vault, and the trial behind them."""

    portals: Portals

    @property
    def script(self) -> Scripted:
        return self.portals.script

    def client(self, person: str, language: str = "en") -> Client:
        """Return a browser that is logged in at the vault."""
        return self.portals.client(person, side=UNBLINDED, language=language)

    def vault_kinds(self) -> list[str]:
        """Return the kinds of the events of the vault's own record."""
        return [event.kind for event in self.script.vault.vault.book.read()]

    def kinds(self) -> list[str]:
        """Return the kinds of the events of the trial's record."""
        return [event.kind for event in self.script.running.book.read()]

    def signed(self, **typed: str) -> dict[str, str]:
        """Return what is typed into a page, with the password."""
        return {"password": PASSWORD, **typed}


def front(script: Scripted, patch: pytest.MonkeyPatch, **given: Any) -> Desk:
    """Put the pages of the vault in front of a trial."""
    put_vault_at_hand(script, patch)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return script.by("auditor").at.astimezone(tz)

    portals = serve(script, **given)
    patch.setattr("equipoise.web.shell.here.datetime", Clock)
    return Desk(portals)


@pytest.fixture
def desk_at(trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Desk]:
    """Give the pages of the vault of a scripted trial at a stage: `desk_at("allocated", 2)`."""
    return lambda stage=None, number=0, **given: front(trial_at(stage, number), monkeypatch, **given)


@pytest.fixture
def pharmacy(trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, Stocked]:
    """The pages of the vault of the trial with kits; six participants are allocated."""
    stocked = stocked_at(trial_at, 6)
    return front(stocked.script, monkeypatch), stocked


@pytest.fixture
def ward(trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The pages of the vault of the trial that watches over safety; six participants were infused."""
    return front(trial_at.copy(*prepared_ward()), monkeypatch)
