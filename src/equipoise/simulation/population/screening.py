"""Who of the persons screened is enrolled: those whom no criterion refuses by what is recorded at screening.

Criteria are evaluated as they stand in the protocol on the values of the virtual persons; what is not drawn is
missing, and SQL's logic of three values does the rest: `cd4 <= 250 AND hiv_rna <= 50` refuses a person with 300
cells, and is undecided, which refuses nobody, where the count fits and the RNA is unknown.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from ...protocol import Protocol, names_in, parse_expression
from ...protocol.checks.vocabulary import screening_names
from ...statistics.distributions import Floats
from .trials import Booleans, Integers


def eligible(protocol: Protocol, values: Mapping[str, Floats]) -> Booleans:
    """Return whether no criterion that names one of the items refuses a person; `values` at screening, by item."""
    shape = next(iter(values.values())).shape
    names = screening_names(protocol)
    frame = pl.DataFrame({item: column.ravel() for item, column in values.items()}).fill_nan(None)
    kept = np.ones(frame.height, dtype=bool)
    for criteria, meets in ((protocol.population.inclusion, True), (protocol.population.exclusion, False)):
        for criterion in criteria.values():
            used = names_in(criterion.rule) if criterion.rule is not None else ()
            if criterion.rule is None or not set(used) & set(values):
                continue
            unknown = [pl.lit(None, names[name]).alias(name) for name in used if name not in frame.columns]
            said = frame.with_columns(unknown).select(parse_expression(criterion.rule).alias("said"))["said"]
            kept &= said.fill_null(meets).to_numpy() == meets
    return kept.reshape(shape)


def first_eligible(accepted: Booleans, wanted: int) -> tuple[Integers, bool]:
    """Return the positions of the first `wanted` persons accepted in each trial, and whether all have them."""
    enough = bool((accepted.sum(axis=1) >= wanted).all())
    return np.argsort(~accepted, axis=1, kind="stable")[:, :wanted], enough
