"""A small trial with serious events: each is judged, reported in time under the blind, and seen by the board."""

import io
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from pypdf import PdfReader
from tests.invariants.scanner import find

from equipoise.conduct.safety.events import events_of, is_suspected_unexpected
from equipoise.conduct.safety.watch import count_open, list_clocks
from equipoise.record import Event
from equipoise.report.safety.standing import tell_standing

from ..conftest import Told, walk

REFUSALS = {
    "a serious event without the moment of awareness": "needs the moment from which its reports are counted",
    "a case opened without a reason": "a case is opened for a reason",
    "a report closed without its reference": "give the reference",
    "the arms asked for by the trial's own statistician": "only safety board statistician may",
    **{
        f"the treatment of a case asked for by the {role}": "only safety unblinder may"
        for role in ("investigator", "monitor", "medical monitor", "trial statistician")
    },
}


@pytest.fixture(scope="module")
def watched(once: Callable[[str], Told]) -> Told:
    """The walk of the small trial whose protocol has a section on safety."""
    return once("watched")


def payload(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.payload)
    return found


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def texts_of(documents: Mapping[str, bytes], ending: str) -> dict[str, str]:
    """Return the text of the documents whose path ends so."""
    return {name: text_of(content) for name, content in documents.items() if name.endswith(ending)}


def test_every_serious_event_is_assessed_as_it_stands_and_followed_to_its_end(watched: Told) -> None:
    serious = 0
    for person in watched.trial.participants.values():
        for event in events_of(watched.protocol, person):
            if event.serious:
                serious += 1
                judged = person.assessments[event.record]
                assert judged.by == "medical.monitor"
                assert judged.sequence == person.forms[event.record].sequence
                assert judged.suspected == event.suspected
                assert event.resolved
    assert serious == watched.counts["serious adverse events"] == watched.counts["serious events assessed"] > 2
    assert not any(count_open(watched.protocol, watched.trial).values())


def test_every_clock_is_met_in_time_and_one_report_was_made_on_the_last_day_of_its_term(watched: Told) -> None:
    clocks = list_clocks(watched.protocol, watched.trial, watched.events[-1].at)
    assert {one.standing for one in clocks} == {"met"}
    assert watched.counts["clocks met"] == len(clocks)
    assert {one.authority for one in clocks} == {"sponsor", "nmpa", "aemps"}
    assert not watched.of("ClockPassed")
    reports = [one for one in clocks if one.authority != "sponsor"]
    assert len(reports) == watched.counts["expedited reports made"]
    left = [one.due - one.met_at for one in reports if one.met_at is not None]
    assert timedelta() < min(left) < timedelta(hours=5) < max(left)


def test_the_twins_of_each_report_are_there_and_the_blinded_one_knows_no_arm(watched: Told) -> None:
    arms = {slot.participant: slot.arm for slot in watched.disclosed.slots}
    expected = sum(
        2 * is_suspected_unexpected(watched.protocol, event, person.assessments[event.record])
        for person in watched.trial.participants.values()
        for event in events_of(watched.protocol, person)
        if event.serious
    )
    blinded, unblinded = texts_of(watched.blinded, "-blinded.pdf"), texts_of(watched.unblinded, "-unblinded.pdf")
    assert len(blinded) == len(unblinded) == expected > 1
    labels = {arm: spec.label.say() for arm, spec in watched.protocol.arms.items()}
    for name, text in unblinded.items():
        assert "UNBLINDED: for the authority only" in text
        arm = arms[name.removeprefix("cases/")[:6]]
        assert labels[arm] in text
        assert ("need not be reported" in text) == (arm == "placebo")
        twin = blinded[name.replace("-unblinded", "-blinded")]
        assert "BLINDED: this copy tells no treatment" in twin
        assert not find(["Active", "1.5e6"], {name: twin.encode()})


def test_nothing_on_the_blinded_side_of_the_wall_knows_an_arm(watched: Told) -> None:
    texts = {name: text.encode() for name, text in texts_of(watched.blinded, ".pdf").items()}
    others = {name: content for name, content in watched.blinded.items() if not name.endswith(".pdf")}
    assert texts
    assert not find(["Active", "1.5e6"], {**texts, **others})
    assert not [name for name in watched.blinded if "unblinded" in name or "closed" in name]


def test_what_the_record_says_of_a_report_is_the_same_after_placebo(watched: Told) -> None:
    arms = {slot.participant: slot.arm for slot in watched.disclosed.slots}
    said: dict[str, set[tuple[Any, ...]]] = {}
    for event in watched.of("ClockMet"):
        if not payload(event)["clock"].endswith("/sponsor"):
            clock = payload(event)["clock"].replace(payload(event)["clock"].split("/")[2], "n")
            said.setdefault(arms[event.participant], set()).add((clock, event.actor, event.reason))
    assert set(said) == {"active", "placebo"}
    assert said["active"] == said["placebo"]


@pytest.mark.parametrize("what", REFUSALS)
def test_what_must_be_refused_was_tried(watched: Told, what: str) -> None:
    assert watched.counts[f"refused: {what}"] > 0
    assert REFUSALS[what] in watched.refusals[what]


def test_a_stopping_rule_pauses_enrolment_and_the_sponsor_resumes_it_the_same_day(watched: Told) -> None:
    paused, resumed = watched.of("EnrolmentPaused"), watched.of("EnrolmentResumed")
    assert len(paused) == len(resumed) == watched.counts["pauses of enrolment"] > 0
    for before, after in zip(paused, resumed, strict=True):
        assert payload(before)["cause"] == "stopping rule"
        assert (before.actor, after.actor) == ("medical.monitor", "sponsor")
        assert timedelta() < after.at - before.at < timedelta(hours=12)
        assert not [e for e in watched.of("ParticipantAllocated") if before.at <= e.at <= after.at]
    assert watched.counts["watches held"] == sum(e.kind == "StoppingRulesChecked" for e in watched.vault)


def test_both_reports_for_the_board_are_of_one_cut(watched: Told) -> None:
    about = {
        kind: json.loads(side[f"board/{kind}/manifest.json"])
        for kind, side in (("open", watched.blinded), ("closed", watched.unblinded))
    }
    first, *_ = watched.of("DataCut")
    (opened,) = [event for event in watched.vault if event.kind == "BoardOpened"]
    for kind, one in about.items():
        assert (one["report"], one["sequence"]) == (kind, payload(first)["sequence"])
        assert (one["sequence"], one["data"]) == (payload(opened)["sequence"], payload(opened)["data"])
    allocated = [e for e in watched.of("ParticipantAllocated") if e.sequence < first.sequence]
    assert len(allocated) >= 5
    labels = [spec.label.say() for spec in watched.protocol.arms.values()]
    (shown,), (hidden,) = (
        texts_of(watched.unblinded, "report.pdf").values(),
        texts_of(watched.blinded, "report.pdf").values(),
    )
    assert all(label in shown for label in labels)
    assert not any(label in hidden for label in labels)


def test_the_front_page_of_the_report_counts_serious_events_and_how_their_clocks_stand(
    watched: Told, told: Told
) -> None:
    suspected = len([one for one in watched.of("ClockStarted") if payload(one)["authority"] == "nmpa"])
    serious = watched.counts["serious adverse events"]
    assert dict(tell_standing(watched.protocol, watched.trial)) == {
        "Serious adverse events": f"{serious}, of them {suspected} suspected and unexpected",
        "Reports and their terms": f"met: {watched.counts['clocks met']}",
    }
    assert len(tell_standing(told.protocol, told.trial)) == 1, "no clock runs without a section on safety"
    nobody = msgspec.structs.replace(watched.trial, participants={})
    assert tell_standing(watched.protocol, nobody) == ()


def test_a_trial_without_a_section_on_safety_is_watched_too(told: Told) -> None:
    assert told.counts["serious events assessed"] == told.counts["serious adverse events"] > 0
    assert told.counts["reports for the safety board"] == 2
    assert not told.of("ClockStarted")


def test_the_same_seed_writes_the_same_documents(watched: Told) -> None:
    again = walk("watched")
    assert again.events == watched.events
    assert again.blinded == watched.blinded
    assert again.unblinded == watched.unblinded
