"""Labels as PDF, to print: of a prepared dose, and of the kits of cartons. Nothing on a label tells an arm."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ....errors import DecisionRefused
from ....report.labels import dose_label, kit_labels, render_labels
from ...shell.requests import here, participant_here
from ...words import language, say
from ..asking import asks

MOST = 100
"""Cartons whose labels are printed at once."""


@asks("record_preparation")
def dose(request: HttpRequest, participant: str, visit: str) -> HttpResponse:
    """Give the label of the dose that was prepared for an order."""
    looking, person = here(request), participant_here(request, participant)
    order = f"{participant}/{visit}"
    if order not in person.infusions:
        raise Http404
    protocol = looking.running.door.protocol_of(participant)
    try:
        label = dose_label(protocol, looking.trial, person, order, language())
    except DecisionRefused as refused:
        return _refused(request, refused)
    return _pdf(render_labels([label], language()), f"label-{participant}-{visit}.pdf")


@asks("pack_cartons")
def kits(request: HttpRequest) -> HttpResponse:
    """Give the labels of the kits of cartons that were ticked."""
    looking = here(request)
    cartons = request.GET.getlist("carton")[:MOST]
    for one in cartons:
        carton = looking.trial.cartons.get(one)
        if carton is None or (carton.site is not None and not looking.may_see(carton.site)):
            raise Http404
    try:
        found = kit_labels(looking.protocol, looking.trial, cartons, language())
    except DecisionRefused as refused:
        return _refused(request, refused)
    return _pdf(render_labels(found, language()), "kit-labels.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _refused(request: HttpRequest, refused: DecisionRefused) -> HttpResponse:
    context = {"title": say("Nothing to label"), "said": str(refused)}
    return render(request, "message.html", context, status=422)
