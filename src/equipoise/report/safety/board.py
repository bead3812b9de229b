"""The reports for the safety board: the open one of all together, the closed one by arm, of one frozen cut.

Both are the protocol's own analyses of safety on the data of the cut, with the serious events and their reports
one by one behind them (ICH E9 4.6; DAMOCLES charter on open and closed reports). The open one knows no arms:
everybody stands under one heading, and the analyses that could tell doses are left out. Every page of either says
what it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ...analysis.result import TrialResults
from ...analysis.run import run_analyses
from ...conduct.door.state import Trial
from ...conduct.safety.clocks import ANY, SAID, SPONSOR
from ...conduct.safety.events import events_of, is_suspected_unexpected
from ...conduct.safety.watch import list_clocks
from ...datasets.analysis_data import AnalysisData
from ...protocol import Protocol
from ...protocol.model import Text
from ...protocol.model.analyses import Report
from ..contents import Contents, Section, build_contents
from ..language import Phrases
from ..language.answer import Answer
from ..tables.table import Cell, Column, Row, Table
from .case import grading_line, laboratory_line
from .chinese import CHINESE

METHODS = (
    "disposition",
    "demographics",
    "exposure",
    "adverse events",
    "deaths",
    "lab shifts",
    "protocol deviations",
)
"""Methods whose analyses the board sees; efficacy is not among them."""

TELL_DOSES = ("exposure",)
"""Methods that the open report leaves out."""

EVERYBODY = "everybody"
"""The id of the one arm of the open report."""


@dataclass(frozen=True)
class Frozen:
    """The cut of the data: the last event in it, its moment, and the hash of the data."""

    sequence: int
    at: datetime
    data: str


def board_protocol(protocol: Protocol, *, closed: bool) -> Protocol:
    """Return the protocol narrowed to its analyses of safety; without arms for the open report."""
    methods = METHODS if closed else [method for method in METHODS if method not in TELL_DOSES]
    analyses = {name: one for name, one in protocol.analyses.items() if one.method in methods}
    update: dict[str, object] = {"analyses": analyses, "report": Report(sections=tuple(analyses))}
    if not closed:
        first = next(iter(protocol.arms.values()))
        label = Text({"en": "All participants", "zh": CHINESE["All participants"]})
        update["arms"] = {EVERYBODY: first.model_copy(update={"label": label, "control": False})}
    # made anew, for a copy would keep what the protocol has once found out about its arms
    return Protocol.model_construct(**{name: getattr(protocol, name) for name in Protocol.model_fields} | update)


def derive_board(
    protocol: Protocol,
    trial: Trial,
    data: AnalysisData,
    frozen: Frozen,
    *,
    arms: Mapping[str, str] | None = None,
    held: tuple[str, ...] = (),
    language: str = "en",
    synthetic: bool = False,
) -> tuple[Contents, TrialResults]:
    """Return a report for the board on the data of a cut, with its results; closed where `arms` are given.

    protocol: narrowed by `board_protocol`. trial, data: as of the cut. arms: id by participant. held: stopping
    rules that held, in words, for the closed report only.
    """
    closed = arms is not None
    say = Phrases(language, CHINESE)
    results = run_analyses(protocol, data)
    contents = build_contents(protocol, data, results, language, synthetic=synthetic)
    own = _Tables(protocol, trial, frozen, {} if arms is None else arms, say).all()
    first = len(contents.tables) + 1
    added = [
        Section(table.name, table.title, tables=(replace(table, title=_numbered(table, first + n, say)),))
        for n, table in enumerate(own)
    ]
    facts = [
        (say("Data up to"), say("event {n} of the record, {date}", n=frozen.sequence, date=_minute(frozen.at))),
        (say("Hash of the data"), frozen.data),
        (say("Enrolment"), _enrolment(trial, say)),
        *([(say("Stopping rules that held"), "; ".join(held))] if held else []),
    ]
    if protocol.safety is not None:
        facts.append((say("Grades"), grading_line(protocol.safety.grading.adverse_event)))
        if protocol.safety.grading.laboratory is not None:
            facts.append(("", laboratory_line(protocol.safety.grading.laboratory)))
    made = replace(
        contents,
        heading=say("Closed report of safety") if closed else say("Open report of safety"),
        watermark=say("CLOSED REPORT · safety board only") if closed else say("OPEN REPORT"),
        answer=Answer("", "", (), ()),
        facts=(*contents.facts, *facts),
        sections=(*contents.sections, *added),
    )
    return made, results


def _enrolment(trial: Trial, say: Phrases) -> str:
    paused = trial.paused
    return say("Open") if paused is None else say("Paused since {date}", date=f"{paused.at:%Y-%m-%d}")


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _numbered(table: Table, number: int, say: Phrases) -> str:
    return say("Table {n}. {title}", n=number, title=table.title)


class _Tables:
    """The tables that no analysis gives: sites, serious events and reports, one by one."""

    def __init__(
        self, protocol: Protocol, trial: Trial, frozen: Frozen, arms: Mapping[str, str], say: Phrases
    ) -> None:
        self.protocol, self.trial, self.frozen, self.arms, self.say = protocol, trial, frozen, arms, say

    def all(self) -> list[Table]:
        return [self._sites(), self._events(), self._reports()]

    def _table(self, name: str, title: str, stub: str, columns: list[Column], rows: list[Row]) -> Table:
        empty = Row(self.say("none recorded"), tuple(Cell() for _ in columns))
        return Table(
            name=name,
            analysis="",
            title=title,
            population=self.say("All who were screened"),
            stub=stub,
            columns=tuple(columns),
            rows=tuple(rows) or (empty,),
            stub_width=1.2,
        )

    def _sites(self) -> Table:
        say, rows = self.say, []
        for site, known in self.trial.sites.items():
            people = [person for person in self.trial.participants.values() if person.site == site]
            counts = (
                len(people),
                sum(person.allocation is not None for person in people),
                sum(bool(person.ended.keys() & {"participation", "life"}) for person in people),
            )
            rows.append(Row(f"{site} {known.name}", tuple(Cell(str(count)) for count in counts)))
        columns = [Column(say(name)) for name in ("Screened", "Allocated", "Left")]
        return self._table("sites", say("Sites"), say("Site"), columns, rows)

    def _events(self) -> Table:
        say, rows, by_arm = self.say, [], bool(self.arms)
        for person in self.trial.participants.values():
            for event in events_of(self.protocol, person):
                if not event.serious:
                    continue
                assessment = person.assessments.get(event.record)
                unexpected = is_suspected_unexpected(self.protocol, event, assessment)
                cells = [self._arm(person.id)] if by_arm else []
                cells += [event.term, event.started, "" if event.grade is None else str(event.grade)]
                cells += [event.causality, say("yes") if unexpected else say("no"), event.outcome]
                rows.append(Row(person.id, tuple(Cell(text) for text in cells)))
        columns = [Column(say("Arm"), align="left", width=1.1)] if by_arm else []
        columns += [
            Column(say("Event"), align="left", width=1.6),
            Column(say("Start"), width=0.9),
            Column(say("Grade"), width=0.6),
            Column(say("Causality"), align="left", width=1.4),
            Column(say("Unexpected"), width=0.9),
            Column(say("Outcome"), align="left", width=1.6),
        ]
        title = say("Serious adverse events: listing")
        return self._table("serious_events", title, say("Participant"), columns, rows)

    def _arm(self, participant: str) -> str:
        arm = self.arms.get(participant)
        return "" if arm is None else self.protocol.arms[arm].label.say(self.say.language)

    def _authority(self, authority: str) -> str:
        """Name who gets a report: the sponsor, an authority of the protocol, else what it is called."""
        if authority in (SPONSOR, ANY):
            return self.say("Sponsor") if authority == SPONSOR else self.say("Authority")
        safety = self.protocol.safety
        named = None if safety is None else safety.authorities.get(authority)
        return authority if named is None else named.label.say(self.say.language)

    def _reports(self) -> Table:
        say = self.say
        rows = [
            Row(
                one.participant,
                tuple(
                    Cell(text)
                    for text in (
                        say(SAID[one.what]),
                        self._authority(one.authority),
                        f"{one.due:%Y-%m-%d %H:%M}",
                        "" if one.met_at is None else f"{one.met_at:%Y-%m-%d %H:%M}",
                        say(one.standing),
                    )
                ),
            )
            for one in list_clocks(self.protocol, self.trial, self.frozen.at)
        ]
        columns = [
            Column(say("Report"), align="left", width=2.2),
            Column(say("To"), align="left", width=1.6),
            Column(say("Due (UTC)"), width=1.3),
            Column(say("Made (UTC)"), width=1.3),
            Column(say("Standing"), width=0.9),
        ]
        return self._table("reports", say("Reports and their terms"), say("Participant"), columns, rows)
