"""Writes the output folder of an analysis, whole or not at all (`folder`).

The manifest holds the version of the protocol and the fingerprint of the data.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from ..analysis.result import TrialResults
from ..datasets.analysis_data import AnalysisData
from ..protocol import Protocol, protocol_version
from .contents import Contents, build_contents
from .folder import MAKER, fill_folder, hash_files, require_free, write_text
from .html import Stamp, render_html
from .pdf import render_pdf
from .rtf import render_rtf

__all__ = [
    "ReportFiles",
    "about_report",
    "data_fingerprint",
    "fill_report",
    "require_free",
    "write_report",
    "write_results",
]


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
    document then says. Raises DataError where `out` holds what Equipoise did not make; then, and on any other
    error, `out` stays as it was.
    """
    with fill_folder(out, about_report(protocol, data, language, synthetic=synthetic)) as folder:
        fill_report(folder, protocol, data, results, ars=ars, language=language, synthetic=synthetic)
        listed = hash_files(folder)
    return ReportFiles(out, listed)


def about_report(protocol: Protocol, data: AnalysisData, language: str, *, synthetic: bool) -> dict[str, Any]:
    """Return what a manifest says of a report besides its files."""
    return {
        "trial": protocol.trial.id,
        "protocol_version": protocol_version(protocol),
        "data_fingerprint": data_fingerprint(data),
        "language": language,
        "synthetic": synthetic,
    }


def fill_report(
    folder: Path,
    protocol: Protocol,
    data: AnalysisData,
    results: TrialResults,
    *,
    ars: Mapping[str, Any],
    language: str,
    synthetic: bool,
    facts: tuple[tuple[str, str], ...] = (),
) -> None:
    """Write results, documents, tables, figures and records into `folder`, which exists; see `write_report`.

    facts: what the front page says besides, as label and text.
    """
    stamp = Stamp(protocol_version(protocol), data_fingerprint(data), version(MAKER))
    contents = build_contents(protocol, data, results, language, synthetic=synthetic)
    contents = replace(contents, facts=(*contents.facts, *facts))
    _write_results(folder, results, ars)
    _write_documents(folder, contents, stamp)


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
    write_text(folder / "results.ars.json", json.dumps(ars, separators=(",", ":"), ensure_ascii=False) + "\n")
    write_results(folder, results)


def write_results(folder: Path, results: TrialResults) -> None:
    """Write every statistic and the records behind it into `folder`, as CSV."""
    results.table.write_csv(folder / "results.csv")
    (folder / "records").mkdir()
    for name, result in results.done.items():
        _flat(result.records).write_csv(folder / "records" / f"{name}.csv")


def _write_documents(folder: Path, contents: Contents, stamp: Stamp) -> None:
    write_text(folder / "index.html", render_html(contents, stamp))
    (folder / "report.pdf").write_bytes(render_pdf(contents, stamp))
    for kind in ("tables", "figures"):
        (folder / kind).mkdir()
    versions = f"protocol {stamp.protocol[:12]}; data {stamp.data[:12]}; Equipoise {stamp.software}"
    source = f"{contents.notice} {contents.trial}; {versions}"
    for table in contents.tables:
        write_text(folder / "tables" / f"{table.name}.rtf", render_rtf(table, source.strip()))
    for figure in contents.figures:
        write_text(folder / "figures" / f"{figure.name}.svg", figure.svg)
