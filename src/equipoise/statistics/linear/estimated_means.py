"""Least-squares means of a fitted model, their contrasts and their trend over doses.

A mean is a combination l of the coefficients (see `grid`); a contrast is a difference of two such rows. Source:
Searle, Speed and Milliken, The American Statistician 1980;34:216-21. Checked against R's `emmeans`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from itertools import combinations, product

import numpy as np
import polars as pl

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.frames import require_level, show_levels
from equipoise.statistics.linear.design import Design
from equipoise.statistics.linear.grid import Margins, mean_rows, require_factor


class EstimatedMeans(ABC):
    """What every fitted linear model can say of its factors."""

    _design: Design

    @abstractmethod
    def _estimate(self, rows: Floats, level: float) -> pl.DataFrame:
        """Estimate `rows` (k x p) of coefficients: columns estimate, se, df, t, p, lower, upper."""

    def means(
        self,
        factor: str,
        *,
        by: str | Sequence[str] | None = None,
        at: Mapping[str, object] | None = None,
        margins: Margins = "equal",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate the least-squares mean at each level of `factor` (in each combination of `by`).

        Columns: those of `by`, `factor`, estimate, se, df, lower, upper. Covariates stand at their mean, or where
        `at` sets them; other factors are averaged with `equal` or `observed` margins (see `grid`).
        """
        groups = _names(by)
        targets, rows = mean_rows(self._design, [*groups, factor], at=at, margins=margins)
        table = self._estimate(rows, level).drop("t", "p")
        return pl.concat([self._labels([*groups, factor], targets), table], how="horizontal")

    def contrasts(
        self,
        factor: str,
        *,
        versus: object = None,
        pairwise: bool = False,
        by: str | Sequence[str] | None = None,
        at: Mapping[str, object] | None = None,
        margins: Margins = "equal",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate differences of least-squares means between levels of `factor` (in each combination of `by`).

        Each level minus `versus` (default: the reference level), or with `pairwise` each level minus every
        earlier one. Columns: those of `by`, `factor`, versus, estimate, se, df, t, p, lower, upper; p and interval
        are not adjusted for multiplicity. `DataError` for an unknown level or both `versus` and `pairwise`.
        """
        groups = _names(by)
        require_factor(self._design, factor)
        levels = self._design.factors[factor]
        if pairwise and versus is not None:
            raise DataError(f"contrasts are pairwise or versus one level; choose one. Got versus={versus}")
        if pairwise:
            pairs = [(later, earlier) for earlier, later in combinations(levels, 2)]
        else:
            reference = levels[0] if versus is None else require_level(levels, versus, factor)
            pairs = [(level_, reference) for level_ in levels if level_ != reference]
        targets, rows = mean_rows(self._design, [*groups, factor], at=at, margins=margins)
        place = dict(zip(targets, rows, strict=True))
        cells = list(dict.fromkeys(target[:-1] for target in targets))
        wanted = list(product(cells, pairs))
        difference = np.array([place[*cell, one] - place[*cell, other] for cell, (one, other) in wanted])
        labels = self._labels([*groups, factor], [(*cell, one) for cell, (one, _) in wanted])
        other_labels = self._labels([factor], [(other,) for _, (_, other) in wanted]).rename({factor: "versus"})
        return pl.concat([labels, other_labels, self._estimate(difference, level)], how="horizontal")

    def trend(
        self,
        factor: str,
        scores: Mapping[object, float],
        *,
        at: Mapping[str, object] | None = None,
        margins: Margins = "equal",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate the linear trend of the least-squares means over the `scores` of the levels of `factor`.

        Two rows with one t and p: `quantity` contrast, the sum of (score - mean score) x mean, as a CONTRAST
        statement gives it; and slope, that sum over the sum of (score - mean score)^2, in units of the response
        per unit of score. Columns: quantity, estimate, se, df, t, p, lower, upper. `DataError` unless every level
        has a finite score and two scores differ.
        """
        require_factor(self._design, factor)
        levels = self._design.factors[factor]
        missing = [one for one in levels if one not in scores]
        if missing or len(scores) != len(levels):
            raise DataError(
                f"a trend over {factor} needs one score for each of {show_levels(levels)}. "
                f"Got {show_levels(list(scores))}"
            )
        score = np.array([scores[one] for one in levels], dtype=float)
        centred = score - score.mean()
        square = float(centred @ centred)
        if not np.isfinite(square) or square == 0.0:
            raise DataError(f"the scores of a trend must be finite and differ. Got {show_levels(score.tolist())}")
        _, rows = mean_rows(self._design, [factor], at=at, margins=margins)
        contrast = centred @ rows
        table = self._estimate(np.array([contrast, contrast / square]), level)
        return table.insert_column(0, pl.Series("quantity", ["contrast", "slope"]))

    def _labels(self, names: Sequence[str], cells: Sequence[tuple[object, ...]]) -> pl.DataFrame:
        frame = self._design.frame
        return pl.DataFrame(
            [
                pl.Series(name, [cell[at] for cell in cells], dtype=frame[name].dtype)
                for at, name in enumerate(names)
            ]
        )


def _names(by: str | Sequence[str] | None) -> list[str]:
    if by is None:
        return []
    return [by] if isinstance(by, str) else list(by)
