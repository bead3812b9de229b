"""One participant: where they stand, visits and forms as a matrix, and the steps of a site on the way."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from .....conduct.access.questions import QUESTIONS
from .....conduct.closing.signatures import Sign, signature_state
from .....conduct.door.fact import Intent
from .....conduct.door.state import Participant
from .....conduct.enrolment.allocation import AllocateParticipant, CorrectStratum
from .....conduct.enrolment.consent import SignConsent, WithdrawConsent, due_consent
from .....conduct.enrolment.ending import EndScreening, ReopenScreening
from .....conduct.enrolment.moving import MoveParticipant
from .....conduct.enrolment.screening import AssessEligibility, DestroyIdentity
from .....conduct.follow_up.attendance import left_on
from .....conduct.follow_up.infusions import OrderInfusion, visits_to_order
from .....conduct.follow_up.matrix import VisitColumn, lay_out, next_form
from .....conduct.follow_up.visits import CorrectVisitDate, HoldUnscheduledVisit, HoldVisit, MissVisit
from .....conduct.forms.access import may_write
from .....conduct.forms.entry import SaveForm
from .....conduct.quality.queries import AnswerQuery
from .....protocol import Protocol
from ....shell.requests import here, may, participant_here, shown_to
from ....words import say
from ..steps.enrolment import newer_versions
from .head import head_of

Link = tuple[str, str]
"""What a link says, and where it leads."""


@shown_to("completeness")
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Show a participant."""
    person, looking = participant_here(request, number), here(request)
    protocol = looking.running.door.protocol_of(number)
    matrix = lay_out(protocol, person, looking.today)
    coming = next((one for one in matrix.visits if one.on is None and one.missed is None), None)
    context: dict[str, Any] = {
        "title": say("Participant {number}: visits and forms", number=number),
        "columns": [(one, _steps_at(request, person, one, is_next=one is coming)) for one in matrix.visits],
        "rows": [
            (form, protocol.forms[form].label, [(column, cells[column.key]) for column in matrix.visits])
            for form, cells in matrix.rows.items()
        ],
        "loose": [_loose(request, protocol, person, form) for form in matrix.at_any_time],
        "may_see_forms": looking.role in QUESTIONS["forms"],
        "next": list(_next_steps(request, protocol, person, coming)),
        "next_form": next_form(protocol, matrix),
        "steps": list(_steps(request, person)),
        "due_consent": due_consent(looking.trial, person, looking.today),
        "signature": signature_state(person),
        "infusions": list(person.infusions.values()),
        "deviations": person.deviations,
        "endings": list(person.ended.items()),
        "may_answer": may(request, AnswerQuery),
        "queries": [(name, one) for name, one in person.queries.items() if one.closed_at is None],
        **head_of(request, person),
    }
    return render(request, "site/participant.html", context)


def _loose(
    request: HttpRequest, protocol: Protocol, person: Participant, form: str
) -> tuple[str, Any, list[Any], int | None]:
    """Return a form of any time with its records, and the number of a new one where there may be another."""
    entries = [one for one in person.forms.values() if one.form == form]
    following = max((one.repeat for one in entries), default=0) + 1
    writes = may(request, SaveForm) and may_write(here(request).role, protocol.forms[form])
    another = writes and (protocol.forms[form].repeats or not entries)
    return form, protocol.forms[form].label, entries, following if another else None


def _steps_at(request: HttpRequest, person: Participant, visit: VisitColumn, *, is_next: bool) -> list[Link]:
    """Return the steps at a visit: its date corrected; else that it is held, or was missed once it could be."""
    offered: list[tuple[type[Intent], str, str]] = []
    has_opened = visit.opens is not None and visit.opens <= here(request).today
    if visit.on is not None:
        offered.append((CorrectVisitDate, "correct-date", say("correct")))
    elif visit.missed is None and person.consents and left_on(person) is None and (is_next or has_opened):
        offered.append((HoldVisit, "hold-visit", say("visit held")))
        if has_opened:
            offered.append((MissVisit, "miss-visit", say("missed…")))
    return [(said, _to_step(person, name, visit.key)) for intent, name, said in offered if may(request, intent)]


def _next_steps(
    request: HttpRequest, protocol: Protocol, person: Participant, coming: VisitColumn | None
) -> Iterator[Link]:
    """Give what comes next on the way of a participant besides forms, as buttons above the page."""
    if left_on(person) is not None:
        return
    if not person.consents and may(request, SignConsent):
        yield say("Record the consent"), _to_step(person, "sign-consent")
    if coming is not None and person.consents and may(request, HoldVisit):
        opens = coming.opens
        if not person.visits if opens is None else opens <= here(request).today:
            yield say("Record visit {visit}", visit=coming.key), _to_step(person, "hold-visit", coming.key)
    if person.consents and person.allocation is None:
        eligible = person.eligibility is not None and person.eligibility.eligible
        if not eligible and may(request, AssessEligibility):
            yield say("Assess eligibility"), reverse("eligibility", args=[person.id])
        if eligible and may(request, AllocateParticipant):
            yield say("Randomise"), reverse("randomise", args=[person.id])
    if may(request, OrderInfusion):
        for visit in visits_to_order(protocol, person):
            yield say("Order the infusion of {visit}", visit=visit), _to_step(person, "order-infusion", visit)


def _steps(request: HttpRequest, person: Participant) -> Iterator[Link]:
    """Give the other steps and pages that there are for a participant in this role."""
    role, number, left = here(request).role, person.id, left_on(person) is not None
    offered: list[tuple[type[Intent], str, str, bool]] = [
        (SignConsent, "sign-consent", say("Consent form signed"), not left),
        (HoldUnscheduledVisit, "unscheduled-visit", say("Unscheduled visit"), not left and bool(person.consents)),
        (WithdrawConsent, "withdraw-consent", say("Consent withdrawn"), _consents(person)),
        (EndScreening, "end-screening", say("End of screening"), not left and person.allocation is None),
        (ReopenScreening, "reopen-screening", say("Screening goes on"), "screening" in person.ended),
        (MoveParticipant, "move-version", say("A newer protocol version"), bool(newer_versions(request, person))),
        (CorrectStratum, "correct-strata", say("True strata"), person.allocation is not None),
        (DestroyIdentity, "destroy-identity", say("Destroy the identity"), person.identity_destroyed_at is None),
    ]
    if role in QUESTIONS["forms"]:
        yield say("Eligibility"), reverse("eligibility", args=[number])
    for intent, name, said, now in offered:
        if now and may(request, intent):
            yield said, _to_step(person, name)
    if may(request, Sign) or role in QUESTIONS["signatures"]:
        yield say("Signature"), reverse("sign", args=[number])
    if role in QUESTIONS["identities"]:
        yield say("Who this is"), reverse("identity", args=[number])
    if role in QUESTIONS["trail"]:
        yield say("History"), reverse("trail", args=[number])
        yield say("Casebook to print"), reverse("casebook", args=[number])


def _consents(person: Participant) -> bool:
    return bool(person.consents) and person.consent_withdrawn_on is None


def _to_step(person: Participant, name: str, of: str = "") -> str:
    address = reverse("step", args=[person.id, name])
    return f"{address}?of={quote(of)}" if of else address
