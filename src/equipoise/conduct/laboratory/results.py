"""Import of a whole file of laboratory results: every row is right, or nothing of it is recorded.

The rows become records of the forms that the protocol has, through the same judgement as those that people fill in
(`forms/entry.py`): edit checks, derived values, queries, locks, completeness. What only the vault may keep is
handed to it in the same step, and stands in no event of this record; nor does the hash of a file that holds such
values, which would tell them to who can guess.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...record.book import Turn
from ...record.event import Event, canonical
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.services import Guards, Services
from ..door.state import Trial
from . import ranges
from .manifest import Manifest, Problem, ResultRow
from .matching import Matcher
from .ranges import MOST_SAID, find_laboratory, tests_of
from .records import Records, ResultForVault, group_records

SHORTEST_VERSION = 8
"""Digits of a protocol version by which a manifest must name it, at least."""


class ResultsImported(Fact, frozen=True, kw_only=True):
    """A file of results was imported as a whole.

    content: hash of manifest and rows without the values of masked items, by which the file is known. sha256: of
    its bytes, empty where it holds masked items. rows: of the file; left_out: of tests that the trial does not
    record; values: new or changed; unchanged: those that were there; masked: those that went to the vault.
    """

    laboratory: str
    file: str
    content: str
    sha256: str = ""
    code_list: str
    created_at: datetime
    rows: int
    left_out: int = 0
    records: int
    values: int
    unchanged: int = 0
    masked: int = 0

    def tell(self) -> str:
        """Name the file, and count."""
        vault = f", {self.masked} kept by the vault" if self.masked else ""
        return (
            f"{self.file} of laboratory {self.laboratory} was imported: {self.rows} rows, {self.values} values "
            f"new or changed in {self.records} records, {self.unchanged} as before{vault}"
        )


class ImportResults(Intent, frozen=True, kw_only=True):
    """Import the results of a whole file; `equipoise laboratory import` reads it and does this.

    site: the only one that the file may concern; None for a laboratory that works for all.
    """

    APART: ClassVar[tuple[str, ...]] = ("manifest", "rows")  # the key of an import follows from them

    site: str | None = None
    manifest: Manifest
    rows: tuple[ResultRow, ...]


def content_hash(protocols: Iterable[Protocol], manifest: Manifest, rows: Sequence[ResultRow]) -> str:
    """Return the hash by which a file is known; values of masked items, and the hash of the file, have no part."""
    masked = {name for protocol in protocols for name in masked_tests(protocol)}
    hidden = masked | {code for code, name in manifest.tests.items() if name in masked}
    plain = [msgspec.structs.replace(row, value="") if row.test in hidden else row for row in rows]
    said = canonical(msgspec.structs.replace(manifest, sha256="")).encode()
    return hashlib.sha256(said + b"\n" + msgspec.json.encode(plain)).hexdigest()


def masked_tests(protocol: Protocol) -> set[str]:
    """Return test codes and ids of the items whose values only the vault keeps after the allocation."""
    masked = protocol.blinding.masked_after_randomisation
    return {name for name, places in tests_of(protocol).items() if any(item in masked for _, item in places)}


def request_of(content: str) -> str:
    """Return the request key of an import: the same file is the same step."""
    return f"laboratory {content}"


def _import(setting: Setting, trial: Trial, intent: ImportResults) -> list[Outcome]:
    manifest = intent.manifest
    laboratory = find_laboratory(trial, manifest.laboratory)
    _require_manifest(setting, trial, intent)
    protocols = [setting.protocol, *setting.versions.values()]
    content = content_hash(protocols, manifest, intent.rows)
    if content in trial.imports:
        raise DecisionRefused(
            f"this file was imported before, by event {trial.imports[content]}; a new file has another name or "
            f"time in its manifest. Got {manifest.file}"
        )
    matched, problems = Matcher(setting, trial, manifest, laboratory, intent.site).match(intent.rows)
    left_out = len(intent.rows) - len(matched) - len(problems)
    records, twice = group_records(matched)
    problems += twice
    work = Records(setting, trial, manifest, {one.line for one in problems})
    work.save(records)
    vaulted = work.hand_over([one for one in matched if one.masked])
    _require_right(manifest, [*problems, *work.problems])
    masked = _holds_masked(protocols, intent)
    fact = ResultsImported(
        laboratory=manifest.laboratory,
        file=manifest.file,
        content=content,
        sha256="" if masked else manifest.sha256,
        code_list=_version_named(trial, manifest.code_list) or "",
        created_at=manifest.created_at,
        rows=len(intent.rows),
        left_out=left_out,
        records=work.saved,
        values=work.values,
        unchanged=work.unchanged,
        masked=len(vaulted),
    )
    return [Outcome(fact, site=intent.site), *vaulted, *work.outcomes()]


def _holds_masked(protocols: Iterable[Protocol], intent: ImportResults) -> bool:
    names = {name for protocol in protocols for name in masked_tests(protocol)}
    tests = intent.manifest.tests
    return any(tests.get(row.test, row.test) in names for row in intent.rows)


def _require_manifest(setting: Setting, trial: Trial, intent: ImportResults) -> None:
    manifest = intent.manifest
    if manifest.rows != len(intent.rows):
        raise DecisionRefused(
            f"the manifest tells of {manifest.rows} results and the file holds {len(intent.rows)}; ask the "
            "laboratory for both anew"
        )
    if not intent.rows:
        raise DecisionRefused(f"the file holds no result. Got {manifest.file}")
    if _version_named(trial, manifest.code_list) is None:
        newest = trial.versions[-1] if trial.versions else ""
        raise DecisionRefused(
            "the code list of the manifest must be a version of this trial's protocol, by at least "
            f"{SHORTEST_VERSION} digits, such as {newest[:12]}. Got {manifest.code_list}"
        )
    if manifest.created_at.tzinfo is None:
        raise DecisionRefused(
            "the manifest says when the file was created with the offset from UTC, such as "
            f"2026-03-02T09:30+08:00. Got {manifest.created_at:%Y-%m-%dT%H:%M}"
        )
    if manifest.created_at > setting.by.at:
        raise DecisionRefused(
            f"the file must not be created in the future; it is {setting.by.at.astimezone(UTC):%Y-%m-%d %H:%M} "
            f"UTC now. Got {manifest.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        )


def _version_named(trial: Trial, name: str) -> str | None:
    found = [one for one in trial.versions if len(name) >= SHORTEST_VERSION and one.startswith(name)]
    return found[0] if len(found) == 1 else None


def _require_right(manifest: Manifest, problems: Sequence[Problem]) -> None:
    """Refuse the file with what is wrong about it, the first lines of the file first."""
    if not problems:
        return
    lines = len({one.line for one in problems})
    said = [str(one) for one in sorted(problems)[:MOST_SAID]]
    more = len(problems) - MOST_SAID
    raise DecisionRefused(
        "\n".join(
            [
                f"{manifest.file} was not imported and nothing was stored, as {lines} of its lines "
                f"{'is' if lines == 1 else 'are'} wrong:",
                *said,
                *([f"and {more} more such lines"] if more > 0 else []),
            ]
        )
    )


def _give_to_vault(
    _turn: Turn, services: Services, _trial: Trial, intent: ImportResults, outcomes: list[Outcome], request: str
) -> list[Outcome]:
    """Hand what only the vault keeps to the vault, in the transaction of the import; nothing of it is recorded."""
    masked = tuple(one.fact.result for one in outcomes if isinstance(one.fact, ResultForVault))
    rest = [one for one in outcomes if not isinstance(one.fact, ResultForVault)]
    if masked:
        if services.keep_masked is None:
            raise DecisionRefused(
                f"{intent.manifest.file} holds results that only the vault may keep; import it with `equipoise "
                "laboratory import` while the vault runs"
            )
        imported = next(one.fact.content for one in rest if isinstance(one.fact, ResultsImported))
        services.keep_masked(masked, imported, request)
    return rest


def _imported(trial: Trial, event: Event, fact: ResultsImported) -> None:
    trial.imports[fact.content] = event.sequence


GUARDS: Guards = {ImportResults: _give_to_vault}

CHAPTER = Chapter(
    decisions={ImportResults: _import, **ranges.DECISIONS},
    evolutions={ResultsImported: _imported, **ranges.EVOLUTIONS},
    roles={ImportResults: ("laboratory",), **ranges.ROLES},
)
