"""What every domain is written from: the protocol, the state, what the vault has opened, and each one's calendar.

Participants come in the order of their numbers, forms in the order of protocol and visits, so that no row's place
hangs on an arm. Records that were struck out are left out. A masked item is left out unless the codes are open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from ....conduct.door.dates import day_in, study_day
from ....conduct.door.state import FormEntry, Participant, Scalar, Specimen, Trial, Visit
from ....errors import DataError, suggest
from ....protocol import Protocol
from ....protocol.model import Form, Item
from ..opened import Opened
from ..references import References
from .infusions import Administration, find_administrations

STEP = 0.01
"""How far the numbers of unscheduled visits are apart; the first after visit 3 is 3.01."""


@dataclass(frozen=True)
class Entry:
    """A form as it stands at a visit (None: at any time) of a participant; `values` are what may be shown."""

    name: str
    form: Form
    visit: str | None
    repeat: int
    on: date
    values: dict[str, "Recorded"]

    @property
    def source(self) -> str:
        """Where the record stands in the source: visit, form, number."""
        return f"{self.visit or ''}/{self.name}/{self.repeat}"


@dataclass(frozen=True)
class Recorded:
    """A value of an item: `missing` is the code of why there is none, `entered` how it was typed.

    specimen: what the laboratory has measured, where the value is one that it sent.
    """

    value: Scalar
    missing: str | None = None
    entered: str | None = None
    specimen: Specimen | None = None


@dataclass(frozen=True)
class Passed:
    """An epoch that a participant entered, with its first day and, once it is over, its last."""

    epoch: str
    start: date
    end: date | None


class Study:
    """A trial about to be written as SDTM; `version` is the hash of the newest protocol.

    versions: all of them as they were issued, in their order, where `protocol` joins several.
    """

    def __init__(
        self,
        protocol: Protocol,
        trial: Trial,
        opened: Opened | None,
        *,
        version: str,
        versions: Sequence[Protocol] = (),
    ) -> None:
        self.protocol, self.trial, self.opened, self.version = protocol, trial, opened, version
        self.versions = tuple(versions) or (protocol,)
        self.id = protocol.trial.id.upper()
        self.order = {name: number for number, name in enumerate(protocol.schedule.visits, start=1)}
        self.targets = {name: visit.target for name, visit in protocol.schedule.visits.items()}
        self.masked = frozenset(protocol.blinding.masked_after_randomisation)
        self.references = References(protocol, trial)

    @cached_property
    def courses(self) -> tuple["Course", ...]:
        """Every participant, in the order of their numbers; DataError where the protocol lacks what they hold."""
        for participant in self.trial.participants.values():
            self._require_known(participant)
        return tuple(Course(self, self.trial.participants[name]) for name in sorted(self.trial.participants))

    @cached_property
    def epochs(self) -> dict[str, str]:
        """The epoch of each planned visit: the last one that starts at it or before it."""
        starts = {epoch.starts: name for name, epoch in self.protocol.schedule.epochs.items()}
        found, present = {}, ""
        for visit in self.protocol.schedule.visits:
            present = starts.get(visit, present)
            if present:
                found[visit] = present
        return found

    def _require_known(self, participant: Participant) -> None:
        for entry in participant.forms.values():
            form = self.protocol.forms.get(entry.form)
            known = self.protocol.forms if form is None else form.items
            names = [entry.form] if form is None else list(entry.values)
            if unknown := [name for name in names if name not in known]:
                raise DataError(
                    f"a form of {participant.id} ({entry.form}) holds what no version of the protocol has"
                    f"{suggest(unknown[0], known)}; write the data with the version that has it. "
                    f"Got {unknown[0]}"
                )

    def forms_of(self, *domains: str) -> dict[str, Form]:
        """Return the forms that go to one of the domains, in the order of the protocol."""
        return {name: form for name, form in self.protocol.forms.items() if form.sdtm in domains}

    def day_of(self, at: Any, site: str) -> date:
        """Return the day of a moment at a site."""
        return day_in(at, self.trial.sites[site].zone)


class Course:
    """A participant's course in days: study day 1, visits with their numbers, epochs, infusions, forms."""

    def __init__(self, study: Study, participant: Participant) -> None:
        self.study, self.participant = study, participant
        self.subject = f"{study.id}-{participant.id}"

    @property
    def head(self) -> dict[str, Any]:
        """The variables that begin every row."""
        return {"STUDYID": self.study.id, "USUBJID": self.subject}

    @cached_property
    def allocated_on(self) -> date | None:
        """The day of the allocation, None where there was none."""
        place = self.participant.allocation
        return None if place is None else self.study.day_of(place.at, self.participant.site)

    @cached_property
    def arm(self) -> str | None:
        """The id of the arm; None where there is none, and while the codes are closed."""
        opened = self.study.opened
        return None if opened is None or self.allocated_on is None else opened.arms.get(self.participant.id)

    @cached_property
    def day_1(self) -> date | None:
        """Study day 1: the visit aimed at it, else the allocation; None for who was not allocated."""
        if self.allocated_on is None:
            return None
        held = [v.on for v in self._planned() if v.name is not None and self.study.targets.get(v.name) == 1]
        return next((on for on in held if on is not None), self.allocated_on)

    @cached_property
    def administrations(self) -> tuple[Administration, ...]:
        """Every infusion of which a form says whether it was given, in the order of visits."""
        found = find_administrations(self)
        return tuple(sorted(found, key=lambda one: (one.entry.on, self.visit_number(one.entry.visit) or 0)))

    @cached_property
    def given(self) -> tuple[Administration, ...]:
        """The infusions that were given."""
        return tuple(one for one in self.administrations if one.given)

    @cached_property
    def failed_on(self) -> date | None:
        """The day on which screening ended without an allocation: not eligible, consent withdrawn, or closed."""
        verdict = self.participant.eligibility
        if self.allocated_on is not None:
            return None
        if verdict is not None and not verdict.eligible:
            return self.study.day_of(verdict.assessed_at, self.participant.site)
        if self.participant.consent_withdrawn_on is not None:
            return self.participant.consent_withdrawn_on
        closed = self.participant.ended.get("screening")
        return None if closed is None else closed.on

    @cached_property
    def ended_on(self) -> date | None:
        """The day on which participation ended: as recorded, else the day of death, or of failing screening."""
        ended = self.participant.ended
        found = ended.get("participation") or ended.get("life")
        return self.failed_on if found is None else found.on

    @cached_property
    def last_seen(self) -> date | None:
        """The end of participation, else the last visit held so far; None before any visit."""
        visits = [visit.on for visit in self.participant.visits.values() if visit.on is not None]
        return self.ended_on or max(visits, default=None)

    @cached_property
    def passed(self) -> tuple[Passed, ...]:
        """The epochs that the participant entered, in order; the first begins with consent if that was earlier."""
        first: dict[str, date] = {}
        for visit in self._planned():
            epoch = self.study.epochs.get(visit.name or "")
            if epoch is not None and visit.on is not None:
                first[epoch] = min(first.get(epoch, visit.on), visit.on)
        epochs = tuple(self.study.protocol.schedule.epochs)
        for opening in epochs[:1]:
            known = [consent.signed_on for consent in self.participant.consents]
            first[opening] = min(first.get(opening, self.participant.screened_on), *known, date.max)
        starts = [(name, first[name]) for name in epochs if name in first]
        ends: list[date | None] = [*(start for _, start in starts), self.ended_on]
        return tuple(Passed(name, start, ends[place + 1]) for place, (name, start) in enumerate(starts))

    def epoch(self, on: date | str | None) -> str | None:
        """Return EPOCH of a date; None before the first epoch and where the date is unknown."""
        if on is None:
            return None
        day = on if isinstance(on, date) else date.fromisoformat(on[:10])
        found = [passed.epoch for passed in self.passed if passed.start <= day]
        return found[-1].upper() if found else None

    def day(self, on: date | str | None) -> int | None:
        """Return the study day of a date, or of the date that an ISO 8601 text begins with."""
        if on is None or self.day_1 is None:
            return None
        return study_day(on if isinstance(on, date) else date.fromisoformat(on[:10]), self.day_1)

    def visit_number(self, visit: str | None) -> float | None:
        """Return VISITNUM: the place of a planned visit; an unscheduled one stands a bit behind that before it."""
        if visit is None:
            return None
        planned = self.study.order.get(visit)
        return float(planned) if planned is not None else self._unscheduled.get(visit)

    def visit(self, visit: str | None) -> dict[str, Any]:
        """Return the variables that say at which visit something was recorded."""
        if visit is None:
            return {}
        if visit in self.study.order:
            name = self.study.protocol.visit_label(visit)
            return {
                "VISITNUM": self.visit_number(visit),
                "VISIT": name,
                "VISITDY": self.study.targets[visit],
            }
        number = self._unscheduled.get(visit)
        return {"VISITNUM": number, "VISIT": "Unscheduled" if number is None else f"Unscheduled {number:g}"}

    def entries(self, forms: dict[str, Form]) -> list[Entry]:
        """Return the records of some forms by visit, day, form and number, with what the vault adds."""
        places = {name: place for place, name in enumerate(forms)}
        found = [*self._recorded(forms), *self._masked_only(forms)]
        last = float("inf")
        return sorted(
            found,
            key=lambda e: (
                last if e.visit is None else self.visit_number(e.visit) or 0,
                last if e.visit is None else e.on.toordinal(),
                places[e.name],
                e.repeat,
            ),
        )

    def _planned(self) -> Iterator[Visit]:
        return (visit for visit in self.participant.visits.values() if visit.name is not None)

    @cached_property
    def _unscheduled(self) -> dict[str, float]:
        """Number unscheduled visits by the planned visit held before them."""
        held = [(v.on, self.study.order.get(v.name or "", 0)) for v in self._planned() if v.on is not None]
        numbers: dict[str, float] = {}
        extra = [(v.on, key) for key, v in self.participant.visits.items() if v.name is None and v.on is not None]
        counts: dict[int, int] = {}
        for on, key in sorted(extra):
            before = max((number for day, number in held if day <= on), default=0)
            counts[before] = counts.get(before, 0) + 1
            numbers[key] = round(before + counts[before] * STEP, 2)
        return numbers

    def _recorded(self, forms: dict[str, Form]) -> Iterator[Entry]:
        for entry in self.participant.forms.values():
            if entry.form in forms and entry.removed is None:
                form = forms[entry.form]
                visit = entry.visit or None
                values = dict(self._values(entry)) | self._opened(entry.visit, form)
                yield Entry(entry.form, form, visit, entry.repeat, entry.on, values)

    def _values(self, entry: FormEntry) -> Iterator[tuple[str, Recorded]]:
        for item, value in entry.values.items():
            shown = self.study.opened is not None or item not in self.study.masked
            if shown and (value.value is not None or value.missing is not None):
                yield item, Recorded(value.value, value.missing, value.entered, entry.specimens.get(item))

    def _masked_only(self, forms: dict[str, Form]) -> Iterator[Entry]:
        """Give the forms of which the record holds nothing, because everything in them is masked."""
        for name, form in forms.items():
            for visit in self.study.protocol.schedule.activities.get(name, ()):
                held = self.participant.visits.get(visit)
                if f"{visit}/{name}/1" in self.participant.forms or held is None or held.on is None:
                    continue
                if values := self._opened(visit, form):
                    yield Entry(name, form, visit, 1, held.on, values)

    def _opened(self, visit: str, form: Form) -> dict[str, Recorded]:
        opened = self.study.opened
        if opened is None or self.study.masked.isdisjoint(form.items):
            return {}
        asked = {item: opened.masked.get((self.participant.id, visit, item)) for item in form.items}
        return {item: Recorded(value) for item, value in asked.items() if value is not None}


def say_number(value: float) -> str:
    """Return a number as text: no decimal point behind a whole one, otherwise every digit."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def say_value(value: Scalar) -> str:
    """Return a value as text."""
    return value if isinstance(value, str) else "" if value is None else say_number(value)


def typed(value: Scalar, item: Item) -> Scalar:
    """Return a value as the type of its item has it: a number, or text."""
    if value is None:
        return None
    return float(value) if item.is_number else say_value(value)
