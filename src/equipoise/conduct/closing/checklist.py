"""What must be in order before the whole trial is locked: a count of open points each, all of them 0.

A raised edit check is settled where the value was corrected, or where the investigator has signed the data with
the check shown beside them. Signatures are asked for of everybody who was allocated. An order without a bag is
settled where the form of the infusion says what became of it.
"""

from collections.abc import Mapping
from datetime import date

from ...protocol import Protocol, names_in
from ..door.state import FormEntry, Infusion, Participant, Trial
from ..follow_up.attendance import left_on
from ..forms.completeness import Expectations
from ..forms.planned import GIVEN
from ..organisation.joined import join_versions
from ..quality.coding import list_uncoded
from ..quality.queries import count_open
from ..quality.review import list_to_review
from ..quality.second_entry import list_second_entries
from ..safety.watch import count_open as count_unreported
from ..supply.ledger import list_open
from .signatures import signature_state


def checklist(
    protocol: Protocol, trial: Trial, on: date, versions: Mapping[str, Protocol] | None = None
) -> dict[str, int]:
    """Return the number of open points by what was checked, as of a day.

    versions: every version of the protocol by hash, where there are several; `protocol` is the newest.
    """
    issued = {name: one for name, one in (versions or {}).items() if name in trial.versions}
    people = list(trial.participants.values())
    signed = {person.id: signature_state(person) for person in people}
    asked = [signed[person.id] for person in people if person.allocation is not None]
    newest = Expectations(protocol, issued)
    expected = {name: Expectations(one, issued) for name, one in issued.items()}
    found = [expected.get(person.protocol, newest).check(person, on) for person in people]
    joined = join_versions([*(issued[name] for name in trial.versions if name in issued), protocol])
    twice = list_second_entries(protocol, trial, issued)
    changed = list_to_review(protocol, trial, issued)
    return {
        "expected forms missing": sum(len(one.missing) for one in found),
        "visits neither held nor missed": sum(len(one.overdue) for one in found),
        "raised checks on critical items": sum(
            _raised(joined, person) for person in people if signed[person.id] != "intact"
        ),
        "open queries": count_open(trial),
        "changes of critical items not reviewed": sum(len(one.items) for one in changed),
        "terms not coded": len(list_uncoded(protocol, trial, issued)),
        "entries not made a second time": sum(len(one.items) for one in twice),
        "differences between entries not settled": sum(len(one.differ) for one in twice),
        **count_unreported(joined, trial),
        "participants whose participation has not ended": sum(not _has_ended(person) for person in people),
        "participants without a signature": asked.count("missing"),
        "participants whose data changed since they were signed": asked.count("broken"),
        "infusions ordered without a bag": sum(
            _is_open(joined, person, infusion) for person in people for infusion in person.infusions.values()
        ),
        **list_open(joined, trial),
    }


def _has_ended(person: Participant) -> bool:
    """Whether nothing more is expected: the participant left, died, or never entered the trial."""
    if {"participation", "life"} & person.ended.keys():
        return True
    failed = person.eligibility is not None and not person.eligibility.eligible
    return person.allocation is None and (failed or left_on(person) is not None)


def _raised(protocol: Protocol, person: Participant) -> int:
    return sum(_raised_in(protocol, entry) for entry in person.forms.values() if entry.removed is None)


def _raised_in(protocol: Protocol, entry: FormEntry) -> int:
    """Count the checks of a form that do not hold and concern an item on which results or safety depend."""
    checks = protocol.forms[entry.form].checks
    critical = {name for name, item in protocol.items.items() if item.critical}
    return sum(not critical.isdisjoint(names_in(checks[name].rule)) for name in entry.raised if name in checks)


def _is_open(protocol: Protocol, person: Participant, infusion: Infusion) -> bool:
    told = any(
        entry.visit == infusion.visit and entry.removed is None and protocol.forms[entry.form].sdtm in GIVEN
        for entry in person.forms.values()
    )
    return infusion.bag is None and not told
