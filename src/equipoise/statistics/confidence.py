"""Confidence levels: the share of intervals that shall hold the truth."""

from equipoise.errors import DataError
from equipoise.statistics.distributions import normal_quantile


def require_confidence(level: float) -> None:
    """Refuse a confidence level outside 0-1 with `DataError`."""
    if not 0 < level < 1:
        raise DataError(
            f"a confidence level must lie between 0 and 1 (exclusive); did you mean 0.95? Got {level:g}"
        )


def critical_value(level: float) -> float:
    """Find the normal quantile of a two-sided interval at `level`; `DataError` for a level outside 0-1."""
    require_confidence(level)
    return normal_quantile(0.5 + level / 2.0)
