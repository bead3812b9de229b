"""The randomisation schedule: a list of arms for each stratum, made before the trial, each time the same.

A list depends on nothing but the seed, the name and version of the method, the hash of the protocol and the
stratum: the generator is numpy's PCG64, seeded by its SeedSequence with the seed and, as spawn key, the SHA-256
of these three texts. Both algorithms are fixed by numpy's compatibility policy (NEP 19), and only uniform
numbers, the upper 53 bits of each output, are taken. A longer list begins with the shorter one, and a further
stratum leaves the others as they are. Schedules are kept as test vectors. ICH E9 2.3.2, 2.3.1; ICH E6(R3) on
reproducibility.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl

from equipoise.errors import DataError, ProtocolError
from equipoise.protocol import Protocol, protocol_version
from equipoise.randomisation.from_protocol import scheme_of
from equipoise.randomisation.schemes import (
    MaximalProcedure,
    Minimisation,
    PermutedBlocks,
    RandomAllocationRule,
    Scheme,
)
from equipoise.randomisation.strata import no_factors

GENERATOR = "PCG64 by SeedSequence"
EVERYBODY = "all participants"
ALLOCATED_AS_THEY_COME = (
    "minimisation has no schedule: each participant's arm is drawn when the participant comes, "
    "from the numbers in the arms so far"
)


@dataclass(frozen=True, eq=False)
class Schedule:
    """A list for each stratum, and what it was made from.

    rows: stratum, block (from 1 on in each stratum; missing where the method has none), position (from 1 on in
    each stratum), arm. `protocol` is the hash of the protocol, `method` the name and version of the method.
    """

    method: str
    generator: str
    seed: int
    protocol: str
    strata: tuple[str, ...]
    rows: pl.DataFrame

    def header(self) -> Mapping[str, str | int]:
        """Give what the schedule is a function of, by name."""
        return {"method": self.method, "generator": self.generator, "seed": self.seed, "protocol": self.protocol}


def make_schedule(
    protocol: Protocol, seed: int, *, levels: Mapping[str, Sequence[str]] | None = None, length: int | None = None
) -> Schedule:
    """Make the schedule of a protocol whose method has lists.

    `levels` names the levels of the stratification factors (such as the sites); those of a variable with codes
    need not be given. `length` is the number of places in each stratum, by default the size of the trial; a
    block is never cut. Raises `ProtocolError` where the method is not published, or has no list (minimisation),
    or there is no randomisation, and `DataError` for levels that lack and for a seed or length that is none.
    """
    scheme = scheme_of(protocol)
    assert protocol.randomisation is not None
    strata = _strata(protocol, levels or {})
    return list_allocations(
        scheme,
        seed,
        protocol_version(protocol),
        arms=tuple(protocol.arms),
        strata=strata,
        length=protocol.randomisation.size if length is None else length,
    )


def list_allocations(
    scheme: Scheme, seed: int, protocol: str, *, arms: Sequence[str], strata: Sequence[str], length: int
) -> Schedule:
    """Make a schedule of `scheme` from a seed and the hash of a protocol; the lower half of `make_schedule`.

    `strata` are the names of the strata, `length` the places in each. Raises as `make_schedule` does.
    """
    if isinstance(scheme, Minimisation):
        raise ProtocolError(f"{ALLOCATED_AS_THEY_COME}; use draw_next")
    if length < 1:
        raise DataError(f"a schedule needs one place or more in each stratum. Got a length of {length}")
    if isinstance(scheme, RandomAllocationRule | MaximalProcedure) and length != scheme.size:
        raise DataError(f"{scheme.method} has a list of {scheme.size} places, no other length. Got {length}")
    if len(arms) != scheme.arms or len(set(strata)) != len(strata) or not strata:
        raise DataError(
            f"a schedule needs a name for each of {scheme.arms} arms and strata of different names. "
            f"Got {len(arms)} arms and {len(strata)} strata"
        )
    lists = [_list(scheme, stratum_generator(scheme, seed, protocol, name), name, arms, length) for name in strata]
    return Schedule(scheme.version, GENERATOR, seed, protocol, tuple(strata), pl.concat(lists))


def stratum_generator(scheme: Scheme, seed: int, protocol: str, stratum: str) -> np.random.Generator:
    """Make the generator of a stratum's list from seed, version of the method, hash of the protocol and stratum.

    `DataError` for a seed that is not a whole number from 0 on.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise DataError(f"a seed must be a whole number from 0 on. Got {seed}")
    digest = hashlib.sha256("\n".join((scheme.version, protocol, stratum)).encode()).digest()
    words = np.frombuffer(digest, dtype=">u4").tolist()
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=words)))


def _list(
    scheme: Scheme, rng: np.random.Generator, stratum: str, arms: Sequence[str], length: int
) -> pl.DataFrame:
    if isinstance(scheme, PermutedBlocks):
        # long enough for the block that holds the last place to be whole
        drawn, numbers = scheme.draw_blocks(rng, no_factors(1, length + max(scheme.sizes)))
        places = int(np.searchsorted(numbers[0], numbers[0, length - 1], side="right"))
        block = pl.Series("block", numbers[0, :places])
    else:
        drawn, places = scheme.draw(rng, no_factors(1, length)), length
        block = pl.Series("block", [None] * length, dtype=pl.Int64)
    return pl.DataFrame(
        [
            pl.Series("stratum", [stratum] * places),
            block,
            pl.Series("position", range(1, places + 1), dtype=pl.Int64),
            pl.Series("arm", [arms[arm] for arm in drawn[0, :places]]),
        ]
    )


def _strata(protocol: Protocol, levels: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Name the strata: `site=01; sex=F`, every combination of the levels in their order."""
    assert protocol.randomisation is not None
    factors = protocol.randomisation.strata
    if unknown := sorted(set(levels) - set(factors)):
        raise DataError(
            f"levels must belong to the strata of the protocol, {', '.join(factors) or 'none'}. "
            f"Got {', '.join(unknown)}"
        )
    named = []
    for factor in factors:
        variable = protocol.variables.get(factor)
        own = levels.get(factor) or (tuple(variable.codes) if variable is not None else ())
        if not own or len(set(own)) != len(own):
            raise DataError(
                f"levels must name those of {factor}, each once, such as {{'{factor}': ['1', '2']}}. "
                f"Got {list(own)}"
            )
        named.append([f"{factor}={level}" for level in own])
    return tuple("; ".join(stratum) for stratum in product(*named)) if factors else (EVERYBODY,)
