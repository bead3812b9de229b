"""Source verification by risk: the monitor compares with the source all critical values and a share of the others.

Which of the others are compared follows from a hash of participant and item, so that nobody chooses and anybody
can check (ICH E6(R3) 3.11.4, monitoring in proportion to risk). What is verified is a value as it stood: a change
resets it, because the mark holds for so many changes of the value and no more.
"""

import hashlib
from collections.abc import Iterator, Mapping

import msgspec

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...protocol.model import Form
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import FormEntry, Participant, Trial
from ..organisation.joined import read_by
from .queries import require_record

Places = Mapping[str, tuple[str, ...]]
"""Items by record, such as {"W0/vitals/1": ["weight"]}."""


class SourceVerified(Fact, frozen=True, kw_only=True):
    """Values were compared with the source and agree; `records` are their items by record."""

    records: dict[str, tuple[str, ...]]

    def tell(self) -> str:
        """Name records and items."""
        return f"was verified against the source: {say_places(self.records)}"


class VerifySource(Intent, frozen=True, kw_only=True):
    """Say that values agree with the source; `seen` is the newest event that the monitor had before their eyes."""

    participant: str
    records: dict[str, tuple[str, ...]]
    seen: int


class ToVerify(msgspec.Struct, frozen=True, kw_only=True):
    """Items of a record that are to be compared; `again` are those that were, and have been changed since."""

    participant: str
    site: str
    record: str
    items: tuple[str, ...]
    again: tuple[str, ...]


def list_to_verify(
    protocol: Protocol, trial: Trial, versions: Mapping[str, Protocol] | None = None
) -> list[ToVerify]:
    """List what is still to be compared with the source, by participant in the order of screening.

    versions: every version of the protocol by hash, where there are several; each participant's own counts.
    """
    of = read_by(protocol, trial, versions)
    return [
        one
        for participant in trial.participants.values()
        for record, entry in participant.forms.items()
        if entry.removed is None and (one := _to_verify(of(participant), trial.trial, participant, record))
    ]


def is_verified(participant: Participant, record: str, item: str) -> bool:
    """Say whether a value as it now stands was compared with the source."""
    return holds(participant.verified, participant.forms[record], record, item)


def holds(marks: Mapping[str, Mapping[str, int]], entry: FormEntry, record: str, item: str) -> bool:
    """Say whether a mark was set for a value as it now stands."""
    return marks.get(record, {}).get(item) == entry.values[item].changes


def is_drawn(trial: str, participant: str, record: str, item: str, share: float) -> bool:
    """Say whether a value that is not critical belongs to the share that is verified."""
    said = hashlib.sha256(f"{trial}/{participant}/{record}/{item}".encode()).digest()
    return int.from_bytes(said[:8], "big") < share * 2**64


def require_seen(
    protocol: Protocol, participant: Participant, records: Places, seen: int, newest: int
) -> Iterator[tuple[str, FormEntry]]:
    """Give each record with its entry; refused where it is not there, lacks the value, or was saved since.

    newest: the number of the newest event; nobody has seen one beyond it.
    """
    if not any(records.values()):
        raise DecisionRefused("name at least one item, by its record")
    for record, items in records.items():
        require_record(protocol, participant, record)
        entry = participant.forms[record]
        for item in items:
            require_record(protocol, participant, record, item)
            if item not in entry.values:
                raise DecisionRefused(f"{record} has no value of {item} yet")
        if not entry.sequence <= seen <= newest:
            raise DecisionRefused(
                f"{record} of {participant.id} was saved since you looked at it; look again. Got event {seen}"
            )
        yield record, entry


def say_places(records: Places) -> str:
    """Name items by their records."""
    return "; ".join(f"{record} {', '.join(items)}" for record, items in records.items())


def _to_verify(protocol: Protocol, trial: str, participant: Participant, record: str) -> ToVerify | None:
    share = 0.0 if protocol.quality is None else protocol.quality.verify
    entry = participant.forms[record]
    form: Form = protocol.forms[entry.form]
    items = tuple(
        name
        for name in entry.values
        if form.items[name].derive is None
        and (form.items[name].critical or is_drawn(trial, participant.id, record, name, share))
        and not is_verified(participant, record, name)
    )
    if not items:
        return None
    known = participant.verified.get(record, {})
    again = tuple(item for item in items if item in known)
    return ToVerify(participant=participant.id, site=participant.site, record=record, items=items, again=again)


def _verify(setting: Setting, trial: Trial, intent: VerifySource) -> list[Outcome]:
    participant = trial.participants[intent.participant]
    if trial.locked_at is not None:
        raise DecisionRefused("the trial is locked; its data are not verified any more")
    protocol = read_by(setting.protocol, trial, setting.versions)(participant)
    for record, _ in require_seen(protocol, participant, intent.records, intent.seen, trial.sequence):
        done = [item for item in intent.records[record] if is_verified(participant, record, item)]
        if done:
            raise DecisionRefused(f"{record}: {', '.join(done)} is verified already, and has not changed since")
    return [Outcome(SourceVerified(records=intent.records))]


def _verified(trial: Trial, event: Event, fact: SourceVerified) -> None:
    assert event.participant is not None
    participant = trial.participants[event.participant]
    set_marks(participant, participant.verified, fact.records)


def set_marks(participant: Participant, marks: dict[str, dict[str, int]], records: Places) -> None:
    """Set a mark on values as they stand."""
    for record, items in records.items():
        values = participant.forms[record].values
        marks.setdefault(record, {}).update({item: values[item].changes for item in items})


CHAPTER = Chapter(
    decisions={VerifySource: _verify},
    evolutions={SourceVerified: _verified},
    roles={VerifySource: ("monitor",)},
)
