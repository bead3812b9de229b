"""The archive of an amended trial holds every version of its protocol, and is made again by all of them."""

from pathlib import Path

import pytest
from tests.invariants.amended import ITEM, WIDER, activate, issue, sign_anew
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted, finish, lock, unblind

from equipoise.errors import RecordCorrupt
from equipoise.record import Book, read_lines
from equipoise.trial.archive import EARLIER, PROTOCOL, read_versions, replay, write_archive
from equipoise.trial.folder import EVENTS, RECORD
from equipoise.trial.running import signing_key
from equipoise.trial.verify import verify_archive


@pytest.fixture
def archive(trial_at: TrialAt, tmp_path: Path) -> tuple[Scripted, str, Path]:
    """The archive of a trial with participants on both versions, the first version of which is named."""
    script = trial_at("infused", 6)
    first = script.version
    issue(script, tmp_path, WIDER, ITEM)
    activate(script, "01")
    for who, person in script.trial.participants.items():
        if person.site == "01":
            sign_anew(script, who)
    finish(script, list(script.trial.participants))
    lock(script)
    disclosed = unblind(script)
    running = script.running
    with running.server.connect("vault") as connection:
        write_archive(
            tmp_path / "archive",
            protocol_files=running.protocol_files(),
            book=running.book,
            vault_book=Book(connection, "vault_record"),
            disclosed=disclosed,
            anchors=running.folder.anchors,
            key=signing_key(running.folder),
        )
    return script, first, tmp_path / "archive"


def test_it_holds_every_version_and_verifies(archive: tuple[Scripted, str, Path]) -> None:
    script, first, folder = archive
    assert {person.protocol for person in script.trial.participants.values()} == {first, script.version}
    assert verify_archive(folder).made_again > 0
    assert [file.stem for file in (folder / EARLIER).iterdir()] == [first]
    assert (folder / PROTOCOL).read_bytes() == script.running.folder.protocol_file(script.version).read_bytes()


def test_a_version_that_was_changed_is_not_the_one_that_was_issued(archive: tuple[Scripted, str, Path]) -> None:
    _, first, folder = archive
    file = folder / EARLIER / f"{first}.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("window: 7 d", "window: 6 d"), encoding="utf-8")
    with pytest.raises(RecordCorrupt, match=f"{first}.yaml is not the version of the protocol that was issued"):
        read_versions(folder, replay(read_lines(folder / RECORD / EVENTS)))
    with pytest.raises(RecordCorrupt, match=r"yaml was changed: its hash"):
        verify_archive(folder)
