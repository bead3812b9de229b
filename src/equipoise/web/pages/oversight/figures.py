"""Figures of the running trial, blinded: accrual against the plan, courses and sites of an item, in words too."""

from collections import Counter
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ....conduct.door.dates import study_day
from ....conduct.door.state import Participant
from ....conduct.follow_up.windows import day_1
from ....protocol import Protocol
from ....protocol.model import Item
from ....report.figures.figure import Figure
from ....report.figures.running import plot_accrual, plot_courses, plot_sites
from ....report.figures.style import as_attributes
from ...shell.answers import kept, kept_each
from ...shell.here import Here
from ...shell.requests import here, shown_to
from ...shell.templatetags.words import unit
from ...words import language, say
from ..quality.listing import people_of

Course = tuple[tuple[float, float], ...]
NAMES = ("accrual", "courses", "sites")


@shown_to("queries")
def page(request: HttpRequest) -> HttpResponse:
    """Show the figures, each with its numbers in words, and the accrual by site."""
    looking = here(request)
    item = _item(looking, request.GET.get("item", ""))
    people = people_of(looking)
    sites = [name for name in looking.trial.sites if looking.may_see(name)]
    screened = Counter(one.site for one in people)
    randomised = Counter(one.site for one in people if one.allocation is not None)
    ended = Counter(one.site for one in people if "participation" in one.ended)
    planned = planned_size(looking.protocol)
    context = {
        "title": say("Statistics"),
        "figures": [(name, figure_of(looking, name, item)) for name in NAMES],
        "item": item,
        "items": [(name, one.label) for name, one in numeric_items(looking.protocol).items()],
        "planned": planned,
        "sites": [
            (
                site,
                looking.trial.sites[site].name,
                screened[site],
                randomised[site],
                ended[site],
            )
            for site in sites
        ],
        "randomised": randomised.total(),
    }
    return render(request, "oversight/figures.html", context)


@shown_to("queries")
def drawing(request: HttpRequest, name: str) -> HttpResponse:
    """Give the drawing of a figure as SVG."""
    looking = here(request)
    if name not in NAMES:
        raise Http404
    found = figure_of(looking, name, _item(looking, request.GET.get("item", "")))
    return HttpResponse(as_attributes(found.svg), content_type="image/svg+xml; charset=utf-8")


def figure_of(looking: Here, name: str, item: str) -> Figure:
    """Return a figure of what who looks may see, in their language; it is drawn anew where its numbers change."""
    people, protocol = people_of(looking), looking.protocol
    shown = (name, language(), looking.site, looking.trial.versions[-1], tuple(looking.trial.sites))
    if name == "accrual":
        allocations = [one.allocation for one in people if one.allocation is not None]
        return kept(
            looking,
            ("figure", *shown, len(people), len(allocations)),  # who is there stays, and so does who has a place
            lambda: plot_accrual(
                [one.screened_on for one in people],
                [one.at.date() for one in allocations],
                planned_size(protocol),
                say,
            ),
            of=(),
        )
    courses = tuple(courses_of(looking, people, item))

    def draw() -> Figure:
        asked = numeric_items(protocol)[item]
        label, sign = asked.label.say(language()), unit(asked.unit or "")
        if name == "courses":
            dated = {one.id: course for one, course in zip(people, courses, strict=True) if course}
            return plot_courses(dated, label, sign, say)
        by_site: dict[str, list[float]] = {site: [] for site in looking.trial.sites if looking.may_see(site)}
        for one, course in zip(people, courses, strict=True):
            by_site[one.site] += [value for _, value in course]
        return plot_sites(by_site, label, sign, say)

    return kept(looking, ("figure", *shown, item, courses), draw, of=())


def courses_of(looking: Here, people: Sequence[Participant], item: str) -> list[Course]:
    """Return, by participant, weeks since day 1 and values of an item, in the order of time; () before day 1."""
    door = looking.running.door

    def course(person: Participant) -> Course:
        first = day_1(door.protocol_of(person.id), person)
        if first is None:
            return ()
        found = []
        for entry in person.forms.values():
            value = entry.values.get(item)
            if entry.removed is None and value is not None and isinstance(value.value, int | float):
                found.append(((study_day(entry.on, first) - 1) / 7, float(value.value)))
        return tuple(sorted(found))

    return kept_each(looking, ("course", item), people, course, daily=False)


def numeric_items(protocol: Protocol) -> dict[str, Item]:
    """Return the items that are measured, by name; none that only the vault keeps once somebody is randomised."""
    hidden = protocol.blinding.masked_after_randomisation
    return {name: item for name, item in protocol.items.items() if item.is_number and name not in hidden}


def main_item(protocol: Protocol) -> str:
    """Return the item of the first estimand whose variable is one, else the first that is measured."""
    known = numeric_items(protocol)
    for estimand in protocol.estimands.values():
        item = getattr(estimand.variable, "item", None)
        if item in known:
            return str(item)
    return next(iter(known))


def planned_size(protocol: Protocol) -> int | None:
    """Return how many participants are planned, where the protocol says so."""
    if protocol.randomisation is not None:
        return protocol.randomisation.size
    enrolment = getattr(protocol, "enrolment", None)
    return None if enrolment is None else int(enrolment.size)


def _item(looking: Here, asked: str) -> str:
    return asked if asked in numeric_items(looking.protocol) else main_item(looking.protocol)
