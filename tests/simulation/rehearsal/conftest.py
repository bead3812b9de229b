"""Small trials that were walked once, whatever process of the test run asks for them."""

import fcntl
import pickle
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from equipoise.conduct.door.state import Trial
from equipoise.protocol import Protocol, parse_protocol
from equipoise.record import Book, Event, Head
from equipoise.simulation.rehearsal.clinic.mishaps import Mishaps
from equipoise.simulation.rehearsal.walk import walk_trial
from equipoise.trial.opened import Disclosed

TEXT = (Path(__file__).parent / "trial.yaml").read_text(encoding="utf-8")

OFTEN = Mishaps(
    out_of_range=0.08,
    slip=0.12,
    not_taken=0.08,
    double_click=0.06,
    overtaken=0.06,
    other_unit=0.5,
    unscheduled=0.3,
    screened_twice=0.3,
    old_consent=0.6,
    wrong_strata=0.4,
    let_in=0.6,
)
"""Mishaps so frequent that a small trial sees each of them."""

RANDOMISED = "randomisation: {size: 10, method: permuted blocks, block_sizes: [2, 4], strata: [site]}"
BLINDED = TEXT[TEXT.index("  blinded: ") : TEXT.index("schedule:")]
PLACEBO = TEXT[TEXT.index("  placebo: ") : TEXT.index("randomisation:")]

VARIANTS = {
    "blinded": TEXT,
    "open": TEXT.replace(RANDOMISED, "enrolment: {size: 5, per_arm: {active: 3, placebo: 2}}").replace(
        BLINDED, "  blinded: []\n\n"
    ),
    "minimised": TEXT.replace(
        RANDOMISED, "randomisation: {size: 6, method: minimisation, probability: 0.8, strata: [site, sex]}"
    ),
    "single arm": TEXT.replace(RANDOMISED, "enrolment: {size: 3, per_arm: {active: 3}}")
    .replace(BLINDED, "  blinded: []\n\n")
    .replace(PLACEBO, "\n")
    .replace(
        "method: ancova, estimand: primary, terms: [baseline, arm]", "method: within-arm change, estimand: primary"
    )
    .replace("summary: difference in means", "summary: mean")
    .replace("sites: {count: 2,", "sites: {count: 1,"),
}
"""The small trial under other designs."""


@dataclass(frozen=True)
class Told:
    """What was left of a walk: both records, the state, what the staff counted, what was opened in the end."""

    protocol: Protocol
    beginning: Head
    events: list[Event]
    vault: list[Event]
    trial: Trial
    counts: Mapping[str, int]
    refusals: Mapping[str, str]
    disclosed: Disclosed
    stages: list[tuple[str, int, int]]

    def of(self, kind: str) -> list[Event]:
        """Return the events of a kind."""
        return [event for event in self.events if event.kind == kind]


def walk(variant: str, seed: int = 1) -> Told:
    """Walk a variant of the small trial in a temporary folder."""
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "trial.yaml"
        source.write_text(VARIANTS[variant], encoding="utf-8")
        stages: list[tuple[str, int, int]] = []
        with (
            walk_trial(
                str(source),
                Path(work) / "trial",
                seed=seed,
                mishaps=OFTEN,
                progress=lambda *stage: stages.append(stage),
            ) as walked,
            walked.running.server.connect("vault") as connection,
        ):
            return Told(
                parse_protocol(VARIANTS[variant]),
                walked.running.book.beginning,
                list(walked.running.book.read()),
                list(Book(connection, "vault_record").read()),
                walked.trial,
                walked.counts,
                walked.refusals,
                walked.disclosed,
                stages,
            )


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str], Told]:
    """Give the walk of a variant, walked by whichever worker asks first."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared if worker_id == "master" else shared.parent

    def walked(variant: str) -> Told:
        kept = shared / f"walked {variant}"
        with (shared / f"lock {variant}").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_bytes(pickle.dumps(walk(variant)))
        found: Told = pickle.loads(kept.read_bytes())
        return found

    return walked


@pytest.fixture(scope="session")
def told(once: Callable[[str], Told]) -> Told:
    """The walk of the blinded trial."""
    return once("blinded")
