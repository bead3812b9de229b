"""Forms as people fill them in: each save is one event that holds what is new or changed.

A first value needs no reason; a change does (ICH E6(R3) 4.2.2; 21 CFR 11.10(e)). Missing is a code, not an empty
field. Values are kept in the unit of the protocol, with what was typed beside it. The form is judged as it will
stand: what it lacks, what is derived, which edit checks stop it and which are only raised. A record is corrected
by the version of the protocol under which it was first filled in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ...errors import DecisionRefused
from ...protocol import Protocol, names_in
from ...protocol.model import Form
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import local_date, time_at, today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.scope import require_open
from ..door.state import FormEntry, Participant, Scalar, Specimen, Trial, Value, form_key
from ..follow_up.attendance import require_date
from ..follow_up.infusions import infusion_facts
from ..follow_up.leaving import EndingAnnulled, ParticipantEnded, ending_of, require_not_seen_later
from ..quality.late_entry import FromPaper, require_on_time, require_paper
from ..quality.raised import queries_of_removal, queries_of_save
from ..safety.reporting import facts_of_event
from .access import WRITERS, find_form, require_place, require_recordable, require_writer
from .changing import (
    name_items,
    name_record,
    record_number,
    require_as_seen,
    require_new_content,
    require_reason,
    version_of_record,
)
from .judgement import judged_by, rule_values
from .planned import belongs_to_no_visit, masked_items
from .reading import MISSING, is_same, read_items
from .rules import Outcomes, rules_of

__all__ = [
    "CHAPTER",
    "MISSING",
    "FormRemoved",
    "FormSaved",
    "RemoveForm",
    "Results",
    "SaveForm",
    "Saving",
    "begin_save",
    "finish_save",
    "require_savable",
]


class FormSaved(Fact, frozen=True, kw_only=True):
    """A form was filled in or changed.

    visit: key of the visit, empty for a form that may be filled in at any time. repeat: number of the record, from
    1. on: day to which the record belongs. values: new or changed values by item, derived ones included. missing:
    code by item without a value. entered: what was typed, where another unit was. raised: every edit check that
    does not hold for the form as it now stands. specimens: of items whose values a laboratory has sent.
    from_paper: when and why it was written on paper first. late: why it is entered long after its day.
    """

    form: str
    visit: str = ""
    repeat: int = 1
    on: date
    values: dict[str, Scalar] = {}
    missing: dict[str, str] = {}
    entered: dict[str, str] = {}
    raised: tuple[str, ...] = ()
    specimens: tuple[Specimen, ...] = ()
    from_paper: FromPaper | None = None
    late: str | None = None

    def tell(self) -> str:
        """Name form and items."""
        where = f" of visit {self.visit}" if self.visit else f" number {self.repeat}"
        said = [f"{name} = {value}" for name, value in self.values.items()]
        said += [f"{name}: {code}" for name, code in self.missing.items()]
        said += [f"accession {one.accession} of laboratory {one.laboratory}" for one in self.specimens]
        notes = [] if self.from_paper is None else [self.from_paper.tell()]
        notes += [] if self.late is None else [f"entered late ({self.late})"]
        return "; ".join([f"form {self.form}{where} was saved: {', '.join(said) or 'no value changed'}", *notes])


class FormRemoved(Fact, frozen=True, kw_only=True):
    """A record was struck out, as it should not have been made; its history stays."""

    form: str
    visit: str = ""
    repeat: int = 1

    def tell(self) -> str:
        """Name the record."""
        return f"record {self.repeat} of form {self.form} was struck out"


class SaveForm(Intent, frozen=True, kw_only=True):
    """Fill in or change a form; values as typed: a number, a text, or a number with its unit (`13.5 g/dL`).

    repeat: number of the record; None for a new one of a form that repeats (else there is only one). missing: by
    item, one of `MISSING`. reason: why values that were there are changed. expected: the sequence of the entry
    that the person saw (0: none), so that nobody overwrites what somebody else has just entered. from_paper: when
    and why it was written on paper first. late: why it is entered long after its day, where the protocol asks.
    """

    participant: str
    form: str
    visit: str = ""
    repeat: int | None = None
    on: date
    values: dict[str, Scalar] = {}
    missing: dict[str, str] = {}
    reason: str | None = None
    expected: int | None = None
    from_paper: FromPaper | None = None
    late: str | None = None


class RemoveForm(Intent, frozen=True, kw_only=True):
    """Strike out a record of a form that repeats, or that may be filled in at any time."""

    participant: str
    form: str
    visit: str = ""
    repeat: int = 1
    reason: str


@dataclass(frozen=True)
class Results:
    """What a laboratory has sent for a record: values by item, as read, and the specimens that they come from."""

    values: Mapping[str, Value]
    specimens: tuple[Specimen, ...]


@dataclass(frozen=True)
class Saving:
    """A record about to be saved: allowed and read, but not yet judged; `values` is what its rules look at."""

    setting: Setting
    trial: Trial
    intent: SaveForm
    protocol: Protocol
    participant: Participant
    entry: FormEntry | None
    repeat: int
    changed: Mapping[str, Value]
    after: Mapping[str, Value]
    specimens: tuple[Specimen, ...]
    values: Mapping[str, Scalar]


def _save(setting: Setting, trial: Trial, intent: SaveForm) -> list[Outcome]:
    saving = begin_save(setting, trial, intent)
    return finish_save(saving, rules_of(saving.protocol, intent.form).evaluate(saving.values))


def begin_save(setting: Setting, trial: Trial, intent: SaveForm, results: Results | None = None) -> Saving:
    """Read a record and see that it may be saved, up to what its rules say of it.

    results: in place of what is typed. The rules of many records of a form can then be evaluated together, before
    `finish_save`. Raises DecisionRefused.
    """
    protocol, participant = setting.protocol, trial.participants[intent.participant]
    form = require_savable(setting, trial, participant, intent.form, intent.visit, intent.on)
    repeat = record_number(form, intent.form, participant, intent.visit, intent.repeat)
    entry = participant.forms.get(form_key(intent.visit, intent.form, repeat))
    protocol = version_of_record(setting, participant, entry)
    form = protocol.forms[intent.form]
    name = name_record(form, intent.visit, repeat)
    require_as_seen(trial, entry, name, intent.expected)
    before = {} if entry is None else entry.values
    if results is None:
        masked = masked_items(protocol, form, allocated=participant.allocation is not None)
        now = time_at(trial, setting.by, participant.site)
        changed = read_items(form, intent.values, intent.missing, before=before, masked=masked, now=now)
    else:
        changed = {item: one for item, one in results.values.items() if not is_same(one, before.get(item))}
    after = {**before, **changed}
    return Saving(
        setting=setting,
        trial=trial,
        intent=intent,
        protocol=protocol,
        participant=participant,
        entry=entry,
        repeat=repeat,
        changed=changed,
        after=after,
        specimens=() if results is None else results.specimens,
        values=rule_values(protocol, participant, intent.form, intent.visit, after),
    )


def require_savable(
    setting: Setting, trial: Trial, participant: Participant, form_id: str, visit: str, on: date
) -> Form:
    """Return a form; refused where it may not be filled in by who acts, at this visit, for this day."""
    form = find_form(setting.protocol, form_id)
    require_writer(setting.by.role, form)
    require_place(setting.protocol, participant, form_id, visit)
    require_open(trial, participant, visit, form_id, role=setting.by.role)
    require_date(setting, trial, participant, on)
    require_recordable(participant, form, on)
    return form


def finish_save(saving: Saving, found: Outcomes) -> list[Outcome]:
    """Return what saving a record leads to, of which its rules say `found`. Raises DecisionRefused."""
    protocol, participant, intent, entry = saving.protocol, saving.participant, saving.intent, saving.entry
    form, changed, after = protocol.forms[intent.form], saving.changed, saving.after
    name = name_record(form, intent.visit, saving.repeat)
    before = {} if entry is None else entry.values
    judged = judged_by(protocol, participant, intent.form, after, found)
    if judged.lacking:
        raise DecisionRefused(
            f"{name}: {name_items(form, judged.lacking)} must be filled in; "
            f"where there is no value, say why: {', '.join(MISSING)}"
        )
    _require_stopping_checks(form, name, judged.failed, {k: v.value for k, v in after.items()} | judged.derived)
    derived = {item: value for item, value in judged.derived.items() if before.get(item, Value()).value != value}
    if not saving.specimens:
        masked = masked_items(protocol, form, allocated=participant.allocation is not None)
        require_new_content(form, name, entry, intent.on, {**changed, **derived}, masked)
    reason = require_reason(form, name, entry, intent.on, changed, intent.reason)
    by, trial, late = saving.setting.by, saving.trial, intent.late
    if not saving.specimens:  # what a laboratory sends comes when it is measured
        late = require_on_time(protocol, name, entry, intent.on, late, today_at(trial, by, participant.site))
    fact = FormSaved(
        form=intent.form,
        visit=intent.visit,
        repeat=saving.repeat,
        on=intent.on,
        values={item: one.value for item, one in changed.items() if one.missing is None} | derived,
        missing={item: one.missing for item, one in changed.items() if one.missing is not None},
        entered={item: one.entered for item, one in changed.items() if one.entered is not None},
        raised=judged.failed,
        specimens=saving.specimens,
        from_paper=require_paper(name, intent.from_paper, intent.on, trial, by, participant),
        late=late,
    )
    facts: list[Fact] = [fact, *_ended(participant, ending_of(form, after, intent.on))]
    facts += infusion_facts(protocol, participant, form, intent.visit, after, intent.on)
    record = form_key(intent.visit, intent.form, saving.repeat)
    facts += facts_of_event(protocol, trial, participant, by, (intent.form, record), before, after)
    stands = {**after, **{item: Value(value=value) for item, value in judged.derived.items()}}
    saved = FormEntry(
        form=intent.form,
        visit=intent.visit,
        repeat=saving.repeat,
        on=intent.on,
        values=stands,
        raised=judged.failed,
    )
    facts += queries_of_save(protocol, participant, record, saved, {*changed, *derived})
    return [Outcome(fact, reason=reason) for fact in facts]


def _ended(participant: Participant, ending: ParticipantEnded | None) -> list[Fact]:
    """Return the end that a form tells of, unless it is known already."""
    known = None if ending is None else participant.ended.get(ending.what)
    if ending is None or (known is not None and (known.on, known.why) == (ending.on, ending.why)):
        return []
    require_not_seen_later(participant, ending)
    return [ending]


def _remove(setting: Setting, trial: Trial, intent: RemoveForm) -> list[Outcome]:
    protocol, participant = setting.protocol, trial.participants[intent.participant]
    form = find_form(protocol, intent.form)
    require_writer(setting.by.role, form)
    require_open(trial, participant, intent.visit, intent.form, role=setting.by.role)
    name = name_record(form, intent.visit, intent.repeat)
    if not form.repeats and not belongs_to_no_visit(protocol, intent.form):
        raise DecisionRefused(f"{name} is asked for by the protocol and stays; correct its values instead")
    entry = participant.forms.get(form_key(intent.visit, intent.form, intent.repeat))
    if entry is None:
        raise DecisionRefused(f"{name} is not there; check visit and number of the record")
    if entry.removed is not None:
        raise DecisionRefused(f"{name} has already been struck out ({entry.removed})")
    if not intent.reason.strip():
        raise DecisionRefused(f"please say why {name} is struck out")
    facts: list[Fact] = [FormRemoved(form=intent.form, visit=intent.visit, repeat=intent.repeat)]
    if form.ends is not None and form.ends in participant.ended:
        facts.append(EndingAnnulled(what=form.ends))
    facts += queries_of_removal(participant, form_key(intent.visit, intent.form, intent.repeat))
    return [Outcome(fact, reason=intent.reason.strip()) for fact in facts]


def _require_stopping_checks(form: Form, name: str, failed: Iterable[str], values: Mapping[str, Scalar]) -> None:
    """Refuse a record that breaks a check which stops it; named are the values that the check looks at."""
    said = []
    for check in (form.checks[check] for check in failed):
        if check.stops:
            used = [item for item in names_in(check.rule) if values.get(item) is not None and item in form.items]
            shown = ", ".join(f"{form.items[item].label.say()} {values[item]}" for item in used)
            said.append(f"{name}: {check.say.say()}. Got {shown}")
    if said:
        raise DecisionRefused("\n".join(said))


def _saved(trial: Trial, event: Event, fact: FormSaved) -> None:
    assert event.participant is not None
    participant = trial.participants[event.participant]
    key = form_key(fact.visit, fact.form, fact.repeat)
    entry = participant.forms.get(key)
    if entry is None:
        entry = participant.forms[key] = FormEntry(
            form=fact.form, visit=fact.visit, repeat=fact.repeat, on=fact.on, protocol=participant.protocol
        )
        entry.entered_on = local_date(event)
    entry.late = fact.late or entry.late
    if fact.from_paper is not None:
        entry.written_on, entry.paper = fact.from_paper.moment, fact.from_paper.why
    entry.on, entry.raised, entry.removed = fact.on, fact.raised, None
    entry.sequence, entry.by = event.sequence, event.actor
    if event.actor not in entry.writers:
        entry.writers = (*entry.writers, event.actor)
    for item, value in fact.values.items():
        entry.values[item] = _changed(entry.values.get(item), value, None, fact.entered.get(item))
    for item, code in fact.missing.items():
        entry.values[item] = _changed(entry.values.get(item), None, code, None)
    for item in (*fact.values, *fact.missing):
        entry.specimens.pop(item, None)
    for specimen in fact.specimens:
        entry.specimens |= dict.fromkeys(specimen.items, specimen)


def _changed(before: Value | None, value: Scalar, missing: str | None, entered: str | None) -> Value:
    changes = 0 if before is None else before.changes + 1
    return Value(value=value, missing=missing, entered=entered, changes=changes)


def _removed(trial: Trial, event: Event, fact: FormRemoved) -> None:
    assert event.participant is not None
    entry = trial.participants[event.participant].forms[form_key(fact.visit, fact.form, fact.repeat)]
    entry.removed = event.reason or ""
    entry.sequence, entry.by = event.sequence, event.actor


CHAPTER = Chapter(
    decisions={SaveForm: _save, RemoveForm: _remove},
    evolutions={FormSaved: _saved, FormRemoved: _removed},
    roles={SaveForm: WRITERS, RemoveForm: ("investigator", "coordinator")},
)
