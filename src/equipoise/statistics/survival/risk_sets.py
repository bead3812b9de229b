"""Who is at risk at each event time: the sorted rows on which Cox's partial likelihood is a few running sums.

Rows are sorted by stratum and time. A moment is a distinct event time of a stratum; the rows from its first to
the next moment leave together, so a sum over its risk set is a sum of such segments from the end of the stratum
backwards, less those who had not yet entered. Rows that are at risk at no moment are left out.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes, Factor
from equipoise.statistics.survival.observations import Booleans, sort_by_stratum_and_time


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Rows kept, sorted, and their moments.

    `rows`: places of the kept rows in the data; `x` (covariates x rows); `event`; `first`: first row of each
    moment; `leaves`, `enters`: the last moment at or before a row's time and its entry (-1: none);
    `deaths`: rows with an event; `deaths_at`: their moment; `tied`: number of deaths of each moment;
    `begin`, `end`: first moment of each moment's stratum, and one past its last.
    """

    rows: Codes
    x: Floats
    event: Booleans
    first: Codes
    leaves: Codes
    enters: Codes | None
    deaths: Codes
    deaths_at: Codes
    tied: Codes
    begin: Codes
    end: Codes

    def sum_at_risk(self, values: Floats) -> Floats:
        """Sum `values` (... x rows) over the risk set of each moment (... x moments)."""
        if 4 * self.first.size > self.rows.size:
            # short segments: a running sum over all rows is quicker than a sum of each
            running = np.cumsum(values[..., ::-1], axis=-1)[..., ::-1]
            total = np.take(running, self.first, axis=-1)
            total = self._less_later_strata(total)
        else:
            total = self._suffix(np.add.reduceat(values, self.first, axis=-1))
        if self.enters is None:
            return total
        late = np.flatnonzero(self.enters >= 0)
        if late.size == 0:
            return total
        order = late[np.argsort(self.enters[late], kind="stable")]
        moments, start = np.unique(self.enters[order], return_index=True)
        waiting = np.zeros_like(total)
        waiting[..., moments] = np.add.reduceat(values[..., order], start, axis=-1)
        return total - self._suffix(waiting)

    def sum_over_time(self, increments: Floats) -> Floats:
        """Sum `increments` (... x moments) over the moments at which each row is at risk (... x rows)."""
        running = np.cumsum(increments, axis=-1)
        if self.begin[-1] == 0 and self.enters is None:
            return np.asarray(np.take(running, self.leaves, axis=-1))
        padded = np.concatenate([np.zeros((*running.shape[:-1], 1)), running], axis=-1)
        entered = self.begin[self.leaves]
        if self.enters is not None:
            entered = np.maximum(self.enters + 1, entered)
        return np.asarray(padded[..., self.leaves + 1] - padded[..., entered])

    def _suffix(self, segments: Floats) -> Floats:
        return self._less_later_strata(np.cumsum(segments[..., ::-1], axis=-1)[..., ::-1])

    def _less_later_strata(self, running: Floats) -> Floats:
        """Take from sums to the end of all rows what belongs to later strata."""
        if self.begin[-1] == 0:
            return running
        padded = np.concatenate([running, np.zeros((*running.shape[:-1], 1))], axis=-1)
        return np.asarray(running - padded[..., self.end])


def sort_risk_sets(x: Floats, time: Floats, event: Booleans, stratum: Factor, entry: Floats | None) -> RiskSets:
    """Sort the rows and find the moments; there must be an event. `x` is covariates x rows."""
    order = sort_by_stratum_and_time(time, stratum)
    when, dead, block = time[order], event[order], stratum.codes[order]
    new = np.ones(when.size, dtype=bool)
    new[1:] = (when[1:] != when[:-1]) | (block[1:] != block[:-1])
    starts = np.flatnonzero(new)
    with_event = np.zeros(when.size, dtype=bool)
    with_event[starts] = np.logical_or.reduceat(dead, starts)
    # rows that leave before the first event of their stratum are never at risk at one
    moment = np.cumsum(with_event) - 1
    block_of_moment = block[with_event]
    at_risk = (moment >= 0) & (block_of_moment[np.maximum(moment, 0)] == block)
    order, dead, block, moment = order[at_risk], dead[at_risk], block[at_risk], moment[at_risk]
    first = np.flatnonzero(with_event[at_risk])
    time_of_moment = when[with_event]
    deaths = np.flatnonzero(dead)
    edges = np.flatnonzero(np.append(True, np.diff(block_of_moment) != 0))
    sizes = np.diff(np.append(edges, block_of_moment.size))
    begin = np.repeat(edges, sizes)
    enters = None
    if entry is not None:
        enters = np.empty(order.size, dtype=np.intp)
        entries = entry[order]
        rows_edges = np.append(first[edges], order.size)
        for place, (start, size) in enumerate(zip(edges, sizes, strict=True)):
            rows = slice(rows_edges[place], rows_edges[place + 1])
            found = np.searchsorted(time_of_moment[start : start + size], entries[rows], side="right")
            enters[rows] = np.where(found > 0, found - 1 + start, -1)
    return RiskSets(
        rows=order,
        x=np.ascontiguousarray(x[:, order]),
        event=dead,
        first=first,
        leaves=moment,
        enters=enters,
        deaths=deaths,
        deaths_at=moment[deaths],
        tied=np.bincount(moment[deaths], minlength=first.size),
        begin=begin,
        end=begin + np.repeat(sizes, sizes),
    )
