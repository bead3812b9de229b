"""Exact probabilities of whole allocations against R, and against published worked examples."""

import json
from pathlib import Path

import numpy as np
import pytest

from equipoise.randomisation import (
    BiasedCoin,
    BigStick,
    BlockUrn,
    MaximalProcedure,
    Minimisation,
    PermutedBlocks,
    RandomAllocationRule,
    Scheme,
    Urn,
    enumerate_sequences,
)
from equipoise.randomisation.schemes.scheme import pick

TWO, THREE = (1, 1), (1, 1, 1)
CASES: dict[str, Scheme] = {
    "allocation_rule": RandomAllocationRule(TWO, size=6),
    "allocation_rule_1_2": RandomAllocationRule((1, 2), size=6),
    "blocks_4": PermutedBlocks(TWO, sizes=(4,)),
    "blocks_2_4": PermutedBlocks(TWO, sizes=(2, 4)),
    "blocks_3_6_three_arms": PermutedBlocks(THREE, sizes=(3, 6)),
    "blocks_3_6_ratio_1_2": PermutedBlocks((1, 2), sizes=(6, 3)),
    "efron": BiasedCoin(TWO),
    "coin_three_arms": BiasedCoin(THREE, probability=0.6),
    "coin_1_2": BiasedCoin((1, 2), probability=0.8),
    "coin_3_1_2": BiasedCoin((3, 1, 2), probability=0.7),
    "stick_2": BigStick(TWO, limit=2),
    "wei": Urn(TWO),
    "wei_three_arms": Urn(THREE, initial=2, same=1, other=3),
    "wei_1_2": Urn((1, 2)),
    "block_urn_6": BlockUrn(TWO, size=6),
    "block_urn_1_2": BlockUrn((1, 2), size=6),
    "block_urn_three_arms": BlockUrn(THREE, size=6),
    "maximal_8_2": MaximalProcedure(TWO, size=8, limit=2),
    "minimise_range": Minimisation(TWO, probability=0.75),
    "minimise_variance": Minimisation(THREE, probability=0.7, measure="variance", weights=(1, 2)),
    "minimise_range_three_arms": Minimisation(THREE, probability=0.7, weights=(3, 1)),
    "minimise_1_2": Minimisation((1, 2), probability=0.8),
    "minimise_1_2_scaled": Minimisation((1, 2), probability=0.8, measure="variance", unequal="scaled counts"),
    "minimise_1_2_1": Minimisation((1, 2, 1), probability=0.8, measure="variance"),
}


@pytest.fixture(scope="module")
def reference(references: Path) -> dict:
    return json.loads((references / "r" / "randomisation.out.json").read_text(encoding="utf-8"))


def test_every_list_of_r_is_compared(reference: dict) -> None:
    assert reference["sequences"].keys() == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_all_sequences_and_their_probabilities_are_those_of_r(reference: dict, name: str) -> None:
    wanted = reference["sequences"][name]
    n = len(next(iter(wanted)))
    levels = np.array(reference["levels"])[:n] if name.startswith("minimise") else np.zeros((n, 0), dtype=int)
    sequences, chances = enumerate_sequences(CASES[name], levels)
    found = {"".join(map(str, row)): chance for row, chance in zip(sequences, chances, strict=True)}
    assert found.keys() == wanted.keys()
    # R writes 15 digits
    assert found == pytest.approx(wanted, abs=2e-15, rel=1e-13)


def test_the_maximal_procedure_admits_as_many_sequences_as_a_search_finds(reference: dict) -> None:
    for row in reference["maximal_counts"]:
        found = [MaximalProcedure(TWO, size=row["size"], limit=limit).count_sequences() for limit in range(1, 6)]
        assert found == row["counts"]


def test_weis_urn_has_the_variance_of_its_markov_chain(reference: dict) -> None:
    for row in reference["wei_variance"]:
        difference = distribution_of_first(Urn(TWO), row["n"])
        d = 2 * np.arange(row["n"] + 1) - row["n"]
        assert float((d**2 * difference).sum()) == pytest.approx(row["variance"], rel=1e-12)


def distribution_of_first(scheme: Urn, n: int) -> np.ndarray:
    """Distribution of the number in the first of two arms after n, step by step from the exact chances."""
    now = np.ones(1)
    for done in range(n):
        first = np.arange(done + 1)
        up = scheme.chances(np.column_stack([first, done - first]))[:, 0]
        now = np.append(now * (1 - up), 0.0) + np.insert(now * up, 0, 0.0)
    return now


# Zhao and Weng, Contemporary Clinical Trials 2011;32:953-961, table 1: block urn of size 6, two equal arms
ZHAO_WENG = [
    (0.5, 0.4026, "A"),
    (0.4, 0.5654, "B"),
    (0.5, 0.0927, "A"),
    (0.4, 0.3080, "A"),
    (0.25, 0.7758, "B"),
    (0.4, 0.9219, "B"),
    (0.5, 0.6115, "B"),
    (0.6, 0.8604, "B"),
    (0.75, 0.4848, "A"),
    (0.6, 0.7746, "B"),
    (0.75, 0.2345, "A"),
    (0.6, 0.8507, "B"),
    (0.75, 0.0661, "A"),
    (0.6, 0.2630, "A"),
]


def test_the_block_urn_is_that_of_zhao_and_weng() -> None:
    scheme = BlockUrn(TWO, size=6)
    arms = ["AB".index(arm) for _, _, arm in ZHAO_WENG]
    chances = scheme.probabilities([arms], np.zeros((1, len(arms), 0), dtype=int))[0]
    assert chances[:, 0].tolist() == pytest.approx([chance for chance, _, _ in ZHAO_WENG], abs=1e-15)
    numbers = np.array([number for _, number, _ in ZHAO_WENG])
    assert pick(numbers, chances.T).tolist() == arms


# Lim and In, Korean Journal of Anesthesiology 2019;72:221-232, table 4: the 15th participant, site 2, female,
# 65 or older; imbalance 3 with the control group and 5 with the treatment group
def test_minimisation_of_a_published_example_with_three_factors() -> None:
    counts = [[3, 5], [3, 3], [3, 3]]
    scheme = Minimisation(TWO, probability=1.0)
    assert scheme.imbalance(counts).tolist() == [3.0, 5.0]
    assert scheme.chances(counts).tolist() == [1.0, 0.0]


# PubMed Central PMC3503622, table 3, after Scott et al., Controlled Clinical Trials 2002;23:662-674: the seventh
# participant, high baseline rate, moderate covariate rate; imbalance 4 with intervention and 2 with control
def test_minimisation_of_a_published_example_with_two_factors() -> None:
    counts = [[2, 2], [3, 1]]
    assert Minimisation(TWO).imbalance(counts).tolist() == [4.0, 2.0]
    assert Minimisation(TWO, probability=0.8).chances(counts).tolist() == pytest.approx([0.2, 0.8])


def test_the_first_steps_of_the_biased_coin_minimisation_formula() -> None:
    """Han et al. 2009: p_H of an arm of share 2 beside one of share 1 is 1 - (1/2)(1 - p)."""
    scheme = Minimisation((1, 2), probability=0.8)
    assert scheme.chances([[3, 2]]).tolist() == pytest.approx([0.1, 0.9])
    assert scheme.chances([[0, 4]]).tolist() == pytest.approx([0.8, 0.2])
