"""Windows are reported exactly where two visits share a day."""

from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.protocol import Protocol, parse_protocol
from equipoise.protocol.checks.schedule import check_schedule
from equipoise.protocol.model import Schedule, Visit

Refused = Callable[..., tuple[str, ...]]
VISITS = st.lists(
    st.tuples(st.integers(1, 60), st.integers(0, 20), st.integers(0, 20)),
    min_size=1,
    max_size=5,
    unique_by=lambda visit: visit[0],
)


@pytest.fixture(scope="module")
def plan(minimal: str) -> Protocol:
    return parse_protocol(minimal)


def scheduled(plan: Protocol, visits: list[tuple[int, int, int]]) -> Protocol:
    named = {
        f"V{i}": Visit(day=day, window=f"-{before} to {after}") for i, (day, before, after) in enumerate(visits)
    }
    return plan.model_copy(
        update={"schedule": Schedule(day_1="first infusion", visits=named), "interventions": {}}
    )


def days(visit: Visit) -> set[int]:
    return set(range(visit.allowed.first, visit.allowed.last + 1))


@settings(deadline=None)
@given(VISITS)
def test_windows_are_reported_if_and_only_if_two_share_a_day(
    plan: Protocol, visits: list[tuple[int, int, int]]
) -> None:
    protocol = scheduled(plan, visits)
    shared = any(days(a) & days(b) for a, b in combinations(protocol.schedule.visits.values(), 2))
    assert bool(list(check_schedule(protocol))) == shared


@settings(deadline=None)
@given(VISITS)
def test_each_report_names_a_visit_that_shares_a_day_with_another(
    plan: Protocol, visits: list[tuple[int, int, int]]
) -> None:
    protocol = scheduled(plan, visits)
    planned = protocol.schedule.visits
    for finding in check_schedule(protocol):
        named = str(finding.path[-1])
        others = [name for name in planned if name != named and days(planned[name]) & days(planned[named])]
        assert any(f" of {other};" in finding.problem for other in others)


def test_overlapping_windows_are_told_with_their_days(refused: Refused) -> None:
    assert refused(("week: 12, window: 9 d", "week: 5, window: 9 d")) == (
        "p.yaml:42 schedule.visits.W12 allows days 27 to 45, which overlap days 22 to 36 of W4; "
        "narrow one of the windows so that each day belongs to one visit",
    )


def test_a_wide_window_is_told_of_every_visit_that_it_reaches(refused: Refused) -> None:
    said = refused(("week: 4, window: 7 d", "week: 4, window: -28 to 80 d"))
    assert [sentence.split(" allows")[0] for sentence in said] == [
        "p.yaml:41 schedule.visits.W4",
        "p.yaml:42 schedule.visits.W12",
    ]


@pytest.mark.parametrize(
    ("given_as", "first", "last", "target"),
    [
        ({"day": 1}, 1, 1, 1),
        ({"day": "-30 to -1"}, -30, -1, -1),
        ({"week": 4, "window": "7 d"}, 22, 36, 29),
        ({"week": 0}, 1, 1, 1),
        ({"week": -2}, -14, -14, -14),
        ({"week": 48, "window": "2 weeks"}, 323, 351, 337),
        ({"day": 100, "window": "-3 to 10 d"}, 97, 110, 100),
    ],
)
def test_weeks_and_windows_are_counted_from_day_1(
    given_as: dict[str, object], first: int, last: int, target: int
) -> None:
    visit = Visit.model_validate(given_as)
    assert (visit.allowed.first, visit.allowed.last, visit.target) == (first, last, target)


def test_epochs_follow_one_another(refused: Refused) -> None:
    epochs = (
        "  epochs:\n    one: {label: {en: One, zh: 一}, starts: W4}\n"
        "    two: {label: {en: Two, zh: 二}, starts: W0}\n"
    )
    assert refused(("  visits:\n", epochs + "  visits:\n")) == (
        "p.yaml:40 schedule.epochs.two must start after the epoch one",
    )


def test_the_visits_of_an_intervention_are_said_once(refused: Refused) -> None:
    assert refused(("    immunology: [SCR", "    cells: [W0]\n    immunology: [SCR")) == (
        "p.yaml:46 schedule.activities.cells says W0, but interventions.cells.at says W0, W4; say it once",
    )
