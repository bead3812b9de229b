"""After a restore: places that were given up are no longer left, and the alarm before a list ends counts them."""

import pytest

from equipoise.conduct.enrolment.allocation import AllocateParticipant, StratumNearlyFull, places_left
from equipoise.conduct.enrolment.reconciliation import ListReconciled, ReportReconciliation
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol

from ..organisation.desk import Desk, allocated, enrolling, found_eligible

SIGNERS = ("ma", "guo")


def report(
    desk: Desk, signers: tuple[str, str] = SIGNERS, reason: str = "letters", **given_up: int
) -> list[object]:
    by_stratum = {f"site={site.removeprefix('site')}": count for site, count in given_up.items()}
    intent = ReportReconciliation(given_up=by_stratum, signers=signers, reason=reason)
    return [outcome.fact for outcome in desk.do(intent)]


@pytest.fixture
def desk(inr: Protocol) -> Desk:
    return enrolling(inr, {"site=01": 20, "site=02": 72})


def test_places_given_up_are_no_longer_left(desk: Desk) -> None:
    allocated(desk, found_eligible(desk))
    assert report(desk, site01=3, site02=0) == [ListReconciled(given_up={"site=01": 3}, signers=SIGNERS)]
    assert places_left(desk.trial, "site=01") == 16
    assert places_left(desk.trial, "site=02") == 72


def test_the_alarm_counts_what_was_given_up(desk: Desk) -> None:
    """Two of the largest blocks are 12 places: 20 less 7 are 13, and the next one allocated leaves 12."""
    report(desk, site01=7)
    outcomes = desk.do(AllocateParticipant(participant=found_eligible(desk).id, strata={"site": "01"}))
    assert places_left(desk.trial, "site=01") == 12
    assert outcomes[-1].fact == StratumNearlyFull(stratum="site=01", left=12)


def test_the_alarm_sounds_where_giving_up_leaves_few(desk: Desk) -> None:
    assert report(desk, site01=8)[1:] == [StratumNearlyFull(stratum="site=01", left=12)]
    assert report(desk, site01=1)[1:] == [], "it has sounded"


@pytest.mark.parametrize(
    ("signers", "reason", "given_up", "why"),
    [
        (("ma", "Ma "), "letters", {"site01": 1}, "two different persons sign"),
        (("ma", ""), "letters", {"site01": 1}, "two different persons sign"),
        (SIGNERS, " ", {"site01": 1}, "and give the reason"),
        (SIGNERS, "letters", {"site03": 1}, r"no stratum of this name; .* Got site=03"),
        (SIGNERS, "letters", {"site01": 21}, r"of stratum site=01 0 to 20 places .* Got 21"),
        (SIGNERS, "letters", {"site01": -1}, "Got -1"),
    ],
)
def test_what_cannot_be_is_refused(
    desk: Desk, signers: tuple[str, str], reason: str, given_up: dict[str, int], why: str
) -> None:
    before = repr(desk.trial)
    with pytest.raises(DecisionRefused, match=why):
        report(desk, signers, reason, **given_up)
    assert repr(desk.trial) == before
