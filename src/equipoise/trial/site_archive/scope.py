"""Which events a site may see: its own, and of those that concern the trial as a whole the ones named here.

A kind that is not named stays hidden, so that a new one is not given to sites by oversight. Of people, a site sees
those who work there or for all sites, and whoever has recorded something that it sees; of laboratories, those that
work for it, with their reference ranges.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from ...record.event import Event

OF_THE_TRIAL = frozenset(
    {
        "ProtocolIssued",
        "ScheduleSealed",
        "ListReconciled",
        "RoleGranted",
        "RoleEnded",
        "EnrolmentPaused",
        "EnrolmentResumed",
        "ScopeHeld",
        "ScopeReleased",
        "DataCut",
        "DataExported",
        "DictionaryLoaded",
        "TrialLocked",
        "TrialUnlocked",
        "TrialUnblinded",
    }
)
"""Kinds of events without a site that every site may see."""
_LABORATORIES = ("LaboratoryEntered", "ReferenceRangesSet")


def seen_by_site(events: Iterable[Event], site: str) -> frozenset[int]:
    """Return the numbers of the events that a site may see; `events` are all of the record, in their order."""
    seen, people, entered, laboratories = set[int](), set[str](), list[tuple[int, str]](), set[str]()
    for event in events:
        if event.kind == "PersonEntered" and event.site is None:
            entered.append((event.sequence, _said(event)["person"]))
        elif event.kind in _LABORATORIES:
            said = _said(event)
            if event.kind == "LaboratoryEntered" and site in said.get("sites", (site,)):
                laboratories.add(said["laboratory"])
            if said["laboratory"] in laboratories:
                seen.add(event.sequence)
                people.add(event.actor)
        elif event.site == site or (event.site is None and event.kind in OF_THE_TRIAL):
            seen.add(event.sequence)
            people.add(event.actor)
            if event.kind == "RoleGranted":
                people.add(_said(event)["person"])
    return frozenset(seen | {sequence for sequence, person in entered if person in people})


def _said(event: Event) -> dict[str, Any]:
    return msgspec.json.decode(event.payload, type=dict[str, Any])
