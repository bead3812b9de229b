"""Records for tests of ODM, made by hand: events of a small trial, chained as the database would chain them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from equipoise.conduct.door.chapters import evolve
from equipoise.conduct.door.state import Trial
from equipoise.datasets.odm import Version, Written, write_odm
from equipoise.protocol import Protocol, parse_protocol, protocol_version
from equipoise.record.event import Event, canonical, first_hash, hash_event

SOURCE = Path(__file__).parents[2] / "invariants" / "trial.yaml"
START = datetime(2026, 3, 2, 4, tzinfo=UTC)


@cache
def small_protocol() -> Protocol:
    """The protocol of the scripted trial, with labels in Chinese and an item of each further kind."""
    text = SOURCE.read_text(encoding="utf-8")
    for old, new in (
        ("languages: [en]", "languages: [en, zh]"),
        ("age: {label: Age,", "age: {label: {en: Age, zh: 年龄},"),
        (
            "      pregnant: {label: Pregnant, type: yes or no}\n",
            "      pregnant: {label: Pregnant, type: yes or no}\n"
            "      remark: {label: Remark, type: text, required: false}\n"
            "      ratio: {label: Ratio, required: false}\n"
            "      fasting_since: {label: Fasting since, type: time, required: false}\n",
        ),
    ):
        assert old in text
        text = text.replace(old, new)
    return parse_protocol(text)


class Record:
    """Events as they are added, each a second after the one before, and the state that they come to."""

    def __init__(self, protocol: Protocol | None = None) -> None:
        self.protocol = protocol or small_protocol()
        self.version = protocol_version(self.protocol)
        self.events: list[Event] = []
        self.trial = Trial()
        self.add("ProtocolIssued", {"trial": "scripted", "protocol": self.version})
        self.add("PersonEntered", {"person": "li", "name": "Li <Wei> & Söhne"})
        site = {"site": "01", "name": 'Hospital "01"', "country": "CHN", "zone": "Asia/Shanghai"}
        self.add("SiteOpened", site, site="01")
        self.add("SiteActivated", {"site": "01", "protocol": self.version, "approved_on": "2026-01-01"}, site="01")

    def add(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        site: str | None = None,
        participant: str | None = None,
        reason: str | None = None,
        actor: str = "li",
        role: str = "coordinator",
        zone: str = "UTC",
    ) -> Event:
        number = len(self.events) + 1
        previous = self.events[-1].hash if self.events else first_hash("record", "scripted", "rehearsal")
        event = Event(
            sequence=number,
            at=START + timedelta(seconds=number, microseconds=number),
            zone=zone,
            actor=actor,
            role=role,
            site=site,
            participant=participant,
            kind=kind,
            version=1,
            payload=canonical(payload),
            reason=reason,
            request=f"r-{number}",
            part=1,
            previous=previous,
            hash=b"",
        )
        event = Event(**{**{f: getattr(event, f) for f in Event.__struct_fields__}, "hash": hash_event(event)})
        evolve(self.trial, event)
        self.events.append(event)
        return event

    def of(self, kind: str, payload: dict[str, Any], participant: str = "01-001", **others: Any) -> Event:
        """Add an event of a participant of site 01."""
        return self.add(kind, payload, site="01", participant=participant, **{"zone": "Asia/Shanghai", **others})

    def screen(self, participant: str = "01-001") -> None:
        self.of("ParticipantScreened", {"protocol": self.version}, participant)

    def save(self, form: str = "demography", visit: str = "SCR", reason: str | None = None, **said: Any) -> Event:
        where = {"form": form, "on": "2026-03-02", **({"visit": visit} if visit else {})}
        # what is empty is left out of a fact
        return self.of(
            "FormSaved", {**where, **{name: part for name, part in said.items() if part}}, reason=reason
        )

    def write(self, file: Path, events: Sequence[Event] | None = None, *, version: Version = "1.3.2") -> Written:
        events, protocols = self.events if events is None else events, {self.version: self.protocol}
        return write_odm(file, events, self.trial, protocols, version=version)


def full_record() -> Record:
    """A record with everything that ODM has a place for, and what it has none for."""
    record = Record()
    record.screen()
    record.of("ConsentSigned", {"document": "1.0", "language": "zh", "signed_on": "2026-02-16"})
    record.of("VisitHeld", {"key": "SCR", "on": "2026-03-02"})
    record.save(values={"age": 41, "sex": "F", "pregnant": "N", "ratio": 0.1, "remark": "a < b\n& \"c\"\t'd'"})
    record.save(values={"age": 42}, reason="copied wrongly <&>")
    record.save(missing={"pregnant": "REFUSED"}, reason="asked again")
    record.save(
        form="vitals", values={"weight": 61.3, "pulse": 130}, entered={"weight": "135.1 lb"}, raised=["VS1"]
    )
    record.save(form="immunology", values={"cd4": 210}, late="the <line> was down")
    record.of("VisitHeld", {"key": "U1", "on": "2026-03-02", "planned": False}, reason="cough")
    record.save(form="vitals", visit="U1", values={"weight": 62.0, "pulse": 71})
    record.save(form="adverse_event", visit="", values={"ae_term": "Cough", "ae_serious": "N"})
    record.of("FormRemoved", {"form": "adverse_event"}, reason="not this person's")
    record.save(form="adverse_event", visit="", repeat=2, values={"ae_term": "发热"})
    record.of("QueryRaised", {"query": "Q1", "record": "SCR/vitals/1", "question": "Is it so?", "check": "VS1"})
    record.of("Signed", {"meaning": "I have reviewed these data", "content": "ab" * 32}, role="investigator")
    return record
