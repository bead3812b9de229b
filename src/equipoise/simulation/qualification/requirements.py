"""What is required of an installation, by which clauses, and the test of each: the plan of a qualification.

The clauses are of ICH E6(R3) (good clinical practice, step 4 of January 2025), ICH E9 (statistics), and 21 CFR 11
(electronic records and signatures). The words of each requirement are those of this program.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from ...report.evidence import Check, Found, NotExercised
from .bench import Bench
from .installation import Installation
from .operation import Operation
from .performance import AtWork, Performance
from .reference import CHECKS

Planned = tuple[Check, Callable[[], Found]]
_VALID = ("ICH E6(R3) 4.3.4", "21 CFR 11.10(a)")

IQ, OQ, PQ, TRIAL = (
    "Installation qualification",
    "Operational qualification",
    "Performance qualification",
    "The running trial",
)

INSTALLATION = (
    ("check_python", "The version of Python is one that the program is made for.", _VALID),
    ("check_packages", "Every package that is needed is there, in a version that was declared.", _VALID),
    ("check_own_files", "The program's files are those that were delivered.", (*_VALID, "21 CFR 11.10(k)")),
    ("check_files_of_packages", "The files of the packages it needs are those that were delivered.", _VALID),
    (
        "check_database",
        "The database keeps what it has acknowledged, and knows every sign.",
        (*_VALID, "21 CFR 11.10(c)"),
    ),
    (
        "check_times",
        "Time is the same for program and database, in every zone.",
        ("ICH E6(R3) 4.2.2(d)", "21 CFR 11.10(e)"),
    ),
    ("check_disk", "There is room on the disk, and what is written to it stays.", _VALID),
    ("check_fonts", "Every sign of a report can be printed, in English and Chinese.", ("21 CFR 11.10(b)",)),
    ("check_protocols", "The protocols that come with the program are valid.", _VALID),
)
_ALLOCATION = ("ICH E6(R3) 4.3.4(h)", "ICH E9 2.3.2")
_BLIND = ("ICH E6(R3) 4.1.2", "ICH E9 2.3.1")
_TRAIL = ("ICH E6(R3) 4.2.2", "21 CFR 11.10(e)")
OPERATION = (
    (
        "allocate_at_once",
        "An acknowledged allocation is stored, once: one place a participant, in the order of the list, however "
        "many ask at once.",
        _ALLOCATION,
    ),
    ("repeat_requests", "The same request gets the same answer, however often it is sent.", _ALLOCATION),
    ("exhaust_list", "A list that is used up gives no further number, and none twice.", _ALLOCATION),
    (
        "require_conditions",
        "Nobody is allocated without consent and eligibility, or by a role that may not.",
        (*_ALLOCATION, "ICH E6(R3) 4.3.8", "21 CFR 11.10(g)"),
    ),
    ("keep_events", "No role can change or remove an event.", ("ICH E6(R3) 4.2.2(b)", "21 CFR 11.10(e)")),
    ("keep_blind", "The blinded side can read no arm, by any statement.", _BLIND),
    (
        "detect_tampering",
        "An event that somebody with every right changed or removed is named.",
        ("ICH E6(R3) 4.2.2(b)", "21 CFR 11.10(a)", "21 CFR 11.10(c)"),
    ),
    ("replay", "The state of the trial follows from its record.", _TRAIL),
    (
        "break_signature",
        "A signature is bound to what was signed; a change shows it broken.",
        ("ICH E6(R3) 3.16.1(o)", "21 CFR 11.50", "21 CFR 11.70"),
    ),
    (
        "require_reason",
        "A change needs its reason; a value that cannot be is not stored.",
        (*_TRAIL, "21 CFR 11.10(f)"),
    ),
    ("edit_at_once", "Two editors of a record never merge silently.", (*_TRAIL, "21 CFR 11.10(f)")),
    (
        "lock_scope",
        "What is locked takes no change, at the door or past it; who locked does not unlock.",
        ("ICH E6(R3) 3.16.1(p)", "ICH E6(R3) 4.2.6"),
    ),
    (
        "bound_doses",
        "A dose by weight is computed in decimals, within its bounds, from a weight that is fresh.",
        ("ICH E6(R3) 4.3.4(h)",),
    ),
    (
        "break_one_code",
        "A code break shows one participant's arm, with a reason, and is on record.",
        ("ICH E6(R3) 3.15", "ICH E6(R3) 4.1.4"),
    ),
    (
        "print_envelopes",
        "A code can be broken on paper too, in the language of the site.",
        ("ICH E6(R3) 3.15", "21 CFR 11.10(b)"),
    ),
    ("run_clocks", "Reports of harm are due at the right moment, over any calendar.", ("ICH E2A III.B",)),
    (
        "amend",
        "An amendment does what its dry run foresaw, and what was recorded keeps its version.",
        ("ICH E6(R3) 4.3.4", "ICH E6(R3) 4.3.5"),
    ),
    (
        "recover",
        "A backup can be brought back, and gives nothing out before it is reconciled.",
        ("ICH E6(R3) 4.3.3(c-d)", "21 CFR 11.10(c)"),
    ),
)
_REHEARSED = ("ICH E6(R3) 4.3.4(h)", "21 CFR 11.10(a)")
PERFORMANCE = (
    ("rehearse", "A whole trial can be carried through, from the first screening to the report.", _REHEARSED),
    ("verify", "What it comes to can be proved, and the results can be made again.", _REHEARSED),
    ("detect_change", "A result that was changed is found.", ("21 CFR 11.10(a)",)),
    ("find_documents", "The report is there for people and for programs.", ("21 CFR 11.10(b)",)),
)
AT_WORK = (
    ("verify", "The record of the running trial is whole.", _TRAIL),
    ("check_gate", "The trial can allocate and dispense.", ("ICH E6(R3) 4.3.3(c-d)",)),
    ("check_anchors", "Its record is anchored outside the database.", ("ICH E6(R3) 4.2.2(b)",)),
    ("check_drill", "The restore of a backup was practised of late.", ("ICH E6(R3) 4.3.3(c-d)",)),
    ("check_database", "Its database keeps what it has acknowledged.", ("21 CFR 11.10(c)",)),
)


def plan_installation(folder: Path, bench: Callable[[], Bench]) -> Iterator[Planned]:
    """Plan the checks of the installation; the bench is set up for the first one that needs a database."""
    tests = Installation(folder, lambda: bench().running.server.connect("conduct"))
    yield from _planned("IQ", IQ, INSTALLATION, Installation, lambda name: getattr(tests, name)())


def plan_operation(operation: Callable[[], Operation]) -> Iterator[Planned]:
    """Plan the checks of operation, on one trial of the bench, in their order."""
    yield from _planned("OQ", OQ, OPERATION, Operation, lambda name: getattr(operation(), name)())
    sources = ("ICH E9 5.8", *_VALID)
    for number, (name, test) in enumerate(CHECKS.items(), start=len(OPERATION) + 1):
        requirement = f"{name}: the statistics agree with values that others have published."
        yield Check(f"OQ-{number:02}", OQ, requirement, _said(test), sources), test


def plan_performance(performance: Performance) -> Iterator[Planned]:
    """Plan the rehearsal and its proof."""
    yield from _planned("PQ", PQ, PERFORMANCE, Performance, lambda name: getattr(performance, name)())


def plan_at_work(at_work: Callable[[], AtWork] | None) -> Iterator[Planned]:
    """Plan the checks of a running trial; without one they stand as not exercised."""

    def looked_at(name: str) -> Found:
        if at_work is None:
            raise NotExercised("no running trial was named (--dir)")
        found: Found = getattr(at_work(), name)()
        return found

    yield from _planned("RT", TRIAL, AT_WORK, AtWork, looked_at)


def _planned(
    prefix: str,
    part: str,
    requirements: tuple[tuple[str, str, tuple[str, ...]], ...],
    tests: type,
    carry_out: Callable[[str], Found],
) -> Iterator[Planned]:
    for number, (name, requirement, sources) in enumerate(requirements, start=1):
        said = _said(getattr(tests, name))
        check = Check(f"{prefix}-{number:02}", part, requirement, said, sources)
        yield check, lambda name=name: carry_out(name)  # type: ignore[misc]


def _said(test: object) -> str:
    return " ".join((test.__doc__ or "").split())
