"""The shipped grading standards: each criterion whole, each rule readable."""

import pytest

from equipoise.standards.grading import STANDARDS, Condition, read_grading, unit_factor

RELATIONS = {"<", "<=", ">", ">=", "==", "is missing", "is known", "is high", "is not high"}


@pytest.mark.parametrize("standard", sorted(STANDARDS))
def test_every_criterion_has_a_direction_a_unit_that_is_known_and_a_grade(standard: str) -> None:
    shipped = read_grading(standard)
    assert shipped.licence.startswith("Apache-2.0")
    assert standard.split()[1] in shipped.version
    for criterion in shipped.criteria.values():
        assert criterion.direction in ("low", "high")
        assert criterion.unit is None or unit_factor(criterion.unit, criterion.unit) == 1.0
        assert any(rule.grade for rule in criterion.rules)
        assert all(condition.relation in RELATIONS for rule in criterion.rules for condition in rule.conditions)
        assert "AVAL" in criterion.variables


def test_a_rule_reads_as_the_standard_has_it() -> None:
    alt = read_grading("DAIDS 2.1").criteria["ALT, High"]
    assert alt.rules[2].grade == 4
    assert alt.rules[2].conditions == (Condition("AVAL", ">=", "ANRHI", 10),)
    assert read_grading("CTCAE 5.0").criteria["Hemoglobin increased"].rules[2].conditions == (
        Condition("AVAL", ">", "ANRHI", 1, 40),
    )


def test_units_convert_where_it_is_known_how() -> None:
    assert unit_factor("cells/mm3", "10^9/L") == 0.001
    assert unit_factor("g/dL", "g/L") == 10
    assert unit_factor("mg/dL", "mmol/L") is None
    with pytest.raises(KeyError):
        read_grading("WHO")
