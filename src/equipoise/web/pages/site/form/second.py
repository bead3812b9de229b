"""The second entry of a form, blind to the first; and differences, settled by the investigator by the source."""

from typing import Any, Literal, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .....conduct.door.state import Value
from .....conduct.forms.entry import MISSING
from .....conduct.quality.second_entry import AdjudicateEntry, EnterSecond, Pending, pending_of
from .....errors import DecisionRefused
from ....shell.requests import for_roles, here, may, shown_to, submit
from ....words import language, say
from ..participant.head import head_of
from ..participant.signing import said_value
from .page import typed_in
from .place import Place, place_of, why_read_only
from .question import Question, Typed


@require_http_methods(["GET", "POST"])
@shown_to("forms")
def page(request: HttpRequest, number: str, form: str, visit: str, repeat: int) -> HttpResponse:
    """Ask for the items that are entered twice, without what stands in them."""
    place, looking, refusal = place_of(request, number, form, visit, repeat), here(request), ""
    closed = why_read_only(request, place)
    if not may(request, EnterSecond) or closed is not None:
        raise PermissionDenied
    typed = Typed({}, {})
    if request.method == "POST":
        typed = typed_in(request, place)
        values = {name: value for name, value in typed.values.items() if value}
        intent = EnterSecond(
            participant=number,
            form=form,
            visit=place.visit,
            repeat=repeat,
            values=dict(values),
            missing=dict(typed.missing),
        )
        try:
            submit(request, intent)
        except DecisionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, say("The second entry was recorded."))
            return redirect("participant", number=number)
    entry = place.entry
    wrote = entry is not None and looking.person in entry.writers
    items = () if wrote else _pending(place).items
    context: dict[str, Any] = {
        "title": say("Second entry: {form}", form=place.form.label.say(language())),
        "place": place,
        "questions": [Question(name, place.form.items[name], *typed.of(name)) for name in items],
        "wrote": wrote,
        "missing_codes": MISSING,
        "may_write": True,
        "is_new": True,
        "refusals": refusal.split("\n") if refusal else [],
        **head_of(request, place.person),
    }
    return render(request, "site/second.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
@for_roles("investigator")
def differences(request: HttpRequest, number: str, form: str, visit: str, repeat: int) -> HttpResponse:
    """Show both entries where they differ, and let the investigator say which one the source shows."""
    place, refusal = place_of(request, number, form, visit, repeat), ""
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in ("item", "keep", "reason")}
        try:
            if given["keep"] not in ("first", "second"):
                raise DecisionRefused(say("Choose the entry that the source shows."))
            keep = cast(Literal["first", "second"], given["keep"])
            intent = AdjudicateEntry(
                participant=number, record=place.key, item=given["item"], keep=keep, reason=given["reason"]
            )
            submit(request, intent)
        except DecisionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, say("The difference was settled."))
            return redirect(place.address())
    context: dict[str, Any] = {
        "title": say("Two entries that differ: {form}", form=place.form.label.say(language())),
        "place": place,
        "differ": [_both(place, name) for name in _pending(place).differ],
        "given": {name: request.POST.get(name, "") for name in ("item", "keep", "reason")},
        "refusals": refusal.split("\n") if refusal else [],
        **head_of(request, place.person),
    }
    return render(request, "site/differences.html", context, status=422 if refusal else 200)


def _pending(place: Place) -> Pending:
    """Return what double entry asks for of this record; 404 where there is no such record."""
    if place.entry is None:
        raise Http404
    nothing = Pending(participant=place.person.id, site=place.person.site, record=place.key, items=(), differ=())
    found = (one for one in pending_of(place.protocol, place.person) if one.record == place.key)
    return next(found, nothing)


def _both(place: Place, name: str) -> tuple[str, str, str, str]:
    item, second = place.form.items[name], place.person.second_entries[place.key][name]
    first, other = place.stands[name], Value(value=second.value, missing=second.missing)
    return name, item.label.say(language()), said_value(item, first), said_value(item, other)
