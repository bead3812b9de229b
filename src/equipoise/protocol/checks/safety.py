"""What starts a clock is recorded, and every term of a report can be counted."""

from collections.abc import Iterator
from decimal import Decimal

from ..finding import Finding
from ..model import Protocol
from ..quantity import Quantity
from ..source import FieldPath

TERMS = ("fatal", "other", "complete")


def check_safety(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for an item of awareness that no adverse event holds, and for terms of part of a day."""
    safety = protocol.safety
    if safety is None:
        return
    if safety.serious is not None and safety.serious.aware is not None:
        aware = safety.serious.aware
        forms = [form for form in protocol.forms.values() if form.sdtm == "AE" and aware in form.items]
        if aware in protocol.items and not any(form.items[aware].type == "date and time" for form in forms):
            problem = "must be an item of the form of adverse events (sdtm: AE), of type date and time"
            yield Finding(("safety", "serious", "aware"), problem, aware)
    if safety.authorities and safety.suspected_unexpected is None:
        yield Finding(
            ("safety", "authorities"), "have no terms; say under suspected_unexpected how soon they are told"
        )
    for path, within in _terms(protocol):
        days = Decimal(str(within.to("day")))
        if Quantity(Decimal(1), within.unit).to("day") >= 1 and days != int(days):
            yield Finding(path, "must be whole days, since parts of a day are not counted", str(within))


def _terms(protocol: Protocol) -> Iterator[tuple[FieldPath, Quantity]]:
    safety = protocol.safety
    assert safety is not None
    if safety.serious is not None:
        yield ("safety", "serious", "report_within"), safety.serious.report_within
    for term in TERMS:
        common = getattr(safety.suspected_unexpected, term, None)
        if common is not None:
            yield ("safety", "suspected_unexpected", term), common
        for name, authority in safety.authorities.items():
            own = getattr(authority, term)
            if own is not None:
                yield ("safety", "authorities", name, term), own
