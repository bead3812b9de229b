"""The scheme of a protocol: every method of the language, and a sentence where there is nothing to draw by."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol import Protocol
from equipoise.protocol.model.allocation import Randomisation
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
    no_factors,
    scheme_of,
)

from ..shipped import shipped

With = Callable[[str], Protocol]
SECTIONS: dict[str, Scheme] = {
    "{size: 40, method: complete}": Complete((1, 1)),
    "{size: 40, method: random allocation rule}": RandomAllocationRule((1, 1), size=40),
    "{size: 40, method: permuted blocks, block_sizes: [2, 4]}": PermutedBlocks((1, 1), sizes=(2, 4)),
    "{size: 40, method: biased coin, probability: 0.7}": BiasedCoin((1, 1), probability=0.7),
    "{size: 40, method: big stick, limit: 3}": BigStick((1, 1), limit=3),
    "{size: 40, method: urn}": Urn((1, 1)),
    "{size: 40, method: block urn, block_sizes: [6]}": BlockUrn((1, 1), size=6),
    "{size: 40, method: maximal procedure, limit: 2}": MaximalProcedure((1, 1), size=40, limit=2),
    "{size: 40, method: minimisation, probability: 0.8, strata: [site], balance: variance}": Minimisation(
        (1, 1), probability=0.8, measure="variance"
    ),
}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_method_of_the_language_has_its_scheme(protocol_with: With, section: str) -> None:
    assert scheme_of(protocol_with(f"randomisation: {section}")) == SECTIONS[section]


def test_no_method_of_the_language_is_left_out() -> None:
    known = {scheme.method for scheme in SECTIONS.values()}
    assert known | {"not published"} == set(get_args(Randomisation.model_fields["method"].annotation))


def test_versions_name_their_method_and_differ() -> None:
    versions = [scheme.version for scheme in SECTIONS.values()]
    assert len(set(versions)) == len(versions)
    assert all(s.version.split("/")[0] == s.method.replace(" ", "-") for s in SECTIONS.values())


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("randomisation: {size: 40, method: not published}", r"does not say how .* Got not published"),
        ("enrolment: {size: 40}", r"no section randomisation"),
        ("randomisation: {size: 40, method: big stick}", r"needs limit for big stick, such as 3"),
        ("randomisation: {size: 40, method: biased coin}", r"needs probability for biased coin, such as 0.67"),
        ("randomisation: {size: 40, method: biased coin, probability: 0.2}", r"randomisation: .* Got 0.2"),
        ("randomisation: {size: 40, method: maximal procedure}", r"needs limit"),
        ("randomisation: {size: 41, method: random allocation rule}", r"did you mean 4[02]\? Got 41"),
        ("randomisation: {size: 40, method: block urn}", r"needs block_sizes for block urn, one size"),
        ("randomisation: {size: 40, method: block urn, block_sizes: [5]}", r"multiple of 2"),
        ("randomisation: {size: 40, method: permuted blocks, block_sizes: [3]}", r"multiple of 2, .* Got 3"),
        ("randomisation: {size: 40, method: minimisation, probability: 0.8}", r"needs strata for minimisation"),
        ("randomisation: {size: 40, method: minimisation, strata: [site]}", r"needs probability"),
    ],
)
def test_a_protocol_without_a_scheme_is_refused_in_a_sentence(
    protocol_with: With, section: str, sentence: str
) -> None:
    with pytest.raises(ProtocolError, match=sentence):
        scheme_of(protocol_with(section))


def test_shipped_protocols_either_draw_or_say_why_not() -> None:
    protocol = shipped("hucmsc_inr")
    arms = scheme_of(protocol).draw(np.random.default_rng(1), no_factors(2, 72))
    assert np.bincount(arms.ravel()).tolist() == [48, 48, 48]
    with pytest.raises(ProtocolError, match="actg175 does not say how"):
        scheme_of(shipped("actg175"))
