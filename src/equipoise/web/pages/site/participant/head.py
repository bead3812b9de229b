"""The bar above all pages of a participant, and in a word where somebody stands."""

from typing import Any

from django.http import HttpRequest

from .....conduct.door.dates import study_day
from .....conduct.door.state import Participant
from .....conduct.follow_up.windows import day_1
from ....shell.requests import here
from ....words import say


def head_of(request: HttpRequest, person: Participant) -> dict[str, Any]:
    """Return what the bar above the page says of a participant."""
    looking = here(request)
    protocol = looking.running.door.protocol_of(person.id)
    first = day_1(protocol, person)
    return {
        "person": person,
        "randomisation": None if person.allocation is None else person.allocation.number,
        "standing": standing_of(person),
        "today": looking.today,
        "study_day": None if first is None else study_day(looking.today, first),
        "zone": looking.trial.sites[person.site].zone,
    }


def standing_of(one: Participant) -> str:
    """Return in a word where a participant stands."""
    if "life" in one.ended:
        return say("died")
    if one.consent_withdrawn_on is not None:
        return say("consent withdrawn")
    if "participation" in one.ended:
        return say("participation ended")
    if one.allocation is not None:
        return say("treatment ended") if "treatment" in one.ended else say("randomised")
    if "screening" in one.ended:
        return say("screening ended")
    if one.eligibility is not None:
        return say("eligible") if one.eligibility.eligible else say("not eligible")
    return say("in screening")
