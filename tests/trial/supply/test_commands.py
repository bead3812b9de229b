"""The commands of supply: from a lot to a bag and its label, and the account of it all."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import VaultAtHand, begin, bring
from tests.invariants.stocked import COUNT, LIVING, Stocked, supplied_protocol
from typer.testing import CliRunner

from equipoise.cli import app
from equipoise.cli import supply as commands
from equipoise.errors import DataError, DecisionRefused

EXPIRY = f"{datetime.now(UTC).date() + timedelta(days=300)}"


class Shell:
    """Runs commands on one trial, with its vault at hand."""

    def __init__(self, stocked: Stocked, out: Path) -> None:
        self.stocked, self.out = stocked, out

    def __call__(self, *words: str) -> str:
        """Run `equipoise supply` on the trial and give what it printed; what it refuses is raised."""
        command, *rest = words
        result = CliRunner().invoke(app, ["supply", command, str(self.stocked.script.folder), *rest])
        if result.exception is not None:
            raise result.exception
        self.stocked.script.running.door.refresh()
        return result.output


@pytest.fixture
def shell(trial_at: TrialAt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A live trial with two participants who are allocated, and an empty pharmacy."""
    trial_at()
    home = tmp_path / "live"
    home.mkdir()
    monkeypatch.setenv("DATABASE_URL", fresh(trial_at))
    script = begin(home / "trial", source=supplied_protocol(home), mode="live")
    bring(script, 2, "allocated")

    @contextmanager
    def at_hand(_folder: Path, _passphrases: object = None) -> Iterator[VaultAtHand]:
        yield script.vault

    monkeypatch.setattr(commands, "reach_vault", at_hand)
    yield Shell(Stocked(script), tmp_path)
    script.close()


def fresh(trial_at: TrialAt) -> str:
    """Create an empty database beside that of `trial_at`, and give where it is."""
    trial_at.admin.execute("CREATE DATABASE supply_commands")
    return trial_at.server.database("supply_commands").admin_url


def lots(shell: Shell) -> None:
    arms = ("--arm", "canary_high", "--arm", "canary_low")
    by = ("--by", "pharmacist", "--expiry", EXPIRY, "--kits", "10")
    assert shell("lot", "cells", "HUC-1", *arms, *by) == "lot HUC-1 is in the vault: 10 kits of cells\n"
    shell("lot", "cells", "SAL-1", "--arm", "canary_none", *by)


def test_a_kit_goes_from_its_lot_to_a_bag(shell: Shell) -> None:
    lots(shell)
    file = shell.out / "labels.pdf"
    rows = json.loads(shell("pack", "cells", "4", "--by", "pharmacist", "--labels", str(file), "--json"))
    assert {row["lot"] for row in rows} == {"HUC-1", "SAL-1"}
    assert len(rows) == 8
    assert file.read_bytes().startswith(b"%PDF")
    assert "site 01 is owed 3 cartons of cells" in shell("stock")
    shell.stocked.supply("01")

    order = shell.stocked.order("01-001")
    taken = json.loads(shell("prepare", "01-001", order, "--by", "pharmacist", "--json"))
    concentration, viability = shell.stocked.count(order)
    counted = ("--concentration", str(COUNT), "--viability", str(LIVING)) if concentration else ()
    assert (concentration is None) == (viability is None)
    with pytest.raises(DecisionRefused, match="this kit must not be used"):
        shell("prepare", "01-001", order, "--by", "pharmacist", "--kit", "K-000000-0", *counted)
    said = shell("prepare", "01-001", order, "--by", "pharmacist", "--kit", taken["kit"], *counted,
                 "--labels", str(shell.out / "dose.pdf"))  # fmt: skip
    assert f"kit {taken['kit']}; draw " in said
    assert (shell.out / "dose.pdf").read_bytes().startswith(b"%PDF")

    shell("prepare", "01-001", order, "--by", "pharmacist", "--give-up", "the bag burst")
    again = json.loads(shell("prepare", "01-001", order, "--by", "pharmacist", "--json"))
    assert again["carton"] != taken["carton"]

    assert shell("trace", "HUC-1", "--by", "pharmacist", "--reason", "recalled").startswith("4 cartons are in")
    out = shell.out / "account.csv"
    shell("stock", "--site", "01", "--out", str(out))
    states = [row["state"] for row in csv.DictReader(out.read_text(encoding="utf-8").splitlines())]
    assert (
        sorted(states) == ["in preparation", "set aside", "set aside", "set aside"] + ["stock, in quarantine"] * 2
    )
    by_lot = json.loads(shell("stock", "--lots", "--by", "pharmacist", "--json"))
    assert [(row["lot"], row["received"], row["packed"]) for row in by_lot] == [("HUC-1", 10, 4), ("SAL-1", 10, 4)]
    headings, cells, *_ = shell("stock", "--lots", "--by", "pharmacist").splitlines()
    assert headings.split()[:6] == ["lot", "product", "arms", "expiry", "received", "packed"]
    assert [headings.index(name) for name in ("lot", "product", "expiry")] == [
        cells.index(text) for text in ("HUC-1", "cells", f"{by_lot[0]['expiry']}")
    ], "each heading stands above its column"
    assert shell("label", str(shell.out / "again.pdf"), "--carton", again["carton"]).startswith("2 labels were")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("pack", "cells", "4", "--labels", "nowhere/labels.pdf"), "in a folder that can be written to"),
        (("pack", "cells", "4", "--labels", "there.pdf"), "a file that does not exist yet"),
        (("pack", "cells", "4", "--labels", "labels.pdf", "--language", "fr"), "one of en, zh. Got fr"),
        (("prepare", "01-001", "01-001/W0", "--labels", "there.pdf"), "a file that does not exist yet"),
        (("label", "there.pdf"), "a file that does not exist yet"),
        (("stock", "--out", "there.pdf"), "a file that does not exist yet"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_the_trial_is_opened(
    words: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.pdf").write_bytes(b"somebody's")
    command, *rest = words
    asked = CliRunner().invoke(app, ["supply", command, "no trial", *rest, "--by", "pharmacist"])
    assert isinstance(asked.exception, DataError)
    assert says in str(asked.exception)
    assert Path("there.pdf").read_bytes() == b"somebody's"
