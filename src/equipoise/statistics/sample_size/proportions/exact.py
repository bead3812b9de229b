"""Exact power: Fisher's and Boschloo's tests of two proportions, the binomial test of one.

Every outcome is enumerated. Fisher: given the number of responses in all, the outcomes at most as likely as the
one seen (two-sided, as in R and SAS) or as far in one direction. Boschloo (Statistica Neerlandica 1970;24:1-35):
Fisher's p with the largest limit whose size, at its maximum over the common proportion on a grid of 999 values,
stays within the level. Power counts every rejection. It rises with n in a saw-tooth; the size given is the first
with the power wanted, searched upwards from a size whose power is clearly below it. Checked against R.
"""

from collections.abc import Callable
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from equipoise.errors import EstimationFailed
from equipoise.statistics.distributions import Floats, normal_upper_p
from equipoise.statistics.sample_size.proportions.two_proportions import (
    ARMS,
    power_proportions,
    solve_from_proportion,
)
from equipoise.statistics.sample_size.result import (
    Direction,
    Question,
    SampleSize,
    require_one_of,
    require_positive,
    require_share,
    round_up,
    solve,
)

ExactMethod = Literal["fisher", "boschloo"]
OneMethod = Literal["exact", "normal", "arcsine"]
# as R and SAS do, probabilities that differ by less than this are taken as equal
TIE = 1e-7
LARGEST_ARM = 20_000
Integers = NDArray[np.int64]


def power_exact_proportions(
    proportion: float | None = None,
    control: float = 0.5,
    *,
    n: float | tuple[float, float] | None = None,
    power: float | None = None,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    direction: Direction = "above",
    method: ExactMethod = "fisher",
) -> SampleSize:
    """Relate sample size, exact power and `proportion` with treatment, given that in `control` (both 0-1).

    `method`: `fisher`, or `boschloo` (unconditional, more powerful, slower). `n`, the total or a size for
    treatment and control, is rounded up arm by arm before the power is taken; `ratio` is treatment to control.
    Otherwise as `power_proportions`.
    """
    require_one_of("method", method, ExactMethod)
    require_one_of("direction", direction, Direction)
    require_share("control", control)
    require_positive("ratio", ratio)
    if proportion is not None:
        require_share("proportion", proportion)
    question = Question(n, power, proportion, alpha, sides)
    title = f"two proportions, exact test of {method.capitalize()}"

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        return exact_power((effect, control), (round_up(sizes[0]), round_up(sizes[1])), alpha, sides, method)

    if n is None and proportion is not None and power is not None:
        start = power_proportions(proportion, control, power=power, ratio=ratio, alpha=alpha, sides=sides)

        def at(size: int) -> float:
            return curve((ratio * size, float(size)), proportion)

        size = first_size(at, power, ceil(start.per_arm[1]))
        per_arm = (ratio * size, float(size))
        whole = (round_up(per_arm[0]), size)
        reached = at(size)
        return SampleSize(title, "n", ARMS, per_arm, whole, reached, reached, proportion, alpha, sides)
    return solve_from_proportion(question, curve, title, ratio, control, direction)


def exact_power(
    proportions: tuple[float, float], sizes: tuple[int, int], alpha: float, sides: int, method: ExactMethod
) -> float:
    """Probability that the test rejects at two true proportions with these whole sizes."""
    first, second = (binomial_pmf(np.arange(n + 1), n, p) for n, p in zip(sizes, proportions, strict=True))
    if method == "boschloo":
        p = _fisher_p(sizes, np.arange(sum(sizes) + 1), sides, proportions[0] < proportions[1])
        rejected = p <= _boschloo_limit(p, sizes, alpha)
        return float(first @ rejected @ second)
    totals = np.convolve(first, second)
    likely = np.flatnonzero(totals > 1e-18)
    p = _fisher_p(sizes, likely, sides, proportions[0] < proportions[1])
    return float(first @ (p <= alpha) @ second)


def power_one_proportion(
    proportion: float | None = None,
    null: float = 0.5,
    *,
    n: float | None = None,
    power: float | None = None,
    alpha: float = 0.05,
    sides: int = 2,
    direction: Direction = "above",
    method: OneMethod = "exact",
) -> SampleSize:
    """Relate the number of participants `n`, power and a `proportion`, compared with `null` (both 0-1).

    `exact`: the binomial test, alpha / 2 in each tail if two-sided (SAS ONESAMPLEFREQ TEST=EXACT); the size is the
    first with the power wanted. `normal`: variance of the hypothesis in the test, of the alternative in the power.
    `arcsine`: Cohen's h. Otherwise as `power_proportions`.
    """
    require_one_of("method", method, OneMethod)
    require_one_of("direction", direction, Direction)
    require_share("null", null)
    if proportion is not None:
        require_share("proportion", proportion)
    question = Question(n, power, proportion, alpha, sides)
    title = f"one proportion, {method}"

    def curve(sizes: tuple[float, ...], effect: float) -> float:
        root = float(np.sqrt(sizes[0]))
        if method == "exact":
            return _binomial_power(round_up(sizes[0]), effect, null, question)
        if method == "arcsine":
            distance = 2.0 * abs(float(np.arcsin(np.sqrt(effect)) - np.arcsin(np.sqrt(null))))
            return float(normal_upper_p(question.critical - distance * root))
        wide, narrow = np.sqrt(null * (1.0 - null)), np.sqrt(effect * (1.0 - effect))
        return float(normal_upper_p((question.critical * wide - abs(effect - null) * root) / narrow))

    if method == "exact" and n is None and proportion is not None and power is not None:
        start = power_one_proportion(
            proportion, null, power=power, alpha=alpha, sides=sides, method="normal", direction=direction
        )
        size = first_size(lambda m: curve((float(m),), proportion), power, start.n_whole)
        reached = curve((float(size),), proportion)
        return SampleSize(
            title, "n", ("all",), (float(size),), (size,), reached, reached, proportion, alpha, sides
        )
    return solve(
        question,
        curve,
        method=title,
        arms=("all",),
        allocation=(1.0,),
        fewest=1.0,
        null=null,
        farthest=1.0 if direction == "above" else 0.0,
    )


def first_size(power_at: Callable[[int], float], power: float, start: int) -> int:
    """Find the first whole size with the `power`, upwards from one whose power is clearly below it."""
    size = max(start, 1)
    # the teeth of the saw are about 1 / root(n) high
    while size > 1 and power_at(size) > power - min(0.05, 0.5 / size**0.5):
        size = min(size - 1, int(size * 0.95))
    while power_at(size) < power:
        size += 1
        if size > LARGEST_ARM:
            raise EstimationFailed(
                f"no arm of up to {LARGEST_ARM} participants has the power wanted by an exact test; take a normal "
                f"approximation. Got power {power_at(size):.3g} there"
            )
    return size


def binomial_pmf(x: Integers, n: int, p: float | Floats) -> Floats:
    """Probabilities of `x` responses among `n`."""
    choose = special.gammaln(n + 1.0) - special.gammaln(x + 1.0) - special.gammaln(n - x + 1.0)
    return np.exp(choose + special.xlogy(x, p) + special.xlog1py(n - x, -p))  # type: ignore[no-any-return]


def _fisher_p(sizes: tuple[int, int], totals: Integers, sides: int, below: bool) -> Floats:
    """Give p of every outcome (responses in arm 1 x in arm 2); 1 where the total is not among `totals`."""
    n1, n2 = sizes
    p = np.ones((n1 + 1, n2 + 1))
    log_first, log_second = (
        special.gammaln(n + 1.0)
        - special.gammaln(np.arange(n + 1) + 1.0)
        - special.gammaln(n - np.arange(n + 1) + 1.0)
        for n in sizes
    )
    for total in totals:
        x1 = np.arange(max(0, int(total) - n2), min(n1, int(total)) + 1)
        log_share = log_first[x1] + log_second[total - x1]
        share = np.exp(log_share - log_share.max())
        share /= share.sum()
        if sides == 1:
            tail = np.cumsum(share) if below else np.cumsum(share[::-1])[::-1]
        else:
            order = np.sort(share)
            tail = np.cumsum(order)[np.searchsorted(order, share * (1.0 + TIE), side="right") - 1]
        p[x1, total - x1] = tail
    return p


def _boschloo_limit(p: Floats, sizes: tuple[int, int], alpha: float) -> float:
    """Largest p of Fisher whose rejections stay within `alpha` at every common proportion of the grid."""
    grid = np.arange(1, 1000)[:, None] / 1000.0
    first, second = (binomial_pmf(np.arange(n + 1)[None, :], n, grid) for n in sizes)
    values = np.unique(p)
    # values that differ only by rounding reject together
    values = values[np.append(np.diff(values) > 1e-12 * values[1:], True)]
    low, high = -1, values.size - 1
    while low < high:
        middle = (low + high + 1) // 2
        size = np.einsum("gi,gi->g", first @ (p <= values[middle]), second).max()
        low, high = (middle, high) if size <= alpha else (low, middle - 1)
    return float(values[low]) if low >= 0 else -1.0


def _binomial_power(n: int, proportion: float, null: float, question: Question) -> float:
    counts = np.arange(n + 1)
    under_null, under_truth = binomial_pmf(counts, n, null), binomial_pmf(counts, n, proportion)
    level = question.level * (1.0 + TIE)
    upper = np.cumsum(under_null[::-1])[::-1] <= level
    lower = np.cumsum(under_null) <= level
    one_side = upper if proportion > null else lower
    rejected = upper | lower if question.sides == 2 else one_side
    return float(under_truth[rejected].sum())
