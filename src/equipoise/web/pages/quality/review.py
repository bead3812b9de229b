"""The review of the audit trail: changes of critical items that wait for somebody else's sign-off."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from ....conduct.door.state import Participant
from ....conduct.forms.history import OF_FORMS, PastValue, histories
from ....conduct.quality.review import ReviewTrail, ToReview, list_to_review
from ....errors import DecisionRefused
from ...shell.answers import kept_each
from ...shell.here import Here
from ...shell.requests import counted, here, may, participant_here, shown_to, submit
from ...words import say
from .listing import form_url, item_name, of_each, person_name, record_name

ROWS = 20
"""Records on a page: each is shown with its history."""


@require_http_methods(["GET", "POST"])
@shown_to("queries")
def page(request: HttpRequest) -> HttpResponse:
    """Show the changes that wait for review with all values and reasons, and sign one off."""
    looking = here(request)
    refusal, note = "", request.POST.get("note", "").strip()
    participant, record = request.POST.get("participant", ""), request.POST.get("record", "")
    if request.method == "POST":
        participant_here(request, participant)
        seen = request.POST.get("seen", "")
        items = tuple(request.POST.getlist("item"))
        try:
            submit(
                request,
                ReviewTrail(
                    participant=participant,
                    records={record: items},
                    seen=counted(seen) or 0,
                    note=note,
                ),
            )
            return redirect(request.get_full_path())
        except DecisionRefused as refused:
            refusal = str(refused)
    waiting = [one for one in to_review(looking) if request.GET.get("site", "") in ("", one.site)]
    context = {
        "title": say("Review of changes"),
        "rows": _rows(looking, waiting[:ROWS]),
        "more": max(0, len(waiting) - ROWS),
        "refused": (participant, record) if refusal else None,
        "refusal": refusal,
        "note": note,
        "seen": looking.trial.sequence,
        "may_review": may(request, ReviewTrail),
    }
    return render(request, "quality/review.html", context, status=422 if refusal else 200)


def to_review(looking: Here) -> list[ToReview]:
    """Return the changes that wait for review of the participants that who looks may see."""
    return of_each(looking, "review", list_to_review)


def _rows(looking: Here, waiting: list[ToReview]) -> list[dict[str, object]]:
    """Return what a page shows of each record: items with all their values, the last reason, who changed it."""
    book, people = looking.running.book, dict.fromkeys(one.participant for one in waiting)

    def values_of(person: Participant) -> Mapping[tuple[str, str], tuple[PastValue, ...]]:
        return histories(book.read(participant=person.id, kinds=OF_FORMS))

    found = kept_each(
        looking, "histories", [looking.trial.participants[name] for name in people], values_of, daily=False
    )
    past = dict(zip(people, found, strict=True))
    return [
        {
            "participant": one.participant,
            "record": one.record,
            "name": record_name(looking, one.participant, one.record),
            "url": form_url(one.participant, one.record),
            "by": person_name(looking, one.by),
            "changes": [
                (
                    item,
                    item_name(looking, one.participant, one.record, item),
                    " → ".join(
                        say(value.missing) if value.missing else str(value.value)
                        for value in past[one.participant].get((one.record, item), ())
                    ),
                    next(
                        (
                            value.reason
                            for value in reversed(past[one.participant].get((one.record, item), ()))
                            if value.reason
                        ),
                        "",
                    ),
                )
                for item in one.items
            ],
        }
        for one in waiting
    ]
