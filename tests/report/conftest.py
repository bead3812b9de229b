"""What the tests of the report share: the small trial analysed once, and its report as data."""

import pytest

from equipoise.analysis.result import TrialResults
from equipoise.datasets.analysis_data import AnalysisData
from equipoise.protocol import Protocol
from equipoise.report.contents import Contents, build_contents

from .small import small_trial

Trial = tuple[Protocol, AnalysisData, TrialResults]


@pytest.fixture(scope="session")
def trial() -> Trial:
    """The small trial with every analysis done."""
    protocol, data, results = small_trial()
    assert not results.not_done
    return protocol, data, results


@pytest.fixture(scope="session")
def contents(trial: Trial) -> Contents:
    """Its report in English."""
    return build_contents(*trial)


@pytest.fixture(scope="session")
def chinese(trial: Trial) -> Contents:
    """Its report in Chinese."""
    return build_contents(*trial, language="zh")


@pytest.fixture(scope="session")
def without_events() -> Contents:
    """The report of the small trial where nobody had an adverse event."""
    return build_contents(*small_trial(events=False))
