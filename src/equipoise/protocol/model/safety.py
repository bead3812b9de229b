"""How safety is watched: gradings, clocks of expedited reports, stopping rules."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from .element import AdverseEventRule, Duration, Element, Identifier, Text


class Grading(Element):
    """Which published scale grades what."""

    adverse_event: Literal["CTCAE 5.0", "DAIDS 2.1", "mild, moderate, severe"]
    laboratory: Literal["CTCAE 5.0", "DAIDS 2.1"] | None = None


class SeriousReport(Element):
    """How soon a site reports a serious adverse event to the sponsor (ICH E2A)."""

    report_within: Duration


class ExpeditedReport(Element):
    """How soon a suspected unexpected serious adverse reaction is reported to the authority (ICH E2A III.B)."""

    fatal: Duration
    other: Duration
    day_0: Literal["awareness"] = "awareness"


class StoppingRule(Element):
    """A rule on which enrolment or treatment pauses until the safety board has decided."""

    text: Text
    rule: AdverseEventRule | None = None
    at_least: int = Field(1, ge=1, description="Participants with such an event.")


class SpecialInterest(Element):
    """A group of adverse events that is looked at on its own."""

    label: Text
    rule: AdverseEventRule


class Safety(Element):
    """Safety monitoring (ICH M11 section 9)."""

    grading: Grading
    serious: SeriousReport | None = None
    suspected_unexpected: ExpeditedReport | None = None
    follow_up_after_last_dose: Duration | None = Field(
        None, description="How long after the last dose an event still counts as treatment-emergent."
    )
    special_interest: Mapping[Identifier, SpecialInterest] = {}
    stopping_rules: Mapping[Identifier, StoppingRule] = {}
