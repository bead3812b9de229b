"""What the holders of the key find here: how all codes are opened, which is done at the command line."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ...beside.line import vault_line
from ...shell.requests import here
from ...words import say
from ..asking import asks


@asks("unblind_all")
def page(request: HttpRequest) -> HttpResponse:
    """Say who holds the key, and what is needed before all codes are opened."""
    looking = here(request)
    names = {name: person.name for name, person in looking.trial.people.items()}
    holders: list[str] = vault_line().call("holders", list[str])
    context = {
        "title": say("Keys"),
        "holders": [names.get(one, one) for one in holders],
        "locked_at": looking.trial.locked_at,
        "unblinded_at": looking.trial.unblinded_at,
        "zone": looking.zone,
    }
    return render(request, "vault/keys.html", context)
