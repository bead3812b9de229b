"""Simulated trials as arrays: a row a trial, a column a participant; what every method for replicates reads first.

T trials of n participants are an array T x n; what all trials share may be given once, as an array of n. An
outcome that is missing is NaN, and `participants` (True or False) says who is in the analysis: whoever is not is
left out exactly, as if the trial had been without.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from equipoise.errors import DataError
from equipoise.statistics.arrays import read_floats
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes

Booleans = NDArray[np.bool_]
Shape = tuple[int, int]

# numbers in the largest array of a block of trials, so that its arrays stay near the processor
AT_ONCE = 1_000_000
# trials of a block, below which the calls and not the numbers take the time
FEWEST = 64


def read_trials(values: ArrayLike, what: str) -> Floats:
    """Read an array of trials x participants; `DataError`, naming `what` it is, for another shape or infinity."""
    read = values if isinstance(values, np.ndarray) and values.dtype == np.float64 else read_floats(values, what)
    if read.ndim != 2 or not read.size:
        raise DataError(f"{what} must be an array of trials x participants. Got the shape {read.shape}")
    if np.isinf(read).any():
        raise DataError(f"{what} must be finite, or NaN where missing. Got infinity")
    return read


def read_participants(participants: ArrayLike | None, shape: Shape) -> Booleans:
    """Read who is in the analysis, True or False for `shape` or each of its columns; everybody where None."""
    if participants is None:
        return np.ones(shape, dtype=bool)
    read = np.asarray(participants)
    if read.dtype != np.bool_:
        raise DataError(f"participants must be True (in the analysis) or False. Got values of type {read.dtype}")
    return np.asarray(_spread(read, shape, "participants"))


def read_codes(codes: ArrayLike, shape: Shape, number: int | None, what: str) -> Codes:
    """Read whole numbers from 0 (below `number`, where given) for `shape` or each of its columns.

    `DataError`, naming `what` they are, for anything else.
    """
    read = np.asarray(codes)
    if read.dtype.kind not in "iu":
        raise DataError(f"{what} must be whole numbers 0, 1, .... Got values of type {read.dtype}")
    spread = _spread(read, shape, what)
    most = int(read.max(initial=0))
    if read.min(initial=0) < 0 or (number is not None and most >= number):
        allowed = "from 0 on" if number is None else f"from 0 to {number - 1}"
        wrong = most if number is not None and most >= number else int(read.min())
        raise DataError(f"{what} must be whole numbers {allowed}. Got {wrong}")
    return np.asarray(spread)


def read_arms(arm: ArrayLike, shape: Shape, arms: int, control: int = 0, *, fewest: int = 2) -> Codes:
    """Read the arm of each participant, 0 to `arms` - 1; `DataError` for fewer than `fewest`, or no control."""
    if arms < fewest:
        raise DataError(f"there must be {fewest} or more arms. Got {arms}")
    if not 0 <= control < arms:
        raise DataError(f"the control must be one of the arms 0 to {arms - 1}. Got {control}")
    return read_codes(arm, shape, arms, "arms")


def blocks(trials: int, numbers: int, *, at_once: int = AT_ONCE, fewest: int = FEWEST) -> list[slice]:
    """Cut the trials into blocks of about `at_once` numbers, of which each trial takes `numbers`."""
    size = max(fewest, at_once // max(1, numbers))
    return [slice(start, min(start + size, trials)) for start in range(0, trials, size)]


def _spread(values: NDArray[np.generic], shape: Shape, what: str) -> NDArray[np.generic]:
    if values.shape not in (shape, shape[1:]):
        raise DataError(
            f"{what} must be {shape[0]} trials x {shape[1]} participants, or {shape[1]} that all trials share. "
            f"Got the shape {values.shape}"
        )
    return np.broadcast_to(values, shape)
