"""Every id that a field refers to is declared; a misspelt one is answered with the nearest."""

# Messages stand whole, each on its line.
# ruff: noqa: E501

from collections.abc import Callable

import pytest

Refused = Callable[..., tuple[str, ...]]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            ("item: weight,", "item: wait,"),
            "p.yaml:21 interventions.cells.weight.item names no item of this protocol; did you mean weight? Got wait",
        ),
        (
            ("at: [W0, W4]", "at: [W0, W5]"),
            "p.yaml:22 interventions.cells.at[2] names no visit of this protocol; there are: SCR, W0, W12, W4. Got W5",
        ),
        (
            ("strata: [site]", "strata: [sight]"),
            "p.yaml:28 randomisation.strata[1] names no participant variable of this protocol; did you mean site? Got sight",
        ),
        (
            ("demography: [SCR]", "demografy: [SCR]"),
            "p.yaml:45 schedule.activities.demografy names no form or intervention of this protocol; "
            "did you mean demography? Got demografy",
        ),
        (
            ("demography: [SCR]", "demography: [SCREEN]"),
            "p.yaml:45 schedule.activities.demography[1] names no visit of this protocol; did you mean SCR? Got SCREEN",
        ),
        (
            ("at_any_time: []", "at_any_time: [imunology]"),
            "p.yaml:47 schedule.at_any_time[1] names no form of this protocol; did you mean immunology? Got imunology",
        ),
        (
            ("at: W12,", "at: W13,"),
            "p.yaml:72 estimands.primary.variable.at[1] names no visit of this protocol; did you mean W12? Got W13",
        ),
        (
            ("set: full", "set: ful"),
            "p.yaml:73 estimands.primary.set names no analysis set of this protocol; did you mean full? Got ful",
        ),
        (
            ("estimand: primary", "estimand: primry"),
            "p.yaml:77 analyses.cd4.estimand names no estimand of this protocol; did you mean primary? Got primry",
        ),
        (
            ("terms: [baseline, arm]", "terms: [baseline, stratum * arm]"),
            "p.yaml:77 analyses.cd4.terms[2] names neither a word of models nor a participant variable of this protocol; "
            "there are: arm, baseline, dose, site, visit. Got stratum",
        ),
        (
            ("sections: [flow, cd4]", "sections: [flow, cd8]"),
            "p.yaml:80 report.sections[2] names no analysis or figure of this protocol; did you mean cd4? Got cd8",
        ),
        (
            ("  primary: cd4\n", "  primary: cd5\n"),
            "p.yaml:81 report.primary names no analysis of this protocol; did you mean cd4? Got cd5",
        ),
        (
            ("cells: 0 /kg, control", "cell: 0 /kg, control"),
            "p.yaml:26 arms.placebo.cell is neither a field of an arm nor an intervention; did you mean cells? Got cell",
        ),
        (
            ("cells: 0 /kg, control", "kidney: 0 /kg, control"),
            "p.yaml:26 arms.placebo.kidney is neither a field of an arm nor an intervention; "
            "there are: cells, control, label, ratio. Got kidney",
        ),
        (
            ("report:\n", "assumptions:\n  scenarios:\n    some: {activ: 20 cells/uL}\nreport:\n"),
            "p.yaml:81 assumptions.scenarios.some.activ is neither an arm nor a field of a scenario; "
            "did you mean active? Got activ",
        ),
    ],
)
def test_an_id_that_nothing_declares_is_refused(refused: Refused, edit: tuple[str, str], said: str) -> None:
    assert refused(edit) == (said,)


def test_a_term_may_join_words_of_models_and_variables(accepted: Callable[..., object]) -> None:
    accepted(
        ("method: ancova", "method: mmrm"),
        ("terms: [baseline, arm]", "terms: [baseline * visit, site, arm:visit]"),
    )
