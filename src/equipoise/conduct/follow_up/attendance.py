"""Who may come to which visit, and when: planned, new, in order, with what must have gone before."""

from datetime import date

from ...errors import DecisionRefused, suggest
from ...protocol import Protocol
from ..door.dates import today_at
from ..door.fact import Setting
from ..door.state import Participant, Trial
from .windows import began_on, day_1, first_visit


def dates_held(protocol: Protocol, participant: Participant) -> dict[str, date]:
    """Return the date of each planned visit that was held, in the order in which they were recorded."""
    held = {visit.name: visit.on for visit in participant.visits.values() if visit.on is not None}
    return {name: on for name, on in held.items() if name is not None and name in protocol.schedule.visits}


def require_planned(protocol: Protocol, visit: str) -> None:
    """Refuse a visit that the protocol does not plan, with the nearest name."""
    if visit not in protocol.schedule.visits:
        raise DecisionRefused(f"visit {visit} is not in the protocol{suggest(visit, protocol.schedule.visits)}")


def require_new(participant: Participant, visit: str) -> None:
    """Refuse a visit that is recorded already, as held or as missed."""
    known = participant.visits.get(visit)
    if known is not None and known.on is not None:
        raise DecisionRefused(
            f"visit {visit} is already recorded, on {known.on}; correct its date, or record an unscheduled visit"
        )
    if known is not None:
        raise DecisionRefused(f"visit {visit} is recorded as missed ({known.missed}); record an unscheduled visit")


def require_date(setting: Setting, trial: Trial, participant: Participant, on: date) -> None:
    """Refuse a date of the future, as the clock at the site shows it, and one before the trial began there."""
    today, began = today_at(trial, setting.by, participant.site), began_on(trial, participant)
    if on > today:
        raise DecisionRefused(f"the date must not lie in the future; today is {today}. Got {on}")
    if on < began:
        raise DecisionRefused(f"the date must not lie before {began}, when the trial began at this site. Got {on}")


def require_order(protocol: Protocol, participant: Participant, visit: str, on: date) -> None:
    """Refuse a date of a planned visit that lies before an earlier visit or after a later one."""
    target = protocol.schedule.visits[visit].target
    for other, day in dates_held(protocol, participant).items():
        planned = protocol.schedule.visits[other].target
        if (planned < target and day > on) or (planned > target and day < on):
            order = "before" if planned < target else "after"
            raise DecisionRefused(
                f"visit {other} comes {order} visit {visit} and was held on {day}; check both dates. Got {on}"
            )


def require_ready(protocol: Protocol, participant: Participant, visit: str) -> None:
    """Refuse day 1 to whoever is not eligible, and later visits before day 1 and allocation.

    Where the protocol assesses eligibility at the day-1 visit itself, that visit is held first.
    """
    visits, begins = protocol.schedule.visits, first_visit(protocol)
    if visit == begins:
        verdict = participant.eligibility
        assessed_at = protocol.schedule.activities.get("eligibility", ())
        if verdict is None and assessed_at and all(visits[one].target < 1 for one in assessed_at):
            raise DecisionRefused(
                f"{participant.id} has not been assessed for eligibility; this comes before visit {visit}"
            )
        if verdict is not None and not verdict.eligible:
            raise DecisionRefused(f"{participant.id} is not eligible. Got {', '.join(verdict.not_met)}")
    elif visits[visit].target > 1:
        if begins is not None and day_1(protocol, participant) is None:
            raise DecisionRefused(f"visit {begins}, which is study day 1, must be recorded before visit {visit}")
        require_allocated(participant, f"visit {visit}")


def require_allocated(participant: Participant, what: str) -> None:
    """Refuse what is only for participants who have been allocated."""
    if participant.allocation is None:
        raise DecisionRefused(f"{participant.id} has not been allocated; {what} is for who has been")


def require_expected(protocol: Protocol, participant: Participant, visit: str, opens: date) -> None:
    """Refuse to call a visit missed that was not expected: no allocation, or participation ended before."""
    if protocol.schedule.visits[visit].target > 1:
        require_allocated(participant, f"visit {visit}")
    left = left_on(participant)
    if left is not None and left < opens:
        raise DecisionRefused(
            f"visit {visit} was not expected any more, as participation ended on {left}; "
            "it need not be recorded as missed"
        )


def left_on(participant: Participant) -> date | None:
    """Return the day on which participation ended, by death, leaving or withdrawal of consent, if it did."""
    days = [leaving.on for what, leaving in participant.ended.items() if what != "treatment"]
    if participant.consent_withdrawn_on is not None:
        days.append(participant.consent_withdrawn_on)
    return min(days, default=None)
