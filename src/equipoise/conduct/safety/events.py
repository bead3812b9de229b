"""Adverse events as their forms hold them, read by the SDTM names of the items.

Serious, suspected and unexpected are the three that make a report urgent (ICH E2A II.B, II.C, III.B). Where the
record does not say, the graver reading holds: without a causality the event counts as suspected, without a list
of expected reactions as unexpected.
"""

from collections.abc import Mapping

import msgspec

from ...protocol import Protocol
from ..door.state import Assessment, Participant, Scalar, Value

CRITERIA: Mapping[str, str] = {
    "AESDTH": "results in death",
    "AESLIFE": "is life-threatening",
    "AESHOSP": "requires a hospital stay or prolongs one",
    "AESDISAB": "results in lasting disability",
    "AESCONG": "is a congenital anomaly",
    "AESMIE": "is otherwise medically important",
}
"""What makes an event serious (ICH E2A II.B), by SDTM variable."""

NOT_SUSPECTED = frozenset(
    {"NOT RELATED", "UNRELATED", "UNLIKELY RELATED", "UNLIKELY", "NOT APPLICABLE", "NONE", "N"}
)
"""Causalities that leave no reasonable possibility (ICH E2A III.A.1)."""

RESOLVED = ("RECOVERED/RESOLVED", "RECOVERED/RESOLVED WITH SEQUELAE", "FATAL")
"""Outcomes after which an event is followed no further."""


class AdverseEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An adverse event: `record` is the key of its form entry; dates and times are those of the site's clock."""

    record: str
    term: str = ""
    coded: str = ""
    organ_class: str = ""
    severity: str = ""
    grade: int | None = None
    started: str = ""
    ended: str = ""
    aware: str = ""
    serious: bool = False
    criteria: tuple[str, ...] = ()
    causality: str = ""
    outcome: str = ""
    action: str = ""

    @property
    def fatal(self) -> bool:
        """Whether it led to death."""
        return "AESDTH" in self.criteria or self.outcome == "FATAL"

    @property
    def grave(self) -> bool:
        """Whether it was fatal or life-threatening, which shortens the time of the report (ICH E2A III.B.1)."""
        return self.fatal or "AESLIFE" in self.criteria

    @property
    def suspected(self) -> bool:
        """Whether the investigator sees a reasonable possibility that a product caused it, or has not said."""
        return self.causality.upper() not in NOT_SUSPECTED

    @property
    def resolved(self) -> bool:
        """Whether it has come to its end."""
        return self.outcome in RESOLVED


def read_event(protocol: Protocol, form: str, record: str, values: Mapping[str, Value]) -> AdverseEvent:
    """Read an adverse event from the values of its form, whether they are saved already or not."""
    found: dict[str, Scalar] = {
        item.sdtm: values[name].value
        for name, item in protocol.forms[form].items.items()
        if item.sdtm is not None and name in values
    }

    def text(name: str) -> str:
        value = found.get(name)
        return "" if value is None else str(value)

    criteria = tuple(name for name in CRITERIA if found.get(name) == "Y")
    grade = text("AETOXGR")
    aware = aware_item(protocol, form)
    moment = values[aware].value if aware is not None and aware in values else None
    return AdverseEvent(
        record=record,
        term=text("AETERM"),
        coded=text("AEDECOD"),
        organ_class=text("AEBODSYS"),
        severity=text("AESEV"),
        grade=int(grade) if grade.isdigit() else None,
        started=text("AESTDTC"),
        ended=text("AEENDTC"),
        aware="" if moment is None else str(moment),
        serious=found.get("AESER") == "Y" or bool(criteria) or text("AEOUT") == "FATAL",
        criteria=criteria,
        causality=text("AEREL"),
        outcome=text("AEOUT"),
        action=text("AEACN"),
    )


def aware_item(protocol: Protocol, form: str) -> str | None:
    """Return the item of a form that holds the moment of awareness, where the protocol names one."""
    serious = None if protocol.safety is None else protocol.safety.serious
    named = None if serious is None else serious.aware
    return named if named in protocol.forms[form].items else None


def events_of(protocol: Protocol, participant: Participant, *, removed: bool = False) -> list[AdverseEvent]:
    """Return the adverse events of a participant in the order of their records; struck-out ones on request."""
    return [
        read_event(protocol, entry.form, key, entry.values)
        for key, entry in participant.forms.items()
        if (form := protocol.forms.get(entry.form)) is not None
        and form.sdtm == "AE"
        and (removed or entry.removed is None)
    ]


def unlisted_products(protocol: Protocol, event: AdverseEvent) -> tuple[str, ...]:
    """Return the products of the arms for which the event is unexpected, as their reference information lists.

    A fatal event is never expected, unless the monitor judges otherwise: lists name reactions, not deaths.
    """
    terms = {term.casefold() for term in (event.term, event.coded) if term}
    given = dict.fromkeys(name for arm in protocol.arms.values() for name in arm.doses)
    return tuple(
        name
        for name in given
        if event.fatal or not terms & {term.casefold() for term in protocol.interventions[name].expected}
    )


def is_suspected_unexpected(protocol: Protocol, event: AdverseEvent, assessment: Assessment | None) -> bool:
    """Say whether an event is a serious reaction that is suspected, by whoever suspects it, and unexpected.

    Whom the code would show to have had placebo counts until the vault is asked: expectedness is that of every
    product that the participant may have had. The sponsor's monitor may add a suspicion, never take one away.
    """
    suspected = event.suspected or (assessment is not None and assessment.suspected)
    judged = None if assessment is None else assessment.unexpected
    unexpected = bool(unlisted_products(protocol, event)) if judged is None else judged
    return event.serious and suspected and unexpected
