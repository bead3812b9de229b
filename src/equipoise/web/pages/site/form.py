"""A form of a participant: filled in by keyboard alone, judged as typed and again at the door, with history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ....conduct.closing.signatures import broken_signatures
from ....conduct.door.dates import time_at
from ....conduct.door.state import FormEntry, Participant, Query, Scalar, Value, form_key
from ....conduct.follow_up.matrix import lay_out, next_form
from ....conduct.forms.access import require_place, require_writer
from ....conduct.forms.elsewhere import previous_values
from ....conduct.forms.entry import MISSING, SaveForm
from ....conduct.forms.history import history_of
from ....conduct.forms.judgement import judge
from ....conduct.forms.planned import masked_items
from ....conduct.forms.typed import decimals_of, read_typed
from ....errors import DecisionRefused
from ....protocol import Protocol
from ....protocol.expression import previous_name
from ....protocol.model import Form, Item
from ...accounts.drafts import drop_draft, keep_draft, read_draft
from ...shell.requests import account, here, may, participant_here, submit
from ...words import language, say
from .participant import head_of

AT_ANY_TIME = "-"
"""Stands in an address for the visit of a form that belongs to none."""


@dataclass(frozen=True)
class Question:
    """An item as it is asked: what stands in the field, what is expected, what is said of it."""

    name: str
    item: Item
    typed: str
    missing: str
    before: Scalar
    derived: Scalar
    is_masked: bool
    changes: int
    queries: tuple[tuple[str, Query], ...]
    problem: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What is said of the expected range."""
        if self.item.range is None:
            return ""
        low, high = (f"{bound:.15g}" for bound in self.item.range)
        return say("Expected {low} to {high}", low=low, high=high)

    @property
    def last(self) -> str:
        """What is said of the value at the visit before."""
        return "" if self.before is None else say("last {value}", value=self.before)

    @property
    def mode(self) -> str:
        """Which keyboard a tablet shows."""
        return (
            "decimal"
            if self.item.is_number and decimals_of(self.item) != 0
            else "numeric"
            if self.item.is_number
            else "text"
        )


@dataclass(frozen=True)
class Place:
    """Where a form stands: whose, which, at which visit, which record of it."""

    person: Participant
    protocol: Protocol
    name: str
    visit: str
    repeat: int

    @property
    def form(self) -> Form:
        """The form."""
        return self.protocol.forms[self.name]

    @property
    def key(self) -> str:
        """The key of the record."""
        return form_key(self.visit, self.name, self.repeat)

    @property
    def entry(self) -> FormEntry | None:
        """The record as it stands; None where nothing was filled in, or it was struck out."""
        found = self.person.forms.get(self.key)
        return None if found is None or found.removed is not None else found


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, number: str, form: str, visit: str, repeat: int) -> HttpResponse:
    """Show a form, and save it."""
    place = _place(request, number, form, visit, repeat)
    if request.method == "GET":
        return _show(request, place, _typed_before(request, place))
    typed, missing = _typed(request, place)
    expected = request.POST.get("expected", "")
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
        intent = SaveForm(
            participant=number,
            form=form,
            visit=place.visit,
            repeat=repeat if place.form.repeats else None,
            on=on,
            values={name: value for name, value in typed.items() if value or _stands(place, name)},
            missing=missing,
            reason=request.POST.get("reason", "").strip() or None,
            expected=int(expected) if expected.isdigit() else None,
        )
        submit(request, intent)
    except ValueError:
        return _show(
            request, place, (typed, missing), refusal=say("A date is typed as 2026-03-05 (year, month, day).")
        )
    except DecisionRefused as refused:
        return _show(request, place, (typed, missing), refusal=str(refused))
    drop_draft(account(request), place.person.id, place.key)
    return _onward(request, place)


@require_POST
def check(request: HttpRequest, number: str, form: str, visit: str, repeat: int) -> HttpResponse:
    """Judge a form as it is typed, keep it as a draft, and say what is to be said beside each item."""
    place = _place(request, number, form, visit, repeat)
    typed, missing = _typed(request, place)
    keep_draft(account(request), place.person.id, place.key, typed, missing)
    context = {
        "questions": _questions(request, place, typed, missing, judged=True),
        "kept_at": here(request).at,
        "zone": here(request).zone,
    }
    return render(request, "site/form_said.html", context | _count(place, typed, missing))


def history(request: HttpRequest, number: str, form: str, visit: str, repeat: int, item: str) -> HttpResponse:
    """Show all values that an item has had, with who, when and why."""
    place = _place(request, number, form, visit, repeat)
    if item not in place.form.items:
        raise Http404
    looking = here(request)
    events = looking.running.book.read(participant=number)
    past = history_of(events, item, form, place.visit, repeat)
    people = looking.trial.people
    context = {
        "title": say("History of {item}", item=place.form.items[item].label.say(language())),
        "item": place.form.items[item],
        "past": [(one, people[one.actor].name if one.actor in people else one.actor) for one in past],
        "back": request.path.rsplit("history/", 1)[0],
        **head_of(request, place.person),
    }
    part = "site/history_part.html" if request.headers.get("HX-Request") else "site/history.html"
    return render(request, part, context)


def _place(request: HttpRequest, number: str, form: str, visit: str, repeat: int) -> Place:
    person = participant_here(request, number)
    protocol = here(request).running.door.protocol_of(number)
    where = "" if visit == AT_ANY_TIME else visit
    if form not in protocol.forms or repeat < 1:
        raise Http404
    try:
        require_place(protocol, person, form, where)
    except DecisionRefused as refused:
        raise Http404 from refused
    return Place(person, protocol, form, where, repeat)


def _typed(request: HttpRequest, place: Place) -> tuple[dict[str, str], dict[str, str]]:
    """Return what is in the fields, and why values are missing, by item; names of no item are dropped."""
    items = [name for name, item in place.form.items.items() if item.derive is None]
    typed = {name: request.POST[f"item-{name}"].strip() for name in items if f"item-{name}" in request.POST}
    missing = {
        name: code for name in items if (code := request.POST.get(f"missing-{name}", "")) and not typed.get(name)
    }
    return typed, missing


def _typed_before(request: HttpRequest, place: Place) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the fields show at first: the draft, where there is one, else what is recorded."""
    draft = read_draft(account(request), place.person.id, place.key)
    if draft is not None:
        return draft
    values = {} if place.entry is None else place.entry.values
    typed = {name: "" if one.value is None else str(one.entered or one.value) for name, one in values.items()}
    return typed, {name: one.missing for name, one in values.items() if one.missing is not None}


def _stands(place: Place, name: str) -> bool:
    return place.entry is not None and name in place.entry.values and place.entry.values[name].value is not None


def _questions(
    request: HttpRequest, place: Place, typed: Mapping[str, str], missing: Mapping[str, str], *, judged: bool
) -> list[Question]:
    """Return the items with what is to be said of each; `judged` says what is wrong, else only warnings stand."""
    looking, person, form = here(request), place.person, place.form
    masked = masked_items(place.protocol, form, allocated=person.allocation is not None)
    before = previous_values(person, place.name, place.visit, form.items)
    stands = {} if place.entry is None else place.entry.values
    now = time_at(looking.trial, looking.by, person.site)
    values, problems = _read(form, typed, missing, masked, now)
    found = judge(place.protocol, person, place.name, place.visit, values)
    said = _said(form, found.failed)
    return [
        Question(
            name=name,
            item=item,
            typed=typed.get(name, ""),
            missing=missing.get(name, ""),
            before=before.get(previous_name(name)),
            derived=found.derived.get(name),
            is_masked=name in masked,
            changes=stands[name].changes if name in stands else 0,
            queries=tuple(
                (query, one)
                for query, one in person.queries.items()
                if one.record == place.key and one.item == name and one.closed_at is None
            ),
            problem=problems.get(name, "") if judged else "",
            warnings=tuple(said.get(name, ())),
        )
        for name, item in form.items.items()
    ]


def _read(
    form: Form, typed: Mapping[str, str], missing: Mapping[str, str], masked: frozenset[str], now: datetime
) -> tuple[dict[str, Value], dict[str, str]]:
    """Return the values that can be read, and by item what is wrong with the others."""
    values, problems = {}, {}
    for name, item in form.items.items():
        if item.derive is not None or name in masked:
            continue
        if name in missing and not typed.get(name):
            values[name] = Value(missing=missing[name])
        elif typed.get(name):
            try:
                reading = read_typed(item, typed[name], now)
                values[name] = Value(value=reading.value, entered=reading.entered)
            except ValueError as error:
                problems[name] = f"{item.label.say(language())} {error}. " + say(
                    "You typed “{typed}”.", typed=typed[name][:80]
                )
    return values, problems


def _said(form: Form, failed: tuple[str, ...]) -> dict[str, list[str]]:
    """Return, by the last item that each check names, what checks say that do not hold."""
    from ....protocol import names_in

    found: dict[str, list[str]] = {}
    for check_id in failed:
        check = form.checks[check_id]
        named = [name for name in form.items if name in names_in(check.rule)]
        if named:
            found.setdefault(named[-1], []).append(check.say.say(language()))
    return found


def _count(place: Place, typed: Mapping[str, str], missing: Mapping[str, str]) -> dict[str, int]:
    asked = [name for name, item in place.form.items.items() if item.derive is None]
    return {"answered": sum(bool(typed.get(name) or missing.get(name)) for name in asked), "asked": len(asked)}


def _show(
    request: HttpRequest, place: Place, shown: tuple[dict[str, str], dict[str, str]], refusal: str = ""
) -> HttpResponse:
    looking, person = here(request), place.person
    typed, missing = shown
    held = person.visits.get(place.visit)
    entry = place.entry
    on = (
        request.POST.get("on")
        or (entry.on if entry else held.on if held and held.on else looking.today).isoformat()
    )
    try:
        require_writer(looking.role, place.form)
        may_write = may(request, SaveForm)
    except DecisionRefused:
        may_write = False
    draft = read_draft(account(request), person.id, place.key)
    context: dict[str, Any] = {
        "title": place.form.label.say(language()),
        "place": place,
        "visit_label": place.protocol.schedule.visits[held.name].label if held and held.name else None,
        "on": on,
        "questions": _questions(request, place, typed, missing, judged=bool(refusal) or draft is not None),
        "missing_codes": MISSING,
        "expected": 0 if entry is None else entry.sequence,
        "is_new": entry is None,
        "may_write": may_write,
        "refusals": refusal.split("\n") if refusal else [],
        "draft": draft is not None and not refusal,
        "reason": request.POST.get("reason", ""),
        "at_any_time": AT_ANY_TIME,
        "signature_broken": bool(broken_signatures(person)),
        **_count(place, typed, missing),
        **head_of(request, person),
    }
    return render(request, "site/form.html", context, status=422 if refusal else 200)


def _onward(request: HttpRequest, place: Place) -> HttpResponse:
    """Go on to the next form that is to be filled in, where that was asked for, else back to the participant."""
    person = here(request).trial.participants[place.person.id]
    if request.POST.get("then") == "next":
        matrix = lay_out(place.protocol, person, here(request).today)
        following = next_form(place.protocol, matrix)
        if following is not None:
            visit, form = following
            return redirect("form", number=person.id, form=form, visit=visit or AT_ANY_TIME, repeat=1)
    return redirect("participant", number=person.id)
