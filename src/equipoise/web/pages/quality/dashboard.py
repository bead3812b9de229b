"""Completeness by site: filled in, missing, due, overdue; whose forms they are, which are missing most often."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from ....conduct.door.state import Participant
from ....conduct.forms.completeness import Completeness, Expectations
from ....conduct.quality.completeness import count_by_site, count_missing
from ...shell.answers import kept_each
from ...shell.here import Here
from ...shell.requests import here, participant_here, shown_to
from ...words import language, say
from .listing import Cell, people_of, person_cell, show, table

WHATS = ("filled in", "missing", "due", "overdue", "to come")


@shown_to("completeness")
def page(request: HttpRequest) -> HttpResponse:
    """Show how complete the data of each site are, and whose are not."""
    looking = here(request)
    found = completeness_of(looking)
    counts = {site: one for site, one in count_by_site(looking.trial, found).items() if looking.may_see(site)}
    site = request.GET.get("site", "")
    form = request.GET.get("form", "")
    people = looking.trial.participants
    chosen = {name: one for name, one in found.items() if people[name].site == site} if site else found
    lacking = [
        (name, one)
        for name, one in chosen.items()
        if (one.missing or one.overdue) and (not form or form in {missing for _, missing in one.missing})
    ]
    lacking.sort(key=lambda one: (-len(one[1].missing) - len(one[1].overdue), one[0]))
    context = {
        "title": say("Completeness"),
        "sites": [
            (name, looking.trial.sites[name].name, [getattr(one, what.replace(" ", "_")) for what in WHATS])
            for name, one in counts.items()
        ],
        "whats": WHATS,
        "chosen": site,
        "form": form,
        "forms": list(count_missing(chosen).items())[:20],
        "table": table(
            request,
            say("Participants whose data are not complete, those with most gaps first"),
            (say("Participant"), say("Site"), say("missing"), say("overdue")),
            lacking,
            lambda one: (
                Cell(one[0], reverse("lacking", args=[one[0]])),
                looking.trial.participants[one[0]].site,
                str(len(one[1].missing)),
                str(len(one[1].overdue)),
            ),
            empty=say("Nothing is missing or overdue."),
        ),
    }
    return render(request, "quality/completeness.html", context)


@shown_to("completeness")
def lacking(request: HttpRequest, number: str) -> HttpResponse:
    """Show what one participant lacks."""
    looking, person = here(request), participant_here(request, number)
    one = Expectations(looking.running.door.protocol_of(number)).check(person, looking.today)
    rows = [
        *(("missing", visit, form) for visit, form in one.missing),
        *(("overdue", visit, "") for visit in one.overdue),
        *(("due", visit, "") for visit in one.due),
    ]
    protocol = looking.running.door.protocol_of(number)

    def row(given: tuple[str, str, str]) -> tuple[Cell | str, ...]:
        what, visit, form = given
        label = "" if not form else protocol.forms[form].label.say(language())
        url = "" if not form else reverse("form", args=[number, form, visit or "-", 1])
        return Cell(say(what), state=what), visit, Cell(label, url)

    shown = table(
        request,
        say("What participant {number} lacks", number=number),
        (say("What"), say("Visit"), say("Form")),
        rows,
        row,
        empty=say("Nothing is missing or overdue."),
    )
    return show(request, say("What participant {number} lacks", number=number), shown, about=person_cell(number))


def completeness_of(looking: Here) -> dict[str, Completeness]:
    """Return the completeness of every participant that who looks may see."""
    known: dict[str, Expectations] = {}
    door = looking.running.door

    def check(person: Participant) -> Completeness:
        if person.protocol not in known:
            known[person.protocol] = Expectations(door.protocol_of(person.id))
        return known[person.protocol].check(person, looking.today)

    people = people_of(looking)
    answers = kept_each(looking, "completeness", people, check)
    return {person.id: one for person, one in zip(people, answers, strict=True)}
