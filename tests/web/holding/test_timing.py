"""How long a blinded page takes tells nothing of the arm that a participant got."""

import time

import pytest
from scipy.stats import kruskal
from tests.invariants.conftest import TrialAt
from tests.invariants.test_non_interference import arms_of
from tests.web.portals import Portals

from .conftest import serve_for_all
from .people import person_of

ROUNDS, NEVER = 25, 1e-4
"""How often each page is asked for; how improbable a difference has to be to be told."""
PAGES = (
    "/participants/{}/",
    "/participants/{}/forms/vitals/W0/1/",
    "/participants/{}/casebook/",
    "/participants/{}/randomise/",
)


def how_long(portals: Portals, arms: dict[str, str], page: str) -> dict[str, list[float]]:
    """Ask for a page of each participant in turn; return the times that it took, by arm."""
    browser = portals.client(person_of("coordinator"))
    times: dict[str, list[float]] = {arm: [] for arm in arms.values()}
    for _ in range(ROUNDS):
        for who, arm in arms.items():
            began = time.perf_counter()
            browser.get(page.format(who))
            times[arm].append(time.perf_counter() - began)
    return times


@pytest.mark.slow
def test_no_page_takes_longer_in_one_arm(trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch) -> None:
    script = trial_at("infused", 6)
    portals = serve_for_all(script, monkeypatch)
    arms = {who: arm for who, arm in arms_of(script, trial_at.server).items() if who.startswith("01-")}
    assert len(set(arms.values())) > 1
    for page in PAGES:
        how_long(portals, arms, page)
        times = how_long(portals, arms, page)
        assert kruskal(*times.values()).pvalue > NEVER, page


def test_a_page_that_takes_longer_would_be_found() -> None:
    slower = [[0.010 + 0.0001 * n for n in range(ROUNDS)], [0.013 + 0.0001 * n for n in range(ROUNDS)]]
    assert kruskal(*slower).pvalue < NEVER
