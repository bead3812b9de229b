"""The scripted trial of the invariants, on the server of the wheel."""

from tests.trial.conftest import each_server, protocols_are_read_once, trial_at

__all__ = ["each_server", "protocols_are_read_once", "trial_at"]
