"""Pages of data quality: who sees them, that their numbers are those of conduct, that their steps leave events."""

from collections.abc import Callable

import pytest
from tests.web.portals import Portals

PAGES = {
    "completeness": ("/quality/", "/quality/late/"),
    "queries": (
        "/quality/queries/",
        "/quality/verification/",
        "/quality/review/",
        "/quality/deviations/",
        "/quality/twice/",
        "/quality/coding/events/",
        "/quality/coding/drugs/",
    ),
    "harm": ("/quality/reconciliation/", "/safety/", "/safety/board/"),
    "trail": ("/trail/",),
    "checklist": ("/closing/", "/statistics/exports/"),
}


@pytest.mark.parametrize("person", ["data.manager", "coordinator.01", "nurse.01", "monitor", "laboratory"])
def test_each_page_is_for_the_roles_of_its_question(portals_at: Callable[..., Portals], person: str) -> None:
    from equipoise.conduct.access.questions import QUESTIONS

    portals = portals_at("infused", 4)
    (grant,) = portals.running.door.trial.people[person].grants
    browser = portals.client(person)
    for question, paths in PAGES.items():
        for path in paths:
            allowed = grant.role in QUESTIONS[question]  # type: ignore[index]
            assert browser.get(path).status_code == (200 if allowed else 403), path
