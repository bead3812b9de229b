"""The sheets of one site as of a moment: whom to call, where the envelopes lie, who is due for which visit.

Everything here is known to the blinded side. The record holds no telephone numbers; there are lines for them.
"""

import msgspec

from ...protocol import Protocol
from ..language import Phrases
from .sheets import Block, Grid, Heading, Lines, Paragraph, Sheet

AT_HAND = ("investigator", "coordinator", "nurse", "assessor", "pharmacist", "laboratory")
AFAR = ("sponsor", "medical monitor", "monitor", "data manager", "administrator", "safety unblinder")
"""Roles that a site calls: its own, and those that serve all sites."""


class Person(msgspec.Struct, frozen=True):
    """Somebody with a role, at the site or at all sites (`everywhere`)."""

    name: str
    role: str
    everywhere: bool


class Due(msgspec.Struct, frozen=True):
    """A visit to come: its id and the first and last day of its window (ISO)."""

    visit: str
    opens: str
    closes: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a participant: numbers, last visit held with its day, visits to come, open queries."""

    participant: str
    number: str
    last_visit: str
    last_on: str
    due: tuple[Due, ...]
    queries: int


class SiteState(msgspec.Struct, frozen=True, kw_only=True):
    """A site at a moment (`at`, as its own clock shows it): its people and its participants."""

    site: str
    name: str
    at: str
    people: tuple[Person, ...]
    participants: tuple[Known, ...]


def site_sheets(protocol: Protocol, state: SiteState, say: Phrases) -> tuple[Sheet, ...]:
    """Return the contact sheet and the list of participants of a site."""
    return (_contacts(protocol, state.people, say), _participants(protocol, state, say))


def blank_contacts(protocol: Protocol, say: Phrases) -> Sheet:
    """Return the contact sheet without names, for a trial that has not begun."""
    return _contacts(protocol, (), say)


def _contacts(protocol: Protocol, people: tuple[Person, ...], say: Phrases) -> Sheet:
    def listed(roles: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        found = [(say(role), one.name) for role in roles for one in people if one.role == role]
        return tuple((role[:1].upper() + role[1:], name, "", "") for role, name in found)

    here, there = listed(AT_HAND), listed(AFAR)
    columns = (say("Role"), say("Name"), say("Telephone"), say("At night, at weekends"))
    widths = (1.1, 1.5, 1.2, 1.2)
    calls = [say("System or network does not answer"), say("Randomisation"), say("Serious adverse event")]
    if protocol.blinding.blinded:
        calls.append(say("Code break"))
    calls += [say("Product, temperature, preparation")]
    blocks: list[Block] = [
        Paragraph(say("The record holds no telephone numbers: write them in, and check them each quarter.")),
        Heading(say("Whom to call for what")),
        Grid(
            columns=(say("For"), *columns[1:]),
            widths=(1.5, *widths[1:]),
            rows=tuple((call, "", "", "") for call in calls),
        ),
        Heading(say("At this site")),
        Grid(columns=columns, widths=widths, rows=here, empty=2 if here else 6),
        Heading(say("For all sites")),
        Grid(columns=columns, widths=widths, rows=there, empty=1 if there else 5),
    ]
    if protocol.blinding.blinded:
        blocks += [
            Heading(say("Where the sealed envelopes lie")),
            Lines(
                (
                    say("Room and cabinet"),
                    say("Who has the key"),
                    say("Second person with a key"),
                    say("Counted on"),
                )
            ),
            Paragraph(say("One sealed envelope for each participant with a number, printed by the pharmacy.")),
        ]
    return Sheet(title=say("Contact sheet"), group=say("Contacts"), head="site", blocks=tuple(blocks))


def _participants(protocol: Protocol, state: SiteState, say: Phrases) -> Sheet:
    def visits(known: Known) -> str:
        return "\n".join(
            say(
                "{visit}: {opens} to {closes}",
                visit=protocol.visit_label(one.visit, say.language),
                opens=one.opens,
                closes=one.closes,
            )
            for one in known.due
        )

    def last(known: Known) -> str:
        planned = known.last_visit in protocol.schedule.visits
        name = protocol.visit_label(known.last_visit, say.language) if planned else known.last_visit
        return "\n".join(part for part in (name, known.last_on) if part)

    rows = tuple(
        (known.participant, known.number, last(known), visits(known), str(known.queries or ""), "")
        for known in state.participants
    )
    return Sheet(
        title=say("Participants and their next visits"),
        about=say("as of {at}", at=state.at),
        head="site",
        blocks=(
            Paragraph(
                say("The visits to come with their windows; what was done since then is written on the right.")
            ),
            Grid(
                columns=(
                    say("Participant"),
                    say("Randomisation number"),
                    say("Last visit"),
                    say("Next visits"),
                    say("Open queries"),
                    say("Notes"),
                ),
                widths=(0.9, 1.1, 1.4, 2.8, 0.7, 1.6),
                rows=rows,
                empty=3,
            ),
        ),
    )
