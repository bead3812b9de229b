"""Amended protocols of the scripted trial: what was changed in its file, and the way to the new version."""

from pathlib import Path

from equipoise.conduct.enrolment.consent import SignConsent
from equipoise.conduct.organisation.consent_documents import ApproveConsentDocument
from equipoise.conduct.organisation.sites import ActivateSite
from equipoise.trial.amendment.issue import DryRun, issue_amendment

from .scripted import Scripted

WIDER = ("week: 8, window: 7 d", "week: 8, window: 12 d")
PULSE = "pulse: {label: Pulse rate, unit: /min, range: [30, 220], decimals: 0, testcd: PULSE}"
ITEM = (PULSE, f"{PULSE}\n      temperature: {{label: Temperature, unit: C, required: false, testcd: TEMP}}")
STRICTER = ("rule: pulse < 120", "rule: pulse < 60")
AMENDMENT = (WIDER, ITEM, STRICTER)
"""A wider window, an item that may be left out, and an edit check that every pulse so far breaks."""


def amended(script: Scripted, home: Path, *changes: tuple[str, str]) -> str:
    """Write the trial's newest protocol with some changes; return the path of the file."""
    text = script.running.folder.protocol_file(script.version).read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"the protocol says {text.count(old)} times {old}"
        text = text.replace(old, new)
    file = home / "amended.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def issue(script: Scripted, home: Path, *changes: tuple[str, str]) -> DryRun:
    """Issue an amended protocol."""
    return issue_amendment(script.running, amended(script, home, *changes), script.by("sponsor"))


def activate(script: Scripted, site: str, *, renew: bool = True) -> None:
    """Approve the consent form of the newest version at a site, and activate the site for it."""
    today = script.today(site)
    form = ApproveConsentDocument(
        document="2.0", language="en", site=site, protocol=script.version, valid_from=today, renew=renew
    )
    script.do(form, "sponsor")
    script.do(ActivateSite(site=site, protocol=script.version, approved_on=today), "sponsor")


def sign_anew(script: Scripted, participant: str) -> None:
    """Let a participant sign the consent form of the newest version today."""
    today = script.today(script.participant(participant).site)
    signed = SignConsent(participant=participant, document="2.0", language="en", signed_on=today)
    script.do(signed, "coordinator")
