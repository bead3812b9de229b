"""Forms as people fill them in: each save is one event that holds what is new or changed.

A first value needs no reason; a change does (ICH E6(R3) 4.2.2; 21 CFR 11.10(e)). Missing is a code, not an empty
field. Values are kept in the unit of the protocol, with what was typed beside it.
"""

from datetime import date

from ...record.event import Event
from ..door.fact import Fact, Intent
from ..door.state import FormEntry, Scalar, Trial, Value, form_key

MISSING = ("NOT DONE", "NOT APPLICABLE", "UNKNOWN", "REFUSED")
"""Codes of why a value is missing."""


class FormSaved(Fact, kw_only=True):
    """A form was filled in or changed.

    visit: key of the visit, empty for a form that may be filled in at any time. repeat: number of the record, from 1.
    on: day to which the record belongs. values: new or changed values by item, derived ones included. missing:
    code by item without a value. entered: what was typed, where another unit was. raised: every edit check that
    does not hold for the form as it now stands.
    """

    form: str
    visit: str = ""
    repeat: int = 1
    on: date
    values: dict[str, Scalar] = {}
    missing: dict[str, str] = {}
    entered: dict[str, str] = {}
    raised: tuple[str, ...] = ()

    def tell(self) -> str:
        """Name form and items."""
        where = f" of visit {self.visit}" if self.visit else f" number {self.repeat}"
        said = [f"{name} = {value}" for name, value in self.values.items()]
        said += [f"{name}: {code}" for name, code in self.missing.items()]
        return f"form {self.form}{where} was saved: {', '.join(said) or 'no value changed'}"


class FormRemoved(Fact, kw_only=True):
    """A record of a repeating form was struck out, as it should not have been made; its history stays."""

    form: str
    visit: str = ""
    repeat: int = 1

    def tell(self) -> str:
        """Name the record."""
        return f"record {self.repeat} of form {self.form} was struck out"


class SaveForm(Intent, kw_only=True):
    """Fill in or change a form; values as typed: a number, a text, or a number with its unit (`13.5 g/dL`).

    missing: by item, one of `MISSING`. reason: why values that were there are changed. expected: the sequence of
    the entry that the person saw (0: none), so that nobody overwrites what somebody else has just entered.
    """

    participant: str
    form: str
    visit: str = ""
    repeat: int = 1
    on: date
    values: dict[str, Scalar] = {}
    missing: dict[str, str] = {}
    reason: str | None = None
    expected: int | None = None


class RemoveForm(Intent, kw_only=True):
    """Strike out a record of a form that may be filled in at any time."""

    participant: str
    form: str
    visit: str = ""
    repeat: int = 1
    reason: str


def _saved(trial: Trial, event: Event, fact: FormSaved) -> None:
    assert event.participant is not None
    forms = trial.participants[event.participant].forms
    key = form_key(fact.visit, fact.form, fact.repeat)
    entry = forms.get(key)
    if entry is None:
        entry = forms[key] = FormEntry(form=fact.form, visit=fact.visit, repeat=fact.repeat, on=fact.on)
    entry.on, entry.raised, entry.sequence = fact.on, fact.raised, event.sequence
    for item, value in fact.values.items():
        entry.values[item] = _changed(entry.values.get(item), value, None, fact.entered.get(item))
    for item, code in fact.missing.items():
        entry.values[item] = _changed(entry.values.get(item), None, code, None)


def _changed(before: Value | None, value: Scalar, missing: str | None, entered: str | None) -> Value:
    changes = 0 if before is None else before.changes + 1
    return Value(value=value, missing=missing, entered=entered, changes=changes)


def _removed(trial: Trial, event: Event, fact: FormRemoved) -> None:
    assert event.participant is not None
    entry = trial.participants[event.participant].forms[form_key(fact.visit, fact.form, fact.repeat)]
    entry.removed, entry.sequence = event.reason or "", event.sequence
