"""Double entry: a second person enters items again without seeing the first entry; a third settles a difference.

The second entry is blind to the first. It is read by the rules of its own items alone, so that no check, no
refusal and nothing recorded hangs on what stands on the form; whether both agree is never stored, but follows
from the two. A difference is settled by the investigator, for one value or the other; when the first entry is
changed later, it is compared anew (ICH E6(R3) 4.2, data entry checked by risk).
"""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...protocol.model import Form
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import time_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import require_open
from ..door.state import FormEntry, Participant, Scalar, SecondValue, Trial, Value, form_key
from ..forms.access import WRITERS, find_form, require_writer
from ..forms.changing import name_items, name_record
from ..forms.entry import CHAPTER as FORMS
from ..forms.entry import SaveForm
from ..forms.planned import masked_items
from ..forms.reading import read_items
from ..organisation.joined import read_by
from .queries import require_record


class SecondEntrySaved(Fact, frozen=True, kw_only=True):
    """Items of a form were entered a second time, by another person than those who wrote the record."""

    form: str
    visit: str = ""
    repeat: int = 1
    values: dict[str, Scalar] = {}
    missing: dict[str, str] = {}

    def tell(self) -> str:
        """Name form and items; what was entered is not told, as it would tell the first entry."""
        items = ", ".join(sorted({*self.values, *self.missing}))
        return f"{items} of form {self.form} {self.visit or self.repeat} were entered a second time"


class EntryAdjudicated(Fact, frozen=True, kw_only=True):
    """A difference between both entries of an item was settled: the first stays, or the second holds."""

    form: str
    visit: str = ""
    repeat: int = 1
    item: str
    keep: Literal["first", "second"]

    def tell(self) -> str:
        """Name the item."""
        return (
            f"the two entries of {self.item} of {self.form} {self.visit or self.repeat} differ; {self.keep} holds"
        )


class EnterSecond(Intent, frozen=True, kw_only=True):
    """Enter again, without looking at the record, what the protocol wants entered twice."""

    participant: str
    form: str
    visit: str = ""
    repeat: int = 1
    values: dict[str, Scalar] = {}
    missing: dict[str, str] = {}


class AdjudicateEntry(Intent, frozen=True, kw_only=True):
    """Settle a difference between both entries of an item by the source."""

    participant: str
    record: str
    item: str
    keep: Literal["first", "second"]
    reason: str


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """Items of a record that wait for their second entry, or (`differ`) for somebody who settles a difference."""

    participant: str
    site: str
    record: str
    items: tuple[str, ...]
    differ: tuple[str, ...]


def list_second_entries(
    protocol: Protocol, trial: Trial, versions: Mapping[str, Protocol] | None = None
) -> list[Pending]:
    """List what double entry still asks for, by participant in the order of screening.

    versions: every version of the protocol by hash, where there are several; each participant's own counts.
    """
    of = read_by(protocol, trial, versions)
    return [one for participant in trial.participants.values() for one in pending_of(of(participant), participant)]


def pending_of(own: Protocol, participant: Participant) -> list[Pending]:
    """List what double entry still asks for of one participant; `own` is the version that counts for them."""
    wanted = () if own.quality is None else own.quality.double_entry
    forms = {name for name, form in own.forms.items() if not form.items.keys().isdisjoint(wanted)}
    found: list[Pending] = []
    for record, entry in participant.forms.items() if forms else ():
        if entry.removed is not None or entry.form not in forms:
            continue
        second = participant.second_entries.get(record, {})
        typed = entry.values.keys() - entry.specimens.keys()  # nobody has typed what a laboratory sent
        items = [item for item in own.forms[entry.form].items if item in wanted and item in typed]
        once = tuple(item for item in items if item not in second)
        differ = tuple(item for item in items if item in second and _differs(entry.values[item], second[item]))
        if once or differ:
            found.append(
                Pending(
                    participant=participant.id, site=participant.site, record=record, items=once, differ=differ
                )
            )
    return found


def _differs(first: Value, second: SecondValue) -> bool:
    """Say whether both entries differ and nobody has settled it for the first as it now stands."""
    same = (first.value, first.missing) == (second.value, second.missing)
    return not same and second.settled_at != first.changes


def _enter(setting: Setting, trial: Trial, intent: EnterSecond) -> list[Outcome]:
    protocol, participant = setting.protocol, trial.participants[intent.participant]
    form = find_form(protocol, intent.form)
    name = name_record(form, intent.visit, intent.repeat)
    require_writer(setting.by.role, form)
    require_open(trial, participant, intent.visit, intent.form, role=setting.by.role)
    record = form_key(intent.visit, intent.form, intent.repeat)
    require_record(protocol, participant, record)
    given = tuple(item for item in form.items if item in {*intent.values, *intent.missing})
    _require_wanted(protocol, form, given, name)
    now = time_at(trial, setting.by, participant.site)
    masked = masked_items(protocol, form, allocated=participant.allocation is not None)
    read = read_items(form, intent.values, intent.missing, before={}, masked=masked, now=now)
    if not read:
        raise DecisionRefused(f"{name} is empty; enter {name_items(form, _wanted(protocol, form))} again")
    if setting.by.person in participant.forms[record].writers:
        raise DecisionRefused(f"you wrote {name} yourself; another person enters it a second time")
    if known := [item for item in read if item in participant.second_entries.get(record, {})]:
        raise DecisionRefused(f"{name}: {name_items(form, known)} was entered a second time already")
    fact = SecondEntrySaved(
        form=intent.form,
        visit=intent.visit,
        repeat=intent.repeat,
        values={item: one.value for item, one in read.items() if one.missing is None},
        missing={item: one.missing for item, one in read.items() if one.missing is not None},
    )
    return [Outcome(fact)]


def _wanted(protocol: Protocol, form: Form) -> tuple[str, ...]:
    listed = () if protocol.quality is None else protocol.quality.double_entry
    return tuple(item for item in form.items if item in listed)


def _require_wanted(protocol: Protocol, form: Form, given: tuple[str, ...], name: str) -> None:
    wanted = _wanted(protocol, form)
    if not wanted:
        raise DecisionRefused(f"{name} is entered once; the protocol asks for no second entry of it")
    if over := [item for item in given if item not in wanted]:
        raise DecisionRefused(f"{name}: {name_items(form, over)} is entered once; leave it out")


def _adjudicate(setting: Setting, trial: Trial, intent: AdjudicateEntry) -> list[Outcome]:
    protocol, participant = setting.protocol, trial.participants[intent.participant]
    require_record(protocol, participant, intent.record, intent.item)
    entry = participant.forms[intent.record]
    require_open(trial, participant, entry.visit, entry.form, role=setting.by.role)
    second = participant.second_entries.get(intent.record, {}).get(intent.item)
    first = entry.values.get(intent.item)
    if second is None or first is None or not _differs(first, second):
        raise DecisionRefused(f"{intent.record}: there is no difference of {intent.item} to be settled")
    if not intent.reason.strip():
        raise DecisionRefused("say what the source shows")
    if setting.by.person in {*entry.writers, second.by}:
        raise DecisionRefused(f"you entered {intent.record} yourself; another investigator settles the difference")
    reason = intent.reason.strip()
    settled = EntryAdjudicated(
        form=entry.form, visit=entry.visit, repeat=entry.repeat, item=intent.item, keep=intent.keep
    )
    if intent.keep == "first":
        return [Outcome(settled, reason=reason)]
    saved = FORMS.decisions[SaveForm](setting, trial, _as_second(protocol, participant, entry, intent, second))
    return [Outcome(settled, reason=reason), *saved]


def _as_second(
    protocol: Protocol, participant: Participant, entry: FormEntry, intent: AdjudicateEntry, second: SecondValue
) -> SaveForm:
    """Return the step that puts the second value in the place of the first."""
    return SaveForm(
        participant=participant.id,
        form=entry.form,
        visit=entry.visit,
        repeat=entry.repeat if protocol.forms[entry.form].repeats else None,
        on=entry.on,
        values={intent.item: second.value} if second.missing is None else {},
        missing={intent.item: second.missing} if second.missing is not None else {},
        reason=intent.reason.strip(),
    )


def _entered(trial: Trial, event: Event, fact: SecondEntrySaved) -> None:
    assert event.participant is not None
    participant = trial.participants[event.participant]
    record = form_key(fact.visit, fact.form, fact.repeat)
    assert record in participant.forms
    kept = participant.second_entries.setdefault(record, {})
    for item, value, missing in _both(fact):
        kept[item] = SecondValue(value=value, missing=missing, by=event.actor)


def _both(fact: SecondEntrySaved) -> Iterator[tuple[str, Scalar, str | None]]:
    yield from ((item, value, None) for item, value in fact.values.items())
    yield from ((item, None, code) for item, code in fact.missing.items())


def _adjudicated(trial: Trial, event: Event, fact: EntryAdjudicated) -> None:
    assert event.participant is not None
    participant = trial.participants[event.participant]
    record = form_key(fact.visit, fact.form, fact.repeat)
    second = participant.second_entries[record][fact.item]
    second.settled_at = participant.forms[record].values[fact.item].changes


CHAPTER = Chapter(
    decisions={EnterSecond: _enter, AdjudicateEntry: _adjudicate},
    evolutions={SecondEntrySaved: _entered, EntryAdjudicated: _adjudicated},
    roles={EnterSecond: WRITERS, AdjudicateEntry: ("investigator",)},
)
