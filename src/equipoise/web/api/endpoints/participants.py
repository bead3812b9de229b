"""Questions about participants: the list, how one stands, what is on the forms, and the history of every value."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from django.http import HttpRequest
from ninja import Query

from ....conduct.door.state import Consent, FormEntry, Leaving, Participant, Visit
from ....conduct.follow_up.matrix import Cell, lay_out
from ....conduct.forms.history import PastValue, histories
from ...shell.requests import here, participant_here
from ..answers import Limit, Page, Start, page_of
from ..endpoint import reading

Stage = Literal["screened", "consented", "eligible", "not eligible", "allocated", "ended"]


class ParticipantRow(msgspec.Struct, frozen=True, kw_only=True):
    """A participant: screening number, site, randomisation number, how far they have come."""

    participant: str
    site: str
    screened_on: date
    protocol: str
    stage: Stage
    number: str | None


class ParticipantState(ParticipantRow, frozen=True, kw_only=True):
    """How a participant stands: consents, verdict, strata, visits, and each form at each visit.

    ended: by what ended (treatment, participation, life, screening). forms: the standing by form and visit.
    """

    consents: tuple[Consent, ...]
    consent_withdrawn_on: date | None
    eligible: bool | None
    criteria_not_met: tuple[str, ...]
    strata: Mapping[str, str]
    allocated_at: datetime | None
    ended: Mapping[str, Leaving]
    visits: Mapping[str, Visit]
    forms: Mapping[str, Mapping[str, Cell]]


class ItemHistory(msgspec.Struct, frozen=True, kw_only=True):
    """All values that an item of a record has had, oldest first."""

    record: str
    item: str
    past: tuple[PastValue, ...]


Site = Annotated[str, Query(max_length=100, description="Only those of this site.")]
Record = Annotated[str, Query(max_length=300, description="Only this record, such as W0/vitals/1.")]


@reading("/participants", Page[ParticipantRow], asks="completeness")
def participants(
    request: HttpRequest, site: Site = "", start: Start = 0, limit: Limit = 50
) -> Page[ParticipantRow]:
    """List the participants in the order of their screening."""
    looking = here(request)
    people = looking.trial.participants.values()
    found = [one for one in people if looking.may_see(one.site) and site in ("", one.site)]
    page = page_of(found, start, limit)
    return Page(rows=[_row(one) for one in page.rows], total=page.total, next=page.next)


@reading("/participants/{participant}", ParticipantState, asks="completeness")
def participant(request: HttpRequest, participant: str) -> ParticipantState:
    """Say how a participant stands."""
    looking, one = here(request), participant_here(request, participant)
    row, verdict, place = _row(one), one.eligibility, one.allocation
    matrix = lay_out(looking.running.door.protocol_of(one.id), one, looking.today)
    return ParticipantState(
        **msgspec.structs.asdict(row),
        consents=tuple(one.consents),
        consent_withdrawn_on=one.consent_withdrawn_on,
        eligible=None if verdict is None else verdict.eligible,
        criteria_not_met=() if verdict is None else verdict.not_met,
        strata={} if place is None else place.strata,
        allocated_at=None if place is None else place.at,
        ended=one.ended,
        visits=one.visits,
        forms=matrix.rows,
    )


@reading("/participants/{participant}/forms", dict[str, FormEntry], asks="forms")
def forms(request: HttpRequest, participant: str, record: Record = "") -> dict[str, FormEntry]:
    """Give what stands on the forms of a participant, by record: visit, form and number."""
    known = participant_here(request, participant).forms
    return {key: entry for key, entry in known.items() if record in ("", key)}


@reading("/participants/{participant}/history", list[ItemHistory], asks="forms")
def history(request: HttpRequest, participant: str, record: Record = "") -> list[ItemHistory]:
    """Give every value that the items of a participant have had: when, by whom, why it was changed."""
    one = participant_here(request, participant)
    found = histories(here(request).running.book.read(participant=one.id))
    return [
        ItemHistory(record=key, item=item, past=past) for (key, item), past in found.items() if record in ("", key)
    ]


def _row(one: Participant) -> ParticipantRow:
    return ParticipantRow(
        participant=one.id,
        site=one.site,
        screened_on=one.screened_on,
        protocol=one.protocol,
        stage=_stage(one),
        number=None if one.allocation is None else one.allocation.number,
    )


def _stage(one: Participant) -> Stage:
    if {"participation", "life", "screening"} & one.ended.keys():
        return "ended"
    if one.allocation is not None:
        return "allocated"
    if one.eligibility is not None:
        return "eligible" if one.eligibility.eligible else "not eligible"
    return "consented" if one.consents else "screened"
