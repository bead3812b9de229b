"""The first page of the vault: what may be done here in the role of who looks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..shell.requests import here
from ..words import say
from .ways_in import ways_opened

TASKS = (
    ("code_break", "Break the code of a participant", "In an emergency, for one participant, at once."),
    ("preparations", "Preparations", "Orders that wait for their bag, step by step."),
    ("stock", "Stock", "Cartons and kits by their numbers: where they are, until when they serve."),
    ("lots", "Lots", "Take in lots, pack cartons, account for kits by lot."),
    ("shipments", "Shipments", "Cartons on their way to the sites."),
    ("returns", "Returns", "Kits that go back or are destroyed."),
    ("envelopes", "Envelopes", "Print the sealed envelopes of a site."),
    ("opened_envelope", "Report an opened envelope", "Whose it was, who opened it, when and why."),
    ("cases", "Cases", "Reports that are due to authorities, blinded and unblinded."),
    ("stopping", "Stopping rules", "Which rules have held, and for whom."),
    ("board", "Closed report", "The report by arm for the safety board."),
    ("verification", "Verification", "Sign that kits, lots and preparations were verified at the source."),
    ("masked", "Masked values", "For whom the vault keeps values that would tell an arm."),
    ("sealed_list", "Sealed list", "Audit the list with the shares of both custodians."),
    ("ways_in", "Ways in", "Let somebody set up a second factor here, the first or in place of a lost one."),
    ("keys", "Keys", "How all codes are opened after the lock."),
    ("trail", "Record of the vault", "Who opened what, when and why."),
)
"""Every page that a role may have work on: its name, what it is called, what it is for."""


def tasks_of(role: str) -> list[tuple[str, str, str]]:
    """Return the pages that a role may see, in the order in which they are shown."""
    from .urls import roles_of_page

    return [task for task in TASKS if role in roles_of_page(task[0])]


def page(request: HttpRequest) -> HttpResponse:
    """Show what may be done."""
    looking = here(request)
    context = {
        "title": say("Vault"),
        "tasks": tasks_of(looking.role),
        "opened": ways_opened(looking),
        "zone": looking.zone,
    }
    return render(request, "vault/home.html", context)
