"""A report of checks: as a page, on paper (PDF/A-2b) and for programs, signed so that any change to it shows.

The folder holds `index.html`, `report.pdf`, `report.json`, and a manifest with the hash of each, signed with
Ed25519 (RFC 8032, by PyNaCl). The public key stands in the manifest and is printed: who keeps a copy of it apart
can tell that the report was signed by that key, and by no other.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from ...errors import DataError, EstimationFailed, RecordCorrupt
from ...standards.fonts import FONT_FOLDER
from ...standards.fonts.signs import spell_missing
from ..folder import MANIFEST, SIGNATURE, fill_folder, hash_files, write_text
from ..html import template_environment
from .check import Check

PAGE, PAPER, DATA = "index.html", "report.pdf", "report.json"
STANDARD: Final = "a-2b"


@dataclass(frozen=True)
class Evidence:
    """What a report says: what was checked, when, with which versions (`about`), each check, what to keep in mind.

    partial: why not all checks were carried out; empty where all were.
    """

    title: str
    subject: str
    at: datetime
    about: Mapping[str, str]
    checks: Sequence[Check]
    notes: Sequence[str] = ()
    partial: str = ""

    @property
    def failed(self) -> list[Check]:
        """The checks that failed."""
        return [check for check in self.checks if check.passed is False]

    @property
    def verdict(self) -> str:
        """How it went, in a sentence."""
        count = {way: sum(check.passed is way for check in self.checks) for way in (True, False, None)}
        said = f"{count[True]} of {len(self.checks)} checks passed, {count[False]} failed"
        return said + (f", {count[None]} were not exercised" if count[None] else "")


def write_report(out: Path, evidence: Evidence, key: SigningKey) -> str:
    """Write the report of checks into a folder and sign it; return the public key, in hexadecimal.

    Raises DataError where `out` holds what Equipoise did not make; then it stays as it was.
    """
    public = key.verify_key.encode().hex()
    content = _content(evidence, public)
    about = {"report": evidence.title, "subject": evidence.subject, "key": public}
    with fill_folder(out, about, sign=lambda text: key.sign(text).signature) as folder:
        write_text(folder / DATA, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        write_text(folder / PAGE, _render_page(content))
        (folder / PAPER).write_bytes(_render_paper(content))
    return public


def check_report(folder: Path) -> dict[str, Any]:
    """Verify that a report is as it was signed; return what it says, and the key, from `report.json`.

    Raises DataError where the folder holds no such report, RecordCorrupt naming what was changed.
    """
    try:
        text = (folder / MANIFEST).read_bytes()
        manifest = json.loads(text)
        key = VerifyKey(bytes.fromhex(manifest["key"]))
        listed = dict(manifest["files"])
        signature = bytes.fromhex((folder / SIGNATURE).read_text(encoding="ascii"))
    except FileNotFoundError as error:
        raise DataError(
            f"the folder holds no signed report ({Path(error.filename).name} is missing). Got {folder}"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise RecordCorrupt(f"{folder / MANIFEST} or {SIGNATURE} was changed: it can no longer be read") from error
    try:
        key.verify(text, signature)
    except (BadSignatureError, ValueError) as error:
        raise RecordCorrupt(
            f"{folder / MANIFEST} is not the one that was signed, or {SIGNATURE} was changed"
        ) from error
    found = {name: hash_ for name, hash_ in hash_files(folder).items() if name not in (MANIFEST, SIGNATURE)}
    for name in sorted(found.keys() | listed.keys()):
        if found.get(name) != listed.get(name):
            what = "is missing" if name not in found else "was added" if name not in listed else "was changed"
            raise RecordCorrupt(f"{folder / name} {what} after the report was signed")
    content: dict[str, Any] = json.loads((folder / DATA).read_text(encoding="utf-8"))
    return content


def _content(evidence: Evidence, key: str) -> dict[str, Any]:
    parts = [
        {"title": part, "checks": [_check(check) for check in checks]}
        for part, checks in groupby(evidence.checks, key=lambda check: check.part)
    ]
    return {
        "title": evidence.title,
        "subject": evidence.subject,
        "at": f"{evidence.at:%Y-%m-%d %H:%M} UTC",
        "verdict": evidence.verdict,
        "passed": not evidence.failed and not evidence.partial,
        "partial": evidence.partial,
        "failed": [check.id for check in evidence.failed],
        "about": dict(evidence.about),
        "parts": parts,
        "notes": list(evidence.notes),
        "key": key,
    }


def _check(check: Check) -> dict[str, Any]:
    said = {True: "passed", False: "FAILED", None: "not exercised"}[check.passed]
    return {**asdict(check), "sources": list(check.sources), "result": said}


def _render_page(content: Mapping[str, Any]) -> str:
    return template_environment("equipoise.report.evidence").get_template("evidence.html").render(**content)


def _render_paper(content: Mapping[str, Any]) -> bytes:
    import typst

    template = (files("equipoise.report.evidence") / "templates" / "evidence.typ").read_bytes()
    pdf, warnings = typst.compile_with_warnings(
        template,
        font_paths=typst.Fonts(font_paths=[str(FONT_FOLDER)], include_system_fonts=False),
        format="pdf",
        sys_inputs={"report": spell_missing(json.dumps(content, ensure_ascii=False))},
        pdf_standards=STANDARD,
    )
    if warnings:
        raise EstimationFailed(f"the report could not be set: {'; '.join(str(w.message) for w in warnings)}")
    return bytes(pdf)
