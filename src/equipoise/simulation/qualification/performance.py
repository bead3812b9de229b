"""Performance qualification: a whole trial is rehearsed and proved, and the running one is looked at."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ...conduct.organisation.drills import next_drill_due
from ...errors import RecordCorrupt
from ...protocol import protocol_version, read_protocol
from ...record import read_anchors, read_gate
from ...report.evidence import CheckFailed, Found, NotExercised
from ...report.folder import hash_files
from ...trial.running import RunningTrial, signing_key
from ...trial.verify import verify_archive, verify_running
from ..rehearsal.rehearse import rehearse
from .installation import SETTINGS, setting

DOCUMENTS = ("index.html", "report.pdf", "results.csv", "results.ars.json")
LONGEST_WITHOUT_ANCHOR = 14
"""Days after which an anchor is missed while events are added (assumed)."""


@dataclass(frozen=True)
class Performance:
    """A rehearsal of `source` into `out`; `begin` frees the database for it, `progress` is told how far it is."""

    source: str
    out: Path
    begin: Callable[[], object]
    progress: Callable[[str], object]

    def rehearse(self) -> Found:
        """Rehearse the trial from screening to the report, with virtual participants, at the real doors."""
        self.begin()
        began = time.monotonic()
        done = rehearse(self.source, self.out, progress=self._tell)
        refusals = sum(number for name, number in done.counts.items() if name.startswith("refused"))
        return {
            "protocol": f"{Path(self.source).stem}, {protocol_version(read_protocol(self.source))}",
            "screened": done.screened,
            "allocated": done.allocated,
            "events": f"{done.events} and {done.vault_events} of the vault",
            "steps refused, as they had to be": refusals,
            "time": f"{time.monotonic() - began:.1f} s",
        }

    def verify(self) -> Found:
        """Prove the archive of it: chains, anchors, opened list, lock, signature; make the results once more."""
        self._require_archive()
        found = verify_archive(self.out, progress=self.progress)
        return {
            "events": found.events,
            "anchors": found.anchors,
            "slots as sealed": found.slots,
            "files": found.files,
            "made again, the same bytes": found.made_again,
        }

    def detect_change(self) -> Found:
        """Change one digit of a result in the archive; the proof must fail and name the file. Then put it back."""
        self._require_archive()
        file = self.out / "results.csv"
        content = file.read_bytes()
        place = max(content.rfind(digit) for digit in (b"1", b"2", b"3"))
        file.write_bytes(content[:place] + b"9" + content[place + 1 :])
        try:
            verify_archive(self.out)
        except RecordCorrupt as corrupt:
            if "results.csv" not in str(corrupt):
                raise CheckFailed(f"the file that was changed is not named. Got {corrupt}") from corrupt
            return {"said": str(corrupt).replace(f"{self.out}/", "")}
        finally:
            file.write_bytes(content)
        raise CheckFailed("a digit of results.csv was changed, and the proof of the archive holds")

    def find_documents(self) -> Found:
        """Look for the documents of the report, and give the hash of each."""
        self._require_archive()
        hashes = hash_files(self.out)
        if missing := [name for name in DOCUMENTS if name not in hashes]:
            raise CheckFailed(f"the rehearsal has left no {', '.join(missing)}")
        return {name: hashes[name] for name in DOCUMENTS} | {"files in all": len(hashes)}

    def _tell(self, stage: str, done: int, total: int) -> None:
        self.progress(f"{stage} {done} of {total}" if total else stage)

    def _require_archive(self) -> None:
        if not self.out.exists():
            raise NotExercised("the rehearsal did not reach its end")


@dataclass(frozen=True)
class AtWork:
    """A running trial, which is looked at and left as it is."""

    running: RunningTrial

    def verify(self) -> Found:
        """Verify the record of the running trial: chain, replay, anchors."""
        return verify_running(self.running)

    def check_gate(self) -> Found:
        """Ask whether allocation and dispensing are open."""
        gate = read_gate(self.running.book)
        if not gate.open:
            raise CheckFailed(f"allocation and dosing are shut, because {gate.why}")
        return {"open": gate.why, "since": gate.since}

    def check_drill(self) -> Found:
        """Ask when a restore was practised last."""
        today, due = datetime.now(UTC).date(), next_drill_due(self.running.door.trial)
        if due is None:
            raise NotExercised("no site is active yet, so no drill is due")
        if today > due:
            raise CheckFailed(f"a drill was due by {due}; hold one with `equipoise drill`. Got {today}")
        return {"next due": due}

    def check_anchors(self) -> Found:
        """Ask how far back the newest anchor outside the database lies."""
        folder, head = self.running.folder, self.running.book.head()
        if not folder.anchors.exists():
            raise CheckFailed("nothing was anchored outside the database yet; use `equipoise witness`")
        newest = read_anchors(folder.anchors, signing_key(folder).verify_key)[-1]
        days = 0 if newest.at is None or head.at is None else (head.at - newest.at).days
        if days > LONGEST_WITHOUT_ANCHOR:
            raise CheckFailed(f"the newest anchor must be at most {LONGEST_WITHOUT_ANCHOR} days old. Got {days}")
        return {"newest anchor": f"event {newest.sequence}", "newest event": head.sequence}

    def check_database(self) -> Found:
        """Read the settings of the database that the trial lives in."""
        with closing(self.running.server.connect("conduct")) as connection:
            names = (*SETTINGS, "server_version", "synchronous_commit")
            found = {name: setting(connection, name) for name in names}
        wanted = ((name, value) for name, value in SETTINGS.items() if found[name] != value)
        if wrong := [f"{name} must be {value}. Got {found[name]}" for name, value in wanted]:
            raise CheckFailed("; ".join(wrong))
        return found
