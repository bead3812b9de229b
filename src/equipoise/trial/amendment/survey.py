"""A trial looked at under a new version of its protocol: what would be judged otherwise if all moved to it.

Only what the amendment touches is judged again: forms whose items or checks have changed, visits whose windows
have. What was recorded keeps its version; the numbers say how much of it the new version would see otherwise.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from ...conduct.door.state import FormEntry, Participant, Trial, Value
from ...conduct.follow_up.attendance import dates_held
from ...conduct.follow_up.windows import outside_windows
from ...conduct.forms.judgement import judge
from ...protocol import Protocol
from ...record.event import canonical


@dataclass(frozen=True)
class Survey:
    """A trial under a version: participants, those on an older version, recorded values, what is judged otherwise.

    raised, settled: edit checks (`form.check`) that would newly not hold, or hold again, by number of records.
    derived: items that would be derived otherwise, by number of records. windows: visits that would fall in or out
    of their window, by number of participants. state: hash of everything that follows from the record.
    """

    participants: int
    on_older: int
    values: int
    raised: dict[str, int]
    settled: dict[str, int]
    derived: dict[str, int]
    windows: dict[str, int]
    state: str


def survey(trial: Trial, versions: Mapping[str, Protocol], version: str) -> Survey:
    """Look at a trial under a version; `versions` are all that were issued, by hash."""
    new, people = versions[version], tuple(trial.participants.values())
    raised, settled, derived, windows = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for person in people:
        for entry in person.forms.values():
            old = versions[entry.protocol or person.protocol]
            if entry.removed is None and _judged_otherwise(old, new, entry.form):
                judged = judge(new, person, entry.form, entry.visit, entry.values)
                raised.update(f"{entry.form}.{name}" for name in judged.failed if name not in entry.raised)
                settled.update(f"{entry.form}.{name}" for name in entry.raised if name not in judged.failed)
                derived.update(_derived_otherwise(entry, judged.derived))
        windows.update(_windows(versions[person.protocol], new, person))
    return Survey(
        participants=len(people),
        on_older=sum(person.protocol != version for person in people),
        values=sum(_count_values(entry) for person in people for entry in person.forms.values()),
        raised=dict(sorted(raised.items())),
        settled=dict(sorted(settled.items())),
        derived=dict(sorted(derived.items())),
        windows=dict(sorted(windows.items())),
        state=_hash(trial),
    )


def _judged_otherwise(old: Protocol, new: Protocol, form: str) -> bool:
    before, after = old.forms.get(form), new.forms.get(form)
    return after is not None and (before != after or old.variables != new.variables)


def _derived_otherwise(entry: FormEntry, derived: Mapping[str, object]) -> Iterator[str]:
    for item, value in derived.items():
        if entry.values.get(item, Value()).value != value:
            yield f"{entry.form}.{item}"


def _windows(old: Protocol, new: Protocol, person: Participant) -> Iterator[str]:
    if old.schedule.visits == new.schedule.visits:
        return
    before, after = (outside_windows(version, dates_held(version, person)) for version in (old, new))
    yield from before.keys() ^ after.keys()


def _count_values(entry: FormEntry) -> int:
    return sum(value.value is not None or value.missing is not None for value in entry.values.values())


def _hash(trial: Trial) -> str:
    """Return the SHA-256 of the whole state but for the number and the moment of its last event."""
    whole = msgspec.structs.replace(trial, participants={}, sequence=0, at=None)
    digest = hashlib.sha256(canonical(whole).encode())
    for person in trial.participants.values():
        digest.update(canonical(person).encode())
    return digest.hexdigest()
