"""Filling in the forms of a visit: who writes what, and the mishaps on the way, each put right again.

Items that only the vault keeps go to the vault. A wrong value that is noticed the next day is changed with its
reason; what decides on entry, or on a dose, is put right on the spot.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from msgspec import structs

from ....conduct.door.fact import Intent
from ....conduct.forms.access import DOMAINS
from ....conduct.forms.entry import SaveForm
from ....conduct.forms.planned import GIVEN, masked_items
from ....conduct.forms.reading import MISSING
from ....errors import DecisionRefused
from ....protocol.model import Form
from ..amending import answers
from ..calendar import Script, at_site
from ..desk import Desk
from ..laboratory import CentralLaboratory
from ..staff import VirtualSite
from ..vault_side import VaultSide
from .mishaps import Mishaps, beyond, in_other_unit, may_be_missing, numbers_of, slip
from .outage import OnPaper
from .team import Clinic, Going, Measured


@dataclass(frozen=True)
class Page:
    """A form as it is to be filled in: for whom, at which visit, on which day, with which right values."""

    site: VirtualSite
    participant: str
    form: str
    visit: str
    on: date
    values: dict[str, Any]
    repeat: int | None = None
    paper: OnPaper | None = None


def fill_in(
    clinic: Clinic,
    going: Going,
    visit: str,
    on: date,
    measured: Measured,
    *,
    early: bool,
    paper: OnPaper | None = None,
) -> Script:
    """Fill in the forms of a visit but those of what is given, which come last; `paper` where it was on paper."""
    for form, repeat, values in measured:
        spec = clinic.desk.protocol.forms[form]
        if spec.sdtm not in GIVEN:
            yield clinic.desk.calendar.later(float(going.rng.integers(1, 4)))
            number = repeat if spec.repeats else None
            asked = values | answers(clinic.desk.protocol_of(going.id), form, going.rng)
            page = Page(going.site, going.id, form, visit, on, asked, number, paper)
            clinic.paperwork.save(page, going.rng, early=early)


class Paperwork:
    """The forms of a trial as its virtual staff fill them in.

    entry: items that decide on entry, written right before day 1. dosing: items that a dose is computed from, put
    right on the spot. laboratory: takes what it sends by itself.
    """

    def __init__(
        self,
        desk: Desk,
        vault: VaultSide,
        mishaps: Mishaps,
        entry: Collection[str],
        dosing: Collection[str],
        laboratory: CentralLaboratory,
    ) -> None:
        self.desk, self.vault, self.mishaps, self.laboratory = desk, vault, mishaps, laboratory
        self.entry, self.dosing = frozenset(entry), frozenset(dosing)

    def writer(self, form: Form) -> str:
        """Return the role that fills in a form: laboratory and nurse what is theirs, the coordinator all else."""
        return next((role for role in ("laboratory", "nurse") if form.sdtm in DOMAINS[role]), "coordinator")

    def save(self, page: Page, rng: np.random.Generator, *, early: bool) -> None:
        """Fill in a form; `early` (before day 1) nothing is left wrong or missing that entry may hang on."""
        form = self.desk.protocol_of(page.participant).forms[page.form]
        values = self._to_vault(page, form)
        if not values:
            return
        what, pick = self.mishaps.of_form(rng.random()), rng.random()
        if not (early or what or page.paper) and self.laboratory.takes(page, values):
            return
        numbers = numbers_of(form, values, self.entry if early else ())
        missing: dict[str, str] = {}
        if what == "out_of_range" and numbers:
            self._out_of_range(page, form, values, numbers[int(pick * len(numbers))])
        if what == "not_taken" and not early:
            choice = may_be_missing(form, values, self.dosing)
            if choice:
                left_out = choice[int(pick * len(choice))]
                values.pop(left_out)
                missing[left_out] = MISSING[0]
                self.desk.counts["values missing"] += 1
        typed = self._in_other_units(form, values, rng)
        if page.paper is not None:
            self._from_paper(page, form, self._intent(page, typed, missing))
        slipped = numbers[int(pick * len(numbers))] if what == "slip" and numbers else None
        if slipped is not None and slipped not in missing:
            wrong = slip(form.items[slipped], float(values[slipped]), rng)
            if wrong is not None and self._try(page, {**typed, slipped: wrong}, missing):
                self._put_right(page, slipped, values[slipped], at_once=early or slipped in self.dosing)
                return
        self._by_writer(form, page, self._intent(page, typed, missing), twice=what == "double_click")
        if what == "overtaken":
            stale = self._intent(page, typed, missing, expected=0)
            person, role, zone = self._person(form, page.site)
            self.desk.refused("a form that somebody else had saved since", stale, person, role, zone)

    def _to_vault(self, page: Page, form: Form) -> dict[str, Any]:
        """Let the vault keep what only it may keep; return the rest."""
        allocated = self.desk.participant(page.participant).allocation is not None
        masked = masked_items(self.desk.protocol_of(page.participant), form, allocated=allocated)
        for item in sorted(masked & page.values.keys()):
            self.vault.blinded.call(
                "enter_masked",
                None,
                stamp=self.desk.stamp("pharmacist", "pharmacist", page.site.zone),
                participant=page.participant,
                item=item,
                value=page.values[item],
                visit=page.visit,
                form=page.form,
                reason=None,
            )
            self.desk.counts["values kept by the vault"] += 1
        return {name: value for name, value in page.values.items() if name not in masked}

    def _out_of_range(self, page: Page, form: Form, values: dict[str, Any], name: str) -> None:
        wrong = beyond(form.items[name])
        if wrong is not None:
            intent = self._intent(page, {**values, name: wrong}, {})
            person, role, zone = self._person(form, page.site)
            self.desk.refused("a value out of its range", intent, person, role, zone)

    def _from_paper(self, page: Page, form: Form, intent: SaveForm) -> None:
        """Count a form that is entered from paper; the first late one is tried without its reason."""
        if page.paper is not None and page.paper.late and not self.desk.counts["forms entered from paper"]:
            person, role, zone = self._person(form, page.site)
            silent = structs.replace(intent, late=None)
            self.desk.refused("a form entered late without its reason", silent, person, role, zone)
        self.desk.counts["forms entered from paper"] += 1

    def _in_other_units(self, form: Form, values: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
        typed = dict(values)
        for name, value in values.items():
            item = form.items[name]
            if item.also_in and isinstance(value, int | float) and rng.random() < self.mishaps.other_unit:
                other = in_other_unit(item, float(value))
                if other is not None:
                    typed[name] = other
                    self.desk.counts["values in another unit"] += 1
        return typed

    def _try(self, page: Page, values: dict[str, Any], missing: dict[str, str]) -> bool:
        """Save a form with a slip in it; return false where an edit check stops it."""
        form = self.desk.protocol_of(page.participant).forms[page.form]
        try:
            self._by_writer(form, page, self._intent(page, values, missing))
        except DecisionRefused as refusal:
            self.desk.counts["refused: a slip that an edit check stops"] += 1
            self.desk.refusals.setdefault("a slip that an edit check stops", str(refusal))
            return False
        return True

    def _put_right(self, page: Page, name: str, right: Any, *, at_once: bool) -> None:
        next_day = at_site(page.site.zone, page.on + timedelta(days=1), 10, 30)
        when = self.desk.calendar.now if at_once else next_day
        self.desk.calendar.begin(self._correct(page, name, right), when)

    def _correct(self, page: Page, name: str, right: Any) -> Script:
        form = self.desk.protocol_of(page.participant).forms[page.form]
        changed = self._intent(page, {name: right}, {})
        person, role, zone = self._person(form, page.site)
        if self.desk.counts["values corrected"] == 0:
            self.desk.refused("a change without its reason", changed, person, role, zone)
        intent = self._intent(page, {name: right}, {}, reason="error of transcription")
        self._by_writer(form, page, intent)
        self.desk.counts["values corrected"] += 1
        yield from ()

    def _intent(
        self,
        page: Page,
        values: dict[str, Any],
        missing: dict[str, str],
        *,
        reason: str | None = None,
        expected: int | None = None,
    ) -> SaveForm:
        return SaveForm(
            participant=page.participant,
            form=page.form,
            visit=page.visit,
            repeat=page.repeat,
            on=page.on,
            values=values,
            missing=missing,
            reason=reason,
            expected=expected,
            from_paper=None if page.paper is None or reason else page.paper.written,
            late=None if page.paper is None or reason else page.paper.late,
        )

    def _person(self, form: Form, site: VirtualSite) -> tuple[str, str, str]:
        role = self.writer(form)
        return ("laboratory" if role == "laboratory" else site.person(role)), role, site.zone

    def _by_writer(self, form: Form, page: Page, intent: Intent, *, twice: bool = False) -> None:
        person, role, zone = self._person(form, page.site)
        self.desk.submit(person, role, zone, intent, twice=twice)
