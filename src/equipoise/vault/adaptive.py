"""Arms drawn as participants come (minimisation), behind the same door as a list.

The draw for the n-th participant is a function of the sealed seed, the hash of the protocol, n, the participant's
levels and the arms so far; all of it is kept, sealed, so that whoever joins the seed's shares can draw again and
compare (ICH E9 2.3.2 on dynamic allocation). The slot that comes of it is as any other: number, box, commitment.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from nacl.public import PublicKey

from ..errors import DecisionRefused, ProtocolError
from ..protocol import Protocol
from ..randomisation import Minimisation, count_sharing, draw_next, scheme_of
from ..randomisation.schedule import EVERYBODY, stratum_generator
from .ceremony.open_list import seed_number
from .ceremony.sealing import Place, SealedSlot, digits_needed, seal_places

BLOCKS = 8
"""Size of the box of a draw, in blocks: enough for a dozen factors and arms."""


class Draw(msgspec.Struct, frozen=True):
    """A draw with all it came from.

    factors: level of each factor. counts (factors x arms): numbers in the arms among those who share the level.
    imbalance, probabilities: by arm. uniform: the number that was compared with them.
    """

    position: int
    factors: dict[str, str]
    counts: list[list[float]]
    imbalance: list[float]
    probabilities: list[float]
    uniform: float
    arm: str


def draw_arm(
    protocol: Protocol,
    version: str,
    seed: bytes,
    before: Sequence[tuple[Mapping[str, str], str]],
    levels: Mapping[str, str],
) -> Draw:
    """Draw the arm of the participant who comes after `before` (levels and arm of each, in order).

    `version` is the hash of the protocol that the seed was sealed for. `DecisionRefused` for levels that are not
    those of the protocol's factors, `ProtocolError` for a protocol whose arms are not drawn as participants come.
    """
    scheme = scheme_of(protocol)
    plan = protocol.randomisation
    if not isinstance(scheme, Minimisation) or plan is None:
        raise ProtocolError(
            f"protocol {protocol.trial.id} has a list; its arms are not drawn as participants come"
        )
    own = _in_order(protocol, levels)
    arms = list(protocol.arms)
    given = np.array([_in_order(protocol, one) for one, _ in before]).reshape(len(before), len(own))
    counts = count_sharing([arms.index(arm) for _, arm in before], given, own, len(arms))
    position = len(before) + 1
    rng = stratum_generator(scheme, seed_number(seed), version, f"participant {position}")
    drawn = draw_next(scheme, counts, rng)
    return Draw(
        position,
        dict(zip(plan.strata, own, strict=True)),
        counts.tolist(),
        drawn.imbalance.tolist(),
        drawn.probabilities.tolist(),
        drawn.uniform,
        arms[drawn.arm],
    )


def seal_draw(draw: Draw, seed: bytes, key: PublicKey, *, planned: int, taken: set[str]) -> SealedSlot:
    """Seal what was drawn into a slot; `planned` is the number of places, `taken` the numbers in use."""
    place = Place(EVERYBODY, None, draw.position, draw.arm)
    return seal_places([place], seed, key, digits=digits_needed(planned), taken=taken)[0]


def audit_draws(draws: Sequence[Draw], protocol: Protocol, version: str, seed: bytes) -> list[str]:
    """Draw every arm again from the kept levels and compare all that was kept; one finding a draw that differs."""
    findings, before = [], list[tuple[Mapping[str, str], str]]()
    for place, draw in enumerate(draws, 1):
        if draw_arm(protocol, version, seed, before, draw.factors) != draw:
            findings.append(f"draw {place} does not come out again from its inputs. Got position {draw.position}")
        before.append((draw.factors, draw.arm))
    return findings


def _in_order(protocol: Protocol, levels: Mapping[str, str]) -> list[str]:
    factors = protocol.randomisation.strata if protocol.randomisation else ()
    unknown = [
        name
        for name in factors
        if (variable := protocol.variables.get(name)) is not None
        and variable.codes
        and levels.get(name) not in variable.codes
    ]
    if set(levels) != set(factors) or not all(levels.values()) or unknown:
        raise DecisionRefused(
            f"an arm is drawn by the levels of {', '.join(factors)}; check them against the source. "
            f"Got {', '.join(f'{name}={level}' for name, level in levels.items()) or 'none'}"
        )
    return [levels[name] for name in factors]
