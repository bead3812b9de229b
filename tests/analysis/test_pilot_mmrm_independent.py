"""Repeated measures of ADAS-Cog (11) in the CDISC pilot study against R: nlme's gls with emmeans.

Program and output: tests/references/r/pilot_mmrm. gls has no Kenward-Roger errors, so standard errors are compared
with df satterthwaite, which leaves the model's as they are.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from equipoise.analysis.context import Context
from equipoise.analysis.repeated_measures.mmrm import estimate_mmrm
from equipoise.protocol.model import Mmrm

from ..shipped import assembled, shipped
from .published import analysed, reader
from .reading import Cell, cell

pytestmark = pytest.mark.shared

OUTPUT = Path(__file__).parents[1] / "references" / "r" / "pilot_mmrm.out.json"
REFERENCE: dict[str, Any] = json.loads(OUTPUT.read_text(encoding="utf-8"))
# the search of gls ends where the estimates are still off by up to 5e-7 of themselves
TOLERANCE = 1e-6


@cache
def fitted(folder: Path, structure: str) -> Cell:
    """Fit the pilot's model with one structure and the model's own standard errors."""
    protocol = shipped("cdiscpilot01")
    context = Context(protocol, assembled("cdiscpilot01", folder))
    given = protocol.analyses["adas_cog_mmrm"].model_dump() | {"covariance": (structure,), "df": "satterthwaite"}
    return cell(estimate_mmrm(context, "adas_cog_mmrm", Mmrm(**given)))


@pytest.mark.parametrize("structure", ["us", "csh"])
class TestModel:
    def read(self, shared: Path, structure: str) -> Cell:
        return fitted(shared / "data" / "cdiscpilot01" / "adam", structure)

    def test_log_likelihood(self, shared: Path, structure: str) -> None:
        read = self.read(shared, structure)
        found = read("log_likelihood", parameter="ACTOT", group=f"structure={structure}")
        assert found == pytest.approx(REFERENCE[structure]["log_likelihood"], rel=1e-9)

    def test_means(self, shared: Path, structure: str) -> None:
        read = self.read(shared, structure)
        for row in REFERENCE[structure]["means"]:
            place = {"parameter": "ACTOT", "visit": row["VISIT"], "arm": row["ARM"]}
            assert read("estimate", **place) == pytest.approx(row["emmean"], rel=TOLERANCE)
            assert read("se", **place) == pytest.approx(row["SE"], rel=TOLERANCE)

    def test_contrasts_at_the_visits(self, shared: Path, structure: str) -> None:
        read = self.read(shared, structure)
        for row in REFERENCE[structure]["contrasts"]:
            arm, versus = row["contrast"].split(" - ")
            place = {
                "parameter": "ACTOT",
                "visit": row["VISIT"],
                "arm": arm.strip("()"),
                "versus": versus.strip("()"),
            }
            assert read("estimate", **place) == pytest.approx(row["estimate"], rel=TOLERANCE, abs=1e-7)
            assert read("se", **place) == pytest.approx(row["SE"], rel=TOLERANCE)

    def test_contrasts_of_the_average(self, shared: Path, structure: str) -> None:
        read = self.read(shared, structure)
        for row in REFERENCE[structure]["average"]:
            arm, versus = row["contrast"].split(" - ")
            place = {"parameter": "ACTOT", "arm": arm.strip("()"), "versus": versus.strip("()")}
            found = read("estimate", group="visits=average", **place)
            assert found == pytest.approx(row["estimate"], rel=1e-5, abs=1e-6)
            assert read("se", group="visits=average", **place) == pytest.approx(row["SE"], rel=TOLERANCE)


def test_the_shipped_protocol_uses_every_measurement_and_kenward_roger(shared: Path) -> None:
    results = analysed("cdiscpilot01", shared / "data" / "cdiscpilot01" / "adam")
    read = reader(results, "adas_cog_mmrm")
    size = {"parameter": "ACTOT", "group": "structure=us"}
    assert (read("observations", **size), read("n", **size)) == (REFERENCE["rows"], REFERENCE["participants"])
    assert read("log_likelihood", **size) == pytest.approx(REFERENCE["us"]["log_likelihood"], rel=1e-9)
    place = {"parameter": "ACTOT", "visit": "Week 24", "arm": "Xanomeline High Dose", "versus": "Placebo"}
    assert read("estimate", **place) == pytest.approx(-0.828201, abs=1e-6)
    # Kenward and Roger: never below the model's error, and fewer degrees of freedom than there are participants
    assert read("se", **place) > next(
        row["SE"]
        for row in REFERENCE["us"]["contrasts"]
        if row["VISIT"] == "Week 24" and row["contrast"] == "Xanomeline High Dose - Placebo"
    )
    assert 100 < read("df", **place) < 234
