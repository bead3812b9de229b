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
    leaking_bag=0.2,
)
"""Mishaps so frequent that a small trial sees each of them."""

RANDOMISED = "randomisation: {size: 10, method: permuted blocks, block_sizes: [2, 4], strata: [site]}"
BLINDED = TEXT[TEXT.index("  blinded: ") : TEXT.index("schedule:")]
PLACEBO = TEXT[TEXT.index("  placebo: ") : TEXT.index("randomisation:")]

SERIOUS = """\
      ae_serious: {label: {en: Serious, zh: 严重}, type: yes or no, critical: true, sdtm: AESER}
"""
REPORTABLE = """\
      ae_aware:
        label: {en: Site aware, zh: 获知时间}
        type: date and time
        required: false
        required_when: ae_serious = 'Y'
      ae_hospital:
        label: {en: Hospital stay, zh: 住院}
        type: yes or no
        required: false
        required_when: ae_serious = 'Y'
        sdtm: AESHOSP
      ae_causality:
        label: {en: Related, zh: 相关性}
        type: code
        codes: {POSSIBLY RELATED: {en: Possibly, zh: 可能有关}, NOT RELATED: {en: Not related, zh: 无关}}
        sdtm: AEREL
"""
SAFETY = """\
safety:
  grading: {adverse_event: CTCAE 5.0}
  serious: {report_within: 24 h, aware: ae_aware}
  suspected_unexpected: {fatal: 7 d, complete: 8 d, other: 15 d}
  authorities:
    nmpa: {label: {en: NMPA, zh: 国家药品监督管理局}, zone: Asia/Shanghai}
    aemps: {label: {en: AEMPS, zh: 西班牙药品管理局}, zone: Europe/Madrid, other: 10 d}
  stopping_rules:
    pneumonia:
      text: {en: Two participants with a related pneumonia, zh: 两例与输注有关的肺炎}
      rule: LOWER(term) = 'pneumonia' AND causality = 'POSSIBLY RELATED'
      at_least: 2

"""

WITHOUT_KITS = "    at: &infusions [W0, W4]\n"
KITS = """\
    storage: {temperature: [2, 8], in_use: 4 h}
    supply: {buffer: 3, viability: 70}
"""

VARIANTS = {
    "blinded": TEXT,
    "watched": TEXT.replace(SERIOUS, SERIOUS + REPORTABLE)
    .replace("analysis_sets:\n", SAFETY + "analysis_sets:\n")
    .replace("analyses:\n", "analyses:\n  harm: {method: adverse events, set: full}\n")
    .replace("share: 0.4, serious: 0.9}", "share: 0.8, serious: 0.9, related: 0.9}"),
    "kits": TEXT.replace(WITHOUT_KITS, WITHOUT_KITS + KITS),
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
    """What was left of a walk: both records, the state, what the staff counted, what was opened in the end.

    blinded, unblinded: the documents of either side of the wall, by their path.
    """

    protocol: Protocol
    beginning: Head
    events: list[Event]
    vault: list[Event]
    trial: Trial
    counts: Mapping[str, int]
    refusals: Mapping[str, str]
    disclosed: Disclosed
    stages: list[tuple[str, int, int]]
    blinded: Mapping[str, bytes]
    unblinded: Mapping[str, bytes]

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
                *(files_in(folder) for folder in walked.documents),
            )


def files_in(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder, by its path in it; none where there is no such folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


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
