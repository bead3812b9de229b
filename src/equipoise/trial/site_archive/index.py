"""The first page of a site's archive, and its README: what there is, how to read it, how to check it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from ...conduct.closing.signatures import signature_state
from ...conduct.door.state import Participant, Trial
from ...conduct.safety.events import events_of
from ...protocol import Protocol
from ...record.event import Event
from ...report.html import template_environment
from ...report.language import Phrases
from .chinese import CHINESE

FILES: Mapping[str, str] = {
    "README.txt": "How to read and check everything here",
    "audit-trail.pdf": "Audit trail of the site, a sentence an event",
    "record.jsonl": "Record of the site, an event a line, with the chain of all hashes",
    "odm.xml": "Clinical data with their audit trail, CDISC ODM 1.3.2",
    "anchors.jsonl": "Anchors: positions of the record, signed while the trial ran",
    "identities.csv": "Who the participants are; for the site only",
    "arms.csv": "Arms of the participants of the site, opened after the lock",
    "check.py": "Checks files and record with Python alone",
    "MANIFEST": "SHA-256 of every file, for sha256sum",
    "MANIFEST.sig": "Signature of MANIFEST, Ed25519",
    "signing-key.pem": "Key that checks the signature",
}
_PROTOCOL = "Protocol of the trial, every version"


@dataclass(frozen=True)
class _Person:
    """A participant on the first page."""

    id: str
    cells: tuple[str, ...]
    signature: str
    broken: bool


def render_index(
    trial: Trial,
    site: str,
    newest: Event,
    protocol: Protocol,
    present: Sequence[str],
    *,
    rehearsed: bool,
    language: str = "en",
) -> str:
    """Lay out the first page; `present` are the names of the files of the archive, `newest` its last event."""
    say = Phrases(language, CHINESE)
    known, people = trial.sites[site], [one for one in trial.participants.values() if one.site == site]
    notices = [say("Rehearsal: every participant is invented")] if rehearsed else []
    notices += [say(FILES[name]) for name in ("identities.csv", "arms.csv") if name in present]
    about = protocol.trial
    return (
        template_environment("equipoise.trial.site_archive")
        .get_template("index.html")
        .render(
            say=say,
            title=f"{say('Archive of site {site}', site=site)} · {known.name}",
            trial=about.id,
            band=say("Case report forms with their audit trail"),
            notices=notices,
            facts=(
                (say("Trial"), " · ".join(part for part in (about.id, about.registry) if part)),
                (say("Title"), about.title.say(language)),
                (say("Site"), f"{site} {known.name}, {known.country} ({known.zone})"),
                (say("Participants"), str(len(people))),
                (say("Protocol version"), f"{len(trial.versions)} ({trial.versions[-1]})"),
                (say("Record up to"), f"{say('event {n}', n=newest.sequence)}, {newest.at:%Y-%m-%d %H:%M} UTC"),
                ("SHA-256", newest.hash.hex()),
            ),
            people_head=[
                say(name)
                for name in (
                    *("Participant", "Screened on", "Randomisation number", "Left", "Visits held", "Forms"),
                    *("Adverse events", "Open queries", "Deviations", "Signature"),
                )
            ],
            people=[_person(protocol, one, say) for one in people],
            staff=list(_staff(trial, site, say)),
            files=[
                (name, say(FILES.get(name, _PROTOCOL))) for name in present if not name.startswith("participants/")
            ],
        )
    )


def readme(trial: Trial, site: str, newest: Event, key: str) -> str:
    """Return the text that says, in both languages, how to read and check the archive without Equipoise."""
    text = (files("equipoise.trial.site_archive") / "templates" / "README.txt").read_text(encoding="utf-8")
    return text.format(site=site, trial=trial.trial, key=key, sequence=newest.sequence, head=newest.hash.hex())


def _person(protocol: Protocol, one: Participant, say: Phrases) -> _Person:
    state = signature_state(one)
    harm = events_of(protocol, one)
    serious = sum(event.serious for event in harm)
    left = one.ended.get("life", one.ended.get("participation"))
    graver = f" ({serious} {say('Serious').lower()})" if serious else ""
    cells = (
        str(one.screened_on),
        say("not allocated") if one.allocation is None else one.allocation.number,
        "–" if left is None else str(left.on),
        str(sum(visit.on is not None for visit in one.visits.values())),
        str(sum(entry.removed is None for entry in one.forms.values())),
        f"{len(harm)}{graver}",
        str(sum(query.closed_at is None for query in one.queries.values())),
        str(len(one.deviations)),
    )
    unsigned = "–" if one.allocation is None else say("missing")
    return _Person(one.id, cells, unsigned if state == "missing" else say(state), state == "broken")


def _staff(trial: Trial, site: str, say: Phrases) -> Iterator[tuple[str, str, str, str]]:
    for person in trial.people.values():
        for grant in person.grants:
            if grant.site == site:
                yield (
                    person.name,
                    say(grant.role),
                    str(grant.since),
                    "" if grant.until is None else str(grant.until),
                )
