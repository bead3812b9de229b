"""How the trial stands, in counts: its sites against the plan, places left, and what somebody has to look at.

Of the blinded side: a count of places is that of the sealed list, the same whatever the arms in it.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

import msgspec

from ...protocol import Protocol
from ..access.attestation import attestation_due
from ..door.state import Trial
from ..safety.watch import list_clocks
from .drills import is_drill_overdue
from .sealed_list import largest_block

Alarm = Literal[
    "strata that are nearly full",
    "enrolment is paused",
    "safety reports that are overdue",
    "the drill of restoring is overdue",
    "the review of access is due",
    "sites without a protocol version",
]


class SiteStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A site with its numbers of participants; `version` is the newest that it works on, None before any."""

    site: str
    name: str
    screened: int
    in_screening: int
    allocated: int
    ended: int
    version: str | None
    closed_on: date | None


class StratumStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A stratum of the sealed list: its places, those used or given up, and whether few are left."""

    stratum: str
    places: int
    used: int
    left: int
    few: bool


def describe_sites(trial: Trial) -> list[SiteStanding]:
    """Return the sites by number, with how many were screened, are in screening, were allocated, have ended."""
    alike = Counter(
        (one.site, one.allocation is not None, "participation" in one.ended, "screening" in one.ended)
        for one in trial.participants.values()
    )
    counts: dict[str, Counter[str]] = {site: Counter() for site in trial.sites}
    for (site, is_allocated, left, is_screened), many in alike.items():
        counts[site]["screened"] += many
        counts[site]["allocated"] += many * is_allocated
        counts[site]["ended"] += many * (is_allocated and left)
        counts[site]["in screening"] += many * (not is_allocated and not is_screened)
    return [
        SiteStanding(
            site=number,
            name=site.name,
            screened=counts[number]["screened"],
            in_screening=counts[number]["in screening"],
            allocated=counts[number]["allocated"],
            ended=counts[number]["ended"],
            version=next((one for one in reversed(trial.versions) if one in site.versions), None),
            closed_on=site.closed_on,
        )
        for number, site in sorted(trial.sites.items())
    ]


def planned_size(protocol: Protocol) -> int | None:
    """Return how many participants the protocol plans; None where it does not say."""
    if protocol.randomisation is not None:
        return protocol.randomisation.size
    return None if protocol.enrolment is None else protocol.enrolment.size


def describe_strata(protocol: Protocol, trial: Trial) -> list[StratumStanding]:
    """Return the strata of the sealed list by name, with the places left in each."""
    few = 2 * largest_block(protocol)
    found = []
    for stratum, places in sorted(trial.places.items()):
        used = trial.allocated.get(stratum, 0) + trial.given_up.get(stratum, 0)
        found.append(
            StratumStanding(
                stratum=stratum, places=places, used=used, left=places - used, few=places - used <= few
            )
        )
    return found


def count_alarms(protocol: Protocol, trial: Trial, at: datetime, today: date) -> Mapping[Alarm, int]:
    """Count what somebody has to look at, of each kind that there is."""
    due = attestation_due(trial)
    found: dict[Alarm, int] = {
        "enrolment is paused": int(trial.paused is not None),
        "safety reports that are overdue": sum(
            one.standing == "overdue" for one in list_clocks(protocol, trial, at)
        ),
        "strata that are nearly full": sum(one.few for one in describe_strata(protocol, trial)),
        "the drill of restoring is overdue": int(is_drill_overdue(trial, today)),
        "the review of access is due": int(bool(trial.sites) and (due is None or due <= today)),
        "sites without a protocol version": sum(
            not site.versions and site.closed_on is None for site in trial.sites.values()
        ),
    }
    return {alarm: count for alarm, count in found.items() if count}
