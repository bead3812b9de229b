"""How fast a file of laboratory results is imported, beside what merely reading its bytes and its rows costs.

    uv run python benchmarks/laboratory.py [--participants 500] [--profile]

500 participants at the eleven visits of `hucmsc_inr`, 17 tests each: 93,500 results in 22,000 records, by the step
of the command, on the embedded PostgreSQL with its guards and fsync. Identities, which made-up participants have
none of, are not asked for; nobody is allocated, so the vault has no part. Each line prints wall time, the time of
the processor for this process and for its database, rows a second, and the ratio to reading the file with polars.
"""

import argparse
import cProfile
import csv
import hashlib
import io
import json
import os
import pstats
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl

from equipoise.conduct.door.fact import By
from equipoise.conduct.enrolment.consent import ConsentSigned
from equipoise.conduct.enrolment.screening import ParticipantScreened
from equipoise.conduct.follow_up.visits import VisitHeld
from equipoise.conduct.laboratory.ranges import LaboratoryEntered
from equipoise.conduct.organisation.people import PersonEntered, RoleGranted
from equipoise.conduct.organisation.sites import SiteActivated, SiteOpened
from equipoise.protocol import protocol_version
from equipoise.protocol.quantity import unit_registry
from equipoise.record import Draft, Stamp, canonical
from equipoise.trial.laboratory.steps import import_results, read_results
from equipoise.trial.running import RunningTrial, begin_trial

GOAL_ROWS, GOAL_SECONDS = 100_000, 20
DAY_1 = date(2024, 1, 1)
TESTS = {
    **{"WBC": (5.0, "10*9/L", 2), "NEUT": (3.0, "10*9/L", 2), "LYM": (1.5, "10*9/L", 2), "HGB": (13.5, "g/dL", 1)},
    **{
        "PLAT": (200.0, "10*9/L", 0),
        "ALT": (30.0, "U/L", 0),
        "AST": (30.0, "U/L", 0),
        "BILI": (12.0, "umol/L", 1),
    },
    **{"ALP": (80.0, "U/L", 0), "ALB": (40.0, "g/L", 0), "CREAT": (70.0, "umol/L", 0), "GLUC": (5.0, "mmol/L", 1)},
    **{"DDIMER": (0.5, "mg/L", 2), "CD4": (250.0, "/uL", 0), "CD8": (700.0, "/uL", 0), "CD8ACT": (20.0, "%", 1)},
    "HIV1RNA": (20.0, "{copies}/mL", 0),
}
"""A usual value of each test, its unit, and the decimals of a laboratory."""

Result = TypeVar("Result")


def drafts(running: RunningTrial, participants: int) -> list[Draft]:
    """Make up the trial up to the visits, as facts."""
    version = protocol_version(running.protocol)
    early = date(2023, 1, 1)
    facts: list[tuple[object, str | None]] = [
        (SiteOpened(site="01", name="Bench", country="CHN", zone="Asia/Shanghai"), None),
        (SiteActivated(site="01", protocol=version, approved_on=early), None),
        (PersonEntered(person="lab", name="Laboratory"), None),
        (RoleGranted(person="lab", role="laboratory", since=early, training="none"), None),
        (LaboratoryEntered(laboratory="central", name="Central laboratory", zone="Asia/Shanghai"), None),
    ]
    for number in range(participants):
        who = f"01-{number + 1:03}"
        facts.append((ParticipantScreened(protocol=version), who))
        facts.append((ConsentSigned(document="1.0", language="en", signed_on=date(2023, 12, 1)), who))
        facts += [
            (VisitHeld(key=visit, on=held_on(running, visit)), who) for visit in running.protocol.schedule.visits
        ]
    return [Draft(type(fact).__name__, 1, canonical(fact), "01" if who else None, who) for fact, who in facts]


def held_on(running: RunningTrial, visit: str) -> date:
    target = running.protocol.schedule.visits[visit].target
    return DAY_1 + timedelta(days=target - 1 if target > 0 else target)


def write_file(running: RunningTrial, participants: int, folder: Path) -> tuple[Path, Path, int]:
    """Write the file of a laboratory, with its manifest."""
    draw, text = random.Random(1), io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["participant", "collected", "test", "value", "unit", "accession"])
    rows = 0
    for number in range(participants):
        for place, visit in enumerate(running.protocol.schedule.visits):
            on = held_on(running, visit)
            for test, (usual, unit, decimals) in TESTS.items():
                value = f"{usual * (1 + 0.05 * draw.random()):.{decimals}f}"
                writer.writerow(
                    [f"01-{number + 1:03}", f"{on}T08:{number % 60:02}", test, value, unit, f"{number}-{place}"]
                )
                rows += 1
    file, manifest = folder / "results.csv", folder / "results.json"
    file.write_text(text.getvalue(), encoding="utf-8")
    said = {
        "laboratory": "central",
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "rows": rows,
        "code_list": protocol_version(running.protocol)[:12],
        "created_at": "2026-01-05T10:00+08:00",
        "unit_system": "UCUM",
    }
    manifest.write_text(json.dumps(said), encoding="utf-8")
    return file, manifest, rows


def measured(
    what: str, rows: int, limit: float | None, backend: int, work: Callable[[], Result]
) -> tuple[Result, float]:
    """Do some work and print what it took."""
    wall, own, database = time.perf_counter(), time.process_time(), busy(backend)
    result = work()
    wall, own, database = time.perf_counter() - wall, time.process_time() - own, busy(backend) - database
    ratio = "" if limit is None else f"{wall / limit:8.0f} x reading"
    spent = f"{wall:8.2f} s, here {own:6.2f} s, database {database:6.2f} s"
    print(f"{what:32}{spent}{rows / wall:12,.0f} rows/s{ratio}", flush=True)
    return result, wall


def busy(process: int) -> float:
    """Return the processor time of a process of this machine in seconds; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participants", type=int, default=500)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    unit_registry()
    with tempfile.TemporaryDirectory(prefix="equipoise-bench-") as home:
        folder = Path(home)
        with begin_trial(folder / "trial", "hucmsc_inr", sponsor="s", administrator="a") as running:
            with running.server.connect_admin() as admin:
                admin.execute("DROP TRIGGER require_agreement ON record.event")
            with running.book.turn(running.door.trial.sequence, "fill") as turn:
                turn.append(Stamp("bench", "sponsor", "UTC", "fill"), drafts(running, options.participants))
            running.door.refresh()
            file, manifest, rows = write_file(running, options.participants, folder)
            print(f"{rows:,} results, {file.stat().st_size / 1e6:.1f} MB")
            backend = running.book.connection.info.backend_pid
            _, limit = measured("reading the file with polars", rows, None, backend, lambda: pl.read_csv(file))
            intent, reading = measured(
                "reading it with its manifest", rows, limit, backend, lambda: read_results(file, manifest)
            )
            by = By("lab", "laboratory", datetime.now(UTC))
            profile = cProfile.Profile()
            if options.profile:
                profile.enable()
            events, importing = measured(
                "judging, storing, folding",
                rows,
                limit,
                backend,
                lambda: import_results(running, None, by, intent),
            )
            profile.disable()
            total = reading + importing
            goal = GOAL_SECONDS * rows / GOAL_ROWS
            print(
                f"{len(events):,} events; {total:.2f} s in all, goal {goal:.1f} s: {goal / total:.2f} x the goal"
            )
            measured(
                "the same file again", rows, limit, backend, lambda: import_results(running, None, by, intent)
            )
            if options.profile:
                pstats.Stats(profile).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    main()
