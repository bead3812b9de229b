"""The datasets of a trial, whatever the folder holds: found by what is in them, derived from SDTM where absent.

A dataset with PARAMCD is a basic data structure, one with CNSR beside it holds times to events (ADaMIG 1.3,
section 3.3). Datasets of other names than ADSL and ADAE are therefore found by content. Where one parameter
stands in several datasets, the one with most of its records counts.
"""

from collections.abc import Collection
from functools import cached_property

import polars as pl

from ..check import require_dataset
from ..dataset import Dataset
from ..folder import DataFolder


class Shelf:
    """Finds datasets in a folder and remembers which parameters each holds."""

    def __init__(self, folder: DataFolder) -> None:
        self.folder = folder

    def __contains__(self, name: str) -> bool:
        return name in self.folder

    def read(self, name: str, variables: Collection[str] | None = None) -> Dataset:
        """Read a dataset, or those of `variables` that it has."""
        return self.folder.read(name, variables)

    @cached_property
    def measured(self) -> dict[str, dict[str, int]]:
        """Number of records of each PARAMCD in each dataset of measurements."""
        return self._parameters(timed=False)

    @cached_property
    def timed(self) -> dict[str, dict[str, int]]:
        """Number of records of each PARAMCD in each dataset of times to events."""
        return self._parameters(timed=True)

    def find(self, parameter: str, *, timed: bool = False) -> str | None:
        """Return the name of the dataset that holds most records of a parameter, None where none does."""
        # A dataset that has lost its CNSR is still the one that holds the times, and is refused by its reader.
        datasets = {**self.measured, **self.timed} if timed else self.measured
        holding = {name: counts[parameter] for name, counts in datasets.items() if parameter in counts}
        return max(sorted(holding), key=lambda name: holding[name]) if holding else None

    def _parameters(self, *, timed: bool) -> dict[str, dict[str, int]]:
        found = {}
        for name in self.folder.names:
            variables = set(self.folder.variables(name))
            if {"PARAM", "AVAL"} <= variables:
                require_dataset(self.folder.read(name, ["PARAM", "PARAMCD"]), {"PARAMCD": "text"})
            if "PARAMCD" in variables and ("CNSR" in variables) == timed:
                codes = self.folder.read(name, ["PARAMCD"]).frame["PARAMCD"].cast(pl.String).drop_nulls()
                counts = codes.value_counts(name="n")
                found[name] = dict(counts.iter_rows())
        return found
