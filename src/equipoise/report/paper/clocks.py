"""The terms of a trial's safety reports in words, for the paper on which an adverse event is written first."""

from decimal import Decimal

from ...conduct.safety.clocks import ANY, authorities, authority_zone
from ...protocol import Protocol, Quantity
from ..language import Phrases


def clock_lines(protocol: Protocol, say: Phrases) -> list[str]:
    """Return a line for each report that a serious event may ask for; none in a protocol without terms."""
    safety = protocol.safety
    if safety is None:
        return []
    lines = []
    if safety.serious is not None:
        within = say_duration(safety.serious.report_within, say)
        lines.append(say("Every serious event: to the sponsor within {within} of awareness.", within=within))
    for name, terms in authorities(protocol).items():
        named = safety.authorities.get(name)
        whom = say("the authority") if name == ANY or named is None else named.label.say(say.language)
        zone = say("days of {zone}, the day of awareness is day 0", zone=authority_zone(protocol, name))
        lines.append(
            say(
                "Suspected unexpected serious reaction: the sponsor tells {whom} within {other}; if fatal or "
                "life-threatening within {fatal} ({zone}).",
                whom=whom,
                other=say_duration(terms.other, say),
                fatal=say_duration(terms.fatal, say),
                zone=zone,
            )
        )
        if terms.complete is not None:
            complete = say_duration(terms.complete, say)
            lines.append(
                say("Fatal or life-threatening: the complete report to {whom} {complete} later.", whom=whom,
                    complete=complete)
            )  # fmt: skip
    return lines


def say_duration(duration: Quantity, say: Phrases) -> str:
    """Return a duration in words: `7 d` as 7 days."""
    number = f"{duration.value.normalize():f}"
    unit = _UNITS.get(duration.unit)
    if unit is None:
        return str(duration)
    one, many = unit
    return say(one if duration.value == Decimal(1) else many, n=number)


_UNITS = {
    **dict.fromkeys(("min", "minute", "minutes"), ("{n} minute", "{n} minutes")),
    **dict.fromkeys(("h", "hour", "hours"), ("{n} hour", "{n} hours")),
    **dict.fromkeys(("d", "day", "days"), ("{n} day", "{n} days")),
    **dict.fromkeys(("week", "weeks"), ("{n} week", "{n} weeks")),
    **dict.fromkeys(("month", "months"), ("{n} month", "{n} months")),
}
