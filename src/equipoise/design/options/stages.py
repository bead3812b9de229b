"""Several arms against one control in stages: who is shown to work, when the trial ends, how many it takes.

The closed test of `statistics.sequential.closed_combination` for a batch of trials at once: each intersection of
hypotheses is tested by the inverse normal combination of its stages (Lehmacher and Wassmer, Biometrics
1999;55:1286-90; Bretz et al., Biometrical Journal 2006;48:623-34), an arm is shown when all intersections that
hold it are rejected. An arm that was dropped leaves the intersections of later stages. The statistics of the
stages are drawn as normal, without participants; a test shows trial by trial what `closed_combination` gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ...statistics.distributions import Floats
from ...statistics.multivariate import t_maximum_p

Sets = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Rules:
    """What is decided at each look.

    rates: information at each look, the last 1. upper: bounds of the combined z. test: of the intersections
    (`dunnett`, `bonferroni`, `fixed sequence`, or `none`: each arm by itself). futility: an arm is dropped if its
    cumulative z is below it. best: after the first look only the arm with the largest z goes on.
    """

    rates: tuple[float, ...]
    upper: tuple[float, ...]
    test: str
    order: tuple[int, ...] = ()
    futility: float | None = None
    best: bool = False


@dataclass(frozen=True, eq=False)
class Courses:
    """How a batch of trials went: arms shown (trials x arms), look of the end (from 1), who took part.

    enrolled: whether the control and each arm took part in a stage, trials x stages x (m + 1).
    """

    shown: NDArray[np.bool_]
    ended: NDArray[np.int64]
    enrolled: NDArray[np.bool_]

    def expected_size(self, rates: Sequence[float], sizes: Floats) -> float:
        """Find the expected number of participants; `sizes`: of the control and each arm at the last look."""
        steps = np.diff(np.asarray(rates), prepend=0.0)
        return float(np.einsum("tka,k,a->", self.enrolled, steps, sizes) / self.enrolled.shape[0])


def draw_noise(trials: int, looks: int, arms: int, rng: np.random.Generator) -> Floats:
    """Draw what chance adds to each stage of the control (first) and of each arm: trials x looks x (arms + 1)."""
    return rng.standard_normal((trials, looks, arms + 1))


def stage_statistics(drift: Floats, loadings: Floats, rates: Sequence[float], noise: Floats) -> Floats:
    """Give the z of each stage by itself, trials x looks x arms; `drift`: mean of z in a trial without looks."""
    steps = np.diff(np.asarray(rates), prepend=0.0)
    own = np.sqrt(1.0 - loadings**2) * noise[:, :, 1:]
    return drift * np.sqrt(steps)[:, None] + loadings * noise[:, :, :1] + own


def run_stages(statistics: Floats, believed: Floats, rules: Rules) -> Courses:
    """Carry out the rules in a batch of trials; `believed`: loadings of the arms on the control in the test."""
    trials, looks, arms = statistics.shape
    steps = np.diff(np.asarray(rules.rates), prepend=0.0)
    members = _intersections(arms, rules.test)
    weighted = np.zeros((trials, len(members)))
    own = np.zeros((trials, arms))
    rejected = np.zeros((trials, len(members)), dtype=bool)
    going = np.ones((trials, arms), dtype=bool)
    shown = np.zeros((trials, arms), dtype=bool)
    enrolled = np.zeros((trials, looks, arms + 1), dtype=bool)
    ended = np.full(trials, looks)
    for look in range(looks):
        enrolled[:, look, 0], enrolled[:, look, 1:] = going.any(axis=1), going
        stage = statistics[:, look]
        own += np.sqrt(steps[look]) * stage
        root = np.sqrt(rules.rates[look])
        for place, chosen in enumerate(members):
            z = _intersection_z(stage, going, chosen, believed, rules)
            weighted[:, place] += np.sqrt(steps[look]) * z
            rejected[:, place] |= weighted[:, place] >= root * rules.upper[look]
        for arm in range(arms):
            holding = [place for place, chosen in enumerate(members) if arm in chosen]
            shown[:, arm] |= going[:, arm] & rejected[:, holding].all(axis=1)
        going &= ~shown
        if rules.futility is not None and look < looks - 1:
            going &= own >= root * rules.futility
        if rules.best and look == 0:
            first = np.where(going, own, -np.inf).argmax(axis=1)
            going &= np.arange(arms) == first[:, None]
        over = ~going.any(axis=1) & (ended == looks)
        ended[over] = look + 1
    return Courses(shown, ended, enrolled)


def _intersections(arms: int, test: str) -> Sets:
    sizes = range(1, 2) if test == "none" else range(1, arms + 1)
    return tuple(chosen for size in sizes for chosen in combinations(range(arms), size))


def _intersection_z(
    stage: Floats, going: NDArray[np.bool_], chosen: tuple[int, ...], believed: Floats, rules: Rules
) -> Floats:
    """Give the z of the p of an intersection at one stage, from the arms of it that still go on."""
    z = np.full(stage.shape[0], -np.inf)
    pattern = going[:, chosen] @ (1 << np.arange(len(chosen)))
    for code in np.unique(pattern):
        present = [arm for place, arm in enumerate(chosen) if code >> place & 1]
        if not present:
            continue
        rows = pattern == code
        values = stage[rows][:, present]
        if rules.test == "fixed sequence":
            first = min(present, key=lambda arm: rules.order.index(arm) if rules.order else arm)
            z[rows] = stage[rows, first]
        elif len(present) == 1:
            z[rows] = values[:, 0]
        elif rules.test == "dunnett":
            z[rows] = _dunnett_z(values.max(axis=1), tuple(believed[present].tolist()))
        else:
            p = np.minimum(len(present) * special.ndtr(-values.max(axis=1)), 1.0 - 1e-15)
            z[rows] = -special.ndtri(p)
    return z


def _dunnett_z(largest: Floats, loadings: tuple[float, ...]) -> Floats:
    """Turn the largest z of several arms into the z of Dunnett's p, from a table, straight between points."""
    return np.interp(largest, _GRID, _dunnett_table(tuple(round(one, 6) for one in loadings)))


_GRID = np.linspace(-6.0, 9.0, 601)


@lru_cache(maxsize=256)
def _dunnett_table(loadings: tuple[float, ...]) -> Floats:
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1.0)
    p = t_maximum_p(_GRID, correlation, np.inf, two_sided=False)
    table: Floats = -special.ndtri(np.clip(p, 1e-300, 1.0 - 1e-15))
    return table
