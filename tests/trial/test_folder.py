"""The folder of a trial: what is in it, what it refuses, and who may read its keys."""

import json
from pathlib import Path

import pytest
from tests.invariants.scripted import TRIAL

from equipoise.errors import DataError
from equipoise.protocol import protocol_version
from equipoise.trial.folder import TrialFolder, create_folder


def test_a_new_folder_names_its_trial_and_keeps_a_copy_of_the_protocol(tmp_path: Path) -> None:
    folder, version, protocol = create_folder(tmp_path / "trial", str(TRIAL), "live")
    assert (folder.trial, folder.mode) == ("scripted", "live")
    assert version == protocol_version(protocol)
    assert folder.protocol_file(version).read_bytes() == TRIAL.read_bytes()
    assert folder.protocols() == {version: protocol}


@pytest.mark.parametrize("occupied", ["file", "folder"])
def test_a_trial_begins_in_a_new_or_an_empty_folder(tmp_path: Path, occupied: str) -> None:
    home = tmp_path / "trial"
    if occupied == "file":
        home.write_text("a letter")
    else:
        home.mkdir()
        (home / "letter").write_text("a letter")
    with pytest.raises(DataError, match="begins in a new or an empty folder"):
        create_folder(home, str(TRIAL), "live")
    assert (home if occupied == "file" else home / "letter").read_text() == "a letter"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "holds no trial"),
        (b"{", "is damaged"),
        (b"\x80", "is damaged"),
        (b"[]", "is damaged"),
        (b'{"trial": "scripted"}', "is damaged"),
    ],
)
def test_a_folder_that_does_not_say_whose_it_is_is_refused(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / "trial.json").write_bytes(content)
    for ask in (lambda folder: folder.trial, lambda folder: folder.mode):
        with pytest.raises(DataError, match=says):
            ask(TrialFolder(tmp_path))


def test_a_protocol_under_the_name_of_another_is_refused(tmp_path: Path) -> None:
    folder, version, _ = create_folder(tmp_path / "trial", str(TRIAL), "live")
    folder.protocol_file(version).rename(folder.protocol_file("0" * 64))
    with pytest.raises(DataError, match="was changed: its content no longer has the hash"):
        folder.protocols()


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    folder, _, _ = create_folder(tmp_path / "trial", str(TRIAL), "live")
    key = folder.key("anchors")
    assert len(key) == 32
    assert key == TrialFolder(folder.path).key("anchors") != folder.key("identities")
    file = folder.path / "keys" / "anchors.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("content", ["", "no key", "ab" * 31, "ä" * 64])
def test_a_damaged_key_is_not_replaced_and_not_used(tmp_path: Path, content: str) -> None:
    folder, _, _ = create_folder(tmp_path / "trial", str(TRIAL), "live")
    folder.key("anchors")
    file = folder.path / "keys" / "anchors.key"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"anchors\.key is damaged; take it from a backup") as refused:
        folder.key("anchors")
    assert not content or content not in str(refused.value)
    assert file.read_text(encoding="utf-8") == content


def test_nothing_but_names_stands_in_the_file_of_the_trial(tmp_path: Path) -> None:
    folder, _, _ = create_folder(tmp_path / "trial", str(TRIAL), "rehearsal")
    about = json.loads((folder.path / "trial.json").read_text())
    assert about == {"trial": "scripted", "mode": "rehearsal"}
