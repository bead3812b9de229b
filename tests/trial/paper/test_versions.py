"""Which version of the protocol a site is given: the newest that it may work on, on the day of printing."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.shipped import shipped

from equipoise.conduct.door.state import Site, Trial
from equipoise.errors import DataError
from equipoise.protocol import protocol_version
from equipoise.report.folder import MANIFEST
from equipoise.trial.paper.write import write_site_packs

OLD = shipped("actg175")
NEW = OLD.model_copy(update={"sources": {"amendment": "a longer list of sources"}})
PROTOCOLS = {protocol_version(one): one for one in (OLD, NEW)}
OLDER, NEWER = PROTOCOLS
AT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


def trial(**approved: dict[str, date]) -> Trial:
    sites = {
        name: Site(name=f"Hospital {name}", country="CHN", zone="Asia/Shanghai", versions=versions)
        for name, versions in approved.items()
    }
    return Trial(trial="actg175", versions=[OLDER, NEWER], sites=sites)


def written(out: Path, state: Trial, *sites: str) -> str:
    write_site_packs(out, PROTOCOLS, state, AT, "en", sites)
    return str(json.loads((out / MANIFEST).read_text())["protocol_version"])


def test_a_site_is_given_the_newest_version_that_is_approved_there_by_its_own_calendar(tmp_path: Path) -> None:
    before, after = date(2026, 1, 1), date(2026, 3, 2)
    both = trial(A={OLDER: before, NEWER: after}, B={OLDER: before}, C={OLDER: before, NEWER: date(2026, 3, 3)})
    assert written(tmp_path / "a", both, "A") == NEWER, "it is 2 March at the site already"
    assert written(tmp_path / "b", both, "B") == OLDER
    assert written(tmp_path / "c", both, "C") == OLDER, "approved, but not yet valid"
    assert written(tmp_path / "none", trial(D={}), "D") == NEWER


def test_sites_on_different_versions_are_not_put_into_one_pack(tmp_path: Path) -> None:
    day = date(2026, 1, 1)
    both = trial(A={OLDER: day, NEWER: day}, B={OLDER: day})
    with pytest.raises(DataError, match=f"the pack of each with --site. Got A: {NEWER[:12]}, B: {OLDER[:12]}"):
        written(tmp_path / "out", both, "A", "B")
    assert not (tmp_path / "out").exists()
