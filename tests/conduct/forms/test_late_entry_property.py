"""Late entry: what was on paper first says so, what comes late says why, and clocks start at awareness."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.conduct.safety.cases import RECORD, SERIOUS, clock

from equipoise.conduct.follow_up.visits import HoldUnscheduledVisit, HoldVisit
from equipoise.conduct.forms.entry import FormSaved
from equipoise.conduct.forms.history import history_of
from equipoise.conduct.quality.late_entry import Delayed, FromPaper, list_delayed
from equipoise.errors import DecisionRefused
from equipoise.record.event import canonical

from .desk import DAY_1, SCREENED, VITALS, WHO, Desk, replayed, shipped

NO_NETWORK = "no network at the site"


def paper(on: date, hour: int = 10, why: str = NO_NETWORK) -> FromPaper:
    return FromPaper(f"{on}T{hour:02d}:00", why)


@pytest.fixture
def desk() -> Desk:
    """A participant at screening, in a trial that lets seven days pass without a reason."""
    desk = Desk()
    assert desk.protocol.quality is not None and str(desk.protocol.quality.late_entry) == "7 d"
    desk.hold("SCR", SCREENED)
    return desk


def saved(facts: list[object]) -> FormSaved:
    return next(fact for fact in facts if isinstance(fact, FormSaved))


def test_a_form_from_paper_keeps_when_and_why_and_says_so(desk: Desk) -> None:
    desk.today = SCREENED + timedelta(days=3)
    fact = saved(desk.save("vitals", "SCR", on=SCREENED, from_paper=paper(SCREENED)))
    assert fact.from_paper == paper(SCREENED) and fact.late is None
    assert fact.tell().endswith(f"first written on paper on 2024-03-04 10:00 ({NO_NETWORK})")
    (past,) = history_of(desk.events, "weight", "vitals", "SCR")
    assert past.from_paper == fact.from_paper and past.at.date() == desk.today
    assert replayed(desk.events).participants[WHO].forms == desk.participant.forms


def test_a_form_without_paper_is_the_same_bytes_as_before(desk: Desk) -> None:
    fact = saved(desk.save("vitals", "SCR", on=SCREENED))
    assert "paper" not in canonical(fact) and "late" not in canonical(fact)
    assert list_delayed(desk.trial) == []


@pytest.mark.parametrize("days", [0, 7, 8, 30])
def test_only_after_the_time_that_the_protocol_allows_a_reason_is_asked_for(desk: Desk, days: int) -> None:
    desk.today = SCREENED + timedelta(days=days)
    if days <= 7:
        assert saved(desk.save("vitals", "SCR", on=SCREENED)).late is None
        return
    with pytest.raises(DecisionRefused) as refused:
        desk.save("vitals", "SCR", on=SCREENED, from_paper=paper(SCREENED))
    assert str(refused.value) == (
        "Vital signs, visit SCR: its day is 2024-03-04, and it may be entered without a reason until 2024-03-11; "
        f"say in `late` why it comes later. Got {desk.today}"
    )
    with pytest.raises(DecisionRefused):
        desk.save("vitals", "SCR", on=SCREENED, late="  ")
    fact = saved(desk.save("vitals", "SCR", on=SCREENED, late="the coordinator was ill"))
    assert fact.late == "the coordinator was ill"
    assert fact.tell().endswith("entered late (the coordinator was ill)")


def test_a_trial_without_the_rule_asks_for_nothing() -> None:
    desk = Desk(shipped().model_copy(update={"quality": None}))
    desk.hold("SCR", SCREENED)
    desk.today = SCREENED + timedelta(days=200)
    assert saved(desk.save("vitals", "SCR", on=SCREENED)).late is None


def test_a_change_needs_its_own_reason_and_not_that_of_a_late_entry(desk: Desk) -> None:
    desk.save("vitals", "SCR", on=SCREENED)
    desk.today = SCREENED + timedelta(days=60)
    again = {"weight": 62.0}
    with pytest.raises(DecisionRefused, match="please say why Weight is changed"):
        desk.save("vitals", "SCR", again, on=SCREENED, late="found in the archive")
    assert saved(desk.save("vitals", "SCR", again, on=SCREENED, reason="read again")).late is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            paper(SCREENED + timedelta(days=3), 13),
            "must not lie in the future; it is 2024-03-07 12:00 at the site",
        ),
        (paper(SCREENED - timedelta(days=1)), "it was written on its day, 2024-03-04, or later"),
        (paper(SCREENED, why=" "), "please say why it was written on paper first"),
    ],
)
def test_a_moment_that_cannot_be_and_a_missing_reason_are_refused(desk: Desk, given: FromPaper, said: str) -> None:
    desk.today = SCREENED + timedelta(days=3)
    with pytest.raises(DecisionRefused, match=said):
        desk.save("vitals", "SCR", on=SCREENED, from_paper=given)
    assert "SCR/vitals/1" not in desk.participant.forms


@pytest.mark.parametrize("when", ["", "yesterday", "2024-03-04", "2024-03-04T10:00+08:00", "2024-03-04T25:00"])
def test_a_moment_is_read_by_the_clock_at_the_site_to_the_minute(desk: Desk, when: str) -> None:
    with pytest.raises(DecisionRefused, match="by the clock at the site, such as 2026-03-30T09:40"):
        desk.save("vitals", "SCR", on=SCREENED, from_paper=FromPaper(when, NO_NETWORK))
    exact = saved(desk.save("vitals", "SCR", on=SCREENED, from_paper=FromPaper("2024-03-04 10:00:31", NO_NETWORK)))
    assert exact.from_paper == paper(SCREENED)


def test_records_from_paper_and_late_ones_are_listed_with_their_delay(desk: Desk) -> None:
    desk.today = SCREENED + timedelta(days=2)
    desk.save("vitals", "SCR", on=SCREENED, from_paper=paper(SCREENED))
    desk.today = SCREENED + timedelta(days=9)
    desk.save("haematology", "SCR", on=SCREENED, late="the laboratory was slow")
    first, second = list_delayed(desk.trial)
    assert first == Delayed(
        participant=WHO,
        site="01",
        record="SCR/vitals/1",
        on=SCREENED,
        written_on=datetime(2024, 3, 4, 10),
        entered_on=SCREENED + timedelta(days=2),
        why=NO_NETWORK,
        late="",
    )
    assert (first.days, second.days, second.late, second.why) == (2, 9, "the laboratory was slow", "")


def test_the_clock_of_an_event_on_paper_starts_at_awareness(desk: Desk) -> None:
    desk.start_from_day_1()
    known = date(2024, 3, 27)
    desk.today = known + timedelta(days=6)
    told = {**SERIOUS, "ae_started": str(DAY_1)}
    written = FromPaper("2024-03-27T22:20", NO_NETWORK)
    desk.save("adverse_event", "", told, on=known, from_paper=written)
    assert clock(desk, "serious", "sponsor").since == datetime(2024, 3, 27, 14, 15, tzinfo=UTC)
    assert desk.participant.forms[RECORD].entered_on == desk.today


def test_a_change_of_what_came_from_paper_leaves_the_paper_in_place(desk: Desk) -> None:
    desk.save("vitals", "SCR", on=SCREENED, from_paper=paper(SCREENED))
    desk.today = SCREENED + timedelta(days=1)
    desk.save("vitals", "SCR", {"weight": VITALS["weight"] + 1}, on=SCREENED, reason="read again")
    entry = desk.participant.forms["SCR/vitals/1"]
    assert entry.paper == NO_NETWORK and entry.written_on == datetime(2024, 3, 4, 10)


def test_a_visit_held_on_paper_says_so(desk: Desk) -> None:
    desk.start_from_day_1()
    on = DAY_1 + timedelta(days=28)
    desk.today = on + timedelta(days=4)
    with pytest.raises(DecisionRefused, match="visit W4: please say why it was written on paper first"):
        desk.do(HoldVisit(participant=WHO, visit="W4", on=on, from_paper=paper(on, why="")))
    (held,) = desk.do(HoldVisit(participant=WHO, visit="W4", on=on, from_paper=paper(on)))
    assert held.tell() == f"visit W4 was held on {on}; first written on paper on {on} 10:00 ({NO_NETWORK})"
    unplanned = HoldUnscheduledVisit(participant=WHO, on=desk.today, why="fever", from_paper=paper(desk.today))
    (held,) = desk.do(unplanned)
    assert held.tell().endswith(f"({NO_NETWORK})")
    assert replayed(desk.events).participants[WHO].visits == desk.participant.visits
    (plain,) = desk.do(HoldUnscheduledVisit(participant=WHO, on=desk.today, why="fever"))
    assert "paper" not in canonical(plain)
