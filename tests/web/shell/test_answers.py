"""Answers that are kept: after every step they are those that would be worked out anew."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from tests.invariants.scripted import Scripted, bring, finish
from tests.web.portals import Portals

from equipoise.conduct.closing.checklist import checklist
from equipoise.conduct.closing.signatures import signature_state
from equipoise.conduct.door.chapters import evolve
from equipoise.conduct.door.state import Participant, Trial
from equipoise.conduct.follow_up.worklist import list_tasks
from equipoise.conduct.forms.entry import SaveForm
from equipoise.conduct.organisation.consent_documents import ApproveConsentDocument
from equipoise.conduct.organisation.people import EnterPerson
from equipoise.conduct.quality.coding import list_uncoded
from equipoise.conduct.quality.completeness import check_trial
from equipoise.conduct.quality.queries import AnswerQuery, RaiseQuery
from equipoise.conduct.quality.review import list_to_review
from equipoise.conduct.quality.verification import VerifySource, list_to_verify
from equipoise.record import Event
from equipoise.trial.coding import load_dictionary
from equipoise.trial.running import RunningTrial

if TYPE_CHECKING:
    from equipoise.web.shell.here import Here  # needs a portal that is set up

At = Callable[..., Portals]


@dataclass
class Read:
    """A record as somebody sees it who has read on to an event; in the place of the door and of the book."""

    events: list[Event]
    running: RunningTrial
    trial: Trial = field(default_factory=Trial)

    def read(self, after: int) -> list[Event]:
        """Return the events after one, as far as was read."""
        return self.events[after : self.trial.sequence]

    def looking(self) -> "Here":
        """Return a data manager who looks now."""
        from equipoise.web.shell.here import Here

        door = SimpleNamespace(
            trial=self.trial, protocols=self.running.door.protocols, protocol_of=self.running.door.protocol_of
        )
        seen = SimpleNamespace(door=door, book=self, protocol=self.running.protocol)
        self.seen = getattr(self, "seen", seen)
        assert self.trial.at is not None
        return Here(cast(RunningTrial, self.seen), "data.manager", "data manager", None, self.trial.at)


def load(script: Scripted) -> None:
    """Code events with a dictionary from now on."""
    file = script.folder / "terms.csv"
    file.write_text("term,decoded\nPyrexia,Pyrexia\n", encoding="utf-8")
    load_dictionary(script.running, script.by("data manager"), file, "events", "Terms", "1", "a dictionary")


def changed(script: Scripted) -> None:
    """Let everything happen on which an answer may hang: queries, changes, verification, a form, a dictionary."""
    who, other = bring(script, 2, "infused")
    script.do(RaiseQuery(participant=who, record="SCR/vitals/1", item="weight", question="kg?"), "data manager")
    script.do(AnswerQuery(participant=who, query="Q1", answer="yes"), "coordinator")
    on = script.participant(who).visits["SCR"].on
    assert on is not None
    weight = {"weight": 62.5}
    correct = SaveForm(participant=who, form="vitals", visit="SCR", on=on, values=weight, reason="read again")
    script.do(correct, "coordinator")
    seen = script.trial.sequence
    script.do(VerifySource(participant=who, records={"SCR/vitals/1": ("weight",)}, seen=seen), "monitor")
    event = {"ae_term": "fever", "ae_started": str(script.today()), "ae_serious": "N"}
    script.do(
        SaveForm(participant=other, form="adverse_event", on=script.today("02"), values=event), "investigator"
    )
    load(script)
    script.do(EnterPerson(person="new", name="New"), "administrator")
    renewed = ApproveConsentDocument(
        document="2.0",
        language="en",
        site="01",
        protocol=script.version,
        valid_from=script.today() - timedelta(days=1),
        renew=True,
    )
    script.do(renewed, "sponsor")
    finish(script, [other])


def anew(read: Read, looking: "Here") -> dict[str, Any]:
    """Return the answers as conduct works them out from the whole state."""
    trial, running = read.trial, read.running
    newest, versions = running.protocol, running.door.protocols

    def own(person: Participant) -> Any:
        return versions[person.protocol]

    return {
        "tasks": list_tasks(own, trial, looking.at, looking.today),
        "completeness": check_trial(own, trial, looking.today),
        "to verify": list_to_verify(newest, trial, versions),
        "to review": list_to_review(newest, trial, versions),
        "terms": list_uncoded(newest, trial, versions),
        "points": checklist(newest, trial, looking.today, versions),
        "signatures": [signature_state(one) for one in trial.participants.values()],
    }


def as_kept(looking: "Here") -> dict[str, Any]:
    """Return the answers as the pages keep them."""
    from equipoise.web.pages.oversight.closing import open_points
    from equipoise.web.pages.quality.coding import uncoded
    from equipoise.web.pages.quality.dashboard import completeness_of
    from equipoise.web.pages.quality.review import to_review
    from equipoise.web.pages.quality.verification import to_verify
    from equipoise.web.pages.site.work import tasks_of
    from equipoise.web.shell.answers import kept_each

    people = list(looking.trial.participants.values())
    return {
        "tasks": tasks_of(looking),
        "completeness": completeness_of(looking),
        "to verify": to_verify(looking),
        "to review": to_review(looking),
        "terms": uncoded(looking),
        "points": open_points(looking),
        "signatures": kept_each(looking, "signature", people, signature_state, daily=False),
    }


def steps(portals: Portals) -> Iterator[tuple[Read, Event]]:
    """Read the record of a trial on, event by event, from the first moment at which it has a protocol."""
    events = list(portals.running.book.read())
    read = Read(events, portals.running)
    for event in events:
        evolve(read.trial, event)
        if read.trial.versions:
            yield read, event


def test_what_is_kept_is_what_would_be_worked_out_anew_after_every_event(portals_at: At) -> None:
    portals = portals_at()
    changed(portals.script)
    told: dict[str, set[str]] = {}
    for read, event in steps(portals):
        looking = read.looking()
        kept = as_kept(looking)
        for question, answer in anew(read, looking).items():
            assert kept[question] == answer, (question, event)
            told.setdefault(question, set()).add(repr(answer))
    assert all(len(answers) > 1 for answers in told.values()), "each answer has changed on the way"
    kinds = {task.what for task in kept["tasks"]}
    assert "consent to be renewed" in kinds, "what is approved for a site concerns who is there already"


def test_an_event_changes_no_participant_but_its_own(portals_at: At) -> None:
    portals = portals_at()
    changed(portals.script)
    before: dict[str, str] = {}
    for read, event in steps(portals):
        states = {name: repr(one) for name, one in read.trial.participants.items()}
        touched = {name for name, one in states.items() if before.get(name) != one}
        assert touched <= {event.participant}, event
        before = states


def test_only_whom_something_concerns_is_asked_of_again(portals_at: At) -> None:
    from equipoise.web.shell.answers import kept_each
    from equipoise.web.shell.here import Here

    portals = portals_at("allocated", 4)
    script, door = portals.script, portals.running.door
    asked: list[str] = []

    def ask() -> list[str]:
        asked.clear()
        looking = Here(portals.running, "data.manager", "data manager", None, datetime.now(UTC))
        people = list(door.refresh().participants.values())
        kept_each(looking, "who", people, lambda one: asked.append(one.id))
        return sorted(asked)

    everybody = sorted(door.trial.participants)
    assert ask() == everybody
    assert ask() == []
    who = everybody[1]
    script.do(RaiseQuery(participant=who, record="SCR/vitals/1", question="kg?"), "data manager")
    assert ask() == [who]
    script.do(EnterPerson(person="new", name="New"), "administrator")
    assert ask() == [], "who works on the trial is nothing that an answer hangs on"
    load(script)
    assert ask() == everybody, "a dictionary concerns all"


def test_an_answer_sees_nothing_of_the_trial_but_its_frame(portals_at: At) -> None:
    from equipoise.web.shell.answers import frame_of

    trial = portals_at("allocated", 2).running.door.refresh()
    frame = frame_of(trial)
    assert not frame.participants
    assert not frame.people
    assert (frame.versions, frame.sites) == (trial.versions, trial.sites)
