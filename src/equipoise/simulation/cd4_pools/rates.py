"""The rates of the CD4 pools, each with its unit, whether a source states it, and the source or the reason.

Rates are per day, counts are cells/uL. Half-lives h become rates log(2)/h. A range of turnover becomes its
geometric mean for the median participant, and its width four standard deviations of the logarithm between them.
"""

from dataclasses import dataclass, field, fields
from math import isfinite, log, sqrt
from typing import Any, Literal

import polars as pl

from equipoise.errors import DataError

Mark = Literal["stated", "calculated", "assumed"]

YEAR = 365.25
NAIVE_REPLACEMENT = (0.0019, 0.0060)
MEMORY_REPLACEMENT = (0.0087, 0.0314)

_VRISEKOOP = "Vrisekoop et al, PNAS 2008;105:6115"
_MCCUNE = "McCune et al, J Clin Invest 2000;105:R1"
_BAINS = "Bains et al, Blood 2009;113:5480"
_MACAQUES = "model of macaques, PMC3441463"
_RONG = "public code of a model of the type of Rong and Perelson, J Theor Biol 2009;260:308"


def _rate(value: float, unit: str, mark: Mark, source: str) -> Any:
    return field(default=value, metadata={"unit": unit, "mark": mark, "source": source})


@dataclass(frozen=True)
class PoolRates:
    """What is the same in all participants; `tabulate_rates` lists it with units, marks and sources.

    Raises `DataError` for values that are negative or not finite, and where memory could renew itself for ever.
    """

    naive_death: float = _rate(
        log(2) / (4.2 * YEAR), "1/d", "stated", f"half-life 4.2 years in healthy people; {_VRISEKOOP}"
    )
    memory_death: float = _rate(
        log(2) / (0.4 * YEAR), "1/d", "stated", f"half-life 0.4 years in healthy people; {_VRISEKOOP}"
    )
    naive_loss: float = _rate(
        sqrt(NAIVE_REPLACEMENT[0] * NAIVE_REPLACEMENT[1]),
        "1/d",
        "calculated",
        f"geometric mean of 0.19 to 0.60 %/d, T cells of people with and without HIV; {_MCCUNE}",
    )
    memory_loss: float = _rate(
        sqrt(MEMORY_REPLACEMENT[0] * MEMORY_REPLACEMENT[1]),
        "1/d",
        "calculated",
        f"geometric mean of 0.87 to 3.14 %/d, T cells of people with and without HIV; {_MCCUNE}",
    )
    activation_sd: float = _rate(
        log((NAIVE_REPLACEMENT[1] - log(2) / (4.2 * YEAR)) / (NAIVE_REPLACEMENT[0] - log(2) / (4.2 * YEAR))) / 4,
        "log",
        "calculated",
        f"the activation that gives 0.19 and that gives 0.60 %/d, taken as 4 SD apart; {_MCCUNE}",
    )
    thymic_sd: float = _rate(
        log(0.75 / 0.25) / 4, "log", "assumed", "output of 25 to 75 % of that of responders, taken as 4 SD apart"
    )
    least_division: float = _rate(
        2.0, "ratio", "stated", f"division of naive cells is more than twice thymic output, ages 0 to 20; {_BAINS}"
    )
    further_division: float = _rate(1.0, "ratio", "assumed", "median above that bound; the bound alone is known")
    further_division_sd: float = _rate(
        0.5, "log", "assumed", "division differs between people, by how much is unknown"
    )
    memory_renewal: float = _rate(
        0.7,
        "share",
        "assumed",
        "of the loss of memory cells, made up by their division; with 8 cells a naive cell "
        "it leaves a third of the pool naive, as naive cells are depleted in non-responders",
    )
    expansion: float = _rate(8.0, "cells", "assumed", "activated cells from a naive cell: three divisions")
    activated_life: float = _rate(4.0, "d", "stated", f"not human: {_MACAQUES}")
    reversion: float = _rate(0.05, "1/d", "stated", f"activated cells that return to rest, not human: {_MACAQUES}")
    shift_half_life: float = _rate(
        2 * YEAR,
        "d",
        "assumed",
        "a shift of activation fades so slowly that counts at week 96 spread nearly as those of straight lines",
    )
    virus_decay: float = _rate(0.001, "1/d", "stated", f"death of latently infected cells; {_RONG}")
    virus_share: float = _rate(
        0.1,
        "share",
        "assumed",
        "of the activation on day 0, due to residual virus: a slow driver, not the main sink",
    )

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if not (isfinite(value) and value >= 0):
                raise DataError(f"{entry.name} must be finite and at least 0. Got {value:g}")
        if self.naive_loss < self.naive_death or self.memory_loss < self.memory_death:
            raise DataError(
                "naive_loss and memory_loss must be at least naive_death and memory_death, which they include. "
                f"Got {self.naive_loss:g} and {self.memory_loss:g}"
            )
        if self.virus_share > 1:
            raise DataError(f"virus_share must lie between 0 and 1. Got {self.virus_share:g}")
        if self.shift_half_life <= 0:
            raise DataError(f"shift_half_life must be above 0. Got {self.shift_half_life:g}")
        if self.activated_life <= 0 or self.survival > 1:
            raise DataError(
                "activated_life must be above 0 and reversion at most 1 / activated_life. "
                f"Got {self.activated_life:g} and {self.reversion:g}"
            )
        if self.memory_renewal + self.survival >= 1:
            raise DataError(
                "memory_renewal and the share of activated cells that return must sum to less than 1, or memory "
                f"has no steady state. Got {self.memory_renewal:g} and {self.survival:g}"
            )

    @property
    def survival(self) -> float:
        """Share of activated cells that return to rest rather than die."""
        return self.reversion * self.activated_life


def tabulate_rates(rates: PoolRates | None = None) -> pl.DataFrame:
    """List the rates: name, value, unit, mark (stated, calculated, assumed), source (or the reason).

    A value that differs from the default is marked `given`, as its source is then the caller's.
    """
    chosen = rates or PoolRates()
    rows = []
    for entry in fields(PoolRates):
        value, known = getattr(chosen, entry.name), entry.metadata
        own = value != entry.default
        rows.append(
            (entry.name, value, known["unit"], "given" if own else known["mark"], "" if own else known["source"])
        )
    return pl.DataFrame(rows, schema=["name", "value", "unit", "mark", "source"], orient="row")
