"""Writes the paper pack into a folder: of a protocol, or of a running trial with the sheets of its sites.

The pack of a protocol is the same bytes whenever it is written; that of a site hangs on the moment as well.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ...conduct.door.dates import day_in
from ...conduct.door.state import Site, Trial
from ...errors import DataError
from ...protocol import Protocol, protocol_version
from ...report.folder import fill_folder, require_free
from ...report.paper.pack import derive_pack, derive_site_pack
from ...report.paper.pages import render_pack
from .site import find_site, site_state

PACK = "paper-pack.pdf"


def write_pack(out: Path, protocol: Protocol, language: str) -> tuple[str, ...]:
    """Write the blank pack of a protocol; return the names of the files.

    Raises DataError where the protocol does not speak the language, or `out` holds what Equipoise did not make.
    """
    require_language(protocol, language)
    require_free(out)
    return _write(out, {PACK: render_pack(derive_pack(protocol, language))}, protocol, language)


def write_site_packs(
    out: Path,
    protocols: Mapping[str, Protocol],
    trial: Trial,
    at: datetime,
    language: str,
    sites: Sequence[str],
) -> tuple[str, ...]:
    """Write the pack of a running trial and the sheets of sites; return the names of the files.

    protocols: every version by its hash; a site is given the newest that it may work on. With one site alone the
    blank forms have its number. Raises DataError as `write_pack` does, where there is no such site, and where
    sites of one pack work on different versions.
    """
    require_free(out)
    versions = {one: _version_at(trial, find_site(trial, one), at) for one in sites}
    if len(set(versions.values())) > 1:
        said = ", ".join(f"{one}: {version[:12]}" for one, version in versions.items())
        raise DataError(
            f"sites work on different protocol versions; write the pack of each with --site. Got {said}"
        )
    protocol = protocols[next(iter(versions.values()), trial.versions[-1])]
    require_language(protocol, language)
    head = (sites[0], trial.sites[sites[0]].name) if len(sites) == 1 else None
    files = {PACK: render_pack(derive_pack(protocol, language, site=head))}
    for one in sites:
        state = site_state(protocol, trial, one, at)
        files[f"site-{one}.pdf"] = render_pack(derive_site_pack(protocol, state, language))
    return _write(out, files, protocol, language)


def require_language(protocol: Protocol, language: str) -> None:
    """Raise DataError where the protocol has no texts in a language."""
    spoken = protocol.trial.languages
    if language not in spoken:
        raise DataError(f"the protocol has its texts in: {', '.join(spoken)}. Got {language}")


def _version_at(trial: Trial, site: Site, at: datetime) -> str:
    """Return the newest version that a site may work on; that of the trial where it may not work yet."""
    today = day_in(at, site.zone)
    approved = [version for version in trial.versions if site.versions.get(version, today) <= today]
    allowed = [version for version in approved if version in site.versions]
    return allowed[-1] if allowed else trial.versions[-1]


def _write(out: Path, files: Mapping[str, bytes], protocol: Protocol, language: str) -> tuple[str, ...]:
    about = {"trial": protocol.trial.id, "protocol_version": protocol_version(protocol), "language": language}
    with fill_folder(out, about) as folder:
        for name, content in files.items():
            (folder / name).write_bytes(content)
    return tuple(files)
