"""Estimands can be estimated, analyses suit their estimand, figures their analysis."""

# Messages stand whole, each on its line.
# ruff: noqa: E501

from collections.abc import Callable

import pytest

Refused = Callable[..., tuple[str, ...]]
ANCOVA = "cd4: {method: ancova, estimand: primary, terms: [baseline, arm]}"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            (ANCOVA, "cd4: {method: kaplan-meier, estimand: primary}"),
            "p.yaml:77 analyses.cd4 of method kaplan-meier suits a time to event, and primary is a measurement",
        ),
        (
            ("item: cd4, summary: change from baseline", "time_to: first, item: cd4, rule: cd4 > 200"),
            "p.yaml:77 analyses.cd4 of method ancova suits a measurement, and primary is a time to event",
        ),
        (
            (", control: true}", "}"),
            "p.yaml:70 estimands.primary compares arms, but no arm is marked `control: true`; name one under `versus`",
        ),
        (
            ("    set: full\n", "    set: full\n    arms: [placebo]\n"),
            "p.yaml:74 estimands.primary.arms compares an arm with itself. Got placebo",
        ),
        (
            ("    set: full\n", "    set: full\n    missing: non-response\n"),
            "p.yaml:74 estimands.primary.missing suits a response, and the variable is a measurement. Got non-response",
        ),
        (
            ("item: cd4, summary", "item: pregnant, summary"),
            "p.yaml:72 estimands.primary.variable.item must be a number, and is a yes or no. Got pregnant",
        ),
        (
            ("item: cd4, summary", "summary"),
            "p.yaml:72 estimands.primary.variable needs the item that is measured, "
            "or time_to with a rule or a parameter",
        ),
        (
            ("at: W12, ", ""),
            "p.yaml:72 estimands.primary.variable needs the visit at which the item is evaluated, under `at`",
        ),
        (
            ("  primary: cd4\n", "  primary: cd4\n  figures:\n    curve: {kind: kaplan-meier, of: cd4}\n"),
            "p.yaml:83 report.figures.curve draws the method kaplan-meier, and cd4 is ancova",
        ),
    ],
)
def test_what_cannot_be_carried_out_is_refused(refused: Refused, edit: tuple[str, str], said: str) -> None:
    assert said in refused(edit)


@pytest.mark.parametrize(
    ("strategy", "variable", "suits"),
    [
        ("composite, event", "measurement", "time to event"),
        ("composite, non-response", "measurement", "response"),
        ("composite, worst value", "response", "measurement"),
        ("composite, worst value", "time to event", "measurement"),
        ("composite, non-response", "time to event", "response"),
    ],
)
def test_a_strategy_that_does_not_suit_the_variable_is_refused(
    refused: Refused, strategy: str, variable: str, suits: str
) -> None:
    plain = "item: cd4, summary: change from baseline, at: W12, baseline: mean of SCR and W0, better: higher"
    kinds = {
        "measurement": plain,
        "response": "item: cd4, at: W12, response: cd4 > 200",
        "time to event": "item: cd4, time_to: first, rule: cd4 > 200",
    }
    event = "intercurrent_events: {death: {label: {en: Death, zh: 死亡}, day: death_day}}\n\nestimands:\n"
    said = refused(
        (ANCOVA, "deaths: {method: deaths, set: full}"),
        ("sections: [flow, cd4]\n  primary: cd4\n", "sections: [flow, deaths]\n"),
        (plain, kinds[variable]),
        ("    set: full\n    summary", f"    set: full\n    intercurrent: {{death: '{strategy}'}}\n    summary"),
        ("estimands:\n", event),
    )
    assert said == (
        f"p.yaml:76 estimands.primary.intercurrent.death suits a {suits}, and the variable is a {variable}. "
        f"Got {strategy}",
    )
