"""What a trial itself is like: how many are screened and stay, and how long it takes."""

import numpy as np

from ..analyses import Place
from ..population import VirtualTrials
from ..population.accrual import DAYS_A_MONTH
from .sums import Sums

TRIAL = Place("trial")


def summarise_trials(sums: Sums, trials: VirtualTrials, item: str, visit: str | None) -> None:
    """Add numbers of participants and months; `visit`: that of the planned outcome, None without one.

    Months count from the day on which recruitment began; trials drawn from data have none. The end is the day of
    the last visit that was drawn.
    """
    found = {"participants": np.full(trials.shape[0], float(trials.shape[1]))}
    dated = bool(trials.entry.any())
    if dated:
        found |= {
            "screened": trials.screened.astype(float),
            "months_to_last_entry": trials.entry[:, -1] / DAYS_A_MONTH,
            "months_to_last_visit": _months(trials, len(trials.visits) - 1),
        }
    found["left"] = 1.0 - trials.completed.mean(axis=1)
    for name, days in trials.events.items():
        found[f"had_{name}"] = np.isfinite(days).mean(axis=1)
    if visit is not None:
        place = trials.visit(visit)
        found["seen_at_planned_visit"] = np.isfinite(trials.observed(item)[..., place]).mean(axis=1)
        if dated:
            found["months_to_planned_outcome"] = _months(trials, place)
    sums.add(TRIAL, found)


def _months(trials: VirtualTrials, place: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    last = (trials.entry + trials.days[..., place]).max(axis=1)
    return np.asarray(last / DAYS_A_MONTH)
