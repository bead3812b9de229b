"""How safety is watched: gradings, clocks of expedited reports, stopping rules."""

from collections.abc import Mapping
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from .element import AdverseEventRule, Duration, Element, Identifier, Refers, Text


class Grading(Element):
    """Which published scale grades what."""

    adverse_event: Literal["CTCAE 5.0", "DAIDS 2.1", "mild, moderate, severe"]
    laboratory: Literal["CTCAE 5.0", "DAIDS 2.1"] | None = None


class SeriousReport(Element):
    """How soon a site reports a serious adverse event to the sponsor (ICH E2A)."""

    report_within: Duration
    aware: Annotated[str, Refers("item")] | None = Field(
        None, description="Item with the moment at which the site became aware; else the event counts as entered."
    )


class ExpeditedReport(Element):
    """How soon a suspected unexpected serious adverse reaction is reported to the authority (ICH E2A III.B)."""

    fatal: Duration
    other: Duration
    complete: Duration | None = Field(
        None, description="How much later the complete report of a fatal or life-threatening case follows."
    )
    day_0: Literal["awareness"] = "awareness"


class Authority(Element):
    """An authority that is told, in whose time zone days are counted; its own terms where they differ."""

    label: Text
    zone: str = Field("UTC", description="IANA time zone, such as Asia/Shanghai.")
    fatal: Duration | None = None
    other: Duration | None = None
    complete: Duration | None = None

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("must be a time zone of the IANA list, such as Asia/Shanghai")
        return zone


class StoppingRule(Element):
    """A rule on which enrolment or treatment pauses until the safety board has decided."""

    text: Text
    rule: AdverseEventRule | None = None
    at_least: int = Field(1, ge=1, description="Participants with such an event.")
    in_one_arm: bool = Field(
        False, description="True where they count in each arm on its own, which only the vault can do."
    )


class SpecialInterest(Element):
    """A group of adverse events that is looked at on its own."""

    label: Text
    rule: AdverseEventRule


class Safety(Element):
    """Safety monitoring (ICH M11 section 9)."""

    grading: Grading
    serious: SeriousReport | None = None
    suspected_unexpected: ExpeditedReport | None = None
    authorities: Mapping[Identifier, Authority] = {}
    follow_up_after_last_dose: Duration | None = Field(
        None, description="How long after the last dose an event still counts as treatment-emergent."
    )
    special_interest: Mapping[Identifier, SpecialInterest] = {}
    stopping_rules: Mapping[Identifier, StoppingRule] = {}
