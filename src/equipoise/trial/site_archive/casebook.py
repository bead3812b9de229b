"""The case report forms of one participant, on paper: every form with the history of each value, and all about it.

Nothing in it tells an arm, nor who the participant is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ...conduct.closing.signatures import content_hash
from ...conduct.door.chapters import read_fact
from ...conduct.door.state import FormEntry, Participant, Trial
from ...conduct.forms.entry import FormSaved
from ...conduct.forms.history import histories
from ...conduct.quality.coding import coding_of
from ...conduct.safety.events import CRITERIA, events_of
from ...protocol import Protocol
from ...record.event import Event
from ...report.language import Phrases
from .chinese import CHINESE
from .document import Document, Grid, Section, moment, when
from .values import Values, of_kind

Told = Callable[[str], str]
"""Says in a language what conduct has told or named in English."""


def derive_casebook(
    trial: Trial,
    versions: Mapping[str, Protocol],
    participant: Participant,
    events: Sequence[Event],
    *,
    language: str = "en",
    told: Told = str,
) -> Document:
    """Return the casebook of a participant as it stands after `events`, which are all that concern them.

    trial: the state; versions: every version of the protocol by its hash. told: says in the language of the
    casebook what conduct has told in English: what deviated, why something ended, what a query is about.
    """
    return _Casebook(trial, versions, participant, events, Phrases(language, CHINESE), told).document()


class _Casebook:
    """Collects the sections of one participant."""

    def __init__(
        self,
        trial: Trial,
        versions: Mapping[str, Protocol],
        participant: Participant,
        events: Sequence[Event],
        say: Phrases,
        told: Told,
    ) -> None:
        self.trial, self.participant, self.events, self.say = trial, participant, events, say
        self.told = told
        checks = [
            check for one in versions.values() for form in one.forms.values() for check in form.checks.values()
        ]
        self.asked = {check.say.say(): check.say.say(say.language) for check in checks}
        self.values = Values(trial, versions, say)
        self.site = trial.sites[participant.site]
        self.protocol = self.values.protocol_of(participant.protocol)

    def document(self) -> Document:
        say = self.say
        made = (
            self._consents(),
            self._eligibility(),
            self._visits(),
            *self._forms(),
            self._harm(),
            self._infusions(),
            self._queries(),
            self._codings(),
            self._deviations(),
            self._signatures(),
        )
        return Document(
            title=f"{say('Participant')} {self.participant.id}",
            band=f"{say('Case report forms with their audit trail')} · {say('tells no treatment')}",
            facts=tuple(self._facts()),
            sections=tuple(section for section in made if section is not None),
            language=say.language,
            at=self.events[-1].at,
        )

    def _facts(self) -> Iterator[tuple[str, str]]:
        say, one = self.say, self.participant
        trial = self.protocol.trial
        yield say("Trial"), " · ".join(part for part in (trial.id, trial.registry) if part)
        yield say("Title"), trial.title.say(say.language)
        yield say("Site"), f"{one.site} {self.site.name} ({self.site.zone})"
        yield say("Participant"), one.id
        yield say("Screened on"), str(one.screened_on)
        number = trial_versions(self.trial, one.protocol)
        yield say("Protocol version"), f"{number} ({one.protocol[:12]})"
        if one.allocation is not None:
            yield say("Randomisation number"), one.allocation.number
        for what, ending in one.ended.items():
            yield say(f"End of {what}"), f"{ending.on}: {self.told(ending.why)}"
        yield say("Record up to"), say("event {n}", n=self.events[-1].sequence)

    def _section(
        self, title: str, head: Sequence[str], widths: Sequence[float], rows: Sequence[tuple[str, ...]]
    ) -> Section:
        if not rows:
            return Section(self.say(title), (self.say("nothing recorded"),))
        return Section(self.say(title), (), Grid(tuple(map(self.say, head)), tuple(widths), tuple(rows)))

    def _consents(self) -> Section:
        say, rows = self.say, []
        for event, said in self._said("ConsentSigned", "ConsentWithdrawn", "ParticipantMoved"):
            if event.kind == "ConsentSigned":
                in_language = self.told(said["language"])
                what = say(
                    "consent form {document} ({language}) signed", document=said["document"], language=in_language
                )
                rows.append((what, said["signed_on"], self.values.by(event), when(event)))
            elif event.kind == "ConsentWithdrawn":
                rows.append((say("consent withdrawn"), said["on"], self.values.by(event), when(event)))
            else:
                number = trial_versions(self.trial, said["protocol"])
                rows.append(
                    (say("goes on by protocol version {n}", n=number), "", self.values.by(event), when(event))
                )
        return self._section("Consent", ("What", "Date", "Recorded by", "When"), (5, 2, 3, 4), rows)

    def _eligibility(self) -> Section:
        say, rows = self.say, []
        for event, said in self._said("EligibilityAssessed"):
            verdict = say("eligible") if said["eligible"] else say("not eligible")
            not_met = ", ".join(said.get("not_met", ()))
            rows.append((f"{verdict}{f': {not_met}' if not_met else ''}", self.values.by(event), when(event)))
        return self._section("Eligibility", ("Verdict", "Recorded by", "When"), (5, 3, 4), rows)

    def _visits(self) -> Section:
        say, rows = self.say, []
        kinds = ("VisitHeld", "VisitMissed", "VisitDateCorrected", "VisitWindowJudged")
        for event, said in self._said(*kinds):
            if event.kind == "VisitMissed":
                what = f"{say('missed')}: {said['why']}"
            elif event.kind == "VisitWindowJudged":
                what = say("in its window") if said["in_window"] else say("outside its window")
            else:
                held = say("held on {on}", on=said["on"])
                corrected = say("date corrected to {on}", on=said["on"])
                what = corrected if event.kind == "VisitDateCorrected" else held
                what += "" if said.get("in_window", True) else f", {say('outside its window')}"
            row = (self._visit(said["key"]), what, self.values.by(event), when(event), event.reason or "")
            rows.append(row)
        head = ("Visit", "What", "Recorded by", "When", "Why")
        return self._section("Visits", head, (2.4, 3, 2.6, 3.5, 2.6), rows)

    def _visit(self, key: str) -> str:
        if not key:
            return self.say("At any time")
        if key in self.protocol.schedule.visits:
            return f"{self.protocol.visit_label(key, self.say.language)} ({key})"
        return self.say("Unscheduled visit {key}", key=key)

    def _forms(self) -> Iterator[Section]:
        found = histories(self.events)
        forms = sorted(self.participant.forms.items(), key=lambda one: (one[1].on, one[0]))
        yield Section(self.say("Forms"), () if forms else (self.say("nothing recorded"),))
        for key, entry in forms:
            lines = [f"{self.say('Date of the record')}: {entry.on}"]
            if entry.removed is not None:
                lines.append(f"{self.say('STRUCK OUT')}: {entry.removed} ({self._struck(entry)})")
            lines += [*self._notes(entry), *self._raised(entry)]
            yield Section(self._title(entry), tuple(lines), self.values.grid(key, entry, found), depth=2)

    def _title(self, entry: FormEntry) -> str:
        form = self.values.protocol_of(entry.protocol).forms[entry.form]
        number = f" · {self.say('record {n}', n=entry.repeat)}" if form.repeats else ""
        return f"{form.label.say(self.say.language)} · {self._visit(entry.visit)}{number}"

    def _struck(self, entry: FormEntry) -> str:
        event = next(
            event
            for event, said in reversed(list(self._said("FormRemoved")))
            if (said["form"], said.get("visit", ""), said.get("repeat", 1))
            == (entry.form, entry.visit, entry.repeat)
        )
        return f"{self.values.by(event)}, {when(event)}".replace("\n", " ")

    def _notes(self, entry: FormEntry) -> Iterator[str]:
        """Say what each save has told of the record as a whole: late, first on paper, from which specimen."""
        say = self.say
        for event in of_kind(self.events, FormSaved.__name__):
            fact = read_fact(event)
            assert isinstance(fact, FormSaved)
            if (fact.form, fact.visit, fact.repeat) != (entry.form, entry.visit, entry.repeat):
                continue
            said = [] if fact.late is None else [f"{say('entered late')}: {fact.late}"]
            if (paper := fact.from_paper) is not None:
                said.append(f"{say('first on paper')} {paper.written_on}: {paper.why}")
            said += [
                f"{say('specimen')} {one.accession} ({one.laboratory}), {one.collected}" for one in fact.specimens
            ]
            if said:
                yield f"{'; '.join(said)} · {say('event {n}', n=event.sequence)}"

    def _raised(self, entry: FormEntry) -> Iterator[str]:
        checks = self.values.protocol_of(entry.protocol).forms[entry.form].checks
        for name in entry.raised:
            if name in checks:
                broken = self.say("Edit check that does not hold")
                yield f"{broken}: {checks[name].say.say(self.say.language)} ({name})"

    def _harm(self) -> Section:
        say, rows = self.say, []
        for event in events_of(self.protocol, self.participant, removed=True):
            entry = self.participant.forms[event.record]
            graver = [say(CRITERIA[name]) for name in event.criteria]
            serious = ", ".join(graver) or (say("yes") if event.serious else say("no"))
            struck = f"\n{say('STRUCK OUT')}" if entry.removed is not None else ""
            row = (
                f"{event.term}{struck}",
                event.started,
                event.ended,
                "" if event.grade is None else str(event.grade),
                serious,
                self.values.named(entry, "AEREL"),
                self.values.named(entry, "AEOUT"),
                self._clocks(event.record),
            )
            rows.append(row)
        head = ("Event", "Start", "End", "Grade", "Serious", "Causality", "Outcome", "Reports")
        return self._section("Adverse events", head, (3, 1.8, 1.8, 0.9, 2.2, 1.8, 1.8, 2.4), rows)

    def _clocks(self, record: str) -> str:
        say, said = self.say, []
        for clock in self.participant.clocks.values():
            if clock.record == record:
                done = say("no report due") if clock.lifted is not None else say("due")
                done = f"{say('made')} {clock.met_at:%Y-%m-%d}" if clock.met_at is not None else done
                said.append(f"{self.told(clock.authority)}: {done}")
        return "\n".join(said)

    def _infusions(self) -> Section | None:
        rows = [
            (
                self._visit(one.visit),
                f"{one.weight_kg} ({one.weighed_on})",
                " · ".join(part for part in (one.bag, one.volume) if part),
                " · ".join(part for part in (one.carton, one.kit) if part),
            )
            for one in self.participant.infusions.values()
        ]
        if not rows:
            return None
        head = ("Visit", "Weight in kg (weighed on)", "Bag and volume", "Carton and kit")
        return self._section("Infusions ordered", head, (3, 3, 3, 3), rows)

    def _queries(self) -> Section:
        rows: list[tuple[str, ...]] = []
        for event, said in self._said("QueryRaised", "QueryAnswered", "QueryClosed"):
            if event.kind == "QueryRaised":
                where = self.told(f"{said['record']} {said.get('item') or ''}".strip())
                what = f"{self.say('raised')}: {self.asked.get(said['question'], said['question'])}\n({where})"
            elif event.kind == "QueryAnswered":
                what = f"{self.say('answered')}: {said['answer']}"
            else:
                what = self.say("closed by rule") if said.get("by_rule") else self.say("closed")
            rows.append((said["query"], what, self.values.by(event), when(event), event.reason or ""))
        rows.sort(key=lambda row: int(row[0][1:]))
        head = ("Query", "What", "Recorded by", "When", "Why")
        return self._section("Queries", head, (0.9, 4.6, 2.6, 3.5, 2.4), rows)

    def _codings(self) -> Section | None:
        rows = []
        for record, items in self.participant.codings.items():
            for item, coding in items.items():
                if coding_of(self.participant, record, item) is not None:
                    code = f" ({coding.decoded_code})" if coding.decoded_code else ""
                    rows.append(
                        (coding.term, f"{coding.decoded}{code}", coding.body_system, self.told(coding.how))
                    )
        if not rows:
            return None
        head = ("As reported", "Coded as", "Organ class", "How")
        return self._section("Coded terms", head, (4, 4, 4, 2), rows)

    def _deviations(self) -> Section:
        rows = []
        for event, said in self._said("DeviationNoted", "DeviationLifted"):
            lifted = event.kind == "DeviationLifted"
            what = self.say("none after correction") if lifted else self.told(said["what"])
            weight = "" if lifted else self.told(said["weight"])
            visit = self._visit(said["visit"]) if said.get("visit") else ""
            kind = f"{self.told(said['category'])} {weight}".strip()
            rows.append((kind, what, visit, self.values.by(event), when(event)))
        head = ("Kind", "What", "Visit", "Recorded by", "When")
        return self._section("Protocol deviations", head, (1.8, 4.4, 2.2, 2.6, 3.5), rows)

    def _signatures(self) -> Section:
        say, rows, present = self.say, [], content_hash(self.participant)
        for event, said in self._said("Signed"):
            intact = said["content"] == present
            state = (
                say("intact: the data are as they were signed") if intact else say("BROKEN: data changed since")
            )
            row = (self.values.by(event), said["meaning"], when(event), state, said["content"])
            rows.append(row)
        head = ("Signed by", "Meaning", "When", "State", "SHA-256 of the content")
        return self._section("Signatures", head, (2.4, 3.2, 3.4, 2.6, 2.8), rows)

    def _said(self, *kinds: str) -> Iterator[tuple[Event, dict[str, Any]]]:
        for event in of_kind(self.events, *kinds):
            yield event, msgspec.json.decode(event.payload, type=dict[str, Any])


def derive_trail(
    trial: Trial, site: str, events: Sequence[Event], *, protocol: Protocol, language: str = "en"
) -> Document:
    """Return the audit trail of a site: each event that it may see as a sentence, in the order of the record."""
    say = Phrases(language, CHINESE)
    values = Values(trial, {trial.versions[-1]: protocol}, say)
    rows = tuple(
        (
            str(event.sequence),
            moment(event.at, trial.sites[site].zone),
            values.by(event),
            event.participant or "",
            read_fact(event).tell(),
            event.reason or "",
        )
        for event in events
    )
    head = tuple(map(say, ("No.", "When", "Who", "About", "What", "Why")))
    return Document(
        title=say("Audit trail of site {site}", site=site),
        band=f"{say('Who did what, when and why')} · {say('tells no treatment')}",
        facts=(
            (say("Trial"), " · ".join(part for part in (protocol.trial.id, protocol.trial.registry) if part)),
            (say("Title"), protocol.trial.title.say(language)),
            (say("Site"), f"{site} {trial.sites[site].name} ({trial.sites[site].zone})"),
            (say("Events"), str(len(rows))),
        ),
        sections=(Section(say("Events"), (), Grid(head, (0.9, 3.2, 2.4, 1.3, 6, 2.4), rows)),),
        language=say.language,
        at=events[-1].at,
    )


def trial_versions(trial: Trial, version: str) -> int:
    """Return the number of a protocol version, from 1, in the order of issue."""
    return trial.versions.index(version) + 1
