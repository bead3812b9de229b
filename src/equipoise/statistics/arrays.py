"""Numbers given as a list, a nested list or an array."""

import numpy as np
from numpy.typing import ArrayLike

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats


def read_floats(values: ArrayLike | None, what: str) -> Floats:
    """Copy `values` into an array of floats; `DataError`, naming `what` they are, for text and ragged lists."""
    try:
        return np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise DataError(f"{what} must be numbers, in rows of one length. Got {values!r}") from None
