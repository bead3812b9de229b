"""For whom the vault keeps values that would tell an arm; the values stay shut until all codes are opened."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ....errors import DecisionRefused
from ....vault.oversight.desk import MaskedPlace
from ...shell.requests import cut, here
from ...words import say
from ..asking import ask, asks


@asks("list_masked")
def page(request: HttpRequest) -> HttpResponse:
    """List where masked values stand, the newest first."""
    looking = here(request)
    places: list[MaskedPlace] = []
    refusal = ""
    try:
        places = ask(request, "list_masked", list[MaskedPlace])
    except DecisionRefused as refused:
        refusal = str(refused)
    people = looking.trial.participants
    seen = [
        one
        for one in reversed(places)
        if one.participant in people and looking.may_see(people[one.participant].site)
    ]
    items, pages = looking.protocol.items, cut(request, seen)
    context = {
        "title": say("Masked values"),
        "places": [
            (one, items[one.item].label if one.item in items else one.item) for one in pages.page.object_list
        ],
        "pages": pages,
        "names": {name: person.name for name, person in looking.trial.people.items()},
        "zone": looking.zone,
        "refusal": refusal,
    }
    return render(request, "vault/masked.html", context, status=422 if refusal else 200)
