"""Invariant 4: the same request key gets the same answer, any number of times, across crash and timeout."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import msgspec
import pytest

from equipoise.conduct.access.identity import ReadIdentity
from equipoise.conduct.closing.exports import ExportData
from equipoise.conduct.door.asked import hash_asked
from equipoise.conduct.door.door import Door
from equipoise.conduct.door.fact import By
from equipoise.conduct.door.services import Services
from equipoise.conduct.enrolment.screening import AssessEligibility, ScreenParticipant
from equipoise.conduct.follow_up.visits import HoldVisit, MissVisit
from equipoise.conduct.forms.entry import SaveForm
from equipoise.conduct.organisation.people import EnterPerson
from equipoise.errors import DecisionRefused
from equipoise.line import take_next_slot
from equipoise.record import Draft, Event, Head, Stamp, Turn

from .allocations import wrong_allocations
from .clients import number_in, open_door
from .conftest import TrialAt
from .mutation import forget_keys, rewrite_function
from .scripted import Scripted, ask_allocation

KEY = "the key of this step"
WHO = "01-001"
Answer = tuple[Event, ...] | str


def ask(door: Door, script: Scripted, key: str = KEY) -> Answer:
    """Ask for the allocation; return its events, or the words of a refusal."""
    try:
        return door.submit(ask_allocation(script, WHO), By("investigator.01", "investigator", script.now()), key)
    except DecisionRefused as refused:
        return str(refused)


def different(answers: list[Answer]) -> list[str]:
    """Return the answers that are not the first one's events; a key that was never answered is wrong as well."""
    first = answers[0]
    return [str(answer) for answer in answers if answer != first or isinstance(answer, str)]


def another_door(script: Scripted, trial_at: TrialAt) -> Door:
    return open_door(trial_at.server.connect("conduct"), script.running.door.protocols)


def test_a_key_sent_by_eight_at_once_and_again_later_gets_one_answer(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4)
    doors = [another_door(script, trial_at) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda door: ask(door, script), doors))
    answers += [ask(door, script) for door in (doors[0], script.running.door, another_door(script, trial_at))]
    assert different(answers) == []
    assert wrong_allocations(trial_at.admin, {WHO: number_in(answers[0])}) == []  # type: ignore[arg-type]


def cut_off(trial_at: TrialAt, door: Door) -> None:
    backend = door.book.connection.info.backend_pid
    trial_at.admin.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))


def test_who_lost_the_connection_before_the_end_gets_the_answer_by_asking_again(
    trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, append = trial_at("eligible", 4), Turn.append
    door = another_door(script, trial_at)

    def append_and_lose_the_connection(turn: Turn, stamp: Stamp, drafts: Sequence[Draft]) -> tuple[Event, ...]:
        events = append(turn, stamp, drafts)
        cut_off(trial_at, door)
        return events

    with monkeypatch.context() as patch:
        patch.setattr(Turn, "append", append_and_lose_the_connection)
        assert "repeat it with the same key" in str(ask(door, script))
    answers = [ask(another_door(script, trial_at), script) for _ in range(3)]
    assert different(answers) == []
    assert wrong_allocations(trial_at.admin, {WHO: number_in(answers[0])}) == []  # type: ignore[arg-type]


def test_who_never_heard_the_answer_gets_it_by_asking_again(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4)
    door = another_door(script, trial_at)

    def lose_the_connection(_: Head) -> None:
        cut_off(trial_at, door)
        door.book.head()

    door.services = Services(allocate=take_next_slot, witness=lose_the_connection)
    assert "the database cannot be reached" in str(ask(door, script))
    answers = [ask(another_door(script, trial_at), script) for _ in range(3)]
    assert different(answers) == []
    assert wrong_allocations(trial_at.admin, {WHO: number_in(answers[0])}) == []  # type: ignore[arg-type]


def test_who_waited_in_vain_gets_the_answer_by_asking_again(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4)
    rewrite_function(trial_at.admin, "record.take_turn()", ("'30s'", "'50ms'"))
    with trial_at.server.connect("conduct") as other, other.transaction():
        other.execute("SELECT * FROM record.take_turn()")
        assert "with the same key" in str(ask(script.running.door, script))
    answers = [ask(script.running.door, script) for _ in range(2)]
    assert different(answers) == []


def test_a_key_that_was_refused_may_be_answered_later_and_then_always(trial_at: TrialAt) -> None:
    script = trial_at("eligible", 4)
    door = another_door(script, trial_at)
    trial_at.server.connect("vault").execute("SELECT vault_record.shut_gate('for a check')")
    assert "no randomisation number can be given out" in str(ask(door, script))
    trial_at.server.connect("vault").execute("SELECT vault_record.open_gate('checked')")
    assert different([ask(door, script) for _ in range(3)]) == []


def test_without_its_memory_of_keys_the_record_would_answer_otherwise_the_second_time(
    trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = trial_at("eligible", 4)
    forget_keys(monkeypatch)
    answers = [ask(another_door(script, trial_at), script) for _ in range(3)]
    assert len(different(answers)) == 2


SAVED = SaveForm(
    participant=WHO, form="vitals", visit="SCR", on=date(2026, 2, 16), values={"pulse": 71}, reason="misread"
)
OTHERS = {
    "another participant": (HoldVisit(participant="01-002", visit="W0", on=date(2026, 3, 2)), "coordinator", "01"),
    "another visit": (MissVisit(participant=WHO, visit="W4", why="ill"), "coordinator", "01"),
    "another form": (
        SaveForm(participant=WHO, form="immunology", visit="SCR", on=date(2026, 2, 16)),
        "nurse",
        "01",
    ),
    "an identity": (ReadIdentity(participant=WHO, reason="a call"), "coordinator", "01"),
    "an export": (
        ExportData(blind="blinded", purpose="a look", sequence=1, rows={"a": 1}, hashes={"a": ""}),
        "data manager",
        None,
    ),
    "another kind": (AssessEligibility(participant=WHO, judged={}), "investigator", "01"),
    "nobody in particular": (EnterPerson(person="nurse.9", name="N. Nine"), "administrator", None),
    "another value": (msgspec.structs.replace(SAVED, values={"pulse": 72}), "coordinator", "01"),
    "another reason": (msgspec.structs.replace(SAVED, reason="a slip"), "coordinator", "01"),
}
TOLD_BY_THEIR_EVENTS = tuple(OTHERS)[:5]
"""Those that the events of the key show to be another step, where no hash of what was asked is kept."""


def taken_for_another(script: Scripted) -> list[str]:
    """Return which steps get the answer of another one that had their key."""
    on = script.participant(WHO).visits["SCR"].on
    assert on == SAVED.on
    script.do(SAVED, "coordinator", request=KEY)
    before, found = script.running.book.head(), []
    for name, (intent, role, site) in OTHERS.items():
        try:
            script.do(intent, role, site=site, request=KEY)
        except DecisionRefused as refused:
            assert str(refused).startswith("this request key belongs to another step; repeat"), refused
        else:
            found.append(name)
    assert script.running.book.head() == before
    return found


def test_a_key_of_one_step_is_no_answer_to_another(trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken_for_another(trial_at("examined", 3)) == []
    monkeypatch.setattr("equipoise.conduct.door.door.require_same_step", lambda *_: None)
    assert taken_for_another(trial_at("examined", 3)) == list(OTHERS)


def test_a_record_that_was_begun_without_hashes_goes_on_by_what_its_events_show(trial_at: TrialAt) -> None:
    script = trial_at("examined", 3)
    script.running.close()
    trial_at.admin.execute("DROP TABLE record.asked")
    script = trial_at.attach(script.folder)
    assert taken_for_another(script) == [name for name in OTHERS if name not in TOLD_BY_THEIR_EVENTS]
    assert script.do(SAVED, "coordinator", request=KEY)[0].request == KEY


def test_a_person_is_not_given_the_number_of_another_by_their_key(trial_at: TrialAt) -> None:
    script = trial_at("screened", 1)
    person = {"name": "Li Na", "birth_date": "1980-05-31", "sex": "F"}
    first = script.do(ScreenParticipant(site="01", identity=person), "coordinator", site="01", request=KEY)
    with_contact = person | {"contact": "by telephone"}
    again = ScreenParticipant(site="01", identity=with_contact)
    assert script.do(again, "coordinator", site="01", request=KEY) == first
    for another in (person | {"name": "Wang Fang"}, person | {"birth_date": "the day"}, {"name": "Li Na"}):
        with pytest.raises(DecisionRefused, match="belongs to another step"):
            script.do(ScreenParticipant(site="01", identity=another), "coordinator", site="01", request=KEY)
    (hashed,) = trial_at.admin.execute("SELECT hash FROM record.asked WHERE request = %s", (KEY,)).fetchall()
    told = {hash_asked(ScreenParticipant(site="01", identity=one), KEY) for one in (person, {})}
    assert told == {hashed[0]}, "nothing of who it is stands in the hash"


def test_what_was_shown_to_one_person_is_not_shown_to_another_by_their_key(trial_at: TrialAt) -> None:
    script = trial_at("screened", 2)
    read = ReadIdentity(participant=WHO, reason="a call")
    first = script.do(read, "coordinator", request=KEY)
    assert script.do(read, "coordinator", request=KEY) == first
    with pytest.raises(DecisionRefused, match="belongs to another step"):
        script.do(read, "investigator", request=KEY)
