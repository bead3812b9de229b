"""Invariants 7 and 8 of what a site keeps: its archive and the ODM export hold no arm, no byte hangs on one."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from tests.servers import running_server

from equipoise.trial.exports.odm import export_odm
from equipoise.trial.site_archive.steps import archive_site

from .canaries import name_for_everybody
from .conftest import TrialAt, database_url
from .scanner import files_in, find
from .scripted import CANARIES, Scripted, begin, bring
from .test_non_interference import (
    World,
    another_database,
    by_the_same_dice,
    differing,
    numbered_by_arm,
    volume_by_arm,
)

SITE = "01"


def kept_by_the_site(script: Scripted, home: Path) -> World:
    """Write the archive of a site and the ODM of the trial; return every file, those of the zip too."""
    archive_site(script.running, script.by("investigator", SITE), SITE, home / "kept", "a copy", identities=True)
    export_odm(script.running, script.by("data manager"), home / "trial.xml", "a copy")
    with zipfile.ZipFile(home / "kept.zip") as packed:
        inside = {f"zip: {name}": packed.read(name) for name in packed.namelist()}
    return {
        **files_in(home / "kept"),
        **inside,
        "kept.zip": (home / "kept.zip").read_bytes(),
        "trial.xml": (home / "trial.xml").read_bytes(),
    }


def run_world(kind: str, home: Path, *, turned: bool) -> World:
    """Let three participants be infused in a world, and return what is kept."""
    home.mkdir()
    with another_database(running_server(kind)) as server, database_url(server), by_the_same_dice(turned=turned):
        script = begin(home / "trial", flush=False)
        bring(script, 3, "infused")
        kept = kept_by_the_site(script, home)
        script.close()
    return kept


def worlds(home: Path) -> list[str]:
    """Return where the two worlds differ."""
    return differing(*(run_world("wheel", home / f"{turned}", turned=turned) for turned in (False, True)))


def test_permuted_arms_change_no_byte_of_what_a_site_keeps(tmp_path: Path) -> None:
    assert worlds(tmp_path) == []


@pytest.mark.parametrize("mutate", [numbered_by_arm, volume_by_arm])
def test_a_trace_of_the_arm_would_make_the_archives_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutate: Callable[[pytest.MonkeyPatch], Any]
) -> None:
    mutate(monkeypatch)
    found = worlds(tmp_path)
    assert {"record.jsonl", "odm.xml", "trial.xml", "MANIFEST.sig"} <= set(found)
    assert any(place.startswith("participants/") for place in found)


def test_no_word_of_an_arm_is_in_it_but_in_the_protocol(trial_at: TrialAt, tmp_path: Path) -> None:
    script = trial_at("infused", 3)
    kept = kept_by_the_site(script, tmp_path)
    everybody = name_for_everybody(script)
    found = {
        place: content.replace(everybody, b"(either)")
        for place, content in kept.items()
        # what the arms are is no secret, only who has which; a zip holds the protocol too
        if "protocols/" not in place and place != "kept.zip"
    }
    for file in (tmp_path / "kept").rglob("*.pdf"):
        pages = "".join(page.extract_text() for page in PdfReader(file).pages)
        assert "01-00" in pages
        found[f"text of {file.name}"] = pages.encode()
    assert find(CANARIES, found) == []
