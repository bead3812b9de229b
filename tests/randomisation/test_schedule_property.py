"""Schedules: test vectors are reproduced, by the named generator alone; and what a protocol cannot have."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from equipoise.errors import DataError, ProtocolError
from equipoise.protocol import Protocol, protocol_version
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
    Urn,
    count_sharing,
    draw_next,
    list_allocations,
    make_schedule,
    no_factors,
)
from equipoise.randomisation.schedule import stratum_generator

from ..shipped import shipped

With = Callable[[str], Protocol]
TWO = (1, 1)
SCHEMES: dict[str, Scheme] = {
    "complete": Complete((1, 2)),
    "random allocation rule": RandomAllocationRule(TWO, size=12),
    "permuted blocks": PermutedBlocks((1, 1, 1), sizes=(3,)),
    "permuted blocks, random sizes": PermutedBlocks((1, 1, 1), sizes=(3, 6)),
    "biased coin": BiasedCoin(TWO),
    "big stick": BigStick(TWO, limit=2),
    "urn": Urn(TWO),
    "block urn": BlockUrn((1, 2), size=6),
    "maximal procedure": MaximalProcedure(TWO, size=12, limit=2),
}
BLOCKED = PermutedBlocks((1, 1, 1), sizes=(3, 6))


@pytest.fixture(scope="module")
def vectors(references: Path) -> dict:
    return json.loads((references / "randomisation_schedules.json").read_text(encoding="utf-8"))


def small(scheme: Scheme, seed: int, protocol: str, strata: list[str]) -> pl.DataFrame:
    arms = ["A", "B", "C"][: scheme.arms]
    return list_allocations(scheme, seed, protocol, arms=arms, strata=strata, length=12).rows


@pytest.mark.parametrize("name", SCHEMES)
def test_the_test_vectors_are_reproduced(vectors: dict, name: str) -> None:
    vector = vectors["schedules"][name]
    scheme = SCHEMES[name]
    assert vector["method"] == scheme.version
    rows = small(scheme, vectors["seed"], vectors["protocol"], list(vector["lists"]))
    for stratum, arms in vector["lists"].items():
        found = rows.filter(pl.col("stratum") == stratum)
        assert "".join(found["arm"]) == arms
        assert found["position"].to_list() == list(range(1, len(arms) + 1))
        assert found["block"].drop_nulls().to_list() == vector["blocks"].get(stratum, [])


def pcg64(words: list[int]):
    """O'Neill's PCG64 (XSL-RR 128/64) in whole numbers, seeded as numpy seeds it from four words of 64 bits."""
    mask, times = (1 << 128) - 1, 0x2360ED051FC65DA44385DF649FCCF645
    start, stream = (words[0] << 64) | words[1], (words[2] << 64) | words[3]
    step = ((stream << 1) | 1) & mask
    state = (step + start) & mask
    state = (state * times + step) & mask
    while True:
        state = (state * times + step) & mask
        folded, turn = ((state >> 64) ^ state) & ((1 << 64) - 1), state >> 122
        yield ((folded >> turn) | (folded << (64 - turn))) & ((1 << 64) - 1)


def test_a_list_can_be_made_from_the_published_generator_without_the_package(vectors: dict) -> None:
    """Blocks of 3 or 6 by hand: a uniform number for the size where a block begins, one for each place."""
    for stratum, arms in vectors["schedules"]["permuted blocks, random sizes"]["lists"].items():
        rng = stratum_generator(BLOCKED, vectors["seed"], vectors["protocol"], stratum)
        words = pcg64([int(w) for w in rng.bit_generator.seed_seq.generate_state(4, np.uint64)])  # type: ignore[attr-defined]
        uniform = ((word >> 11) / (1 << 53) for word in words)
        made = ""
        while len(made) < 12:
            left = ["A", "B", "C"] * (1 if next(uniform) < 0.5 else 2)
            left.sort()
            while left:
                made += left.pop(int(next(uniform) * len(left)))
        assert made == arms


def test_a_longer_list_begins_with_the_shorter_and_a_new_stratum_leaves_the_others() -> None:
    for scheme in (BLOCKED, BlockUrn((1, 1, 1), size=6)):
        short = list_allocations(scheme, 5, "h", arms="ABC", strata=["x"], length=9).rows
        long = list_allocations(scheme, 5, "h", arms="ABC", strata=["w", "x"], length=40).rows
        kept = long.filter(pl.col("stratum") == "x").head(short.height)
        assert kept.equals(short)


def test_the_list_depends_on_seed_protocol_method_and_stratum() -> None:
    def arms(scheme: Scheme, seed: int, protocol: str, stratum: str) -> list[str]:
        return (
            list_allocations(scheme, seed, protocol, arms="AB", strata=[stratum], length=60).rows["arm"].to_list()
        )

    coin, stick = BiasedCoin(TWO, probability=0.5), BigStick(TWO, limit=60)
    one = arms(coin, 1, "h", "x")
    others = [arms(coin, 2, "h", "x"), arms(coin, 1, "i", "x"), arms(coin, 1, "h", "y"), arms(stick, 1, "h", "x")]
    assert arms(coin, 1, "h", "x") == one
    assert one not in others


def test_the_schedule_of_a_protocol_has_whole_blocks_in_every_stratum() -> None:
    protocol = shipped("hucmsc_confirm")
    schedule = make_schedule(protocol, 2026, levels={"site": ["01", "02"]}, length=20)
    assert schedule.header() == {
        "method": "permuted-blocks/1",
        "generator": "PCG64 by SeedSequence",
        "seed": 2026,
        "protocol": protocol_version(protocol),
    }
    assert len(schedule.strata) == 8
    assert schedule.strata[0] == "site=01; cd4_stratum=up to 150; age_stratum=up to 45"
    counts = schedule.rows.group_by("stratum", "block").agg(
        pl.len(), *((pl.col("arm") == arm).sum().alias(arm) for arm in protocol.arms)
    )
    assert set(counts["len"]) == {3, 6}
    assert counts["placebo"].equals(counts["low"].rename("placebo"))
    assert counts["placebo"].equals(counts["high"].rename("placebo"))
    assert schedule.rows.group_by("stratum").len()["len"].is_between(20, 25).all()
    again = make_schedule(protocol, 2026, levels={"site": ["01", "02"]}, length=20)
    assert again.rows.equals(schedule.rows)


def test_without_length_each_stratum_has_the_size_of_the_trial(protocol_with: With) -> None:
    rule = make_schedule(protocol_with("randomisation: {size: 40, method: random allocation rule}"), 1)
    assert rule.strata == ("all participants",)
    assert rule.rows["arm"].value_counts()["count"].to_list() == [20, 20]
    assert rule.rows["block"].null_count() == 40


def test_a_protocol_that_does_not_say_how_it_was_randomised_has_no_schedule(protocol_with: With) -> None:
    with pytest.raises(ProtocolError, match="does not say how its participants were randomised"):
        make_schedule(shipped("actg175"), 1)
    with pytest.raises(ProtocolError, match=r"minimisation has no schedule: .* use draw_next"):
        make_schedule(
            protocol_with("randomisation: {size: 40, method: minimisation, strata: [site], probability: 0.8}"),
            1,
            levels={"site": ["1", "2"]},
        )


def test_what_no_schedule_can_be_made_of_is_refused_in_a_sentence(protocol_with: With) -> None:
    blocked = protocol_with("randomisation: {size: 40, method: permuted blocks, block_sizes: [2], strata: [site]}")
    for levels in (None, {"site": []}, {"site": ["1", "1"]}):
        with pytest.raises(DataError, match="must name those of site, each once"):
            make_schedule(blocked, 1, levels=levels)
    with pytest.raises(DataError, match=r"strata of the protocol, site. Got sex"):
        make_schedule(blocked, 1, levels={"site": ["1"], "sex": ["F"]})
    for seed in (-1, 1.5, True):
        with pytest.raises(DataError, match=r"a whole number from 0 on. Got"):
            make_schedule(blocked, seed, levels={"site": ["1"]})  # type: ignore[arg-type]
    with pytest.raises(DataError, match="Got a length of 0"):
        make_schedule(blocked, 1, levels={"site": ["1"]}, length=0)
    with pytest.raises(DataError, match=r"has a list of 12 places, no other length. Got 13"):
        list_allocations(RandomAllocationRule(TWO, size=12), 1, "h", arms="AB", strata=["x"], length=13)
    with pytest.raises(DataError, match="Got 3 arms and 1 strata"):
        list_allocations(Complete(TWO), 1, "h", arms="ABC", strata=["x"], length=4)


def test_the_next_arm_is_drawn_with_everything_it_came_from() -> None:
    rng = np.random.default_rng(3)
    scheme = Minimisation((1, 1, 1), probability=0.7, weights=(2, 1))
    levels = rng.integers(0, 2, (1, 31, 2))
    past = scheme.draw(rng, levels[:, :30])
    counts = count_sharing(past[0], levels[0, :30], levels[0, 30], 3)
    exact = scheme.probabilities(past, levels)[0, -1]
    arms = []
    for _ in range(1000):
        found = draw_next(scheme, counts, rng)
        assert found.probabilities == pytest.approx(exact, abs=1e-14)
        assert found.uniform < found.probabilities[: found.arm + 1].sum()
        arms.append(found.arm)
    assert found.imbalance.argmin() == exact.argmax()
    error = np.sqrt(exact * (1 - exact) / 1000)
    assert (np.abs(np.bincount(arms, minlength=3) / 1000 - exact) < 4 * error).all()


def test_draws_take_nothing_but_the_upper_bits_of_the_generator() -> None:
    """So that a schedule is pinned by the bit generator, whatever numpy makes of other distributions."""
    seeds = np.random.SeedSequence(1)
    raw = np.random.PCG64(seeds).random_raw(20)
    uniform = np.random.Generator(np.random.PCG64(seeds)).random(20)
    assert (uniform == (raw >> np.uint64(11)) * 2.0**-53).all()
    drawn = Complete(TWO).draw(np.random.Generator(np.random.PCG64(seeds)), no_factors(1, 20))[0]
    assert (drawn == (uniform >= 0.5)).all()
