"""When participants enter: sites are open from the start, and each enrols at its rate (a Poisson process)."""

import numpy as np

from ...protocol.model import Assumptions
from .trials import Integers

DAYS_A_MONTH = 30.4375


def draw_entry(rng: np.random.Generator, given: Assumptions, shape: tuple[int, int]) -> Integers:
    """Draw the calendar day of each participant's study day 1, in order, from the start of recruitment."""
    sites = given.sites
    rate = sites.participants_per_month * sites.count if sites else 1.0
    return np.floor(np.cumsum(rng.exponential(DAYS_A_MONTH / rate, shape), axis=1)).astype(np.int64)


def draw_sites(rng: np.random.Generator, given: Assumptions, shape: tuple[int, int]) -> tuple[Integers, int]:
    """Draw the site of each participant, all alike, and return their number."""
    count = given.sites.count if given.sites else 1
    return rng.integers(0, count, shape), count


def draw_screened(rng: np.random.Generator, given: Assumptions, tried: Integers, enrolled: int) -> Integers:
    """Draw how many were screened, when `tried` persons had to be looked at for the counts alone.

    The assumed share of failures is of all reasons; what the counts explain is part of it, the rest is drawn.
    """
    failure = given.screen_failure or 0.0
    by_counts = 1.0 - enrolled * len(tried) / float(tried.sum())
    rest = 1.0 - (1.0 - failure) / (1.0 - by_counts)
    return tried + rng.negative_binomial(tried, 1.0 - rest) if rest > 0 else tried
