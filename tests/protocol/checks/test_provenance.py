"""A file that says where decisions come from says it of all of them."""

from collections.abc import Callable

import pytest

Refused = Callable[..., tuple[str, ...]]
SECTIONS = (
    "population", "interventions", "arms", "randomisation", "blinding", "schedule", "forms", "analysis_sets",
    "estimands", "analyses",
)  # fmt: skip
SOURCES = ("population:\n", "sources: {registry: The public registry}\npopulation:\n")


def provenance(*lines: str, without: str = "") -> tuple[str, str]:
    """An edit that appends a provenance for each section but one, and further lines."""
    given = [f"  {section}: registry" for section in SECTIONS if section != without]
    return "  primary: cd4\n", "  primary: cd4\n\nprovenance:\n" + "\n".join([*given, *lines]) + "\n"


def test_a_draft_without_provenance_is_not_asked_for_any(accepted: Callable[..., object]) -> None:
    accepted()


def test_a_provenance_of_a_section_covers_what_stands_below_it(accepted: Callable[..., object]) -> None:
    accepted(SOURCES, provenance())


def test_a_single_decision_may_have_another_source_than_its_section(accepted: Callable[..., object]) -> None:
    accepted(SOURCES, provenance("  schedule.visits.W4.window: assumed; not published"))


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_without_provenance_is_a_gap(refused: Refused, section: str) -> None:
    (said,) = refused(SOURCES, provenance(without=section))
    assert said.endswith(
        f" {section} has no provenance; say under `provenance` which source it comes from, or that it is assumed"
    )


def test_a_section_that_is_covered_in_part_has_gaps_where_it_is_not(refused: Refused) -> None:
    said = refused(
        SOURCES, provenance("  schedule.day_1: registry", "  schedule.visits: registry", without="schedule")
    )
    assert [sentence.split()[1] for sentence in said] == ["schedule.activities", "schedule.at_any_time"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "  schedule.visits: regstry",
            "p.yaml:95 provenance.schedule.visits must cite one of `sources`, or say `assumed; why`; "
            "did you mean registry? Got regstry",
        ),
        (
            "  schedule.visits: assumed",
            "p.yaml:95 provenance.schedule.visits needs the reason: write `assumed; why`. Got assumed",
        ),
        (
            "  schedule.visit: registry",
            "p.yaml:95 provenance.schedule.visit names no field of this protocol. Got schedule.visit",
        ),
    ],
)
def test_a_provenance_that_says_nothing_is_refused(refused: Refused, line: str, said: str) -> None:
    assert refused(SOURCES, provenance(line)) == (said,)
