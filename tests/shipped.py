"""The shipped protocols and the data of their trials, each read once in a test process: neither can change."""

from functools import cache
from pathlib import Path

from equipoise.datasets.analysis_data import AnalysisData
from equipoise.datasets.assemble import assemble
from equipoise.datasets.folder import DataFolder
from equipoise.protocol import read_protocol

shipped = cache(read_protocol)


@cache
def assembled(trial: str, *folders: Path) -> AnalysisData:
    """The data in these folders, as a shipped trial's analyses need them."""
    return assemble(shipped(trial), DataFolder(*folders))
