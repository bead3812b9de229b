"""Locked data are neither coded, entered again, settled nor asked about; a freeze stops the sites only."""

import pytest
from tests.conduct.forms.desk import EVENT, WHO, Desk

from equipoise.conduct.door.fact import Intent
from equipoise.conduct.door.state import Hold, Loaded, Scope
from equipoise.conduct.quality import coding, queries, second_entry
from equipoise.conduct.quality.coding import CodeTerm, CodeTerms
from equipoise.conduct.quality.queries import RaiseQuery
from equipoise.conduct.quality.second_entry import AdjudicateEntry, EnterSecond
from equipoise.errors import DecisionRefused

COUNTS, HARM = "W0/immunology/1", "/adverse_event/1"
STEPS: tuple[tuple[Intent, str, str], ...] = (
    (EnterSecond(participant=WHO, form="immunology", visit="W0", values={"cd4": 1}), "zhao", "coordinator"),
    (
        AdjudicateEntry(participant=WHO, record=COUNTS, item="cd4", keep="first", reason="x"),
        "zhao",
        "investigator",
    ),
    (CodeTerm(participant=WHO, record=HARM, item="ae_term", chosen="x", edition="1"), "zhao", "medical monitor"),
    (CodeTerms(dictionary="events", edition="1"), "zhao", "medical monitor"),
    (RaiseQuery(participant=WHO, record=HARM, question="?"), "zhao", "monitor"),
)


@pytest.fixture
def at_work(desk: Desk) -> Desk:
    """A desk with cell counts entered twice that differ, and an event that is not coded."""
    desk.save("immunology", "W0", {"cd4": 215, "cd8": 700})
    desk.save("adverse_event", "", EVENT)
    desk.trial.dictionaries["events"] = Loaded(name="D", edition="1", hash="0")
    return desk


def refused_to(desk: Desk, scope: Scope, *, locked: bool) -> set[str]:
    """Try each step while a scope is held; return the names of those that were refused for that."""
    found = set()
    for intent, person, role in STEPS:
        desk.participant.second_entries.clear()
        if isinstance(intent, AdjudicateEntry):
            desk.do(STEPS[0][0], person="wang")
        held = Hold(scope=scope, locked=locked, by="wang", at=desk.events[0].at)
        desk.trial.holds.append(held)
        try:
            desk.decide(intent, person, role)
        except DecisionRefused as refusal:
            assert ("was locked" if locked else "was frozen") in str(refusal)
            found.add(type(intent).__name__)
        finally:
            desk.trial.holds.remove(held)
    return found


ON_COUNTS, ON_HARM = {"EnterSecond", "AdjudicateEntry"}, {"CodeTerm", "CodeTerms", "RaiseQuery"}


@pytest.mark.parametrize(
    ("scope", "stopped"),
    [
        (Scope(), ON_COUNTS | ON_HARM),
        (Scope(site="01"), ON_COUNTS | ON_HARM),
        (Scope(participant=WHO), ON_COUNTS | ON_HARM),
        (Scope(visit="W0"), ON_COUNTS),
        (Scope(form="immunology"), ON_COUNTS),
        (Scope(form="adverse_event"), ON_HARM),
        (Scope(form="vitals"), set()),
    ],
)
def test_a_locked_scope_refuses_what_concerns_it_and_nothing_else(
    at_work: Desk, scope: Scope, stopped: set[str]
) -> None:
    assert refused_to(at_work, scope, locked=True) == stopped
    assert refused_to(at_work, scope, locked=False) == stopped & ON_COUNTS


@pytest.mark.parametrize(
    "module", [coding, queries, second_entry], ids=lambda module: module.__name__.split(".")[-1]
)
def test_without_the_question_whether_data_are_open_they_would_be_changed(
    at_work: Desk, module: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = refused_to(at_work, Scope(), locked=True)
    monkeypatch.setattr(module, "require_open", lambda *_, **__: None)
    assert refused_to(at_work, Scope(), locked=True) < everything
