"""The scheme of a protocol: its section `randomisation` and the ratio of its arms, as a scheme that draws."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from equipoise.errors import DataError, ProtocolError
from equipoise.protocol import Protocol
from equipoise.protocol.model.allocation import Randomisation
from equipoise.randomisation.schemes import (
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
)

Ratio = tuple[int, ...]
Number = TypeVar("Number", int, float)


def scheme_of(protocol: Protocol) -> Scheme:
    """Return the scheme by which the protocol allocates; arms by their position in `protocol.arms`.

    `ProtocolError` where there is nothing to draw by: no randomisation, one arm, a method that is not published,
    a number that the method needs and the protocol lacks or that does not fit.
    """
    plan = protocol.randomisation
    where = f"protocol {protocol.trial.id}"
    if plan is None:
        raise ProtocolError(f"{where} has no section randomisation, so nothing can be allocated by it; add one")
    if plan.method not in _SCHEMES:
        raise ProtocolError(
            f"{where} does not say how its participants were randomised, so nothing can be allocated by it; "
            f"randomisation.method must be one of {', '.join(_SCHEMES)}. Got {plan.method}"
        )
    ratio = tuple(arm.ratio for arm in protocol.arms.values())
    try:
        return _SCHEMES[plan.method](plan, ratio)
    except DataError as error:
        raise ProtocolError(f"{where} randomisation: {error}") from error


def _complete(_: Randomisation, ratio: Ratio) -> Scheme:
    return Complete(ratio)


def _allocation_rule(plan: Randomisation, ratio: Ratio) -> Scheme:
    return RandomAllocationRule(ratio, size=plan.size)


def _blocks(plan: Randomisation, ratio: Ratio) -> Scheme:
    return PermutedBlocks(ratio, sizes=plan.block_sizes)


def _coin(plan: Randomisation, ratio: Ratio) -> Scheme:
    return BiasedCoin(ratio, probability=_need(plan.probability, plan.method, "probability", "0.67"))


def _stick(plan: Randomisation, ratio: Ratio) -> Scheme:
    return BigStick(ratio, limit=_need(plan.limit, plan.method, "limit", "3"))


def _urn(_: Randomisation, ratio: Ratio) -> Scheme:
    return Urn(ratio)


def _block_urn(plan: Randomisation, ratio: Ratio) -> Scheme:
    if len(plan.block_sizes) != 1:
        raise DataError(f"block urn needs one number in block_sizes, such as [6]. Got {list(plan.block_sizes)}")
    return BlockUrn(ratio, size=plan.block_sizes[0])


def _maximal(plan: Randomisation, ratio: Ratio) -> Scheme:
    return MaximalProcedure(ratio, size=plan.size, limit=_need(plan.limit, plan.method, "limit", "3"))


def _minimisation(plan: Randomisation, ratio: Ratio) -> Scheme:
    if not plan.strata:
        raise DataError("minimisation balances factors; name them in strata, such as [site, sex]. Got none")
    chance = _need(plan.probability, plan.method, "probability", "0.8")
    return Minimisation(ratio, probability=chance, measure=plan.balance or "range")


def _need(value: Number | None, method: str, field: str, example: str) -> Number:
    if value is None:
        raise DataError(f"{method} needs {field}, such as {example}. Got none")
    return value


_SCHEMES: Mapping[str, Callable[[Randomisation, Ratio], Scheme]] = {
    "complete": _complete,
    "random allocation rule": _allocation_rule,
    "permuted blocks": _blocks,
    "biased coin": _coin,
    "big stick": _stick,
    "urn": _urn,
    "block urn": _block_urn,
    "maximal procedure": _maximal,
    "minimisation": _minimisation,
}
