"""What the forms say of a participant before entry: the last values of items, and the variables that follow.

Two questions are put to them: whether the criteria of eligibility are met, by the forms of the visits up to the
one at which the protocol plans `eligibility`; and the levels of the strata, by those up to `randomisation`. What
is recorded later does not count. So the answer stays the same whenever it is asked again, unless something that it
rests on was corrected ("keep the values used to randomise", Downs 2010, PMID 20484491).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import polars as pl
from msgspec import structs

from ...protocol import Protocol, names_in, parse_expression
from ...protocol.checks.vocabulary import form_names, participant_names, screening_names
from ...protocol.model import Form, Item
from ..door.state import FormEntry, Participant, Scalar
from ..forms.elsewhere import variable_values

DOES_NOT_APPLY = "NOT APPLICABLE"
"""Code of an item that has no value because there can be none."""


@dataclass(frozen=True)
class SourceValues:
    """The values of a participant before entry; of the forms, `participant` has only those that count.

    visits: the planned visits that count.
    """

    protocol: Protocol
    participant: Participant
    visits: tuple[str, ...]

    def value(self, name: str) -> Scalar:
        """Return the value of an item or a variable; None where there is none."""
        if name in self.protocol.variables and self._sources(name) != (name,):
            return variable_values(self.protocol, self.participant, [name])[name]
        return self.participant.site if name == "site" else self._item(name)

    def evaluate(self, rules: Mapping[str, str]) -> dict[str, Any]:
        """Return what each rule gives over items and variables; None where that hangs on a missing value."""
        names = {name for rule in rules.values() for name in names_in(rule)}
        return _evaluate(rules, {name: self.value(name) for name in names}, self._types)

    def lacking(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the items without a value behind these names, unless they do not apply to the participant.

        A name that no form records stands for itself.
        """
        behind = dict.fromkeys(item for name in names for item in self._sources(name))
        return tuple(item for item in behind if not self._is_known(item) and not self._does_not_apply(item))

    def name_forms(self, items: Iterable[str]) -> str:
        """Name the forms to be filled in for these items: `Haematology at Screening (Platelets, Haemoglobin)`."""
        by_form: dict[str, list[str]] = {}
        for item in items:
            form = (
                self._name_form(self._form_of(item)) if item in self.protocol.items else "no form of the protocol"
            )
            by_form.setdefault(form, []).append(self.name_value(item))
        return "; ".join(f"{form} ({', '.join(labels)})" for form, labels in by_form.items())

    def name_value(self, name: str) -> str:
        """Return the label of an item or a variable."""
        known = self.protocol.items.get(name) or self.protocol.variables.get(name)
        return name if known is None else known.label.say()

    def _name_form(self, form: str) -> str:
        planned = self.protocol.schedule.activities.get(form, ())
        at = [self.protocol.visit_label(visit) for visit in self.visits if visit in planned]
        label = self.protocol.forms[form].label.say()
        return f"{label} at {' or '.join(at)}" if at else label

    @cached_property
    def _types(self) -> dict[str, pl.DataType]:
        return {**participant_names(self.protocol), **screening_names(self.protocol)}

    def _sources(self, name: str, seen: frozenset[str] = frozenset()) -> tuple[str, ...]:
        variable = self.protocol.variables.get(name)
        if variable is not None and variable.item:
            return (variable.item,)
        if variable is not None and variable.rule and name not in seen:
            return tuple(i for used in names_in(variable.rule) for i in self._sources(used, seen | {name}))
        return () if name == "site" else (name,)

    def _is_known(self, item: str) -> bool:
        return item in self.protocol.items and _typed(self._item(item), self._types[item]) is not None

    def _item(self, name: str) -> Scalar:
        values = [entry.values.get(name) for entry in self._newest_first]
        return next((value.value for value in values if value is not None and value.value is not None), None)

    @cached_property
    def _newest_first(self) -> list[FormEntry]:
        return sorted(self.participant.forms.values(), key=lambda e: (e.on, e.sequence), reverse=True)

    def _form_of(self, item: str) -> str:
        """Return the form that `Protocol.items` takes an item from: the first that has it."""
        return next(name for name, form in self.protocol.forms.items() if item in form.items)

    def _does_not_apply(self, name: str) -> bool:
        """Whether the newest record of the form says, or its rule, that there is no value to be given."""
        if name not in self.protocol.items:
            return False
        form = self._form_of(name)
        newest = next((entry for entry in self._newest_first if entry.form == form), None)
        if newest is None:
            return False
        value = newest.values.get(name)
        if value is not None and value.missing is not None:
            return value.missing == DOES_NOT_APPLY
        return not self._is_required(self.protocol.forms[form], self.protocol.items[name], newest)

    def _is_required(self, form: Form, item: Item, entry: FormEntry) -> bool:
        if item.required_when is None:
            return True
        values = {
            name: _own(entry, name) if name in form.items else self.value(name)
            for name in names_in(item.required_when)
        }
        types = form_names(self.protocol, form)
        return bool(_evaluate({"required": item.required_when}, values, types)["required"])


def source_for_eligibility(protocol: Protocol, participant: Participant) -> SourceValues:
    """Return what criteria are assessed by: forms of visits up to `eligibility`, others before the next visit."""
    visits = _visits_up_to(protocol, "eligibility")
    later = [v.on for v in participant.visits.values() if v.name is not None and v.name not in visits and v.on]
    return _source(protocol, participant, visits, min(later, default=date.max))


def source_for_strata(protocol: Protocol, participant: Participant, on: date) -> SourceValues:
    """Return what strata are derived from: forms of visits up to `randomisation`, others up to the day `on`."""
    return _source(protocol, participant, _visits_up_to(protocol, "randomisation"), on + timedelta(days=1))


def _visits_up_to(protocol: Protocol, activity: str) -> tuple[str, ...]:
    """Return the planned visits up to the last one of an activity; up to day 1 where it is not planned."""
    plan = protocol.schedule
    last = max((plan.visits[visit].target for visit in plan.activities.get(activity, ())), default=1)
    return tuple(name for name, visit in plan.visits.items() if visit.target <= last)


def _source(protocol: Protocol, participant: Participant, visits: tuple[str, ...], before: date) -> SourceValues:
    """Keep the records of planned `visits`, and those of no planned visit from before a day."""
    planned = protocol.schedule.visits
    forms = {
        key: entry
        for key, entry in participant.forms.items()
        if entry.removed is None and (entry.visit in visits if entry.visit in planned else entry.on < before)
    }
    return SourceValues(protocol, structs.replace(participant, forms=forms), visits)


def _own(entry: FormEntry, item: str) -> Scalar:
    value = entry.values.get(item)
    return None if value is None else value.value


def _evaluate(
    rules: Mapping[str, str], values: Mapping[str, Scalar], types: Mapping[str, pl.DataType]
) -> dict[str, Any]:
    """Evaluate SQL expressions over one row of values; a name without a value is null."""
    row = [pl.Series(name, [_typed(value, types[name])], types[name]) for name, value in values.items()]
    # a rule may name nothing at all; the frame must have its one row all the same
    frame = pl.DataFrame([pl.Series("", [None]), *row])
    return frame.select([parse_expression(rule).alias(name) for name, rule in rules.items()]).row(0, named=True)


def _typed(value: Scalar, kind: pl.DataType) -> object:
    """Return a recorded value as the type of its name; None for a date that is known in part only."""
    if value is None:
        return None
    if kind.is_numeric():
        return float(value)
    read = {pl.Date: date.fromisoformat, pl.Datetime: datetime.fromisoformat, pl.Time: time.fromisoformat}
    if type(kind) not in read:
        return str(value)
    try:
        return read[type(kind)](str(value))
    except ValueError:
        return None
