"""The central laboratory of a rehearsal: what it measures for a site comes in one file, once, and as it was."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt, protocols_are_read_once, trial_at

from equipoise.conduct.follow_up.visits import HoldVisit
from equipoise.protocol import read_protocol
from equipoise.simulation.rehearsal import laboratory
from equipoise.simulation.rehearsal.calendar import Calendar
from equipoise.simulation.rehearsal.clinic.paperwork import Page
from equipoise.simulation.rehearsal.desk import Desk
from equipoise.simulation.rehearsal.laboratory import AFTER, MEASURES, CentralLaboratory
from equipoise.simulation.rehearsal.staff import VirtualSite

__all__ = ["protocols_are_read_once", "trial_at"]

HERE, ELSEWHERE = VirtualSite("01", "CHN", "Asia/Shanghai"), VirtualSite("02", "DEU", "Europe/Berlin")


@pytest.fixture
def each_server() -> str:
    """The server of the wheel."""
    return "wheel"


def test_the_laboratory_sends_no_form_whose_counts_are_entered_twice() -> None:
    protocol = read_protocol("hucmsc_inr")
    assert laboratory._suited(protocol) == "haematology"
    counts = {"immunology": protocol.forms["immunology"]}
    assert laboratory._suited(protocol.model_copy(update={"forms": counts})) is None


def test_what_it_measures_for_its_site_comes_in_one_file(
    trial_at: TrialAt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laboratory, "_is_plain", lambda _: True)
    script = trial_at("infused", 2)
    desk = Desk(script.running, Calendar(script.now()), (HERE, ELSEWHERE))
    sends = CentralLaboratory(desk, script.today(), tmp_path)
    weeks = sends.keep()
    on = script.today() + timedelta(days=1)

    def page(site: VirtualSite, form: str = "immunology") -> Page:
        return Page(site, f"{site.number}-001", form, "W4", on, {})

    assert not sends.takes(page(HERE), {"cd4": 321}), "it does not measure yet"
    for site in (HERE, ELSEWHERE):
        desk.calendar.now += timedelta(days=2)
        desk.at_site(
            site, "coordinator", HoldVisit(participant=f"{site.number}-001", visit="W4", on=on, reason="ill")
        )
    desk.calendar.now = next(weeks)
    assert desk.calendar.now.date() == script.today() + AFTER
    desk.calendar.now = next(weeks)
    assert desk.calendar.now.date() == script.today() + AFTER + MEASURES
    assert sends.takes(page(HERE), {"cd4": 321})
    assert not sends.takes(page(ELSEWHERE), {"cd4": 322})
    assert not sends.takes(page(HERE, "vitals"), {"pulse": 70})
    assert "W4/immunology" not in desk.participant("01-001").forms
    assert list(weeks) == []

    (entry,) = [
        one for one in desk.participant("01-001").forms.values() if (one.visit, one.form) == ("W4", "immunology")
    ]
    assert entry.values["cd4"].value == 321
    (imported,) = script.running.book.read(kinds=["ResultsImported"])
    assert json.loads(imported.payload)["file"] == "central-results.csv"
    assert (tmp_path / "laboratory" / "central-results.csv").read_text().splitlines()[1:] == [
        f"01-001,W4,{on},CD4,321,cells/uL"
    ]
    assert (
        desk.counts["results of the laboratory imported"] == desk.counts["files of the laboratory imported"] == 1
    )
    assert "99-999" in desk.refusals["a file of the laboratory with a line that cannot be"]
    assert not sends.takes(page(HERE), {"cd4": 321}), "it measures no more"
