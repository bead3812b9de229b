"""Writes the output folder of an analysis, whole or not at all.

Everything is written into a folder beside the target, which takes the target's place by renaming when it is
complete. A folder that Equipoise has made (it holds `manifest.json`, and no file that the manifest does not name)
is replaced; any other folder with something in it is refused. The manifest holds the SHA-256 of every file, the
version of the protocol and the fingerprint of the data, and no time: same input, same bytes.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from ..analysis.result import TrialResults
from ..datasets.analysis_data import AnalysisData
from ..errors import DataError
from ..protocol import Protocol, protocol_version
from .contents import Contents, build_contents
from .html import Stamp, render_html
from .pdf import render_pdf
from .rtf import render_rtf

MANIFEST = "manifest.json"
_MAKER = "equipoise"


@dataclass(frozen=True)
class ReportFiles:
    """Where a report was written, and the SHA-256 of each file by its path inside."""

    folder: Path
    files: Mapping[str, str]


def write_report(
    protocol: Protocol,
    data: AnalysisData,
    results: TrialResults,
    out: Path,
    *,
    ars: Mapping[str, Any],
    language: str = "en",
    synthetic: bool = False,
) -> ReportFiles:
    """Write results, documents, tables, figures and records to the folder `out`.

    `ars`: the results as CDISC Analysis Results Standard. `synthetic`: the participants are invented, which every
    document then says. Raises DataError where `out` holds what Equipoise did
    not make; then, and on any other error, `out` stays as it was.
    """
    require_free(out)
    stamp = Stamp(protocol_version(protocol), data_fingerprint(data), version(_MAKER))
    contents = build_contents(protocol, data, results, language, synthetic=synthetic)
    part = out.parent / f".{out.name}.{os.getpid()}.part"
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.mkdir()
        _write_results(part, results, ars)
        _write_documents(part, contents, stamp)
        listed = _hashes(part)
        manifest = {
            "made_by": _MAKER,
            "version": stamp.software,
            "trial": protocol.trial.id,
            "protocol_version": stamp.protocol,
            "data_fingerprint": stamp.data,
            "language": contents.language,
            "synthetic": synthetic,
            "files": listed,
        }
        _write(part / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
        _put_in_place(part, out)
    finally:
        if part.exists():
            shutil.rmtree(part)
    return ReportFiles(out, listed)


def require_free(out: Path) -> None:
    """Raise DataError unless `out` is absent, empty, or a folder that Equipoise has made."""
    if not out.exists():
        return
    if not out.is_dir():
        raise DataError(f"the output must be a folder, and a file of that name is there; name another. Got {out}")
    present = {str(p.relative_to(out).as_posix()) for p in out.rglob("*") if not p.is_dir()}
    if not present:
        return
    foreign = sorted(present - _made(out))
    if foreign:
        raise DataError(
            f"the output folder holds files that Equipoise did not write, such as {foreign[0]}; "
            f"name an empty or a new folder. Got {out}"
        )


def _made(out: Path) -> set[str]:
    """Return the files that the folder's manifest names, and the manifest; none without a manifest of ours."""
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(manifest, dict) or manifest.get("made_by") != _MAKER:
        return set()
    return {*manifest.get("files", {}), MANIFEST}


def data_fingerprint(data: AnalysisData) -> str:
    """Return the SHA-256 of the data as they were analysed: every frame by name, whatever files they came from."""
    digest = hashlib.sha256()
    frames: list[tuple[str, pl.DataFrame | None]] = [
        ("participants", data.participants),
        *((f"measurements {name}", frame) for name, frame in sorted(data.measurements.items())),
        *((f"times {name}", frame) for name, frame in sorted(data.times.items())),
        ("adverse events", data.adverse_events),
        ("deviations", data.deviations),
    ]
    for name, frame in frames:
        digest.update(f"{name}\n".encode())
        if frame is not None:
            digest.update(_flat(frame).write_csv().encode())
    digest.update(json.dumps([data.screened, sorted(data.screen_failures.items())]).encode())
    return digest.hexdigest()


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Turn columns that CSV cannot hold into text."""
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    return frame.with_columns(
        pl.col(name).map_elements(lambda v: json.dumps(v.to_list()), return_dtype=pl.String) for name in nested
    )


def _write_results(folder: Path, results: TrialResults, ars: Mapping[str, Any]) -> None:
    results.table.write_csv(folder / "results.csv")
    _write(folder / "results.ars.json", json.dumps(ars, separators=(",", ":"), ensure_ascii=False) + "\n")
    (folder / "records").mkdir()
    for name, result in results.done.items():
        _flat(result.records).write_csv(folder / "records" / f"{name}.csv")


def _write_documents(folder: Path, contents: Contents, stamp: Stamp) -> None:
    _write(folder / "index.html", render_html(contents, stamp))
    (folder / "report.pdf").write_bytes(render_pdf(contents, stamp))
    for kind in ("tables", "figures"):
        (folder / kind).mkdir()
    versions = f"protocol {stamp.protocol[:12]}; data {stamp.data[:12]}; Equipoise {stamp.software}"
    source = f"{contents.notice} {contents.trial}; {versions}"
    for table in contents.tables:
        _write(folder / "tables" / f"{table.name}.rtf", render_rtf(table, source.strip()))
    for figure in contents.figures:
        _write(folder / "figures" / f"{figure.name}.svg", figure.svg)


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))


def _hashes(folder: Path) -> dict[str, str]:
    paths = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def _put_in_place(part: Path, out: Path) -> None:
    """Rename the finished folder to its place; what was there goes only when the new one stands."""
    if not out.exists():
        part.rename(out)
        return
    require_free(out)
    old = out.parent / f".{out.name}.{os.getpid()}.old"
    out.rename(old)
    try:
        part.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old)
