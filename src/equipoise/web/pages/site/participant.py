"""One participant: where they stand, visits and forms as a matrix, and the steps of a site on the way."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ....conduct.closing.signatures import signature_state
from ....conduct.door.dates import study_day
from ....conduct.door.fact import Intent
from ....conduct.door.state import Participant
from ....conduct.enrolment.allocation import AllocateParticipant
from ....conduct.enrolment.consent import SignConsent, due_consents
from ....conduct.enrolment.strata import derive_strata
from ....conduct.follow_up.attendance import left_on
from ....conduct.follow_up.matrix import lay_out, next_form
from ....conduct.follow_up.visits import HoldVisit, MissVisit
from ....conduct.follow_up.windows import day_1
from ....conduct.organisation.consent_documents import document_in_use
from ....errors import DecisionRefused
from ...shell.requests import here, may, participant_here, submit
from ...words import say


def page(request: HttpRequest, number: str) -> HttpResponse:
    """Show a participant."""
    return _show(request, participant_here(request, number))


@require_POST
def hold_visit(request: HttpRequest, number: str) -> HttpResponse:
    """Record that a visit takes place, or that it was missed."""
    visit, why = request.POST.get("visit", ""), request.POST.get("reason", "").strip()
    on = request.POST.get("on", "")
    if request.POST.get("missed"):
        return _try(request, number, lambda: MissVisit(participant=number, visit=visit, why=why))
    return _try(
        request,
        number,
        lambda: HoldVisit(participant=number, visit=visit, on=date.fromisoformat(on), reason=why or None),
    )


@require_POST
def sign_consent(request: HttpRequest, number: str) -> HttpResponse:
    """Record the signature under the consent form that is in use at the site, in the participant's language."""
    tongue, on = request.POST.get("language", ""), request.POST.get("signed_on", "")
    document = request.POST.get("document", "")
    return _try(
        request,
        number,
        lambda: SignConsent(
            participant=number, document=document, language=tongue, signed_on=date.fromisoformat(on)
        ),
    )


@require_http_methods(["GET", "POST"])
def randomise(request: HttpRequest, number: str) -> HttpResponse:
    """Read the strata back, and let the next number be given when they are confirmed."""
    person, looking = participant_here(request, number), here(request)
    protocol = looking.running.door.protocol_of(number)
    refusal, strata = "", {}
    try:
        strata = derive_strata(protocol, person, looking.today)
    except DecisionRefused as refused:
        refusal = str(refused)
    if request.method == "POST" and not refusal:
        said = {name: request.POST.get(f"stratum-{name}", "") for name in strata}
        if request.POST.get("number", "").strip() != number:
            refusal = say("Type the participant's number as it stands above to confirm.")
        else:
            try:
                submit(request, AllocateParticipant(participant=number, strata=said))
                return redirect("participant", number=number)
            except DecisionRefused as refused:
                refusal = str(refused)
    context = {
        "title": say("Randomise participant {number}", number=number),
        "person": person,
        "strata": [(name, _name_of(protocol, name), level) for name, level in strata.items()],
        "refusal": refusal,
        **head_of(request, person),
    }
    return render(request, "site/randomise.html", context, status=422 if refusal else 200)


def _name_of(protocol: Any, factor: str) -> Any:
    known = protocol.variables.get(factor)
    return factor if known is None else known.label


def _try(request: HttpRequest, number: str, intent_of: Any) -> HttpResponse:
    """Do a step for a participant, and show the participant again; a refusal is said above the page."""
    person = participant_here(request, number)
    try:
        intent: Intent = intent_of()
        submit(request, intent)
    except DecisionRefused as refused:
        return _show(request, person, refusal=str(refused))
    except ValueError:
        return _show(request, person, refusal=say("A date is typed as 2026-03-05 (year, month, day)."))
    return redirect("participant", number=number)


def head_of(request: HttpRequest, person: Participant) -> dict[str, Any]:
    """Return what the bar above the page says of a participant."""
    looking = here(request)
    protocol = looking.running.door.protocol_of(person.id)
    first = day_1(protocol, person)
    return {
        "person": person,
        "randomisation": None if person.allocation is None else person.allocation.number,
        "today": looking.today,
        "study_day": None if first is None else study_day(looking.today, first),
        "zone": looking.trial.sites[person.site].zone,
    }


def _show(request: HttpRequest, person: Participant, refusal: str = "") -> HttpResponse:
    looking = here(request)
    protocol = looking.running.door.protocol_of(person.id)
    matrix = lay_out(protocol, person, looking.today)
    open_visits = [one for one in matrix.visits if one.name and one.on is None and one.missed is None]
    eligible = person.eligibility is not None and person.eligibility.eligible
    documents = [
        document
        for language in protocol.trial.languages
        if (document := document_in_use(looking.trial, person.site, language, looking.today)) is not None
    ]
    signed = {(consent.document, consent.language) for consent in person.consents}
    context = {
        "title": say("Participant {number}: visits and forms", number=person.id),
        "columns": matrix.visits,
        "rows": [
            (form, protocol.forms[form].label, [(column, cells[column.key]) for column in matrix.visits])
            for form, cells in matrix.rows.items()
        ],
        "loose": [
            (form, protocol.forms[form].label, entries, max([0, *(one.repeat for one in entries)]) + 1)
            for form, entries in matrix.at_any_time.items()
        ],
        "visit_labels": {name: visit.label for name, visit in protocol.schedule.visits.items()},
        "next": next_form(protocol, matrix),
        "next_visit": open_visits[0] if open_visits else None,
        "may_hold": may(request, HoldVisit) and left_on(person) is None,
        "may_sign_consent": may(request, SignConsent) and left_on(person) is None,
        "may_randomise": may(request, AllocateParticipant) and eligible and person.allocation is None,
        "documents": [one for one in documents if (one.document, one.language) not in signed],
        "due_consent": next(
            (due for due in due_consents(looking.trial, looking.today) if due.participant == person.id), None
        ),
        "signature": signature_state(person),
        "queries": [(name, one) for name, one in person.queries.items() if one.closed_at is None],
        "refusal": refusal,
        **head_of(request, person),
    }
    return render(request, "site/participant.html", context, status=422 if refusal else 200)
