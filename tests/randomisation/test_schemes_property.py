"""What must hold of every scheme: draws follow the exact probabilities, strata are apart, limits are kept."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import chdtrc

from equipoise.errors import DataError
from equipoise.randomisation import (
    BiasedCoin,
    BigStick,
    BlockUrn,
    Complete,
    MaximalProcedure,
    Minimisation,
    PermutedBlocks,
    RandomAllocationRule,
    Scheme,
    StratumScheme,
    Urn,
    enumerate_sequences,
    no_factors,
)

TWO, THREE = (1, 1), (1, 1, 1)
EVERY: list[Scheme] = [
    Complete((1, 2)),
    RandomAllocationRule(THREE, size=6),
    PermutedBlocks(THREE, sizes=(3,)),
    PermutedBlocks(TWO, sizes=(2, 4)),
    PermutedBlocks((1, 2), sizes=(3, 6)),
    BiasedCoin(TWO),
    BiasedCoin((2, 1, 1), probability=0.6),
    BigStick(TWO, limit=2),
    Urn((1, 2)),
    BlockUrn((2, 1), size=6),
    MaximalProcedure(TWO, size=6, limit=2),
    Minimisation(TWO, probability=0.9),
    Minimisation(THREE, probability=0.6, measure="variance"),
    Minimisation((1, 2), probability=0.7, unequal="scaled counts"),
]
anything = pytest.mark.parametrize("scheme", EVERY, ids=lambda s: f"{s.method} {s.ratio}")


def chi_square_p(observed: np.ndarray, expected: np.ndarray) -> float:
    """Tail of Pearson's chi-square, cells of expectation below 5 put together."""
    small = expected < 5
    if small.any():
        observed = np.append(observed[~small], observed[small].sum())
        expected = np.append(expected[~small], expected[small].sum())
    return float(chdtrc(len(expected) - 1, ((observed - expected) ** 2 / expected).sum()))


@anything
def test_draws_follow_the_exact_probabilities(scheme: Scheme) -> None:
    levels = np.array([[0, 0], [1, 0], [0, 1], [0, 0], [1, 1], [0, 0]])
    sequences, chances = enumerate_sequences(scheme, levels)
    assert chances.sum() == pytest.approx(1.0, abs=1e-12)
    trials = 8_000
    drawn = scheme.draw(np.random.default_rng(8), np.broadcast_to(levels, (trials, 6, 2)))
    codes = scheme.arms ** np.arange(5, -1, -1)
    found, counts = np.unique(drawn @ codes, return_counts=True)
    known = sequences @ codes
    assert np.isin(found, known).all()
    observed = np.zeros(len(known))
    observed[np.searchsorted(known, found)] = counts
    assert chi_square_p(observed, trials * chances) > 1e-3


@anything
def test_probabilities_add_up_and_no_arm_is_given_that_has_none(scheme: Scheme) -> None:
    rng = np.random.default_rng(2)
    levels = rng.integers(0, 2, (50, 6, 1))
    drawn = scheme.draw(rng, levels)
    chances = scheme.probabilities(drawn, levels)
    assert chances.shape == (50, 6, scheme.arms)
    assert chances.sum(axis=2) == pytest.approx(1.0)
    assert (chances[np.arange(50)[:, None], np.arange(6), drawn] > 0).all()
    to_come = scheme.probabilities(drawn[:, :-1], levels)
    assert (to_come == chances).all()


@anything
def test_trials_of_a_batch_do_not_touch_each_other(scheme: Scheme) -> None:
    rng = np.random.default_rng(5)
    levels = rng.integers(0, 3, (20, 6, 2))
    drawn = scheme.draw(rng, levels)
    together = scheme.probabilities(drawn, levels)
    for trial in range(20):
        alone = scheme.probabilities(drawn[trial : trial + 1], levels[trial : trial + 1])
        assert alone[0] == pytest.approx(together[trial], abs=1e-14)


@pytest.mark.parametrize("scheme", [s for s in EVERY if isinstance(s, StratumScheme)], ids=lambda s: s.method)
def test_a_stratum_goes_on_as_if_there_were_no_other(scheme: StratumScheme) -> None:
    rng = np.random.default_rng(3)
    levels = rng.integers(0, 2, (30, 6, 2))
    drawn = scheme.draw(rng, levels)
    chances = scheme.probabilities(drawn, levels)
    for trial in range(30):
        for stratum in np.unique(levels[trial], axis=0):
            inside = (levels[trial] == stratum).all(axis=1)
            alone = scheme.probabilities(drawn[trial, inside][None], no_factors(1, int(inside.sum())))
            assert alone[0] == pytest.approx(chances[trial, inside], abs=1e-14)


@anything
def test_one_seed_gives_one_allocation(scheme: Scheme) -> None:
    levels = no_factors(3, 6)
    one, two = (scheme.draw(np.random.default_rng(4), levels) for _ in range(2))
    assert one.dtype == np.int64
    assert (one == two).all()


@given(st.integers(0, 10_000), st.sampled_from([(1, 1), (1, 2), (1, 1, 1), (3, 1, 2)]), st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_blocks_hold_the_ratio_in_every_stratum(seed: int, ratio: tuple[int, ...], times: int) -> None:
    rng = np.random.default_rng(seed)
    scheme = PermutedBlocks(ratio, sizes=(sum(ratio), sum(ratio) * (times + 1)))
    levels = rng.integers(0, 3, (2, 40, 1))
    drawn, blocks = scheme.draw_blocks(rng, levels)
    for trial in range(2):
        for stratum in range(3):
            inside = levels[trial, :, 0] == stratum
            numbers = blocks[trial, inside]
            assert (np.diff(numbers) >= 0).all()
            for block in np.unique(numbers)[:-1]:
                arms = np.bincount(drawn[trial, inside][numbers == block], minlength=len(ratio))
                assert (arms * ratio[0] == arms[0] * np.array(ratio)).all()


def test_sizes_of_random_blocks_are_equally_likely() -> None:
    scheme = PermutedBlocks(TWO, sizes=(2, 4, 6))
    _, blocks = scheme.draw_blocks(np.random.default_rng(1), no_factors(3000, 6))
    first = (blocks == 1).sum(axis=1)
    assert chi_square_p(np.bincount(first)[[2, 4, 6]].astype(float), np.full(3, 1000.0)) > 1e-3


@pytest.mark.parametrize(
    ("scheme", "limit"),
    [
        (BigStick(TWO, limit=3), 3),
        (MaximalProcedure(TWO, size=60, limit=2), 2),
        (BlockUrn(TWO, size=6), 3),
        (PermutedBlocks(TWO, sizes=(8,)), 4),
    ],
    ids=lambda value: getattr(value, "method", value),
)
def test_the_limit_is_reached_and_never_passed(scheme: Scheme, limit: int) -> None:
    drawn = scheme.draw(np.random.default_rng(6), no_factors(500, 60))
    difference = np.abs(np.cumsum(1 - 2 * drawn, axis=1))
    assert difference.max() == limit


def test_lists_end_in_the_planned_numbers() -> None:
    rng = np.random.default_rng(7)
    rule = RandomAllocationRule((1, 2, 3), size=60).draw(rng, no_factors(200, 60))
    assert (np.stack([(rule == arm).sum(axis=1) for arm in range(3)]).T == [10, 20, 30]).all()
    maximal = MaximalProcedure(TWO, size=60, limit=3).draw(rng, no_factors(200, 60))
    assert (maximal.sum(axis=1) == 30).all()


def test_the_allocation_rule_is_hypergeometric_half_way() -> None:
    drawn = RandomAllocationRule(TWO, size=20).draw(np.random.default_rng(9), no_factors(20_000, 20))
    half = np.bincount(drawn[:, :10].sum(axis=1), minlength=11)
    expected = np.array([comb(10, k) * comb(10, 10 - k) / comb(20, 10) for k in range(11)])
    assert chi_square_p(half.astype(float), 20_000 * expected) > 1e-3


@pytest.mark.parametrize("chance", [2 / 3, 0.8])
def test_efrons_coin_has_his_stationary_imbalance(chance: float) -> None:
    """After an even number: P(D = 0) = (r - 1) / r, P(|D| = 2j) = (r^2 - 1) / r^(2j + 1), r = p / (1 - p)."""
    n, trials = 100, 10_000
    drawn = BiasedCoin(TWO, probability=chance).draw(np.random.default_rng(10), no_factors(trials, n))
    difference = np.abs(n - 2 * drawn.sum(axis=1)) // 2
    r = chance / (1 - chance)
    steps = np.arange(1, 40)
    expected = np.concatenate([[(r - 1) / r], (r**2 - 1) / r ** (2 * steps + 1)])
    assert expected.sum() == pytest.approx(1.0, abs=1e-6)
    observed = np.bincount(difference, minlength=40).astype(float)
    assert chi_square_p(observed, trials * expected) > 1e-3


def test_the_big_stick_follows_its_markov_chain() -> None:
    n, trials, limit = 31, 20_000, 3
    states = np.arange(-limit, limit + 1)
    move = np.zeros((7, 7))
    for at, d in enumerate(states):
        if abs(d) < limit:
            move[at, [at - 1, at + 1]] = 0.5
        else:
            move[at, at - int(np.sign(d))] = 1.0
    exact = np.linalg.matrix_power(move, n)[limit]
    drawn = BigStick(TWO, limit=limit).draw(np.random.default_rng(12), no_factors(trials, n))
    observed = np.bincount(n - 2 * drawn.sum(axis=1) + limit, minlength=7).astype(float)
    possible = exact > 0
    assert observed[~possible].sum() == 0
    assert chi_square_p(observed[possible], trials * exact[possible]) > 1e-3


def test_weis_urn_has_its_variance() -> None:
    """E D^2 after n + 1 is 1 + (1 - 2 b / (2 w + b n)) E D^2 after n, w balls at the start and b added."""
    n, trials, start, added = 40, 20_000, 2, 3
    drawn = Urn(TWO, initial=start, other=added).draw(np.random.default_rng(13), no_factors(trials, n))
    square = 0.0
    for done in range(n):
        square = 1 + (1 - 2 * added / (2 * start + added * done)) * square
    difference = (n - 2 * drawn.sum(axis=1)).astype(float)
    error = (difference**2).std() / np.sqrt(trials)
    assert (difference**2).mean() == pytest.approx(square, abs=4 * error)


@pytest.mark.parametrize(
    "scheme",
    [s for s in EVERY if s.method != "minimisation"] + [BiasedCoin((1, 3), probability=0.8), Urn((2, 1, 2))],
    ids=lambda s: f"{s.method} {s.ratio}",
)
def test_the_first_arm_is_drawn_in_the_ratio(scheme: Scheme) -> None:
    first = scheme.probabilities(np.zeros((1, 0), dtype=int), no_factors(1, 1))[0, 0]
    assert first == pytest.approx(np.array(scheme.ratio) / sum(scheme.ratio), abs=1e-15)


@pytest.mark.parametrize("unequal", ["biased coin", "scaled counts"])
def test_an_unequal_ratio_is_kept_by_the_biased_coin_and_not_by_scaled_counts(unequal: str) -> None:
    rng = np.random.default_rng(14)
    levels = rng.integers(0, 2, (2000, 80, 2))
    scheme = Minimisation((1, 3), probability=0.7, unequal=unequal)  # type: ignore[arg-type]
    off = abs(float(scheme.draw(rng, levels).mean()) - 0.75)
    assert off < 0.004 if unequal == "biased coin" else off > 0.05


def test_minimisation_balances_margins_better_than_complete_randomisation() -> None:
    rng = np.random.default_rng(15)
    levels = rng.integers(0, 3, (300, 60, 3))
    spread = {}
    for scheme in (Minimisation(TWO, probability=0.9), Complete(TWO)):
        drawn = 1 - 2 * scheme.draw(rng, levels)
        spread[scheme.method] = np.mean(
            [np.abs(np.where(levels[:, :, 0] == j, drawn, 0).sum(1)) for j in range(3)]
        )
    assert spread["minimisation"] < 0.5 * spread["complete"]


def test_weights_and_relabelled_levels_change_nothing_where_they_should_not() -> None:
    rng = np.random.default_rng(16)
    levels = rng.integers(0, 3, (40, 30, 2))
    drawn = Minimisation(THREE).draw(rng, levels)
    plain = Minimisation(THREE).probabilities(drawn, levels)
    for weight in (5.0, 1e-12, 1e12):
        weighed = Minimisation(THREE, weights=(weight, weight)).probabilities(drawn, levels)
        assert weighed == pytest.approx(plain, abs=1e-15)
    assert Minimisation(THREE).probabilities(drawn, 2 - levels) == pytest.approx(plain, abs=1e-15)
    assert Minimisation(THREE).probabilities(drawn, levels * 7) == pytest.approx(plain, abs=1e-15)
    assert Minimisation((2, 2, 2)).probabilities(drawn, levels) == pytest.approx(plain, abs=1e-15)


def test_a_coin_without_factors_is_minimisation_without_factors() -> None:
    rng = np.random.default_rng(17)
    coin, minimise = BiasedCoin(THREE, probability=0.7), Minimisation(THREE, probability=0.7)
    drawn = coin.draw(rng, no_factors(30, 12))
    assert coin.probabilities(drawn, no_factors(30, 12)) == pytest.approx(
        minimise.probabilities(drawn, no_factors(30, 12)), abs=1e-14
    )


def test_strata_of_many_levels_are_numbered_by_those_that_occur() -> None:
    rng = np.random.default_rng(18)
    levels = rng.integers(0, 100_000, (3, 12, 4))
    scheme = PermutedBlocks(TWO, sizes=(2,))
    assert scheme.draw(rng, levels).shape == (3, 12)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Complete((1,)), r"two or more whole numbers from 1 on, such as \(1, 1\). Got \(1,\)"),
        (lambda: Complete((1, 0)), r"Got \(1, 0\)"),
        (lambda: PermutedBlocks(THREE, sizes=(3, 4)), r"multiple of 3, .* 1:1:1; did you mean 3\? Got 4"),
        (lambda: PermutedBlocks((2, 4), sizes=(4,)), r"multiple of 3, the sum of the ratio 1:2"),
        (lambda: PermutedBlocks(TWO, sizes=()), r"need sizes"),
        (lambda: PermutedBlocks(TWO, sizes=(4, 4)), r"each named once"),
        (lambda: RandomAllocationRule(TWO, size=7), r"did you mean 8\? Got 7"),
        (lambda: RandomAllocationRule(TWO, size=0), r"Got 0"),
        (lambda: BiasedCoin(TWO, probability=0.4), r"fair share 0.5 to 1; did you mean 0.8\? Got 0.4"),
        (lambda: BiasedCoin(TWO, probability=1.2), r"Got 1.2"),
        (lambda: BiasedCoin(TWO, probability=float("nan")), r"Got nan"),
        (lambda: BigStick(TWO, limit=0), r"whole number from 1 on, such as 3. Got 0"),
        (lambda: BigStick((1, 2), limit=3), r"two equal arms; take block urn .* Got the ratio 1:2"),
        (lambda: BigStick(THREE, limit=3), r"Got the ratio 1:1:1"),
        (lambda: MaximalProcedure(TWO, size=9, limit=2), r"multiple of 2"),
        (lambda: MaximalProcedure(TWO, size=8, limit=0), r"limit of maximal procedure .* Got 0"),
        (lambda: MaximalProcedure(THREE, size=9, limit=2), r"two equal arms"),
        (lambda: Urn(TWO, initial=0), r"one or more balls .* Got 0, 1 and 0"),
        (lambda: Urn(TWO, same=1), r"more of the other arms"),
        (lambda: BlockUrn(TWO, size=5), r"size of a block urn must be a multiple of 2"),
        (lambda: Minimisation(TWO, measure="rang"), r"range or variance; did you mean range\? Got rang"),  # type: ignore[arg-type]
        (lambda: Minimisation(TWO, unequal="coin"), r"biased coin or scaled counts"),  # type: ignore[arg-type]
        (lambda: Minimisation(TWO, probability=0.3), r"Got 0.3"),
        (lambda: Minimisation(TWO, weights=(1, 0)), r"above 0. Got \[1, 0\]"),
    ],
)
def test_a_scheme_that_makes_no_sense_is_refused_in_a_sentence(make, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        make()


def test_data_that_do_not_fit_are_refused_in_a_sentence() -> None:
    rng = np.random.default_rng(1)
    scheme = PermutedBlocks(TWO, sizes=(2,))
    with pytest.raises(DataError, match=r"trials x participants x factors .* Got int64 of shape \(3, 4\)"):
        scheme.draw(rng, np.zeros((3, 4), dtype=int))
    with pytest.raises(DataError, match="Got float64"):
        scheme.draw(rng, np.zeros((1, 2, 1)))
    with pytest.raises(DataError, match="from 0 on"):
        scheme.draw(rng, np.full((1, 2, 1), -1))
    with pytest.raises(DataError, match=r"0 to 1, for each of 1 trials x 2 participants"):
        scheme.probabilities([[0, 2]], no_factors(1, 2))
    with pytest.raises(DataError, match="Got an arm of probability 0 for participant 2"):
        scheme.probabilities([[1, 1]], no_factors(1, 2))
    with pytest.raises(DataError, match="Got an arm of probability 0 for participant 3"):
        PermutedBlocks(TWO, sizes=(2, 4)).probabilities([[0, 0, 0]], no_factors(1, 3))
    with pytest.raises(DataError, match=r"list of 4 places .* Got 5 participants in one"):
        RandomAllocationRule(TWO, size=4).draw(rng, no_factors(2, 5))
    with pytest.raises(DataError, match=r"list of 4 places"):
        MaximalProcedure(TWO, size=4, limit=1).draw(rng, no_factors(2, 5))
    with pytest.raises(DataError, match=r"a weight for each of 1 factors. Got 2 weights"):
        Minimisation(TWO, weights=(1, 2)).draw(rng, np.zeros((1, 2, 1), dtype=int))
    with pytest.raises(DataError, match="cannot lead to these numbers"):
        RandomAllocationRule(TWO, size=4).chances([3, 0])
    with pytest.raises(DataError, match=r"a number from 0 on for each of 2 arms"):
        scheme.chances([1, 2, 3])
    with pytest.raises(DataError, match="depends on the order"):
        PermutedBlocks(TWO, sizes=(2, 4)).chances([1, 0])
    with pytest.raises(DataError, match=r"differs by at most 1. Got the numbers \[\[2.0, 0.0\]\]"):
        MaximalProcedure(TWO, size=4, limit=1).chances([2, 0])
    with pytest.raises(DataError, match=r"factors x 2 arms. Got shape \(2,\)"):
        Minimisation(TWO).chances([1, 2])
