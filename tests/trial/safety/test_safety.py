"""Safety from both sides of the blind: the watch, the two twins of a case, the reports for the board."""

import inspect
import io
import json
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.invariants.conftest import TrialAt
from tests.invariants.mutation import rewrite_function
from tests.invariants.scripted import CANARIES, Scripted, ask_allocation

from equipoise.conduct.closing.locks import CutData
from equipoise.conduct.safety.pauses import PauseEnrolment, ResumeEnrolment
from equipoise.conduct.safety.reporting import AssessCase
from equipoise.errors import DecisionRefused
from equipoise.line import take_next_slot
from equipoise.trial.safety.board import write_closed_report, write_open_report
from equipoise.trial.safety.steps import close_case, report_case, report_case_unblinded, watch_safety
from equipoise.trial.vault_process import vault_handlers

from .ward import MONITOR, RECORD, STATISTICIAN, UNBLINDER, report

WAITING = "01-007"


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def names_an_arm(text: str) -> bool:
    return any(word in text for word in CANARIES)


def arms_of(ward: Scripted) -> dict[str, str]:
    stamp = ward.by(STATISTICIAN)
    opening = ward.vault.call(
        "open_for_board", Any, stamp=_stamp(ward, stamp, "look at the arms"), sequence=1, data="of the test"
    )
    return dict(opening.arms)


def _stamp(ward: Scripted, by: Any, request: str) -> Any:
    from equipoise.trial.steps import stamp_of

    return stamp_of(by, request, rehearsed=True)


def of_one_arm(ward: Scripted) -> tuple[str, str]:
    """Two participants of one arm: of six, two in each."""
    arms = arms_of(ward)
    first, *others = arms
    return first, next(who for who in others if arms[who] == arms[first])


def watch(ward: Scripted) -> Any:
    return watch_safety(ward.running, ward.vault, ward.by(MONITOR))  # type: ignore[arg-type]


def test_the_watch_pauses_enrolment_where_two_of_one_arm_have_the_event(ward: Scripted) -> None:
    first, second = of_one_arm(ward)
    report(ward, first)
    assert not watch(ward).paused
    report(ward, second)
    assert watch(ward).paused
    assert not watch(ward).paused, "told once"
    with pytest.raises(DecisionRefused, match="enrolment is paused"):
        ward.do(ask_allocation(ward, WAITING), "investigator")
    ward.do(ResumeEnrolment(reason="minutes of the board"), "sponsor")
    assert ward.do(ask_allocation(ward, WAITING), "investigator")


def test_two_of_two_arms_pause_nothing(ward: Scripted) -> None:
    arms = arms_of(ward)
    first, *others = arms
    report(ward, first)
    report(ward, next(who for who in others if arms[who] != arms[first]))
    assert watch(ward).passed == ()
    assert ward.trial.paused is None


def test_a_watch_that_broke_between_the_two_records_is_made_up_for(
    ward: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in of_one_arm(ward):
        report(ward, who)
    submit = ward.running.door.submit

    def broken(intent: Any, *rest: Any) -> Any:
        if isinstance(intent, PauseEnrolment):
            raise DecisionRefused("the power failed")
        return submit(intent, *rest)

    monkeypatch.setattr(ward.running.door, "submit", broken)
    with pytest.raises(DecisionRefused, match="the power failed"):
        watch(ward)
    monkeypatch.undo()
    assert ward.trial.paused is None
    assert watch(ward).paused


def test_a_pause_that_the_vault_asks_for_is_not_lost_in_one_by_decision(ward: Scripted) -> None:
    ward.do(PauseEnrolment(reason="audit"), "sponsor")
    for who in of_one_arm(ward):
        report(ward, who)
    assert watch(ward).paused
    assert ward.trial.paused is not None
    assert ward.trial.paused.cause == "stopping rule"


@pytest.mark.parametrize("guarded", [True, False])
def test_the_database_gives_no_slot_while_enrolment_is_paused(
    ward: Scripted, trials: TrialAt, guarded: bool
) -> None:
    ward.do(PauseEnrolment(reason="audit"), "sponsor")
    if not guarded:
        rewrite_function(trials.admin, "guard.may_be_allocated(text)", ("<> 'EnrolmentPaused'", "<> 'nothing'"))
    with trials.server.connect("conduct") as connection:
        assert taken(connection) != guarded


def taken(connection: Any) -> bool:
    """Whether a slot can be taken by hand, up to the end of the transaction that needs its event."""
    connection.execute("BEGIN")
    try:
        take_next_slot(connection, "site=01", WAITING, "by hand")
    except Exception as error:  # noqa: BLE001  whichever guard it is
        assert getattr(error, "sqlstate", None) == "QG002" or isinstance(error, DecisionRefused)
        return False
    finally:
        connection.execute("ROLLBACK")
    return True


def test_the_vault_reads_the_events_itself_so_that_nobody_can_try_out_who_shares_an_arm(ward: Scripted) -> None:
    handlers = vault_handlers(ward.vault.vault)
    assert set(inspect.signature(handlers["check_stopping"]).parameters) == {"stamp"}


def test_clocks_that_ran_out_are_told_and_a_missed_watch_is_made_up_for(ward: Scripted) -> None:
    assert report(ward, "01-001") == ["FormSaved", *["ClockStarted"] * 3, "ClockMet"]
    ward.wait(14)
    assert watch(ward).passed == (), "fifteen days are not over"
    ward.wait(60)
    assert sorted(watch(ward).passed) == [f"01-001 {RECORD}/suspected/{to}" for to in ("bfarm", "nmpa")]
    assert watch(ward).passed == ()


def test_the_twins_of_a_case_differ_in_the_treatment_and_close_alike(ward: Scripted) -> None:
    arms = arms_of(ward)
    treated = next(who for who, arm in arms.items() if arm != "canary_none")
    spared = next(who for who, arm in arms.items() if arm == "canary_none")
    recorded = {}
    for who, reportable in ((treated, True), (spared, False)):
        report(ward, who, ae_life="Y")
        blinded = text_of(report_case(ward.running, who, RECORD, authority="nmpa", at=ward.now()))
        assert "BLINDED" in blinded
        assert "Cell suspension or Canary placebo" in blinded, "what it could be, for everybody alike"
        assert not names_an_arm(blinded.replace("Canary placebo", ""))
        found = report_case_unblinded(
            ward.running,
            ward.vault,  # type: ignore[arg-type]
            ward.by(UNBLINDER),
            who,
            RECORD,
            "nmpa",
        )
        unblinded = text_of(found.pdf)
        assert "UNBLINDED" in unblinded
        assert ward.running.protocol.arms[arms[who]].label.say() in unblinded
        assert ("need not be reported" in unblinded) != reportable
        assert found.reportable == reportable
        before = ward.trial.sequence
        close_case(
            ward.running,
            ward.vault,  # type: ignore[arg-type]
            ward.by(UNBLINDER),
            who,
            RECORD,
            "nmpa",
            sent=reportable,
            reference="NMPA 7" if reportable else "",
            document=found.pdf,
        )
        recorded[who] = [(event.kind, event.payload, event.reason) for event in ward.running.book.read(before)]
    assert recorded[treated] == recorded[spared] == [("ClockMet", f'{{"clock":"{RECORD}/fatal/nmpa"}}', None)]


def test_a_case_is_reported_where_it_is_due_and_with_a_reference(ward: Scripted) -> None:
    who = "01-001"
    asked: dict[str, Any] = {"running": ward.running, "vault": ward.vault, "participant": who, "record": RECORD}
    with pytest.raises(DecisionRefused, match="no report of /adverse_event/1 of 01-001 is due to nmpa"):
        report_case_unblinded(**asked, by=ward.by(UNBLINDER), authority="nmpa")
    with pytest.raises(DecisionRefused, match="has no adverse event of this record"):
        report_case(ward.running, who, RECORD)
    report(ward, who)
    with pytest.raises(DecisionRefused, match="names these authorities: nmpa, bfarm"):
        report_case(ward.running, who, RECORD, authority="fda")
    with pytest.raises(DecisionRefused, match="give the reference"):
        close_case(**asked, by=ward.by(UNBLINDER), authority="nmpa", sent=True)
    with pytest.raises(DecisionRefused, match=r"this step .meet clock. is for: safety unblinder"):
        report_case_unblinded(**asked, by=ward.by("investigator", "01"), authority="nmpa")
    with pytest.raises(DecisionRefused, match="nobody has the screening number 01-099"):
        report_case(ward.running, "01-099", RECORD)


def test_the_monitors_judgement_goes_before_the_list(ward: Scripted) -> None:
    arms = arms_of(ward)
    who = next(who for who, arm in arms.items() if arm == "canary_high")
    report(ward, who)
    judged = AssessCase(participant=who, record=RECORD, suspected=True, unexpected=False, comment="seen before")
    ward.do(judged, MONITOR)
    found = report_case_unblinded(
        ward.running,
        ward.vault,  # type: ignore[arg-type]
        ward.by(UNBLINDER),
        who,
        RECORD,
        "nmpa",
    )
    assert not found.reportable


def test_open_and_closed_report_are_of_one_frozen_cut(ward: Scripted, tmp_path: Path) -> None:
    for who in ("01-001", "01-002"):
        report(ward, who)
    with pytest.raises(DecisionRefused, match="cut the data first"):
        write_open_report(ward.running, tmp_path / "open")
    ward.do(CutData(through=ward.now().date()), "data manager")
    report(ward, "01-003", ae_term="Late embolism")
    frozen = write_open_report(ward.running, tmp_path / "open")
    by = ward.by(STATISTICIAN)
    assert write_closed_report(ward.running, ward.vault, by, tmp_path / "closed") == frozen  # type: ignore[arg-type]
    pages = {kind: text_of((tmp_path / kind / "report.pdf").read_bytes()) for kind in ("open", "closed")}
    assert not names_an_arm(pages["open"])
    assert all(label in pages["closed"] for label in ("Canary high dose", "Canary low dose", "Canary placebo"))
    for kind, text in pages.items():
        assert f"{kind.upper()} REPORT" in text
        assert frozen.data in text
        assert "Pulmonary embolism" in text
        assert "Late embolism" not in text, "the cut is frozen"
        for authority in ward.running.protocol.safety.authorities.values():  # type: ignore[union-attr]
            assert authority.label.say() in text, "each clock says to whom the report goes"
        about = json.loads((tmp_path / kind / "manifest.json").read_text(encoding="utf-8"))
        assert (about["report"], about["sequence"], about["data"]) == (kind, frozen.sequence, frozen.data)
        assert {"report.pdf", "results.csv", "records/harm.csv"} <= set(about["files"])
    results = {kind: (tmp_path / kind / "results.csv").read_text(encoding="utf-8") for kind in pages}
    assert not names_an_arm(results["open"])
    assert names_an_arm(results["closed"])
    again = write_open_report(ward.running, tmp_path / "again")
    assert again == frozen
    assert (tmp_path / "again" / "report.pdf").read_bytes() == (tmp_path / "open" / "report.pdf").read_bytes()


def test_nobody_but_the_boards_statistician_makes_the_closed_report(ward: Scripted, tmp_path: Path) -> None:
    ward.do(CutData(through=ward.now().date()), "data manager")
    for role in ("trial statistician", "sponsor", "pharmacist"):
        with pytest.raises(DecisionRefused, match="only safety board statistician may"):
            write_closed_report(ward.running, ward.vault, ward.by(role), tmp_path / "closed")  # type: ignore[arg-type]
    assert not (tmp_path / "closed").exists()
