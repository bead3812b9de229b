"""The amendment of a rehearsal: a wider last window and an item that may be left out, with consent signed anew.

The sponsor issues it while the trial runs, after a first try that retypes a collected item and is refused.
Sites follow one by one, a fortnight apart, so that participants are on both versions at once.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from ...conduct.organisation.consent_documents import ApproveConsentDocument
from ...conduct.organisation.sites import ActivateSite
from ...protocol import Protocol
from ...trial.amendment.issue import issue_amendment
from .calendar import Script, at_site
from .desk import Desk
from .staff import SPONSOR, VirtualSite

AFTER = timedelta(weeks=30)
"""How long after the opening the amendment is issued, at the latest."""

SECOND_CONSENT = "2.0"
_APPROVAL = timedelta(days=14)
_WIDER = 7
_ITEM = "waist"
_WAIST: Mapping[str, Any] = {
    "label": {"en": "Waist circumference", "zh": "腰围"},
    "unit": "cm",
    "range": [40, 200],
    "decimals": 0,
    "required": False,
    "testcd": "WSTCIR",
}


def amend(desk: Desk, on: date) -> Script:
    """Issue the amendment, and let one site after the other be activated for it."""
    yield at_site("UTC", on, 9)
    work = desk.running.folder.path / "amended.yaml"
    source = desk.running.folder.protocol_file(desk.version)
    _refused(desk, _write(source, work, _retyped(desk)))
    yield desk.calendar.later(60)
    _write(source, work, _amended(desk.protocol))
    done = issue_amendment(desk.running, str(work), desk.by(SPONSOR, "sponsor"), desk.key())
    work.unlink()
    desk.counts["amendments issued"] += 1
    desk.counts["values before the amendment"] += done.found.values
    for place, site in enumerate(desk.sites, start=1):
        desk.calendar.begin(_reach(desk, site), at_site(site.zone, on + place * _APPROVAL, 6))


def answers(protocol: Protocol, form: str, rng: np.random.Generator) -> dict[str, Any]:
    """Return what a participant answers to the item that the amendment has added; nothing before it."""
    if _ITEM not in protocol.forms[form].items or protocol.forms[form].items[_ITEM].testcd != _WAIST["testcd"]:
        return {}
    return {_ITEM: float(round(rng.normal(88, 9)))}


def _reach(desk: Desk, site: VirtualSite) -> Script:
    """Activate a site for the newest version, and approve the consent form that is signed anew there."""
    today = desk.calendar.today(site.zone)
    desk.for_all(SPONSOR, "sponsor", ActivateSite(site=site.number, protocol=desk.version, approved_on=today))
    for language in desk.protocol.trial.languages:
        yield desk.calendar.later(1)
        document = ApproveConsentDocument(
            document=SECOND_CONSENT,
            language=language,
            site=site.number,
            protocol=desk.version,
            valid_from=today,
            renew=True,
        )
        desk.for_all(SPONSOR, "sponsor", document)


def _amended(protocol: Protocol) -> Mapping[tuple[str, ...], Any]:
    """Return what the amendment sets, by the path of the field."""
    visits = protocol.schedule.visits
    last = max(visits, key=lambda name: visits[name].target)
    window = visits[last].window
    changes: dict[tuple[str, ...], Any] = {
        ("schedule", "visits", last, "window"): f"{window.first} to {window.last + _WIDER} d"
    }
    form = next((name for name, form in protocol.forms.items() if form.sdtm == "VS"), None)
    if form is not None and _ITEM not in protocol.items:
        changes["forms", form, "items", _ITEM] = dict(_WAIST)
    return changes


def _retyped(desk: Desk) -> Mapping[tuple[str, ...], Any]:
    """Return an amendment by which a text that the record holds would be a date; none, which is refused too."""
    for person in desk.trial.participants.values():
        for entry in person.forms.values():
            items = desk.protocol.forms[entry.form].items
            for name in entry.values:
                if items[name].type == "text":
                    return {("forms", entry.form, "items", name, "type"): "date"}
    return {}


def _refused(desk: Desk, file: Path) -> None:
    """Try to issue a version that must be refused."""
    by, key = desk.by(SPONSOR, "sponsor"), desk.key()
    desk.refused_step(
        "an amendment that retypes an item", lambda: issue_amendment(desk.running, str(file), by, key)
    )


def _write(source: Path, target: Path, changes: Mapping[tuple[str, ...], Any]) -> Path:
    """Write the file of a protocol with some fields set."""
    yaml = YAML()
    yaml.width = 4096
    tree = yaml.load(source.read_text(encoding="utf-8"))
    for path, value in changes.items():
        section = tree
        for step in path[:-1]:
            section = section[step]
        section[path[-1]] = value
    with target.open("w", encoding="utf-8") as out:
        yaml.dump(tree, out)
    return target
