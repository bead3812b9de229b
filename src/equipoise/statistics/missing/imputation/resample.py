"""Bootstrap samples of participants, as counts: how often each was drawn."""

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes


def draw_bootstrap_counts(stratum: Codes, samples: int, rng: np.random.Generator) -> Floats:
    """Draw `samples` of all participants with replacement, within each `stratum` (N): counts (samples x N)."""
    counts = np.zeros((samples, stratum.size))
    for code in np.unique(stratum):
        members = np.flatnonzero(stratum == code)
        even = np.full(members.size, 1.0 / members.size)
        counts[:, members] = rng.multinomial(members.size, even, size=samples)
    return counts
