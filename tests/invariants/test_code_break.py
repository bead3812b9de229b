"""Invariant 11: a code break reveals one participant and is on both records; an envelope does when all is down."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError

from equipoise.conduct.closing.unblinding import ReportCodeBreak
from equipoise.errors import DecisionRefused
from equipoise.line import VaultClient
from equipoise.record import Book, Event
from equipoise.trial.steps import break_code, stamp_of
from equipoise.vault.bags import Preparation
from equipoise.vault.process import make_doors
from equipoise.vault.service import CodeBreak, Vault
from equipoise.vault.slots import open_participant

from .conftest import TrialAt
from .scripted import ARMS, CANARIES, Scripted

WHO, OTHERS = "01-001", ("01-002", "02-001", "02-002")
REASON, KEY, PASSWORD = "seizure, the treatment must be known", "the emergency", "a long password"


def arm_of(script: Scripted, participant: str) -> str:
    vault = script.vault.vault
    return open_participant(vault.connection, vault.key, participant).arm


def broken(script: Scripted, *, site: str = "01", request: str = KEY) -> CodeBreak:
    return break_code(script.running, script.vault, script.by("investigator", site), WHO, REASON, request)  # type: ignore[arg-type]


def told_in(book: Book, kinds: Sequence[str]) -> list[Event]:
    return list(book.read(kinds=kinds))


def wrong_about(script: Scripted, shown: Sequence[CodeBreak]) -> list[str]:
    """Return what is wrong after the code of one participant was broken once, and shown so many times."""
    wrong = []
    label = script.running.protocol.arms[arm_of(script, WHO)].label.say()
    for one in shown:
        text = msgspec.json.encode(one).decode()
        named = [arm for arm in ARMS if arm in text]
        if (one.participant, one.label, named) != (WHO, label, [arm_of(script, WHO)]):
            wrong.append(f"{one.label} of {one.participant} was shown, with {named}")
        wrong += [f"{other} was shown as well" for other in OTHERS if other in text]
    records = (("the vault's", script.vault.vault.book), ("the trial's", script.running.book))
    for name, book in records:
        events = told_in(book, ["CodeBroken"])
        said = [(event.participant, event.reason, event.actor) for event in events]
        if said != [(WHO, REASON, "investigator.01")]:
            wrong.append(f"{name} record says {said}")
    state = script.running.door.refresh().participants
    wrong += [f"{other} counts as broken" for other in OTHERS if state[other].code_broken_at is not None]
    wrong += ["who was broken does not count as such"] if state[WHO].code_broken_at is None else []
    events = script.running.book.read()
    return wrong + [f"event {e.sequence} tells an arm" for e in events if any(c in e.payload for c in CANARIES)]


def test_a_code_break_shows_one_participant_and_is_on_both_records(trial_at: TrialAt) -> None:
    script = trial_at("infused", 4)
    shown = broken(script)
    assert [bag.order for bag in shown.prepared] == [f"{WHO}/W0"]
    assert wrong_about(script, [shown]) == []
    with pytest.raises(DecisionRefused, match="the codes are closed"):
        script.vault.vault.allocations()


def test_asked_again_under_its_key_it_shows_the_same_and_is_told_once(trial_at: TrialAt) -> None:
    script = trial_at("infused", 4)
    assert wrong_about(script, [broken(script), broken(script), broken(script)]) == []


def test_whoever_loses_the_connection_in_between_asks_again_and_both_records_have_it(
    trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = trial_at("infused", 4)
    with monkeypatch.context() as patch:
        patch.setattr(script.running.door, "submit", gone)
        with pytest.raises(DecisionRefused, match="cannot be reached"):
            broken(script)
    assert told_in(script.running.book, ["CodeBroken"]) == []
    assert wrong_about(script, [broken(script)]) == []


def gone(*_: object) -> None:
    raise DecisionRefused("the database cannot be reached")


def test_what_cannot_be_put_on_record_is_not_shown(trial_at: TrialAt) -> None:
    script = trial_at("infused", 4)
    assert script.vault.vault.holders()
    trial_at.admin.execute("REVOKE INSERT (kind) ON vault_record.event FROM equipoise_vault")
    with pytest.raises(Exception, match="permission denied"):
        broken(script)
    trial_at.admin.execute("GRANT INSERT (kind) ON vault_record.event TO equipoise_vault")
    assert wrong_about(script, [broken(script)]) == []


@pytest.mark.parametrize(
    ("role", "site"), [("investigator", "02"), ("coordinator", "01"), ("data manager", None), ("pharmacist", None)]
)
def test_who_may_not_break_a_code_opens_nothing(trial_at: TrialAt, role: str, site: str | None) -> None:
    script = trial_at("infused", 4)
    with pytest.raises(DecisionRefused):
        break_code(script.running, script.vault, script.by(role, site), WHO, REASON, KEY)  # type: ignore[arg-type]
    assert told_in(script.vault.vault.book, ["CodeBroken"]) == []
    assert told_in(script.running.book, ["CodeBroken"]) == []


def test_without_the_vault_s_event_a_code_would_be_broken_in_silence(
    trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = trial_at("infused", 4)
    monkeypatch.setattr(Vault, "write_once", lambda *_: None)
    assert wrong_about(script, [broken(script)]) == ["the vault's record says []"]


def test_without_the_report_the_trial_would_not_know_of_it(
    trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = trial_at("infused", 4)
    with monkeypatch.context() as patch:
        patch.setattr(script.running.door, "submit", lambda *_: ())
        shown = broken(script)
    assert wrong_about(script, [shown]) == ["the trial's record says []", "who was broken does not count as such"]


def test_without_its_bound_a_code_break_would_show_the_doses_of_others(
    trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, preparations = trial_at("infused", 4), Vault.preparations

    def everybody(vault: Vault, _: str | None = None) -> list[Preparation]:
        return preparations(vault)

    monkeypatch.setattr(Vault, "preparations", everybody)
    assert {f"{other} was shown as well" for other in OTHERS} <= set(wrong_about(script, [broken(script)]))


# --- envelopes, for when all is down


def printed(script: Scripted) -> bytes:
    stamp = stamp_of(script.by("pharmacist"), "print the envelopes", rehearsed=True)
    people = [WHO, "01-002"]
    pdf: bytes = script.vault.call(
        "print_envelopes", bytes, stamp=stamp, site="01", participants=people, password=PASSWORD, language="en"
    )
    return pdf


def wrong_on_paper(script: Scripted, pages: Sequence[str]) -> list[str]:
    """Return what is wrong with the envelopes of 01-001 and 01-002."""
    wrong = []
    labels = {arm: script.running.protocol.arms[arm].label.say() for arm in ARMS}
    for who, page in zip((WHO, "01-002"), pages, strict=True):
        named = [label for label in labels.values() if label in page]
        people = [one for one in (WHO, *OTHERS) if one in page]
        if (people, named) != ([who], [labels[arm_of(script, who)]]):
            wrong.append(f"the sheet of {who} names {people} and {named}")
    return wrong


def read_pages(pdf: bytes, password: str = PASSWORD) -> list[str]:
    reader = PdfReader(io.BytesIO(pdf))
    reader.decrypt(password)
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]


def test_with_the_vault_down_an_envelope_shows_one_participant_and_the_opening_is_reported(
    trial_at: TrialAt, tmp_path: Path
) -> None:
    script = trial_at("infused", 4)
    pdf = printed(script)
    down = VaultClient(make_doors(tmp_path).unblinded)
    with pytest.raises(DecisionRefused, match="cannot be reached"):
        break_code(script.running, down, script.by("investigator", "01"), WHO, REASON, KEY)
    assert told_in(script.running.book, ["CodeBroken"]) == []

    sheet, _ = read_pages(pdf)

    opened_at = script.now()
    report = ReportCodeBreak(participant=WHO, how="envelope", reason=REASON)
    script.do(report, "investigator", request="the envelope")
    assert wrong_on_paper(script, read_pages(pdf)) == []
    assert WHO in sheet
    (told,) = told_in(script.running.book, ["CodeBroken"])
    assert (told.participant, told.reason, msgspec.json.decode(told.payload)) == (WHO, REASON, {"how": "envelope"})

    stamp = stamp_of(script.by("investigator", "01"), "the envelope", rehearsed=True)  # once the vault is back
    for _ in range(2):
        script.vault.call(
            "report_envelope", None, stamp=stamp, participant=WHO, reason=REASON,
            opened_by="investigator.01", opened_at=opened_at,
        )  # fmt: skip
    (kept,) = told_in(script.vault.vault.book, ["EnvelopeOpened"])
    assert (kept.participant, kept.reason) == (WHO, REASON)
    assert msgspec.json.decode(kept.payload)["opened_by"] == "investigator.01"


def test_without_its_password_the_file_of_envelopes_shows_nothing(trial_at: TrialAt) -> None:
    script = trial_at("infused", 4)
    pdf = printed(script)
    assert not any(canary.encode() in pdf for canary in CANARIES)
    with pytest.raises(FileNotDecryptedError):
        read_pages(pdf, "another password")


def test_a_sheet_that_named_another_participant_would_be_found(trial_at: TrialAt) -> None:
    script = trial_at("infused", 4)
    first, second = read_pages(printed(script))
    assert wrong_on_paper(script, [second, first]) != []
    assert len(wrong_on_paper(script, [f"{first} {second}"] * 2)) == 2
