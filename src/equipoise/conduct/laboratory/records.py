"""The records that a file of results leads to, judged as one step, on copies of the participants they concern.

They are saved by participant in the order of their visits; the n-th records of all participants are judged
together, since no rule of one participant looks at another.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from ...errors import DataError, DecisionRefused
from ...protocol import Protocol
from ...record.event import Event
from ..door.fact import Fact, Outcome, Setting
from ..door.services import MaskedResult
from ..door.state import FormEntry, Participant, Specimen, Trial, Value, form_key
from ..follow_up.leaving import CHAPTER as LEAVING
from ..forms.access import find_form
from ..forms.changing import name_items
from ..forms.entry import CHAPTER as FORMS
from ..forms.entry import Results, SaveForm, Saving, begin_save, finish_save, require_savable
from ..forms.reading import is_given, is_same
from ..forms.rules import Outcomes, rules_of
from ..quality.queries import CHAPTER as QUERIES
from .manifest import Manifest, Problem
from .matching import Matched, Place

_FOLDS = {**FORMS.evolutions, **QUERIES.evolutions, **LEAVING.evolutions}


class ResultForVault(Fact, frozen=True, kw_only=True):
    """A result that only the vault keeps: taken out before anything is recorded, so that no event holds it."""

    result: MaskedResult


@dataclass
class Record:
    """The results of a file that go into one record, in the order of the file."""

    place: Place
    rows: list[Matched]

    @property
    def line(self) -> int:
        """The first line of the file that leads to it."""
        return self.rows[0].row.line


def group_records(matched: Sequence[Matched]) -> tuple[list[Record], list[Problem]]:
    """Put results that the record may hold together by record; name those that stand there twice."""
    records: dict[Place, Record] = {}
    seen: dict[tuple[Place, str], int] = {}
    problems = []
    for one in matched:
        first = seen.setdefault((one.place, one.item), one.row.line)
        if first != one.row.line:
            what = f"gives a result for the same record as line {first}; a repeat belongs to a visit of its own"
            problems.append(Problem(one.row.line, "test", f"{what}. Got {one.row.test}"))
        elif not one.masked:
            records.setdefault(one.place, Record(one.place, [])).rows.append(one)
    return list(records.values()), problems


class Records:
    """The records of a file, saved one after the other on copies of the participants that they concern.

    wrong: lines that cannot be read; a record that has one of them is not judged. outcomes: what it all leads to.
    """

    def __init__(self, setting: Setting, trial: Trial, manifest: Manifest, wrong: set[int]) -> None:
        self._manifest, self._trial, self._wrong = manifest, trial, wrong
        self._base = setting
        self._settings: dict[str, Setting] = {}
        self._copies: dict[str, Participant] = {}
        self._after = msgspec.structs.replace(trial, participants=self._copies)
        self._led_to: dict[str, list[Outcome]] = {}
        self._sequence = trial.sequence
        self.problems: list[Problem] = []
        self.saved = self.values = self.unchanged = 0

    def save(self, records: Sequence[Record]) -> None:
        """Save records, those of a participant in the order of their visits."""
        waiting: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            waiting[record.place.participant].append(record)
        for who, own in waiting.items():
            order = {visit: place for place, visit in enumerate(self._by_date(who))}
            own.sort(key=lambda one: order.get(one.place.visit, -1))
            own.reverse()
        while waiting:
            self._save_together([own.pop() for own in waiting.values()])
            waiting = {who: own for who, own in waiting.items() if own}

    def hand_over(self, rows: Sequence[Matched]) -> list[Outcome]:
        """Return the results that only the vault keeps, each where its form may be filled in."""
        found = []
        for one in rows:
            who, visit, form = one.place.participant, one.place.visit, one.place.form
            setting = self._setting(who)
            try:
                require_savable(setting, self._trial, self._trial.participants[who], form, visit, one.on)
            except DecisionRefused as error:
                self._refuse(one.row.line, error)
                continue
            result = MaskedResult(participant=who, visit=visit, form=form, item=one.item, value=one.value.value)
            found.append(Outcome(ResultForVault(result=result), who, self._trial.participants[who].site))
        return found

    def outcomes(self) -> list[Outcome]:
        """Return what was led to, participant by participant, in the order of the file."""
        return [outcome for led_to in self._led_to.values() for outcome in led_to]

    def _save_together(self, wave: Sequence[Record]) -> None:
        """Save records of different participants; the rules of a form are evaluated for all of them at once."""
        begun: dict[tuple[int, str], list[tuple[Record, Saving]]] = defaultdict(list)
        for record in wave:
            if any(one.row.line in self._wrong for one in record.rows):
                continue
            try:
                saving = self._begin(record)
            except DecisionRefused as error:
                self._refuse(record.line, error)
                continue
            if saving is not None:
                begun[id(saving.protocol), record.place.form].append((record, saving))
        for (_, form), together in begun.items():
            for (record, saving), found in zip(together, self._judge(form, together), strict=True):
                try:
                    if isinstance(found, DataError):
                        raise DecisionRefused(str(found))
                    self._keep(saving, finish_save(saving, found))
                except DecisionRefused as error:
                    self._refuse(record.line, error)

    def _judge(self, form: str, together: Sequence[tuple[Record, Saving]]) -> list[Outcomes | DataError]:
        rules = rules_of(together[0][1].protocol, form)
        try:
            return [*rules.evaluate_many([saving.values for _, saving in together])]
        except DataError as error:
            if len(together) == 1:
                return [error]
        return [one for pair in together for one in self._judge(form, [pair])]

    def _begin(self, record: Record) -> Saving | None:
        """Return a record as it would be saved; None where the file says what it says already."""
        who, visit, form_id, _ = record.place
        setting, participant = self._setting(who), self._participant(who)
        repeat = self._number(participant, record, repeats=find_form(setting.protocol, form_id).repeats)
        entry = participant.forms.get(form_key(visit, form_id, repeat or 1)) if repeat != 0 else None
        results, reason = self._news(setting.protocol, record, entry)
        if results is None:
            return None
        on = min(one.on for one in record.rows) if entry is None else entry.on
        intent = SaveForm(
            participant=who, form=form_id, visit=visit, repeat=repeat or None, on=on, reason=reason or None
        )
        return begin_save(setting, self._after, intent, results)

    def _number(self, participant: Participant, record: Record, *, repeats: bool) -> int:
        """Return the number of the record that a laboratory's specimen has made; 0 for a new one."""
        if not repeats:
            return 1
        _, visit, form, accession = record.place
        for entry in participant.forms.values():
            held = {(one.laboratory, one.accession) for one in entry.specimens.values()}
            same = (entry.form, entry.visit) == (form, visit) and entry.removed is None
            if same and accession and (self._manifest.laboratory, accession) in held:
                return entry.repeat
        return 0

    def _news(self, protocol: Protocol, record: Record, entry: FormEntry | None) -> tuple[Results | None, str]:
        """Return what a file says anew of a record, with the reason of what it changes; None where nothing."""
        values: dict[str, Value] = {}
        sources: dict[tuple[str, str], list[str]] = defaultdict(list)
        corrected: list[str] = []
        changed: list[str] = []
        for one in record.rows:
            before = None if entry is None else entry.values.get(one.item)
            known = None if entry is None else entry.specimens.get(one.item)
            accession = one.row.accession.strip()
            same = is_same(one.value, before)
            if same and known is not None and (known.accession, known.collected) == (accession, one.collected):
                self.unchanged += 1
                continue
            if is_given(before) and not same:
                own = known is not None and accession and known.accession == accession
                (corrected if own else changed).append(one.item)
                if not own and not self._manifest.reason.strip():
                    form = protocol.forms[record.place.form]
                    raise DecisionRefused(
                        f"{name_items(form, [one.item])} of {record.place.participant} stands there already, from "
                        f"{_source(known)}; say in the manifest why it is changed (reason), or leave the row out"
                    )
            values[one.item] = one.value
            sources[accession, one.collected].append(one.item)
        if not values:
            return None, ""
        self.values += len(values)
        specimens = tuple(
            Specimen(laboratory=self._manifest.laboratory, accession=accession, collected=at, items=tuple(items))
            for (accession, at), items in sources.items()
        )
        said = [self._manifest.reason.strip()] if changed or (corrected and self._manifest.reason.strip()) else []
        if corrected and not said:
            said = [f"corrected by laboratory {self._manifest.laboratory}"]
        return Results(values, specimens), said[0] if said else ""

    def _keep(self, saving: Saving, outcomes: Sequence[Outcome]) -> None:
        """Fold what a record led to into the copy of its participant, for the records that come after it."""
        who, site = saving.participant.id, saving.participant.site
        key = form_key(saving.intent.visit, saving.intent.form, saving.repeat)
        if saving.entry is not None:
            self._copies[who].forms[key] = msgspec.structs.replace(
                saving.entry, values=dict(saving.entry.values), specimens=dict(saving.entry.specimens)
            )
        by = self._base.by
        for outcome in outcomes:
            self._sequence += 1
            event = Event(
                sequence=self._sequence,
                at=by.at,
                zone=by.zone,
                actor=by.person,
                role=by.role,
                site=site,
                participant=who,
                kind="",
                version=1,
                payload="",
                reason=outcome.reason,
                request="",
                part=1,
                previous=b"",
                hash=b"",
            )
            _FOLDS[type(outcome.fact)](self._after, event, outcome.fact)
            self._led_to.setdefault(who, []).append(Outcome(outcome.fact, who, site, outcome.reason))
        self.saved += 1

    def _participant(self, who: str) -> Participant:
        """Return the copy of a participant; what the import may change is copied, all else is looked at only."""
        if who not in self._copies:
            known = self._trial.participants[who]
            self._copies[who] = msgspec.structs.replace(
                known,
                forms=dict(known.forms),
                queries={name: msgspec.structs.replace(query) for name, query in known.queries.items()},
                ended=dict(known.ended),
            )
        return self._copies[who]

    def _setting(self, who: str) -> Setting:
        version = self._trial.participants[who].protocol
        if version not in self._settings:
            base = self._base
            self._settings[version] = Setting(base.version(version), base.by, base.versions)
        return self._settings[version]

    def _by_date(self, who: str) -> list[str]:
        """Return the visits of a participant by their date, the earliest first."""
        visits = self._trial.participants[who].visits
        held = [(visit.on or date.max, place, key) for place, (key, visit) in enumerate(visits.items())]
        return [key for _, _, key in sorted(held)]

    def _refuse(self, line: int, error: DecisionRefused) -> None:
        self.problems += [Problem(line, "", said) for said in str(error).splitlines()]


def _source(known: Specimen | None) -> str:
    return "a form that was filled in" if known is None else f"accession {known.accession or 'without a number'}"
