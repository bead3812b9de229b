"""An amendment is told thing by thing, with what it means for data already collected."""

from pathlib import Path

import pytest

from equipoise.protocol import Change, Protocol, compare_protocols, parse_protocol

MINIMAL = (Path(__file__).parent / "minimal.yaml").read_text(encoding="utf-8")
PLAN = parse_protocol(MINIMAL)


def amended(old: str, new: str) -> Protocol:
    """The minimal protocol with one text replaced; the text must stand there."""
    assert old in MINIMAL
    return parse_protocol(MINIMAL.replace(old, new, 1))


def only_change(old: str, new: str) -> Change:
    (change,) = compare_protocols(PLAN, amended(old, new))
    return change


def test_a_protocol_does_not_differ_from_itself() -> None:
    assert compare_protocols(PLAN, parse_protocol(MINIMAL)) == ()


def test_layout_and_comments_are_no_change() -> None:
    assert compare_protocols(PLAN, parse_protocol("# a remark\n" + MINIMAL + "\n\n")) == ()


def test_reworded_labels_are_wording() -> None:
    change = only_change("en: CD4+ T cells", "en: CD4 positive T cells")
    assert (change.kind, change.name, change.action, change.effect) == (
        "item",
        "forms.immunology.items.cd4",
        "changed",
        "wording",
    )


def test_a_new_unit_touches_values_already_recorded() -> None:
    change = only_change("unit: cells/uL", "unit: 10^6/L")
    assert change.effect == "collected data"
    assert change.why == "values already recorded are in the old unit"
    assert [(f.field, f.before, f.after) for f in change.fields] == [("unit", "cells/uL", "10^6/L")]


def test_a_wider_visit_window_touches_visits_already_made() -> None:
    change = only_change("window: 7 d", "window: 5 d")
    assert (change.kind, change.effect) == ("visit", "collected data")


def test_a_stricter_criterion_holds_from_now_on() -> None:
    change = only_change("cd4 <= 250", "cd4 <= 200")
    assert (change.kind, change.name, change.effect) == (
        "inclusion criterion",
        "population.inclusion.I2",
        "conduct",
    )


def test_another_model_changes_the_analysis_only() -> None:
    change = only_change("terms: [baseline, arm]", "terms: [baseline, site, arm]")
    assert (change.kind, change.action, change.effect) == ("analysis", "changed", "analysis")


def test_the_gravest_change_comes_first() -> None:
    new = parse_protocol(
        MINIMAL.replace("en: CD4+ T cells", "en: CD4 cells", 1).replace("window: 7 d", "window: 5 d", 1)
    )
    assert [c.effect for c in compare_protocols(PLAN, new)] == ["collected data", "wording"]


@pytest.mark.parametrize("backwards", [False, True])
def test_an_item_that_comes_or_goes_is_named(backwards: bool) -> None:
    line = "      cd8: {label: {en: CD8+ T cells}, type: count, unit: cells/uL, range: [0, 5000], testcd: CD8}\n"
    assert line in MINIMAL
    without = parse_protocol(MINIMAL.replace(line, "", 1))
    pair = (PLAN, without) if backwards else (without, PLAN)
    (change,) = compare_protocols(*pair)
    assert change.kind == "item"
    assert change.name == "forms.immunology.items.cd8"
    assert change.action == ("removed" if backwards else "added")
    assert change.effect == ("collected data" if backwards else "conduct")
