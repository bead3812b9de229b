"""The blank forms of a trial in the order of its schedule: a sheet a visit, a sheet a form of any time."""

from collections.abc import Iterator

from ...conduct.forms.planned import forms_planned_at
from ...conduct.safety.events import aware_item
from ...protocol import Protocol
from ...protocol.model import Visit
from ..language import Phrases
from .clocks import clock_lines
from .items import blank_form
from .sheets import Block, Heading, Paragraph, Sheet, Steps, Ticks, Warn

ON_A_SHEET = 4
"""Forms of a visit above which its sheet begins with a list of them."""


def visit_sheets(protocol: Protocol, say: Phrases) -> Iterator[Sheet]:
    """Give a sheet for every visit of the schedule that asks for a form."""
    group = say("Forms of the visits")
    for name, visit in protocol.schedule.visits.items():
        # after day 1 begins, a masked value is the vault's, whether the number has been given yet or not
        allocated = protocol.randomisation is not None and visit.target >= 1
        forms = [blank_form(protocol, one, say, allocated=allocated) for one in forms_planned_at(protocol, name)]
        if forms:
            blocks: list[Block] = [*forms]
            if len(forms) > ON_A_SHEET:
                blocks.insert(0, Ticks(tuple(form.title for form in forms)))
            title = f"{protocol.visit_label(name, say.language)} ({name})"
            yield Sheet(title=title, about=say_window(visit, say), group=group, head="visit", blocks=tuple(blocks))
            group = ""


def say_window(visit: Visit, say: Phrases) -> str:
    """Return the days of a visit in words; a week is given with its day."""
    allowed = visit.allowed
    if allowed.first == allowed.last:
        return say("study day {day}", day=allowed.first)
    if visit.day is not None and visit.day.first != visit.day.last:
        return say("between study day {first} and {last}", first=allowed.first, last=allowed.last)
    return say(
        "study day {day}, window day {first} to {last}", day=visit.target, first=allowed.first, last=allowed.last
    )


def event_sheets(protocol: Protocol, say: Phrases) -> Iterator[Sheet]:
    """Give a sheet for every form that may be filled in at any time; the adverse event with its clocks."""
    group = say("Forms for any time")
    for name in protocol.schedule.at_any_time:
        form = blank_form(protocol, name, say, allocated=protocol.randomisation is not None, roomy=True)
        blocks: tuple[Block, ...] = (form,)
        if protocol.forms[name].sdtm == "AE":
            blocks = (*_before_an_event(protocol, name, say), form, *_after_an_event(protocol, say))
        yield Sheet(title=form.title, group=group, head="event", blocks=blocks)
        group = ""


def _before_an_event(protocol: Protocol, name: str, say: Phrases) -> tuple[Block, ...]:
    aware = aware_item(protocol, name)
    if aware is None:
        return ()
    label = protocol.forms[name].items[aware].label.say(say.language)
    text = say(
        "Write it to the minute when you first hear of the event, before anything else. Every report is counted "
        "from this moment, not from the day on which the form is entered."
    )
    return (Warn(say('"{label}"', label=label), text),)


def _after_an_event(protocol: Protocol, say: Phrases) -> tuple[Block, ...]:
    lines = clock_lines(protocol, say)
    if not lines:
        return ()
    return (
        Heading(say("If the event is serious: by when who is told")),
        Steps(tuple(lines)),
        Paragraph(
            say(
                "Weekends, holidays and a system that is down stop no clock: report by telephone, keep the name "
                "of "
                "who answered and the minute, and enter the form as soon as the system answers."
            )
        ),
    )
