"""The open queries of a site, the oldest first, each with the way to its item and to its answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ....conduct.access.questions import QUESTIONS
from ....conduct.door.state import Participant
from ....conduct.quality.queries import AnswerQuery, OpenQuery, list_queries
from ....protocol import Protocol
from ...shell.answers import kept
from ...shell.requests import cut, here, may, shown_to
from ...words import language, say
from .form.place import AT_ANY_TIME


@shown_to("queries")
def page(request: HttpRequest) -> HttpResponse:
    """Show the queries that are not closed."""
    looking = here(request)
    wanted, waits = request.GET.get("number", "").strip(), request.GET.get("waits", "")
    found = [
        one
        for one in kept(looking, "queries", lambda: list_queries(looking.trial, looking.at))
        if looking.may_see(one.site) and wanted in one.participant
    ]
    counts = {kind: sum(one.waits_for == kind for one in found) for kind in ("the site", "the reviewer")}
    pages = cut(request, [one for one in found if waits in ("", one.waits_for)])
    context: dict[str, Any] = {
        "title": say("Open queries"),
        "queries": [_line(request, one) for one in pages.page.object_list],
        "pages": pages,
        "counts": list(counts.items()),
        "total": len(found),
        "waits": waits,
        "wanted": wanted,
        "may_answer": may(request, AnswerQuery),
        "may_see_forms": looking.role in QUESTIONS["forms"],
    }
    return render(request, "site/queries.html", context)


def _line(request: HttpRequest, one: OpenQuery) -> dict[str, Any]:
    looking = here(request)
    person = looking.trial.participants[one.participant]
    visit, form, repeat = one.record.split("/")
    protocol = looking.running.door.protocol_of(one.participant)
    return {
        "query": one,
        "visit": visit,
        "at": visit or AT_ANY_TIME,
        "form": form,
        "repeat": int(repeat),
        "label": protocol.forms[form].label.say(language()) if form in protocol.forms else form,
        "item": _item(protocol, form, one.item),
        "answers": _answers(person, one.query),
    }


def _item(protocol: Protocol, form: str, item: str | None) -> str:
    known = protocol.forms[form].items if form in protocol.forms else {}
    return known[item].label.say(language()) if item is not None and item in known else item or ""


def _answers(person: Participant, query: str) -> list[str]:
    return [one.text for one in person.queries[query].answers]
