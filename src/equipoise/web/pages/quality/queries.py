"""Queries: how many wait, for whom, how long; raised from any value, answered by the site, closed by the asker."""

from collections import Counter
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ....conduct.door.fact import Intent
from ....conduct.quality.queries import AnswerQuery, CloseQuery, OpenQuery, RaiseQuery, list_queries
from ....errors import DecisionRefused
from ...shell.answers import kept
from ...shell.here import Here
from ...shell.requests import here, may, participant_here, shown_to, submit
from ...shell.said import as_given
from ...words import say
from .listing import (
    Cell,
    form_url,
    item_name,
    person_name,
    protocol_of,
    record_cell,
    record_name,
    table,
    value_text,
)

AGES: dict[str, Callable[[int], bool]] = {
    "up to 7 days": lambda days: days <= 7,
    "8 to 28 days": lambda days: 7 < days <= 28,
    "over 28 days": lambda days: days > 28,
}
WAITING = ("the site", "the reviewer")


@shown_to("queries")
def page(request: HttpRequest) -> HttpResponse:
    """Show the open queries, the oldest first, counted by site, age and for whom they wait."""
    looking = here(request)
    found = open_queries(looking)
    site, waits, age = (request.GET.get(name, "") for name in ("site", "waits", "age"))
    chosen = [
        one
        for one in found
        if site in ("", one.site) and waits in ("", one.waits_for) and (age not in AGES or AGES[age](one.days))
    ]
    sites = [name for name in looking.trial.sites if looking.may_see(name)]
    counted = Counter((one.site, what) for one in found for what in (one.waits_for, _age(one)))
    oldest = {name: max((one.days for one in found if one.site == name), default=0) for name in sites}
    context = {
        "title": say("Queries"),
        "sites": [(name, [counted[name, what] for what in (*WAITING, *AGES)], oldest[name]) for name in sites],
        "waiting": WAITING,
        "ages": tuple(AGES),
        "chosen": {"site": site, "waits": waits, "age": age},
        "total": len(found),
        "table": table(
            request,
            say("Open queries, the oldest first"),
            (say("Query"), say("Record"), say("Question"), say("Days"), say("Waits for")),
            chosen,
            lambda one: (
                Cell(f"{one.participant} {one.query}", reverse("query", args=[one.participant, one.query])),
                record_cell(request, one.participant, one.record),
                as_given(one.question),
                str(one.days),
                say(one.waits_for),
            ),
            empty=say("No query is open."),
        ),
    }
    return render(request, "quality/queries.html", context)


@require_http_methods(["GET", "POST"])
@shown_to("queries")
def query(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """Show a query with its answers; the site answers it, who asks closes it."""
    person, looking = participant_here(request, number), here(request)
    if name not in person.queries:
        raise Http404
    refusal = ""
    said = request.POST.get("said", "").strip()
    if request.method == "POST":
        intent: Intent = (
            CloseQuery(participant=number, query=name, reason=said)
            if request.POST.get("what") == "close"
            else AnswerQuery(participant=number, query=name, answer=said)
        )
        try:
            submit(request, intent)
            return redirect("query", number=number, name=name)
        except DecisionRefused as refused:
            refusal = str(refused)
    one = person.queries[name]
    entry = person.forms.get(one.record)
    is_open = one.closed_at is None
    context = {
        "title": say("Query {name} of participant {number}", name=name, number=number),
        "person": person,
        "query": one,
        "record": record_name(looking, number, one.record),
        "form_url": form_url(number, one.record),
        "item": "" if one.item is None else item_name(looking, number, one.record, one.item),
        "value": "" if one.item is None or entry is None else value_text(looking, number, entry, one.item),
        "answers": [(answer, person_name(looking, answer.by)) for answer in one.answers],
        "may_answer": is_open and may(request, AnswerQuery),
        "may_close": is_open and may(request, CloseQuery),
        "zone": looking.trial.sites[person.site].zone,
        "said": said,
        "refusal": refusal,
    }
    return render(request, "quality/query.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "POST"])
@shown_to("queries")
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Raise a query about a record or one value of it."""
    person, looking = participant_here(request, number), here(request)
    record, item = request.GET.get("record", ""), request.GET.get("item", "")
    entry = person.forms.get(record)
    if entry is None or (item and item not in protocol_of(looking, number).forms[entry.form].items):
        raise Http404
    question, refusal = request.POST.get("question", "").strip(), ""
    if request.method == "POST":
        try:
            submit(request, RaiseQuery(participant=number, record=record, item=item or None, question=question))
            return redirect(form_url(number, record))
        except DecisionRefused as refused:
            refusal = str(refused)
    context = {
        "title": say("Ask the site about a value"),
        "person": person,
        "record": record_name(looking, number, record),
        "form_url": form_url(number, record),
        "item": item and item_name(looking, number, record, item),
        "value": item and value_text(looking, number, entry, item),
        "question": question,
        "refusal": refusal,
        "may_ask": may(request, RaiseQuery),
    }
    return render(request, "quality/ask_page.html", context, status=422 if refusal else 200)


def open_queries(looking: Here) -> list[OpenQuery]:
    """Return the open queries that who looks may see, the oldest first."""
    return kept(
        looking,
        ("queries", looking.site),
        lambda: [one for one in list_queries(looking.trial, looking.at) if looking.may_see(one.site)],
    )


def _age(one: OpenQuery) -> str:
    return next(name for name, holds in AGES.items() if holds(one.days))
