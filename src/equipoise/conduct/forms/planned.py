"""What the schedule of activities asks for: which forms, and which products, at which visit (ICH M11 1.3)."""

from ...protocol import Protocol
from ...protocol.model import Form

GIVEN = ("EC", "EX")
"""Domains of the forms on which the giving of a product is recorded."""


def forms_planned_at(protocol: Protocol, visit: str) -> tuple[str, ...]:
    """Return the forms that the schedule asks for at a planned visit, in the order of the schedule."""
    activities = protocol.schedule.activities
    return tuple(name for name, visits in activities.items() if visit in visits and name in protocol.forms)


def visits_planned_for(protocol: Protocol, form: str) -> tuple[str, ...]:
    """Return the planned visits of a form; empty for a form that may be filled in at any time."""
    return tuple(protocol.schedule.activities.get(form, ()))


def products_planned_at(protocol: Protocol, visit: str | None) -> tuple[str, ...]:
    """Return the interventions that are given at a planned visit; those taken daily at home are not."""
    activities = protocol.schedule.activities
    return tuple(
        name
        for name, product in protocol.interventions.items()
        if visit in (product.at or activities.get(name, ())) and not product.daily
    )


def belongs_to_no_visit(protocol: Protocol, form: str) -> bool:
    """Say whether a form is filled in at any time: its records hang on no visit."""
    return form in protocol.schedule.at_any_time


def is_owed_to_safety(form: Form) -> bool:
    """Say whether a form is recorded even after consent was withdrawn: harm, and how participation ended."""
    return form.sdtm == "AE" or form.ends is not None


def masked_items(protocol: Protocol, form: Form, *, allocated: bool) -> frozenset[str]:
    """Return the items of a form whose values only the vault keeps, as they may hint at the arm."""
    masked = protocol.blinding.masked_after_randomisation if allocated else ()
    return frozenset(name for name in form.items if name in masked)
