"""Arms, doses, randomisation, blinding, languages and test codes agree with one another."""

# Messages stand whole, each on its line.
# ruff: noqa: E501

from collections.abc import Callable

import pytest

Refused = Callable[..., tuple[str, ...]]
RANDOMISATION = "randomisation: {size: 40, method: permuted blocks, block_sizes: [2, 4], strata: [site]}\n"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            ("block_sizes: [2, 4]", "block_sizes: [2, 3]"),
            "p.yaml:28 randomisation.block_sizes[2] must be a multiple of 2, the sum of the ratios of the arms. Got 3",
        ),
        (
            ("block_sizes: [2, 4], ", ""),
            "p.yaml:28 randomisation needs block_sizes for permuted blocks, such as [3, 6]",
        ),
        (
            ("method: permuted blocks", "method: urn"),
            "p.yaml:28 randomisation has block_sizes, which belong to permuted blocks or block urn. Got urn",
        ),
        (
            ("cells: 1.5e6 /kg}", "cells: 1.5e6 /kg, control: true}"),
            "p.yaml:26 arms.placebo.control is the second control; active is one already",
        ),
        (
            ("cells: 0 /kg", "cells: 0 cells"),
            "p.yaml:17 interventions.cells is dosed in one unit in all arms. Got /kg, cells",
        ),
        (
            ("    weight: {item: weight, max_age: 28 d, cap: 100 kg}\n", ""),
            "p.yaml:17 interventions.cells is dosed by body weight: "
            "say under `weight` which item, how old it may be, and its cap",
        ),
        (
            (RANDOMISATION, ""),
            "p.yaml:1 needs `randomisation`, or `enrolment` where participants are not randomised",
        ),
        (
            (RANDOMISATION, RANDOMISATION + "enrolment: {size: 40}\n"),
            "p.yaml:29 enrolment belongs to a trial without randomisation; give one of the two",
        ),
        (
            ("  active:  {label: {en: Active, zh: 试验组},  cells: 1.5e6 /kg}\n", ""),
            "p.yaml:27 randomisation needs two arms or more; a single arm is planned under `enrolment`",
        ),
        (
            ("zh: 安慰剂组}", "fr: Placebo}"),
            "p.yaml:26 arms.placebo.label.fr speaks a language that trial.languages does not list (en, zh). Got fr",
        ),
        (
            ("testcd: CD8", "testcd: CD4"),
            "p.yaml:62 forms.immunology.items.cd8.testcd is the test code of immunology.cd4 too; "
            "each code belongs to one item. Got CD4",
        ),
        (
            ("blinded: [participant, investigator]", "blinded: [participant, pharmacist]"),
            "p.yaml:30 blinding names a role both as blinded and as unblinded; keep one. Got pharmacist",
        ),
        (
            ("  unblinding: after lock\n", ""),
            "p.yaml:30 blinding needs `emergency`, how one code is broken, and `unblinding`, when all are",
        ),
    ],
)
def test_a_contradiction_is_refused(refused: Refused, edit: tuple[str, str], said: str) -> None:
    assert said in refused(edit)


def test_unequal_ratios_ask_for_blocks_that_hold_them(refused: Refused, accepted: Callable[..., object]) -> None:
    unequal = ("cells: 1.5e6 /kg}", "cells: 1.5e6 /kg, ratio: 2}")
    accepted(unequal, ("block_sizes: [2, 4]", "block_sizes: [3, 6]"))
    assert refused(unequal) == (
        "p.yaml:28 randomisation.block_sizes[1] must be a multiple of 3, the sum of the ratios of the arms. Got 2",
        "p.yaml:28 randomisation.block_sizes[2] must be a multiple of 3, the sum of the ratios of the arms. Got 4",
    )
