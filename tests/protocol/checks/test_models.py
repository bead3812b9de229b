"""Models hold the terms that they need, at visits and with missing values that suit them."""

from collections.abc import Callable

import pytest

Refused = Callable[..., tuple[str, ...]]
ANCOVA = "cd4: {method: ancova, estimand: primary, terms: [baseline, arm]}"
TERMS = "terms: [baseline * visit, arm * visit]"


def mmrm(more: str = "", terms: str = TERMS) -> tuple[str, str]:
    return (ANCOVA, f"cd4: {{method: mmrm, estimand: primary, {terms}{more}}}")


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        (
            [("terms: [baseline, arm]", "terms: [baseline, arm * visit]")],
            "analyses.cd4.terms holds visit, and ancova looks at each visit alone; use mmrm",
        ),
        (
            [mmrm(terms="terms: [baseline, arm]")],
            "analyses.cd4.terms needs visit for repeated measures, such as [baseline * visit, site, arm * visit]",
        ),
        (
            [mmrm(), ("    set: full\n", "    set: full\n    missing: last observation carried forward\n")],
            "analyses.cd4.estimand leaves missing values to the model; give primary `missing: observed only`. "
            "Got last observation carried forward",
        ),
        (
            [mmrm(", visits: [W4]")],
            "analyses.cd4.visits must hold W12, the visit of primary",
        ),
        (
            [mmrm(", visits: [W0, W4, W12]")],
            "analyses.cd4.visits takes visits after day 1; the baseline is a term. Got W0",
        ),
        (
            [mmrm(", variance: CR2")],
            "analyses.cd4 needs df satterthwaite, residual or between-within with an empirical variance. "
            "Got kenward-roger",
        ),
        (
            [mmrm(", multiplicity: dunnett", "terms: [baseline * visit]")],
            "analyses.cd4.multiplicity adjusts comparisons of arms, and the terms hold no arm",
        ),
        (
            [mmrm(", multiplicity: fixed sequence")],
            "analyses.cd4 must list its arms under `sequence` if multiplicity is fixed sequence, and only then",
        ),
    ],
)
def test_what_a_model_cannot_do_is_refused(refused: Refused, edits: list[tuple[str, str]], said: str) -> None:
    assert any(said in finding for finding in refused(*edits)), refused(*edits)


def test_a_ladder_may_be_one_structure(accepted: Callable[..., object]) -> None:
    accepted(mmrm(", covariance: toeph"))


def test_a_value_while_on_treatment_is_not_carried_through_a_covariance(refused: Refused) -> None:
    stop = (
        "estimands:\n",
        "intercurrent_events: {death: {label: Death, day: death_day}}\n\nestimands:\n",
    )
    strategy = ("    set: full\n", "    set: full\n    intercurrent: {death: while on treatment}\n")
    found = refused(mmrm(), stop, strategy)
    assert any("carries one value through all later visits of death" in finding for finding in found)


def imputed(more: str, model: str = "mmrm, terms: [arm * visit]") -> tuple[str, str]:
    return (ANCOVA, f"cd4: {{method: {model}, estimand: primary}}\n  more: {{estimand: primary, {more}}}")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            imputed("method: tipping point, of: cd4, deltas: [-10, 0]", "ancova, terms: [arm]"),
            "analyses.more.of imputes by the model of an mmrm, and cd4 is ancova",
        ),
        (
            imputed("method: tipping point, of: cd4, deltas: [0, -10]"),
            "analyses.more needs its deltas from the lower to the higher. Got 0 to -10",
        ),
        (
            imputed("method: tipping point, of: cd5, deltas: [-10, 0]"),
            "analyses.more.of names no analysis of this protocol; did you mean cd4? Got cd5",
        ),
        (
            imputed("method: reference-based imputation, of: cd4, strategies: []"),
            "analyses.more.strategies",
        ),
    ],
)
def test_an_imputation_needs_an_mmrm_and_a_range(refused: Refused, edit: tuple[str, str], said: str) -> None:
    assert any(said in finding for finding in refused(edit)), refused(edit)


@pytest.mark.parametrize(
    ("hypotheses", "said"),
    [
        (
            "{a: {of: cd4, arm: active, weight: 1}, b: {of: cd4, arm: placebo}}",
            "analyses.g.hypotheses.b.arm must be an arm that cd4 compares with placebo: active. Got placebo",
        ),
        (
            "{a: {of: cd4, arm: active, weight: 1, passes: {c: 1}}, b: {of: cd4, arm: active}}",
            "analyses.g passes weight to its other hypotheses, here b. Got a to c",
        ),
        (
            "{a: {of: cd4, arm: active, weight: 0.8}, b: {of: cd4, arm: active, weight: 0.8}}",
            "analyses.g needs weights of its hypotheses that sum to 1 at most, one of them above 0",
        ),
        (
            "{a: {of: g, arm: active, weight: 1}, b: {of: cd4, arm: active}}",
            "analyses.g.hypotheses.a.of takes the p of an ancova, mmrm, cox, rank-sum or t test, and g is "
            "multiplicity graph",
        ),
    ],
)
def test_a_graph_holds_comparisons_and_shares(refused: Refused, hypotheses: str, said: str) -> None:
    found = refused((ANCOVA, f"{ANCOVA}\n  g: {{method: multiplicity graph, hypotheses: {hypotheses}}}"))
    assert any(said in finding for finding in found), found
