"""The trial that this process serves: attached once, shared by all requests, one at a time at its door."""

from ...trial.running import RunningTrial

_served: list[RunningTrial] = []


def serve_trial(trial: RunningTrial) -> None:
    """Say which trial is served from now on."""
    _served[:] = [trial]


def running() -> RunningTrial:
    """Return the trial that is served."""
    return _served[0]
