"""Tables of counts: what every method for categories reads first.

One convention: rows are arms, columns are levels of the response, a leading axis holds strata. A frame gives the
table by the names of its columns (`response`, `by`, `strata`, and `count` where a row stands for several
participants); an array or nested list is the table itself, its arms and levels then called 0, 1, .... In a table
of a response that happens or not, the first column counts those with it, the second those without; in a frame
it is True or 1, against False or 0. Arms are compared with the first one unless `versus` names another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import code_factor, code_strata
from equipoise.statistics.frames import keep_complete, require_level, require_numbers, to_polars

Counts = IntoFrame | ArrayLike


@dataclass(frozen=True, eq=False)
class Table:
    """Counts by stratum, arm and level (strata x arms x levels), with the labels of arms and levels."""

    counts: Floats
    arms: tuple[object, ...]
    levels: tuple[object, ...]
    strata: tuple[object, ...]
    dropped: int


def read_table(
    data: Counts,
    response: str | None,
    by: str | None,
    *,
    strata: str | Sequence[str] | None = None,
    count: str | None = None,
) -> Table:
    """Read a table from an array of counts or from columns of a frame; rows with a missing value are dropped.

    Raises `DataError` for counts that are negative, not whole or all 0, and for columns that are absent.
    """
    if isinstance(data, (list, tuple, np.ndarray)):
        return _from_array(data, (response, by, strata, count))
    if response is None:
        raise DataError("a data frame needs the names of its columns: response, and by for arms. Got no response")
    strata_names = [strata] if isinstance(strata, str) else list(strata or ())
    needed = [response, *([by] if by else []), *strata_names, *([count] if count else [])]
    complete = keep_complete(to_polars(cast("IntoFrame", data)), list(dict.fromkeys(needed)))
    frame = complete.frame
    if frame.is_empty():
        raise DataError(f"the data must have a row with a value in each of {', '.join(needed)}. Got none")
    level = code_factor(frame[response])
    arm_levels: tuple[object, ...] = ("all",)
    arm_codes = np.zeros(frame.height, dtype=np.intp)
    if by:
        arm = code_factor(frame[by])
        arm_levels, arm_codes = arm.levels, arm.codes
    stratum = code_strata(frame, strata_names)
    weights = _require_counts(require_numbers(frame, count), count) if count else None
    shape = (len(stratum.levels), len(arm_levels), len(level.levels))
    cells = np.ravel_multi_index((stratum.codes, arm_codes, level.codes), shape)
    counts = np.bincount(cells, weights=weights, minlength=int(np.prod(shape))).reshape(shape).astype(float)
    return Table(_require_some(counts), arm_levels, level.levels, stratum.levels, complete.dropped)


def read_events(
    data: Counts,
    response: str | None,
    by: str | None,
    *,
    strata: str | Sequence[str] | None = None,
    count: str | None = None,
) -> Table:
    """Read a table of a response that happens or not: two columns, those with the response first.

    Raises `DataError` for a response of other values than True, False, 1 and 0, or an arm without anybody.
    """
    table = read_table(data, response, by, strata=strata, count=count)
    counts, levels = table.counts, table.levels
    if isinstance(data, (list, tuple, np.ndarray)):
        if len(levels) != 2:
            raise DataError(f"counts must have two columns: with and without the response. Got {len(levels)}")
    elif wrong := [level for level in levels if not isinstance(level, (bool, int, float)) or level not in (0, 1)]:
        raise DataError(f"column {response} must hold 1 or True (with) and 0 or False (without). Got {wrong[0]}")
    else:
        place = {level: counts[:, :, i] for i, level in enumerate(levels)}
        absent = np.zeros(counts.shape[:2])
        counts = np.stack([place.get(1, absent), place.get(0, absent)], axis=2)
    empty = np.flatnonzero(counts.sum(axis=(0, 2)) == 0)
    if empty.size:
        raise DataError(
            f"every arm must have participants; leave out the arm without. Got 0 in {table.arms[empty[0]]}"
        )
    return Table(counts, table.arms, (True, False), table.strata, table.dropped)


def pair_arms(table: Table, versus: object) -> list[tuple[int, int]]:
    """Pair each other arm with `versus` (the first for None), by place; `DataError` for fewer than two arms."""
    if len(table.arms) < 2:
        raise DataError(f"a comparison needs two or more arms. Got {table.arms[0]}")
    control = 0 if versus is None else table.arms.index(require_level(table.arms, versus, "of arms"))
    return [(arm, control) for arm in range(len(table.arms)) if arm != control]


def choose_method(
    table: Table,
    method: str | None,
    strata: str | Sequence[str] | None,
    *,
    plain: Sequence[str],
    stratified: Sequence[str] = ("mantel-haenszel",),
) -> str:
    """Return `method`, or the default: the first of the `plain` methods, of the `stratified` ones with strata.

    A table of several strata counts as stratified, also where `strata` is None. Raises `DataError` for a method
    that is not among them.
    """
    with_strata = table.counts.shape[0] > 1 or strata is not None
    allowed = stratified if with_strata else plain
    chosen = method or allowed[0]
    if chosen not in allowed:
        raise DataError(
            f"method must be {', '.join(allowed)} {'with' if with_strata else 'without'} strata. Got {chosen}"
        )
    return chosen


def name_pairs(table: Table, pairs: Sequence[tuple[int, int]]) -> pl.DataFrame:
    """Give `arm`, `versus`, `events`, `n`, `events_versus`, `n_versus` of the pairs, over all strata."""
    events, n = table.counts[:, :, 0].sum(axis=0), table.counts.sum(axis=(0, 2))
    arm, control = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return pl.DataFrame(
        {
            "arm": [table.arms[place] for place in arm],
            "versus": [table.arms[place] for place in control],
            "events": events[arm].astype(np.int64),
            "n": n[arm].astype(np.int64),
            "events_versus": events[control].astype(np.int64),
            "n_versus": n[control].astype(np.int64),
        }
    )


def one_stratum(table: Table) -> Floats:
    """Give the counts (arms x levels) added up over strata."""
    return np.asarray(table.counts.sum(axis=0))


def _from_array(data: ArrayLike, names: Sequence[object]) -> Table:
    if any(name is not None for name in names):
        raise DataError("names of columns go with a data frame; leave them out for an array of counts. Got both")
    try:
        values = np.asarray(data, dtype=float)
    except (TypeError, ValueError):
        raise DataError(
            "counts must be numbers in rows of equal length: arms x levels. Got a ragged list"
        ) from None
    if values.ndim == 1:
        values = values[None, :]
    if values.ndim == 2:
        values = values[None, :, :]
    if values.ndim != 3 or values.shape[2] < 2:
        raise DataError(f"counts must be arms x levels, or strata x arms x levels. Got the shape {values.shape}")
    counts = _require_some(_require_counts(values, None))
    strata, arms, levels = (tuple(range(size)) for size in counts.shape)
    return Table(counts, arms, levels, strata, 0)


def _require_counts(values: Floats, name: str | None) -> Floats:
    where = f"counts in column {name}" if name else "counts"
    wrong = ~np.isfinite(values) | (values < 0) | (values != np.floor(values))
    if wrong.any():
        raise DataError(f"{where} must be whole numbers from 0 on. Got {values[wrong].flat[0]:g}")
    return values


def _require_some(counts: Floats) -> Floats:
    if counts.sum() == 0:
        raise DataError("a table must count at least one participant. Got 0 in every cell")
    return counts


@dataclass(frozen=True)
class Comparison:
    """A comparison of each arm with one.

    `estimates`: `arm`, `versus`, `events`, `n`, `events_versus`, `n_versus` (over all strata), `estimate`, `se`
    (of the difference, or of the log of a ratio; null where the method has none), `lower`, `upper` (a ratio's may
    be infinite).
    """

    estimates: pl.DataFrame
    measure: str
    method: str
    level: float
    dropped: int


@dataclass(frozen=True)
class Estimate:
    """One comparison: an estimate, its standard error if the method has one, and its limits."""

    estimate: float
    se: float | None
    lower: float
    upper: float


def assemble(
    table: Table, pairs: list[tuple[int, int]], found: list[Estimate], *, measure: str, method: str, level: float
) -> Comparison:
    """Put the estimates of all pairs into a `Comparison`."""
    rows = name_pairs(table, pairs).with_columns(
        pl.Series("estimate", [one.estimate for one in found]),
        pl.Series("se", [one.se for one in found], dtype=pl.Float64),
        pl.Series("lower", [one.lower for one in found]),
        pl.Series("upper", [one.upper for one in found]),
    )
    return Comparison(rows, measure, method, level, table.dropped)


def on_log_scale(log_estimate: float, se: float, z: float) -> Estimate:
    """Exponentiate an estimate with symmetric limits on the log scale; `se` stays that of the log."""
    return Estimate(
        float(np.exp(log_estimate)), se, float(np.exp(log_estimate - z * se)), float(np.exp(log_estimate + z * se))
    )
