"""One case as an expedited report holds it: what the boxes of the CIOMS I form ask for (ICH E2A, attachment 1).

The blinded twin and the unblinded one are the same case; they differ in the boxes of the suspect product, and in
the band that says who may see them. What only the vault knows comes in as `Given`; without it nothing here tells
an arm. A participant is named by the screening number alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ...conduct.door.state import FormEntry, Participant, Trial
from ...conduct.safety.clocks import authorities, authority_zone, clock_id, due_of
from ...conduct.safety.events import CRITERIA, AdverseEvent, unlisted_products
from ...conduct.safety.reporting import find_record
from ...datasets.from_record.sdtm.exposure import masked_name
from ...errors import DecisionRefused
from ...protocol import Protocol
from ...protocol.model import Arm, Item
from ...standards.grading import read_grading
from ...standards.grading.terms import LICENCE, TERMS, VERSION, find_term
from ..language import Phrases
from .chinese import CHINESE

LONGEST_LIST = 10
"""Lines of a box; further ones are counted."""


@dataclass(frozen=True)
class Given:
    """What a participant was given, from the vault: the id of the arm, and the content of the bags by visit."""

    arm: str
    by_visit: Mapping[str, str]
    reportable: bool


@dataclass(frozen=True)
class Box:
    """A box of the form: its number there, its label, its lines, and its width of twelve columns."""

    number: str
    label: str
    lines: tuple[str, ...]
    width: int = 3


@dataclass(frozen=True)
class Part:
    """A part of the form."""

    title: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class CaseReport:
    """The report of a case, ready to be set; `ticks` are the criteria of box 8 to 12, ticked or not."""

    title: str
    band: str
    blinded: bool
    facts: tuple[tuple[str, str], ...]
    ticks: tuple[tuple[str, bool], ...]
    ticks_label: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    language: str


def derive_case(
    protocol: Protocol,
    trial: Trial,
    participant_id: str,
    record: str,
    at: datetime,
    *,
    given: Given | None = None,
    authority: str | None = None,
    language: str = "en",
) -> CaseReport:
    """Return the report of an adverse event as it stands at `at`; blinded without `given`.

    authority: to whom it goes, which gives its term. Raises DecisionRefused where there is no such participant,
    event or authority.
    """
    participant = trial.participants.get(participant_id)
    if participant is None:
        raise DecisionRefused(f"nobody has the screening number {participant_id}; check the number")
    event = find_record(protocol, participant, record)
    if authority is not None and authority not in authorities(protocol):
        known = ", ".join(authorities(protocol)) or "none"
        raise DecisionRefused(f"the protocol names these authorities: {known}. Got {authority}")
    page = _Page(protocol, trial, participant, event, at, given, authority, Phrases(language, CHINESE))
    return page.report()


class _Page:
    """Collects the boxes of one case."""

    def __init__(
        self,
        protocol: Protocol,
        trial: Trial,
        participant: Participant,
        event: AdverseEvent,
        at: datetime,
        given: Given | None,
        authority: str | None,
        say: Phrases,
    ) -> None:
        self.protocol, self.trial, self.participant, self.event = protocol, trial, participant, event
        self.at, self.given, self.authority, self.say = at, given, authority, say
        self.site = trial.sites[participant.site]

    def report(self) -> CaseReport:
        say = self.say
        blinded = self.given is None
        band = (
            say("BLINDED: this copy tells no treatment; for the site, the sponsor and the ethics committee")
            if blinded
            else say("UNBLINDED: for the authority only; never to the site or to blinded staff of the sponsor")
        )
        return CaseReport(
            title=say("Report of a suspected adverse reaction"),
            band=band,
            blinded=blinded,
            facts=self._facts(),
            ticks=tuple((say(text), name in self._criteria()) for name, text in CRITERIA.items()),
            ticks_label=say("Criteria of seriousness"),
            parts=(self._reaction(), self._product(), self._history(), self._sender()),
            notes=self._notes(),
            language=say.language,
        )

    def _criteria(self) -> set[str]:
        return {*self.event.criteria, *(["AESDTH"] if self.event.fatal else [])}

    def _facts(self) -> tuple[tuple[str, str], ...]:
        say, protocol = self.say, self.protocol
        kind = say("Follow-up") if self._clocks(met=True) else say("Initial")
        facts = [
            (say("Trial"), " · ".join(part for part in (protocol.trial.id, protocol.trial.registry) if part)),
            (say("Title"), protocol.trial.title.say(say.language)),
            (say("Case"), f"{protocol.trial.id}-{self.participant.id}-{self.event.record.rpartition('/')[2]}"),
            (say("Kind of report"), kind),
        ]
        if self.authority is not None:
            facts += [(say("To"), self._authority()), (say("Due by"), self._due())]
        return tuple(facts)

    def _authority(self) -> str:
        safety = self.protocol.safety
        named = None if safety is None else safety.authorities.get(self.authority or "")
        return self.say("Authority") if named is None else named.label.say(self.say.language)

    def _due(self) -> str:
        due = [
            due_of(self.protocol, clock, self.site.zone)
            for name, clock in self.participant.clocks.items()
            if name in self._names() and clock.lifted is None
        ]
        if not due:
            return self.say("no clock runs")
        zone = authority_zone(self.protocol, self.authority or "")
        last = (min(due) - timedelta(minutes=1)).astimezone(ZoneInfo(zone))
        return f"{last:%Y-%m-%d %H:%M} ({zone})"

    def _names(self) -> list[str]:
        return [clock_id(self.event.record, what, self.authority or "") for what in ("suspected", "fatal")]

    def _clocks(self, *, met: bool) -> list[str]:
        known = self.participant.clocks
        return [name for name in self._names() if name in known and (known[name].met_at is not None) == met]

    def _reaction(self) -> Part:
        say, event = self.say, self.event
        described = [event.term, *([event.coded] if event.coded and event.coded != event.term else [])]
        told = {"AETERM", "AEDECOD", "AESTDTC", "AEREL", "AEACN", "AESER", *CRITERIA}
        entry = self.participant.forms[event.record]
        described += [line for name, line in self._lines(entry) if name not in told]
        boxes = (
            Box("1", say("Patient"), (self.participant.id,)),
            Box("1a", say("Country"), (self.site.country,)),
            Box("2a", say("Age in years"), (self._first("DM", "AGE").removesuffix(" year"),)),
            Box("3", say("Sex"), (self._first("DM", "SEX"),)),
            Box("4–6", say("Onset of the reaction"), (event.started,)),
            Box("6a", say("Site"), (f"{self.participant.site} {self.site.name}",), 9),
            Box("7+13", say("Reaction, with what is known of it"), tuple(described), 12),
        )
        return Part(say("I. Reaction"), boxes)

    def _product(self) -> Part:
        say, given = self.say, self.given
        products = [
            (name, plan)
            for name, plan in self.protocol.interventions.items()
            if any(name in arm.doses for arm in self.protocol.arms.values())
        ]
        if given is None:
            suspect = [masked_name(self.protocol, name, plan) for name, plan in products]
            doses = [say("blinded")]
        else:
            arm = self.protocol.arms[given.arm]
            suspect = [plan.label.say(say.language) for name, plan in products if _amount(arm, name)]
            suspect = [
                f"{' + '.join(suspect)} ({arm.label.say(say.language)})"
                if suspect
                else arm.label.say(say.language)
            ]
            doses = [f"{amount.value:,f} {amount.unit}".strip() for amount in arm.doses.values()]
        infusions = [one for one in self.participant.infusions.values() if one.bag is not None]
        dates = [str(self.participant.visits[one.visit].on) for one in infusions]
        content = [] if given is None else [f"{visit}: {amount}" for visit, amount in given.by_visit.items()]
        expected = [f"{plan.label.say(say.language)}: {self._listed(name)}" for name, plan in products]
        boxes = (
            Box("14", say("Suspect product"), tuple(suspect), 6),
            Box("15", say("Dose"), tuple(doses), 3),
            Box("16", say("Route"), tuple(dict.fromkeys(say(plan.route) for _, plan in products)), 3),
            Box("17", say("Indication"), (self.protocol.trial.title.say(say.language),), 6),
            Box("18", say("Given on"), _cut(dates, say) or (say("not yet given"),), 6),
            *([Box("18a", say("Content of the bags"), _cut(content, say), 12)] if content else []),
            Box("20", say("Action taken"), (self._code("AEACN"),), 6),
            Box("20a", say("Outcome"), (self._code("AEOUT"),), 6),
            Box("", say("Expected by the reference safety information"), tuple(expected), 12),
        )
        return Part(say("II. Suspect product"), boxes)

    def _listed(self, product: str) -> str:
        return self.say("no") if product in unlisted_products(self.protocol, self.event) else self.say("yes")

    def _history(self) -> Part:
        say = self.say
        drugs, conditions = (self._rows(domain) for domain in ("CM", "MH"))
        boxes = (
            Box("22", say("Other drugs"), _cut(drugs, say) or (say("none recorded"),), 12),
            Box("23", say("Other history"), _cut(conditions, say) or (say("none recorded"),), 12),
        )
        return Part(say("III. Other drugs and history"), boxes)

    def _sender(self) -> Part:
        say = self.say
        assessed = self.participant.assessments.get(self.event.record)
        sponsor = say("not assessed yet")
        if assessed is not None:
            sponsor = f"{say('suspected') if assessed.suspected else say('not suspected')}: {assessed.comment}"
        zone = ZoneInfo(self.site.zone)
        known = [clock.since for clock in self.participant.clocks.values() if clock.record == self.event.record]
        aware = f"{min(known).astimezone(zone):%Y-%m-%d %H:%M} ({self.site.zone})" if known else ""
        boxes = (
            Box("24a", say("Sponsor"), (self.protocol.trial.sponsor or "",), 6),
            Box("24c", say("Known since (day 0)"), (aware,), 6),
            Box("", say("Causality, investigator"), (self._code("AEREL"),), 6),
            Box("", say("Causality, sponsor"), (sponsor,), 6),
            Box("24d", say("Source"), (say("clinical trial"),), 6),
            Box("25", say("Date of this report"), (f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",), 6),
        )
        return Part(say("IV. Sponsor and assessment"), boxes)

    def _notes(self) -> tuple[str, ...]:
        say, safety = self.say, self.protocol.safety
        notes = []
        if safety is not None:
            notes.append(f"{say('Grades')}: {grading_line(safety.grading.adverse_event)}")
            notes += self._grade(safety.grading.adverse_event)
        if self.given is not None and not self.given.reportable:
            notes.append(
                say("After the treatment given this event need not be reported; this copy is for the file.")
            )
        return tuple(notes)

    def _grade(self, standard: str) -> list[str]:
        """Say what the grade means in the scale of the protocol, where it has the term."""
        term, grade = find_term(standard, self.event.coded or self.event.term), self.event.grade
        if term is None or grade is None:
            return []
        means = term.grades.get(grade) or self.say("the scale has no such grade of this term")
        return [f"{term.term}, {grade}: {means}"]

    def _entries(self, domain: str) -> Iterable[FormEntry]:
        for entry in self.participant.forms.values():
            if entry.removed is None and self.protocol.forms[entry.form].sdtm == domain:
                yield entry

    def _lines(self, entry: FormEntry) -> list[tuple[str, str]]:
        """Return the items of an entry that have a value, as SDTM name (or id) and `label: value`."""
        items = self.protocol.forms[entry.form].items
        found = []
        for name, value in entry.values.items():
            if value.value is not None and name in items:
                label = items[name].label.say(self.say.language)
                found.append((items[name].sdtm or name, f"{label}: {self._shown(items[name], value.value)}"))
        return found

    def _shown(self, item: Item, value: object) -> str:
        if item.codes:
            known = item.codes.get(str(value))
            return str(value) if known is None else known.say(self.say.language)
        if item.type == "yes or no":
            return self.say("yes") if value == "Y" else self.say("no")
        return f"{value} {item.unit}" if item.unit else str(value)

    def _rows(self, domain: str) -> list[str]:
        """Return one line a record of a domain: the values of its items."""
        rows = []
        for entry in self._entries(domain):
            items = self.protocol.forms[entry.form].items
            shown = [
                self._shown(items[name], value.value)
                for name, value in entry.values.items()
                if value.value is not None and name in items and items[name].type != "yes or no"
            ]
            if shown:
                rows.append(", ".join(shown))
        return rows

    def _first(self, domain: str, variable: str) -> str:
        for entry in self._entries(domain):
            for name, item in self.protocol.forms[entry.form].items.items():
                if item.sdtm == variable and name in entry.values and entry.values[name].value is not None:
                    return self._shown(item, entry.values[name].value)
        return self.say("not recorded")

    def _code(self, variable: str) -> str:
        entry = self.participant.forms[self.event.record]
        for name, item in self.protocol.forms[entry.form].items.items():
            if item.sdtm == variable and name in entry.values and entry.values[name].value is not None:
                return self._shown(item, entry.values[name].value)
        return self.say("not recorded")


def _amount(arm: Arm, product: str) -> bool:
    return product in arm.doses and arm.doses[product].value > 0


def grading_line(standard: str) -> str:
    """Return name, version and licence of a scale of adverse events, as far as its terms come with Equipoise."""
    if standard in TERMS:
        return f"{standard} ({VERSION}; {LICENCE})"
    return standard


def laboratory_line(standard: str) -> str:
    """Return name, version and licence of a scale of laboratory results; KeyError for one that is not here."""
    found = read_grading(standard)
    return f"{standard} ({found.version}; data: {found.licence})"


def _cut(lines: list[str], say: Phrases) -> tuple[str, ...]:
    more = len(lines) - LONGEST_LIST
    return tuple(lines) if more <= 0 else (*lines[:LONGEST_LIST], say("and {n} more", n=more))
