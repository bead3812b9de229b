"""The pack of a trial: what to do, sheets of entry, forms of the visits, forms for any time; and that of a site.

The first is a function of the protocol alone and is printed once a version; the second, of what the blinded side
knows of a site at a moment, is printed each week. Same protocol, same state: same pack.
"""

from ...protocol import Protocol, protocol_version
from ..language import Phrases
from .chinese import CHINESE
from .duties import duty_sheets
from .emergencies import emergency_sheets
from .forms import event_sheets, visit_sheets
from .sheets import Pack, Sheet
from .site import SiteState, blank_contacts, site_sheets

NO_DATE = "2000-01-01"
"""Date of a document that hangs on no moment; PDF/A asks for one."""

MISSING_ON_PAPER = {"ND": "NOT DONE", "NA": "NOT APPLICABLE", "UK": "UNKNOWN", "RF": "REFUSED"}
"""What is written on paper for each code of a value that is missing."""


def derive_pack(protocol: Protocol, language: str = "en", *, site: tuple[str, str] | None = None) -> Pack:
    """Return the blank pack of a protocol; `site`: number and name, printed in the head of every page."""
    say = Phrases(language, CHINESE)
    sheets = (
        *emergency_sheets(protocol, say),
        *(() if site else (blank_contacts(protocol, say),)),
        *duty_sheets(protocol, say),
        *visit_sheets(protocol, say),
        *event_sheets(protocol, say),
    )
    return _pack(protocol, sheets, say, title=say("Paper pack"), date=NO_DATE, site=site)


def derive_site_pack(protocol: Protocol, state: SiteState, language: str = "en") -> Pack:
    """Return the contact sheet and the list of participants of a site."""
    say = Phrases(language, CHINESE)
    sheets = site_sheets(protocol, state, say)
    title = say("Site {site}: contacts and participants", site=state.site)
    return _pack(
        protocol, sheets, say, title=title, date=state.at[:10], site=(state.site, state.name), cover=False
    )


def _pack(
    protocol: Protocol,
    sheets: tuple[Sheet, ...],
    say: Phrases,
    *,
    title: str,
    date: str,
    site: tuple[str, str] | None,
    cover: bool = True,
) -> Pack:
    trial = protocol.trial
    version = protocol_version(protocol)
    name = " · ".join(part for part in (trial.id, trial.registry) if part)
    facts = [(say("Trial"), name), (say("Title"), trial.title.say(say.language))]
    if trial.sponsor:
        facts.append((say("Sponsor"), trial.sponsor))
    if site is not None:
        facts.append((say("Site"), " ".join(site)))
    facts.append((say("Protocol version"), version))
    return Pack(
        title=title,
        about=say("For the hours in which the system does not answer"),
        language=say.language,
        trial=trial.id,
        site="" if site is None else site[0],
        version=version,
        date=date,
        facts=tuple(facts),
        words=_words(say),
        sheets=sheets,
        cover=cover,
    )


def _words(say: Phrases) -> dict[str, str]:
    legend = say(", ").join(f"{short} {say(code)}" for short, code in MISSING_ON_PAPER.items())
    return {
        "contents": say("Contents"),
        "trial": say("Trial"),
        "site": say("Site"),
        "participant": say("Participant"),
        "visit_date": say("Date of the visit"),
        "event_date": say("Date"),
        "initials": say("Initials of who writes"),
        "protocol": say("Protocol version {version}"),
        "form": say("form version {version}"),
        "page": say("Page {n} of {all}"),
        "record": say("Record no."),
        "item": say("Item"),
        "value": say("Value"),
        "missing": say("If none"),
        "legend": say("Where there is no value, write in the last column why: {codes}.", codes=legend),
        "critical": say("● decides results or safety"),
        "checks": say("The system will check"),
        "filled_in": say("Filled in by"),
        "signature": say("Signature"),
        "date": say("Date"),
        "name": say("Name"),
        "when": say("Date, time"),
        "yes": say("Yes"),
        "no": say("No"),
        "or_in": say("or in {units}:"),
        "criterion": say("Criterion"),
        "source": say("Answered from"),
        "use": say(
            "Print it when the protocol changes, and keep it at the site with the sealed envelopes. Forms whose "
            "version has not changed stay valid. Copy the sheets before use; write in ink."
        ),
    }
