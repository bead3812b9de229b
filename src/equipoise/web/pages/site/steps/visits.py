"""Visits that are held, missed, unscheduled or wrongly dated, and the order of an infusion."""

from collections.abc import Mapping
from datetime import date

from django.http import Http404, HttpRequest

from .....conduct.door.state import Participant
from .....conduct.follow_up.infusions import OrderInfusion, weighing_for
from .....conduct.follow_up.visits import CorrectVisitDate, HoldUnscheduledVisit, HoldVisit, MissVisit
from .....conduct.follow_up.windows import day_1, window_of
from .....errors import DecisionRefused
from .....protocol import Protocol
from ....shell.requests import here
from ....shell.templatetags.words import day
from ....words import language, say
from .step import Asked, Field, Step, read_day

_WHY = "reason"


def _ask_held(request: HttpRequest, person: Participant, visit: str) -> Asked:
    looking, protocol = here(request), _planned(request, person, visit)
    window = _window(protocol, person, visit)
    inside = window is None or window[0] <= looking.today <= window[1]
    return Asked(
        title=say("Visit {visit} held", visit=_named(protocol, visit)),
        button=say("Record the visit"),
        said="" if inside else say("Today is outside the window; say why it could not be otherwise."),
        facts=_window_fact(window),
        fields=(
            Field("on", say("Held on"), "day", looking.today.isoformat()),
            Field(_WHY, say("Reason, where it is outside its window"), "text", required=False),
        ),
    )


def _make_held(person: Participant, visit: str, typed: Mapping[str, str]) -> HoldVisit:
    return HoldVisit(participant=person.id, visit=visit, on=read_day(typed), reason=typed.get(_WHY) or None)


def _ask_missed(request: HttpRequest, person: Participant, visit: str) -> Asked:
    protocol = _planned(request, person, visit)
    return Asked(
        title=say("Visit {visit} missed", visit=_named(protocol, visit)),
        button=say("It was missed"),
        facts=_window_fact(_window(protocol, person, visit)),
        fields=(Field(_WHY, say("Why it was missed"), "text"),),
    )


def _make_missed(person: Participant, visit: str, typed: Mapping[str, str]) -> MissVisit:
    return MissVisit(participant=person.id, visit=visit, why=typed.get(_WHY, ""))


def _ask_unscheduled(request: HttpRequest, _person: Participant, _: str) -> Asked:
    return Asked(
        title=say("Unscheduled visit"),
        button=say("Record the visit"),
        said=say("Any form of the schedule may be filled in at it."),
        fields=(
            Field("on", say("Held on"), "day", here(request).today.isoformat()),
            Field(_WHY, say("Why the visit took place"), "text"),
        ),
    )


def _make_unscheduled(person: Participant, _: str, typed: Mapping[str, str]) -> HoldUnscheduledVisit:
    return HoldUnscheduledVisit(participant=person.id, on=read_day(typed), why=typed.get(_WHY, ""))


def _ask_corrected(request: HttpRequest, person: Participant, visit: str) -> Asked:
    held = person.visits.get(visit)
    if held is None or held.on is None:
        raise Http404
    protocol = here(request).running.door.protocol_of(person.id)
    window = None if held.name is None else _window(protocol, person, held.name)
    return Asked(
        title=say("Date of visit {visit}", visit=_named(protocol, visit)),
        button=say("Correct the date"),
        said=say("The windows that hang on this date are judged anew."),
        facts=((say("On record"), day(held.on)), *_window_fact(window)),
        fields=(
            Field("on", say("The right date"), "day", held.on.isoformat()),
            Field(_WHY, say("Why the date was wrong"), "text"),
        ),
    )


def _make_corrected(person: Participant, visit: str, typed: Mapping[str, str]) -> CorrectVisitDate:
    return CorrectVisitDate(participant=person.id, visit=visit, on=read_day(typed), reason=typed.get(_WHY, ""))


def _ask_order(request: HttpRequest, person: Participant, visit: str) -> Asked:
    held, protocol = person.visits.get(visit), here(request).running.door.protocol_of(person.id)
    if held is None or held.on is None:
        raise Http404
    title, button = say("Infusion of visit {visit}", visit=_named(protocol, visit)), say("Order the infusion")
    try:
        weight, weighed_on = weighing_for(protocol, person, visit)
    except DecisionRefused as refused:
        return Asked(title=title, button=button, problem=str(refused))
    age = (held.on - weighed_on).days
    old = say("on the day of the visit") if age == 0 else say("{days} days before the visit", days=age)
    return Asked(
        title=title,
        button=button,
        said=say("The pharmacy prepares the dose by this weight. Compare it with the source before you order."),
        facts=((say("Body weight"), f"{weight} kg"), (say("Weighed on"), f"{day(weighed_on)} ({old})")),
    )


def _make_order(person: Participant, visit: str, _: Mapping[str, str]) -> OrderInfusion:
    return OrderInfusion(participant=person.id, visit=visit)


def _planned(request: HttpRequest, person: Participant, visit: str) -> Protocol:
    """Return the participant's protocol, where it plans the visit; else there is no such page."""
    protocol = here(request).running.door.protocol_of(person.id)
    if visit not in protocol.schedule.visits:
        raise Http404
    return protocol


def _window(protocol: Protocol, person: Participant, visit: str) -> tuple[date, date] | None:
    first = day_1(protocol, person)
    return None if first is None else window_of(protocol, visit, first)


def _window_fact(window: tuple[date, date] | None) -> tuple[tuple[str, str], ...]:
    return () if window is None else ((say("Window"), f"{day(window[0])} – {day(window[1])}"),)


def _named(protocol: Protocol, visit: str) -> str:
    if visit not in protocol.schedule.visits:
        return visit
    label = protocol.visit_label(visit, language())
    return visit if label == visit else f"{visit} ({label})"


VISITS = {
    "hold-visit": Step(HoldVisit, _ask_held, _make_held),
    "miss-visit": Step(MissVisit, _ask_missed, _make_missed),
    "unscheduled-visit": Step(HoldUnscheduledVisit, _ask_unscheduled, _make_unscheduled),
    "correct-date": Step(CorrectVisitDate, _ask_corrected, _make_corrected),
    "order-infusion": Step(OrderInfusion, _ask_order, _make_order),
}
