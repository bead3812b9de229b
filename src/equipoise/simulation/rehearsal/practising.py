"""The restore drill of a rehearsal: a backup of the running trial is brought back elsewhere and tried.

Its report lies among the documents of the trial; only its times differ from rehearsal to rehearsal.
"""

from datetime import date, timedelta
from pathlib import Path

from ...errors import RecordCorrupt
from ...report.evidence import write_report
from ...trial.drill import evidence_of, hold_drill
from ...trial.running import signing_key
from .calendar import Script, at_site
from .desk import Desk
from .staff import ADMINISTRATOR, HOME
from .vault_side import VaultSide

FOLDER = "drill"
AFTER = timedelta(weeks=40)
"""How long after the opening the drill is held."""


def practise(desk: Desk, vault: VaultSide, opening: date, documents: Path) -> Script:
    """Hold the drill and write its report into a folder of `documents`; RecordCorrupt where a step of it fails."""
    yield at_site(HOME, opening + AFTER, 18)
    desk.flush()
    by, request = desk.by(ADMINISTRATOR, "administrator"), desk.key()
    held = hold_drill(desk.running, by, request=request, vault=vault.unblinded)
    if held.failed:
        raise RecordCorrupt(f"the restore drill of the rehearsal failed. Got {', '.join(held.failed)}")
    write_report(documents / FOLDER, evidence_of(desk.running, held), signing_key(desk.running.folder))
    desk.counts["restore drills held"] += 1
    desk.counts["steps of restore drills"] += len(held.checks)
