"""The page of a form: shown, judged as typed and kept as a draft, saved, and what comes next."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from .....conduct.access.questions import QUESTIONS
from .....conduct.closing.signatures import signature_state
from .....conduct.door.scope import name_person
from .....conduct.follow_up.matrix import lay_out, next_form
from .....conduct.forms.entry import MISSING, RemoveForm, SaveForm
from .....conduct.forms.planned import belongs_to_no_visit
from .....conduct.quality.late_entry import FromPaper
from .....conduct.quality.queries import AnswerQuery
from .....conduct.quality.second_entry import pending_of
from .....errors import DecisionRefused
from .....trial.access.at_the_vault import HANDLERS
from ....accounts.drafts import drop_draft, keep_draft, read_draft
from ....shell.requests import account, counted, here, may, shown_to, submit
from ....shell.templatetags.words import weekday
from ....words import language, say
from ..participant.head import head_of
from .meanwhile import compare, typed_of
from .place import AT_ANY_TIME, Place, place_of, why_read_only
from .question import Typed, questions_of


@require_http_methods(["GET", "POST"])
@shown_to("forms")
def page(request: HttpRequest, number: str, form: str, visit: str, repeat: int) -> HttpResponse:
    """Show a form, and save it."""
    place = place_of(request, number, form, visit, repeat)
    if request.method == "GET":
        return _show(request, place)
    if request.POST.get("then") == "discard":
        drop_draft(account(request), number, place.key)
        return redirect(place.address())
    typed, seen = typed_in(request, place), _seen(request)
    try:
        submit(request, _intent(request, place, typed, seen))
    except DecisionRefused as refused:
        return _show(request, place, typed, seen=seen, refusal=str(refused))
    drop_draft(account(request), number, place.key)
    messages.success(request, say("Saved: {form}", form=place.form.label.say(language())))
    return _onward(request, place)


@require_POST
@shown_to("forms")
def check(request: HttpRequest, number: str, form: str, visit: str, repeat: int) -> HttpResponse:
    """Judge a form as it is typed, keep it as a draft, and say what is to be said beside each item."""
    place = place_of(request, number, form, visit, repeat)
    typed, seen = typed_in(request, place), _seen(request)
    if why_read_only(request, place) is None:
        keep_draft(account(request), number, place.key, typed.values, typed.missing, seen)
    context = {
        "questions": questions_of(request, place, typed, judged=True),
        "on_said": _weekday(request.POST.get("on", "")),
        "kept_at": here(request).at,
        "zone": here(request).zone,
        **_count(place, typed),
    }
    return render(request, "site/form_said.html", context)


def typed_in(request: HttpRequest, place: Place) -> Typed:
    """Return what is in the fields, and why values are missing, by item; names of no item are dropped."""
    items = [name for name, item in place.form.items.items() if item.derive is None and name not in place.masked]
    values = {name: request.POST[f"item-{name}"].strip() for name in items if f"item-{name}" in request.POST}
    missing = {name: code for name in items if (code := request.POST.get(f"missing-{name}", ""))}
    return Typed(values, missing)


def _intent(request: HttpRequest, place: Place, typed: Typed, seen: int) -> SaveForm:
    """Make the step of what was typed. Raises DecisionRefused where a date is none."""
    given = {
        name: request.POST.get(name, "").strip() for name in ("on", "reason", "late", "paper_on", "paper_why")
    }
    try:
        on = date.fromisoformat(given["on"])
    except ValueError:
        raise DecisionRefused(say("A date is typed as 2026-03-05 (year, month, day).")) from None
    paper = FromPaper(given["paper_on"], given["paper_why"]) if given["paper_on"] or given["paper_why"] else None
    return SaveForm(
        participant=place.person.id,
        form=place.name,
        visit=place.visit,
        repeat=place.repeat if place.form.repeats else None,
        on=on,
        values={
            name: value
            for name, value in typed.values.items()
            if value or (_is_there(place, name) and name not in typed.missing)
        },
        missing=dict(typed.missing),
        reason=given["reason"] or None,
        expected=seen,
        from_paper=paper,
        late=given["late"] or None,
    )


def _is_there(place: Place, name: str) -> bool:
    return name in place.stands and (
        place.stands[name].value is not None or place.stands[name].missing is not None
    )


def _seen(request: HttpRequest) -> int:
    """Return the last event on the record when the page was made."""
    return counted(request.POST.get("expected", "")) or 0


def _count(place: Place, typed: Typed) -> dict[str, int]:
    asked = [name for name, item in place.form.items.items() if item.derive is None and name not in place.masked]
    return {"answered": sum(any(typed.of(name)) for name in asked), "asked": len(asked)}


def _weekday(typed: str) -> str:
    try:
        return weekday(date.fromisoformat(typed.strip()))
    except ValueError:
        return ""


def _show(
    request: HttpRequest, place: Place, typed: Typed | None = None, *, seen: int = 0, refusal: str = ""
) -> HttpResponse:
    looking, person, entry = here(request), place.person, place.entry
    closed = why_read_only(request, place)
    draft = read_draft(account(request), person.id, place.key) if typed is None and closed is None else None
    if draft is not None:
        typed, seen = Typed(draft.typed, draft.missing), draft.expected
    meanwhile: dict[str, str] = {}
    if typed is not None and entry is not None and seen != place.sequence:
        events = looking.running.book.read(participant=person.id)
        typed, meanwhile = compare(place, events, seen, typed, name_person(looking.trial, entry.by))
        refusal = _overtaken(request, place) if refusal else ""
    judged = typed is not None
    shown = typed_of(place.stands) if typed is None else typed
    questions = [
        replace(one, meanwhile=meanwhile.get(one.name, ""))
        for one in questions_of(request, place, shown, judged=judged, refused=bool(refusal))
    ]
    on = request.POST.get("on") or _day_of(request, place)
    context: dict[str, Any] = {
        "title": place.form.label.say(language()),
        "place": place,
        "visit_label": _visit_label(place),
        "at_any_time": AT_ANY_TIME,
        "on": on,
        "on_said": _weekday(on),
        "questions": questions,
        "form_queries": [
            (name, one)
            for name, one in person.queries.items()
            if one.record == place.key and one.item is None and one.closed_at is None
        ],
        "missing_codes": MISSING,
        "expected": place.sequence,
        "is_new": entry is None,
        "removed": None if entry is None else entry.removed,
        "closed": closed,
        "may_write": closed is None,
        "may_answer": may(request, AnswerQuery),
        "may_mask": looking.role in HANDLERS["enter_masked"],
        "may_see_trail": looking.role in QUESTIONS["trail"],
        "refusals": refusal.split("\n") if refusal else [],
        "meanwhile": bool(meanwhile),
        "draft": draft,
        "signature": signature_state(person) if entry is not None else "missing",
        "records": place.records if place.form.repeats else [],
        "another": max((one.repeat for one in place.records), default=0) + 1,
        "strike_out": _may_strike_out(request, place, closed),
        "second": _second_entry(request, place),
        **_extra(request, place, on),
        **_count(place, shown),
        **head_of(request, person),
    }
    return render(request, "site/form.html", context, status=422 if refusal else 200)


def _overtaken(request: HttpRequest, place: Place) -> str:
    """Say that somebody else was faster; what differs is marked at the items."""
    looking, entry = here(request), place.entry
    assert entry is not None
    who = name_person(looking.trial, entry.by)
    return say(
        "{who} has saved this form while you had it open. Nothing of yours is saved yet. What differs is marked; "
        "look at each, then save again.",
        who=who,
    )


def _day_of(request: HttpRequest, place: Place) -> str:
    """Return the day that a record has, or will probably have."""
    if place.entry is not None:
        return place.entry.on.isoformat()
    held = place.person.visits.get(place.visit)
    return (held.on if held is not None and held.on is not None else here(request).today).isoformat()


def _visit_label(place: Place) -> str | None:
    held = place.person.visits.get(place.visit)
    if held is None or held.name is None or held.name not in place.protocol.schedule.visits:
        return None
    return place.protocol.visit_label(held.name, language())


def _extra(request: HttpRequest, place: Place, on: str) -> dict[str, Any]:
    """Return what is asked of the record as a whole: why it changes, comes late, or was on paper first."""
    quality = place.protocol.quality
    allowed = None if quality is None else quality.late_entry
    late = False
    if allowed is not None and place.entry is None:
        try:
            until = date.fromisoformat(on) + timedelta(days=int(allowed.to("day")))
            late = here(request).today > until
        except ValueError:
            late = True
    return {
        "asks_late": late,
        "given": {name: request.POST.get(name, "") for name in ("reason", "late", "paper_on", "paper_why")},
    }


def _may_strike_out(request: HttpRequest, place: Place, closed: str | None) -> bool:
    standing = place.entry is not None and place.entry.removed is None
    loose = place.form.repeats or belongs_to_no_visit(place.protocol, place.name)
    return standing and loose and closed is None and may(request, RemoveForm)


def _second_entry(request: HttpRequest, place: Place) -> dict[str, bool]:
    """Return whether a second entry waits for who looks, and whether there are differences to settle."""
    looking, entry = here(request), place.entry
    found = [one for one in pending_of(place.protocol, place.person) if one.record == place.key]
    mine = entry is not None and looking.person in entry.writers
    return {
        "due": any(one.items for one in found) and not mine and why_read_only(request, place) is None,
        "differ": any(one.differ for one in found) and looking.role == "investigator",
    }


def _onward(request: HttpRequest, place: Place) -> HttpResponse:
    """Go on to the next form that is to be filled in, where that was asked for, else back to the participant."""
    looking, person = here(request), here(request).trial.participants[place.person.id]
    if request.POST.get("then") != "close":
        protocol = looking.running.door.protocol_of(person.id)
        following = next_form(protocol, lay_out(protocol, person, looking.today))
        if following is not None and following != (place.visit, place.name):
            visit, form = following
            return redirect("form", number=person.id, form=form, visit=visit or AT_ANY_TIME, repeat=1)
    return redirect("participant", number=person.id)
