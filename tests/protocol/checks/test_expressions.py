"""Every expression can be read, names what is known where it stands, and gives what its place needs."""

# Messages stand whole, each on its line.
# ruff: noqa: E501

from collections.abc import Callable

import pytest

Refused = Callable[..., tuple[str, ...]]
Accepted = Callable[..., object]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            ("rule: cd4 <= 250", "rule: cd44 <= 250"),
            "p.yaml:12 population.inclusion.I2.rule names cd44, which is not known here; did you mean cd4? "
            "Got cd44 <= 250",
        ),
        (
            ("rule: cd4 <= 250", "rule: thyroid <= 250"),
            "p.yaml:12 population.inclusion.I2.rule names thyroid, which is not known here; "
            "there are: age, cd4, cd8, pregnant, weight. Got thyroid <= 250",
        ),
        (
            ("rule: cd4 <= 250", "rule: cd4 <= <= 250"),
            "p.yaml:12 population.inclusion.I2.rule is not an SQL expression (unable to parse 'cd4 <= <= 250' as Expr). "
            "Got cd4 <= <= 250",
        ),
        (
            ("rule: cd4 <= 250", "rule: cd4 + 250"),
            "p.yaml:12 population.inclusion.I2.rule must give true or false, and gives a number. Got cd4 + 250",
        ),
        (
            ("rule: cd4 <= 250", "rule: cd4 <= 'low'"),
            "p.yaml:12 population.inclusion.I2.rule does not fit the types of its variables "
            "(cannot compare string with numeric type (f64)). Got cd4 <= 'low'",
        ),
        (
            ("previous(cd4)", "previous(cd44)"),
            "p.yaml:64 forms.immunology.checks.C1.rule names previous(cd44), which is not known here; "
            "did you mean previous(cd4)? Got abs(cd4 - previous(cd44)) <= 300",
        ),
        (
            ("rule: abs(cd4 - previous(cd4)) <= 300", "rule: weight > 40"),
            "p.yaml:64 forms.immunology.checks.C1.rule names weight, which is not known here; "
            "there are: cd4, cd8, previous(cd4), previous(cd8). Got weight > 40",
        ),
        (
            ("rule: randomised", "rule: randomized"),
            "p.yaml:67 analysis_sets.full.rule names randomized, which is not known here; did you mean randomised? "
            "Got randomized",
        ),
        (
            ("rule: randomised", "rule: doses"),
            "p.yaml:67 analysis_sets.full.rule must give true or false, and gives a number. Got doses",
        ),
        (
            ("better: higher", "better: higher, response: cd4 >= 1.3 * base"),
            "p.yaml:72 estimands.primary.variable.response names base, which is not known here; did you mean baseline? "
            "Got cd4 >= 1.3 * base",
        ),
        (
            ("type: yes or no}", "type: yes or no, required_when: age > 'x'}"),
            "p.yaml:55 forms.demography.items.pregnant.required_when does not fit the types of its variables "
            "(cannot compare string with numeric type (f64)). Got age > 'x'",
        ),
        (
            ("type: integer, unit: year,", "type: integer, unit: year, derive: pregnant,"),
            "p.yaml:54 forms.demography.items.age.derive must give a number, and gives a text. Got pregnant",
        ),
    ],
)
def test_an_expression_that_cannot_work_is_refused(refused: Refused, edit: tuple[str, str], said: str) -> None:
    assert said in refused(edit)


@pytest.mark.parametrize(
    "edit",
    [
        ("rule: randomised", "rule: treated AND doses >= 2 AND site <> '01' AND death_day IS NULL"),
        ("rule: cd4 <= 250", "rule: cd4 <= 250 AND (pregnant IS NULL OR pregnant = 'N')"),
        ("better: higher", "better: higher, censored: death_day"),
        (
            "estimands:\n",
            "intercurrent_events:\n  death: {label: {en: Death, zh: 死亡}, day: death_day}\nestimands:\n",
        ),
        (
            "analyses:\n",
            "safety:\n  grading: {adverse_event: CTCAE 5.0}\n  special_interest:\n"
            "    fever: {label: {en: Fever, zh: 发热}, rule: LOWER(term) = 'pyrexia' AND grade >= 2}\nanalyses:\n",
        ),
    ],
)
def test_each_scope_knows_its_names(accepted: Accepted, edit: tuple[str, str]) -> None:
    accepted(edit)


def test_a_variable_cannot_be_derived_from_itself(refused: Refused) -> None:
    edit = (
        "analysis_sets:\n",
        "variables:\n  size: {label: {en: Size, zh: 大小}, rule: size + 1}\nanalysis_sets:\n",
    )
    (said,) = refused(edit)
    assert said.startswith("p.yaml:67 variables.size.rule names size, which is not known here")
