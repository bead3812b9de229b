"""Rows sorted into clusters, and clusters gathered by the visits at which they were seen.

Clusters with the same visits share their working correlation, so that all of them are worked on as one array: no
loop over participants. Without a column of visits the rows of a cluster stand in their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.errors import DataError
from equipoise.statistics.factors import Codes, Factor

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pattern:
    """Clusters seen at the same `positions` (m of the visits): `rows` (clusters x m) of the data."""

    positions: Rows
    rows: Rows


@dataclass(frozen=True, eq=False)
class Clusters:
    """All clusters: `patterns`, `count` of clusters, number of `visits`, and the cluster and visit of each row."""

    patterns: tuple[Pattern, ...]
    count: int
    visits: int
    cluster: Codes
    visit: Codes


def gather_clusters(subject: Factor, visit: Factor | None, names: Sequence[str]) -> Clusters:
    """Gather rows by the codes of `subject` and `visit`; `names` are the columns, for messages.

    Raises `DataError` for a participant with two rows at a visit, naming both.
    """
    n, count = subject.codes.size, len(subject.levels)
    if visit is None:
        order = np.argsort(subject.codes, kind="stable")
        size = np.bincount(subject.codes, minlength=count)
        first = np.repeat(np.cumsum(size) - size, size)
        position = np.empty(n, dtype=np.intp)
        position[order] = np.arange(n) - first
        visits = int(size.max())
    else:
        position, visits = visit.codes, len(visit.levels)
    cells = subject.codes * visits + position
    order = np.argsort(cells, kind="stable")
    twice = np.flatnonzero(np.diff(cells[order]) == 0)
    if twice.size and visit is not None:
        row = order[twice[0]]
        raise DataError(
            f"{names[0]} must have one row at each {names[1]}; keep one. "
            f"Got two for {subject.levels[subject.codes[row]]} at {visit.levels[position[row]]}, "
            f"{twice.size} such pairs in all"
        )
    present = np.zeros((count, visits), dtype=bool)
    present[subject.codes, position] = True
    start = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
    packed = np.packbits(present, axis=1)
    _, leader, group = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    patterns = []
    for number, cluster in enumerate(leader):
        positions = np.flatnonzero(present[cluster])
        members = np.flatnonzero(group.ravel() == number)
        places = start[members][:, None] + np.arange(positions.size)[None, :]
        patterns.append(Pattern(positions, order[places]))
    return Clusters(tuple(patterns), count, visits, subject.codes, position)
