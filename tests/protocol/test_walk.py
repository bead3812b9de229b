"""A walk meets every value with its path and the marks of its field, in the order of the model."""

from collections.abc import Callable

from equipoise.protocol import Protocol, Quantity
from equipoise.protocol.model import Measures, Refers, Scope, Text, UnitName
from equipoise.protocol.source import dotted
from equipoise.protocol.walk import walk


def marked(protocol: Protocol, mark: type) -> dict[str, object]:
    return {dotted(p.path): p.value for p in walk(protocol) if any(isinstance(m, mark) for m in p.marks)}


def test_references_are_met_in_fields_lists_and_keys(accepted: Callable[..., Protocol]) -> None:
    found = marked(accepted(), Refers)
    assert found["interventions.cells.weight.item"] == "weight"
    assert found["interventions.cells.at[2]"] == "W4"
    assert found["schedule.activities.demography"] == "demography"
    assert found["schedule.activities.immunology[4]"] == "W12"
    assert found["estimands.primary.variable.baseline[2]"] == "W0"
    assert found["analyses.cd4.terms[1]"] == "baseline"
    assert found["report.sections[1]"] == "flow"


def test_expressions_are_met_with_their_scope(accepted: Callable[..., Protocol]) -> None:
    scopes = {dotted(p.path): mark.name for p in walk(accepted()) for mark in p.marks if isinstance(mark, Scope)}
    assert scopes == {
        "population.inclusion.I1.rule": "screening",
        "population.inclusion.I2.rule": "screening",
        "population.exclusion.E1.rule": "screening",
        "forms.immunology.checks.C1.rule": "form",
        "analysis_sets.full.rule": "participant",
    }


def test_units_and_dimensions_are_met(accepted: Callable[..., Protocol]) -> None:
    assert marked(accepted(), UnitName)["forms.immunology.items.cd4.unit"] == "cells/uL"
    assert marked(accepted(), Measures) == {
        "interventions.cells.volume": Quantity.parse("100 mL"),
        "interventions.cells.weight.max_age": Quantity.parse("28 d"),
        "interventions.cells.weight.cap": Quantity.parse("100 kg"),
    }


def test_doses_of_arms_and_texts_are_met(accepted: Callable[..., Protocol]) -> None:
    places = {dotted(p.path): p.value for p in walk(accepted())}
    assert places["arms.active.cells"] == Quantity.parse("1.5e6 /kg")
    assert places["arms.active.label"] == Text({"en": "Active", "zh": "试验组"})


def test_every_value_knows_the_section_it_stands_in(accepted: Callable[..., Protocol]) -> None:
    protocol = accepted()
    (place,) = [p for p in walk(protocol) if dotted(p.path) == "forms.immunology.items.cd4.unit"]
    assert place.owner == protocol.items["cd4"]
