"""The archive of a site: what is in it, what is not, who gets it; checked as an outsider would."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pypdf import PdfReader
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted, unblind
from tests.invariants.work import prepared_work

from equipoise.conduct.closing.exports import ExportData
from equipoise.conduct.forms.entry import SaveForm
from equipoise.datasets.odm import check_schema, clinical_hash, read_odm
from equipoise.errors import DataError, DecisionRefused, RecordCorrupt
from equipoise.trial.site_archive import check
from equipoise.trial.site_archive.scope import OF_THE_TRIAL
from equipoise.trial.site_archive.steps import archive_site

SITE, OTHER = "01", "02"


@pytest.fixture
def script(trial_at: TrialAt) -> Scripted:
    """A trial in the middle of its work."""
    name, folder, _ = prepared_work("wheel")
    return trial_at.copy(name, folder)


def keep(script: Scripted, out: Path, **others: Any) -> Path:
    archive_site(script.running, script.by("investigator", SITE), SITE, out, "a copy for the site", **others)
    return out


@pytest.fixture
def kept(script: Scripted, tmp_path: Path) -> Path:
    on = script.participant("01-001").visits["W0"].on
    assert on is not None
    saved = SaveForm(
        participant="01-001",
        form="vitals",
        visit="W0",
        on=on,
        values={"weight": 62.4},
        reason="scale <read> wrongly 😀",
    )
    script.do(saved, "coordinator")
    return keep(script, tmp_path / "kept")


def at_site(script: Scripted) -> set[str]:
    return {who for who, one in script.trial.participants.items() if one.site == SITE}


def text_of(file: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(file).pages)


# --- what is in it


def test_there_is_a_page_a_file_for_each_participant_and_everything_to_check_it(
    script: Scripted, kept: Path
) -> None:
    names = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}
    participants = {name for name in names if name.startswith("participants/")}
    protocols = {name for name in names if name.startswith("protocols/")}
    assert participants == {f"participants/{who}.pdf" for who in at_site(script)}
    assert len(protocols) == 1
    assert names - participants - protocols == {
        *("index.html", "README.txt", "audit-trail.pdf", "record.jsonl", "odm.xml", "anchors.jsonl", "check.py"),
        *("MANIFEST", "MANIFEST.sig", "signing-key.pem", "manifest.json"),
    }
    page = (kept / "index.html").read_text("utf-8")
    assert all(f'href="{name}"' in page for name in names - {"index.html", "manifest.json"})
    assert "http" not in page.replace("http-equiv", "")


def test_a_casebook_tells_each_value_with_all_that_it_was(script: Scripted, kept: Path) -> None:
    said = " ".join(text_of(kept / "participants" / "01-001.pdf").replace("\u200b", "").split())
    for words in (
        *("Weight", "61.3 kg", "61.3 kg → 62.4 kg", "scale <read> wrongly [U+1F600]", "Coordinator.01"),
        *("consent form 1.0 (en) signed", "Baseline (W0)", "held on", "Cough", "Infusions ordered", "B-"),
        *("Signatures", "Queries", "Protocol deviations", "UTC", "+08:00"),
    ):
        assert words in said, words
    assert "02-001" not in said


def test_the_same_trial_gives_the_same_bytes(script: Scripted, tmp_path: Path) -> None:
    from equipoise.trial.running import signing_key
    from equipoise.trial.site_archive.steps import _source
    from equipoise.trial.site_archive.write import write_site_archive

    script.running.door.refresh()
    source, key = _source(script.running), signing_key(script.running.folder)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_site_archive(tmp_path / name / "kept", source, SITE, key)
    assert (tmp_path / "one" / "kept.zip").read_bytes() == (tmp_path / "two" / "kept.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one" / "kept.zip") as packed:
        inside = {name: packed.read(name) for name in packed.namelist()}
    folder = tmp_path / "two" / "kept"
    assert inside == {
        f"kept/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_its_odm_holds_the_participants_of_the_site(script: Scripted, kept: Path) -> None:
    check_schema(kept / "odm.xml")
    read = read_odm(kept / "odm.xml")
    events = [event for event in script.running.book.read() if event.participant and event.site == SITE]
    assert read.clinical == clinical_hash(events)
    assert {event.participant for event in read.events} == at_site(script)


def test_in_chinese_pages_and_words_are_chinese(script: Scripted, tmp_path: Path) -> None:
    kept = keep(script, tmp_path / "kept", language="zh")
    page = (kept / "index.html").read_text("utf-8")
    assert 'lang="zh-Hans"' in page
    assert "研究中心 01 存档" in page
    said = text_of(kept / "participants" / "01-001.pdf")
    assert all(word in said for word in ("受试者", "知情同意", "访视", "不良事件", "签名"))


def test_every_phrase_of_the_pages_has_its_chinese() -> None:
    from equipoise.report.language import Phrases
    from equipoise.trial.site_archive.chinese import CHINESE

    assert all(chinese != english and chinese for english, chinese in CHINESE.items())
    assert Phrases("zh", CHINESE)("Queries") == "质疑"


# --- PDF/A


@pytest.mark.parametrize("name", ["participants/01-001.pdf", "audit-trail.pdf"])
def test_the_pdf_files_say_that_they_are_pdf_a_and_need_nothing_from_outside(kept: Path, name: str) -> None:
    reader = PdfReader(kept / name)
    root = reader.trailer["/Root"]
    metadata = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>U</pdfaid:conformance>" in metadata
    (intent,) = root["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert len(intent.get_object()["/DestOutputProfile"].get_data()) > 100
    assert not reader.is_encrypted
    assert "/ID" in reader.trailer
    assert not {"/AA", "/OpenAction", "/Names", "/AcroForm"} & root.keys()
    fonts = {id(font.get_object()): font.get_object() for page in reader.pages for font in fonts_of(page)}
    assert fonts
    for font in fonts.values():
        assert "/ToUnicode" in font
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & descriptor.keys()


def fonts_of(page: Any) -> Iterator[Any]:
    yield from page["/Resources"].get("/Font", {}).values()


# --- checked as an outsider would


def run_check(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "check.py"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout


def test_python_alone_finds_that_all_holds(script: Scripted, kept: Path) -> None:
    status, said = run_check(kept)
    events = script.trial.sequence - 1  # the export itself came after
    head = script.running.book.event(events)
    assert head is not None
    assert status == 0
    assert f"{events} events in one chain" in said
    assert head.hash.hex() in said


def test_the_list_of_files_and_its_signature_hold_for_the_usual_programs(kept: Path) -> None:
    for program, arguments in (
        ("sha256sum", ["-c", "--strict", "MANIFEST"]),
        (
            "openssl",
            [
                *("pkeyutl", "-verify", "-pubin", "-inkey", "signing-key.pem"),
                *("-rawin", "-in", "MANIFEST", "-sigfile", "MANIFEST.sig"),
            ],
        ),
    ):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on this machine")
        subprocess.run([program, *arguments], cwd=kept, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        ("record.jsonl", b'\\"weight\\":61.3', b'\\"weight\\":16.3', "or one before it was changed"),
        ("record.jsonl", b'"actor":"coordinator.01"', b'"actor":"coordinator.02"', "or one before it was changed"),
        ("record.jsonl", b'{"sequence":5,', b'{"sequence":50,', "event 5 is missing"),
        ("record.jsonl", b'"events":', b'"events":1', "does not end as its last line says"),
        ("anchors.jsonl", b'"hash":"', b'"hash":"0', "is not the one that was anchored"),
    ],
)
def test_a_changed_record_is_found_by_its_chain_also_where_the_list_was_written_anew(
    kept: Path, name: str, old: bytes, new: bytes, why: str
) -> None:
    content = (kept / name).read_bytes()
    assert old in content
    (kept / name).write_bytes(content.replace(old, new, 1))
    assert run_check(kept)[1] == f"WRONG: {name} was changed: its SHA-256 is not that of MANIFEST\n"
    listed = "".join(
        f"{hashlib.sha256((kept / line[66:]).read_bytes()).hexdigest()}  {line[66:]}\n"
        for line in (kept / "MANIFEST").read_text("utf-8").splitlines()
    )
    (kept / "MANIFEST").write_text(listed, "utf-8")
    status, said = run_check(kept)
    assert status == 1
    assert why in said


def test_a_hidden_event_cannot_be_exchanged_nor_a_file_left_out_or_put_in(kept: Path) -> None:
    lines = (kept / "record.jsonl").read_text("utf-8").splitlines(keepends=True)
    hidden = next(n for n, line in enumerate(lines) if n and "kind" not in line)
    changed = {**json.loads(lines[hidden]), "hash": "00" * 32}
    lines[hidden] = json.dumps(changed) + "\n"
    (kept / "record.jsonl").write_text("".join(lines), "utf-8")
    with pytest.raises(check.Wrong, match="or one before it was changed"):
        check.check_record(kept / "record.jsonl")
    (kept / "foreign.txt").write_text("x", "utf-8")
    assert run_check(kept) == (1, "WRONG: foreign.txt is not part of the archive\n")
    (kept / "foreign.txt").unlink()
    (kept / "odm.xml").unlink()
    assert run_check(kept) == (1, "WRONG: odm.xml is missing\n")


def test_without_the_chain_a_changed_event_would_go_unseen(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (kept / "record.jsonl").read_bytes()
    (kept / "record.jsonl").write_bytes(content.replace(b'\\"weight\\":61.3', b'\\"weight\\":16.3', 1))
    monkeypatch.setattr(check, "hash_event", lambda event: event["hash"])
    assert check.check_record(kept / "record.jsonl")


# --- what is not in it


def test_of_other_sites_there_are_hashes_only(script: Scripted, kept: Path) -> None:
    lines = [json.loads(line) for line in (kept / "record.jsonl").read_text("utf-8").splitlines()[1:-1]]
    events = {event.sequence: event for event in script.running.book.read()}
    for line in lines:
        event = events[line["sequence"]]
        assert line["hash"] == event.hash.hex()
        if "kind" in line:
            assert (line["site"] in (SITE, None), line["payload"]) == (True, event.payload)
            assert line["site"] == SITE or line["kind"] in {*OF_THE_TRIAL, "PersonEntered"}
        else:
            assert line.keys() == {"sequence", "hash"}
            assert event.site == OTHER or event.kind == "PersonEntered"
    for file in kept.rglob("*"):
        if file.is_file() and file.suffix != ".pdf":
            assert b"02-001" not in file.read_bytes(), file
            assert b"coordinator.02" not in file.read_bytes(), file
    assert "02-001" not in text_of(kept / "audit-trail.pdf")


def test_who_the_participants_are_is_in_it_only_where_asked_for(
    script: Scripted, kept: Path, tmp_path: Path
) -> None:
    plain = [path.read_bytes() for path in kept.rglob("*") if path.is_file() and path.suffix != ".pdf"]
    assert b"Person 0" not in b"".join(plain)
    asked = keep(script, tmp_path / "asked", identities=True)
    rows = list(csv.DictReader(io.StringIO((asked / "identities.csv").read_text("utf-8-sig"))))
    assert rows[0] == {"participant": "01-001", "birth_date": "1984-05-06", "name": "Person 0", "sex": "F"}
    shown = list(script.running.book.read(kinds=["IdentityRead"]))
    assert [(event.participant, event.reason) for event in shown] == [
        (row["participant"], "a copy for the site") for row in rows
    ]
    assert "for the site only" in (asked / "index.html").read_text("utf-8")
    by = script.by("data manager")
    with pytest.raises(DecisionRefused, match=r"this step \(read identity\) is for"):
        archive_site(script.running, by, SITE, tmp_path / "no", "a copy", identities=True)


def test_arms_only_after_unblinding_where_asked_for_and_proved(trial_at: TrialAt, tmp_path: Path) -> None:
    script = trial_at("locked", 3)
    disclosed = unblind(script)
    plain = keep(script, tmp_path / "plain")
    assert not (plain / "arms.csv").exists()
    kept = keep(script, tmp_path / "kept", disclosed=disclosed)
    rows = list(csv.DictReader(io.StringIO((kept / "arms.csv").read_text("utf-8-sig"))))
    arms = {slot.participant: slot.arm for slot in disclosed.slots if slot.participant}
    assert {row["participant"]: row["arm"] for row in rows} == {
        who: arm for who, arm in arms.items() if who.startswith("01")
    }
    first, *others = disclosed.slots
    forged = msgspec.structs.replace(disclosed, slots=(msgspec.structs.replace(first, arm="canary_none"), *others))
    if first.arm == "canary_none":
        forged = msgspec.structs.replace(
            disclosed, slots=(msgspec.structs.replace(first, arm="canary_low"), *others)
        )
    with pytest.raises(RecordCorrupt, match="is not the one that was sealed"):
        keep(script, tmp_path / "forged", disclosed=forged)
    assert not (tmp_path / "forged").exists()


def test_before_unblinding_arms_are_refused(script: Scripted, tmp_path: Path) -> None:
    from equipoise.trial.opened import Disclosed

    with pytest.raises(DecisionRefused, match="before the trial is unblinded only blinded data"):
        keep(script, tmp_path / "kept", disclosed=Disclosed(()))
    assert not (tmp_path / "kept").exists()


# --- who gets it, and what happens where it cannot be written


@pytest.mark.parametrize(
    ("role", "site", "why"),
    [
        ("investigator", OTHER, "is not investigator at site 01"),
        ("coordinator", SITE, r"this step \(export data\) is for"),
        ("monitor", None, r"this step \(export data\) is for"),
        ("sponsor", None, r"this step \(export data\) is for"),
    ],
)
def test_others_are_refused_and_nothing_is_written(
    script: Scripted, tmp_path: Path, role: str, site: str | None, why: str
) -> None:
    before = script.running.door.refresh().sequence
    with pytest.raises(DecisionRefused, match=why):
        archive_site(script.running, script.by(role, site), SITE, tmp_path / "kept", "a copy")
    assert script.running.door.refresh().sequence == before
    assert not (tmp_path / "kept").exists()


def test_an_investigator_exports_no_data_of_all_sites(script: Scripted) -> None:
    sequence = script.trial.sequence
    whole = ExportData(blind="blinded", purpose="a look", sequence=sequence, rows={"a": 1}, hashes={"a": "0"})
    with pytest.raises(DecisionRefused, match="is not investigator at all sites"):
        script.running.door.submit(whole, script.by("investigator", SITE))


def test_it_is_an_event_of_the_site_with_the_hash_of_the_list(script: Scripted, kept: Path) -> None:
    *_, event = script.running.book.read(kinds=["DataExported"])
    said = msgspec.json.decode(event.payload)
    assert (event.site, said["site"], said["blind"]) == (SITE, SITE, "blinded")
    assert said["hashes"]["MANIFEST"] == hashlib.sha256((kept / "MANIFEST").read_bytes()).hexdigest()
    assert said["rows"]["MANIFEST"] == len((kept / "MANIFEST").read_text("utf-8").splitlines())


def test_it_is_replaced_by_a_newer_one_and_foreign_files_are_left_alone(script: Scripted, kept: Path) -> None:
    keep(script, kept)
    assert run_check(kept)[0] == 0
    with zipfile.ZipFile(kept.with_name("kept.zip")) as packed:
        assert packed.read("kept/MANIFEST") == (kept / "MANIFEST").read_bytes()
    before = script.running.door.refresh().sequence
    kept.with_name("other.zip").write_bytes(b"somebody's")
    with pytest.raises(DataError, match="beside the folder a zip file is written"):
        keep(script, kept.with_name("other"))
    (kept / "mine.txt").write_text("x", "utf-8")
    with pytest.raises(DataError, match="holds files that Equipoise did not write"):
        keep(script, kept)
    assert script.running.door.refresh().sequence == before
    assert not kept.with_name("other").exists()


def test_a_site_that_is_not_there_or_has_nobody_is_refused(script: Scripted, tmp_path: Path) -> None:
    by = script.by("data manager")
    with pytest.raises(DecisionRefused, match="site 03 has not joined the trial"):
        archive_site(script.running, by, "03", tmp_path / "kept", "a copy")
    with pytest.raises(DecisionRefused, match="needs its purpose"):
        archive_site(script.running, by, SITE, tmp_path / "kept", " ")


def test_what_fails_on_the_way_leaves_nothing(
    script: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = script.running.door.refresh().sequence
    monkeypatch.setattr("equipoise.trial.site_archive.write.derive_trail", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keep(script, tmp_path / "kept")
    assert [path.name for path in tmp_path.iterdir() if "kept" in path.name] == []
    assert script.running.door.refresh().sequence == before
