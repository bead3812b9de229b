"""Sorting the values of each of many trials: the order, and where a new value begins.

A double's bits, read as a whole number, rise with it (negative ones turned over). The place of a participant is
written over the last bits and the whole numbers are sorted, which is several times as quick as sorting places by
value. Where values of a trial might tie only because of what was written over, it is sorted again by the values
themselves. Checked by `tests/statistics/replicates/test_ordering_property.py`.
"""

import numpy as np

from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes
from equipoise.statistics.replicates.trials import Booleans


def order_values(values: Floats) -> tuple[Codes, Booleans]:
    """Sort each row of `values` (T x n, no NaN): the places in order, and which values differ from the last one.

    Equal values keep the order of their places.
    """
    width = values.shape[1]
    mask = np.int64((1 << max(1, (width - 1).bit_length())) - 1)
    # in place throughout: memory that is fetched anew takes longer than the work on it
    keys = _rising_bits(values)
    keys &= ~mask
    keys |= np.arange(width)
    keys.sort(axis=1)
    new = np.ones(values.shape, dtype=bool)
    # neighbours that differ in more than what was written over
    new[:, 1:] = (keys[:, 1:] ^ keys[:, :-1]).view(np.uint64) > np.uint64(mask)
    keys &= mask
    doubtful = np.asarray(~new.all(axis=1))
    if doubtful.any():
        doubtful[doubtful] = ((_rising_bits(values[doubtful]) & mask) != 0).any(axis=1)
    if doubtful.any():
        keys[doubtful] = np.argsort(values[doubtful], axis=1, kind="stable")
        ordered = np.take_along_axis(values[doubtful], keys[doubtful], axis=1)
        new[doubtful, 1:] = ordered[:, 1:] != ordered[:, :-1]
    return keys, new


def _rising_bits(values: Floats) -> Codes:
    """Read doubles as whole numbers of the same order."""
    # adding 0 makes one nought of both
    bits = (values + 0.0).view(np.int64)
    if (bits < 0).any():
        bits = np.where(bits < 0, np.int64(np.iinfo(np.int64).min) - bits - 1, bits)
    return bits
