"""The data of a generalised linear model: its design, offset, weights and the rows they came from.

Rows with a missing value in any column used are dropped and counted. The offset is added to the linear predictor
with coefficient 1: a column on that scale (`OFFSET=` in SAS, `offset()` in R), or the log of a column of
exposures.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import code_factor
from equipoise.statistics.frames import require_columns, require_numbers, to_polars
from equipoise.statistics.linear.design import Design, build_design
from equipoise.statistics.linear.formula import parse_formula


@dataclass(frozen=True, eq=False)
class ModelData:
    """What a model is fitted to, a value or row for each row used.

    `frame` holds every column of the data; `rows` are places in the data given, from 0; `has_offset` is false
    where the offset is 0 because none was named.
    """

    design: Design
    weights: Floats
    offset: Floats
    has_offset: bool
    frame: pl.DataFrame
    rows: pl.Series
    dropped: int

    @property
    def response(self) -> Floats:
        """The values modelled."""
        return self.design.response


def read_model(
    formula: str,
    data: IntoFrame,
    *,
    reference: Mapping[str, object] | None = None,
    weights: str | None = None,
    offset: str | None = None,
    exposure: str | None = None,
    further: Sequence[str] = (),
    recode: Callable[[pl.Series], pl.Series] | None = None,
) -> ModelData:
    """Read `formula` on `data`; `recode` turns the column of the response into numbers first.

    Rows with a missing value in one of the columns `further` are dropped too.
    Raises `DataError` for columns that are not there or not what they should be, both `offset` and `exposure`,
    exposures or weights that are not above 0; `EstimationFailed` as `build_design` does.
    """
    if offset and exposure:
        raise DataError(f"a model takes an offset or an exposure, not both; drop one. Got {offset} and {exposure}")
    model = parse_formula(formula)
    extra = list(dict.fromkeys([*further, *(name for name in (offset, exposure) if name)]))
    whole = to_polars(data)
    require_columns(whole, extra)
    complete = np.ones(whole.height, dtype=bool)
    for name in extra:
        complete &= whole[name].is_not_null().to_numpy()
    places = np.flatnonzero(complete)
    frame = whole if complete.all() else whole[places]
    if recode and model.response in frame.columns:
        frame = frame.with_columns(recode(frame[model.response]).alias(model.response))
    design = build_design(formula, frame, reference=reference, weights=weights)
    rows = design.frame["_row"].to_numpy()
    used = frame if rows.size == frame.height else frame[rows]
    n = design.response.size
    return ModelData(
        design=design,
        weights=np.ones(n) if design.weights is None else design.weights,
        offset=_offset(used, offset, exposure),
        has_offset=bool(offset or exposure),
        frame=used,
        rows=pl.Series("row", places[rows], dtype=pl.Int64),
        dropped=whole.height - n,
    )


def require_counts(model: ModelData) -> None:
    """Refuse responses that are not whole numbers from 0 with `DataError`."""
    y = model.response
    wrong = np.flatnonzero((y < 0) | (y != np.floor(y)) | (y > 1e15))
    if wrong.size:
        raise DataError(
            f"{model.design.formula.response} must be a count, a whole number from 0. Got {y[wrong[0]]:g} in row "
            f"{model.rows[int(wrong[0])] + 1}, {wrong.size} rows in all"
        )


def require_binary(model: ModelData) -> None:
    """Refuse responses other than 0 and 1 with `DataError`."""
    y = model.response
    wrong = np.flatnonzero((y != 0) & (y != 1))
    if wrong.size:
        raise DataError(
            f"{model.design.formula.response} must be 0 or 1; say which level is the event by `event`. "
            f"Got {y[wrong[0]]:g} in row {model.rows[int(wrong[0])] + 1}, {wrong.size} rows in all"
        )


def explain_endless(model: ModelData, *, binary: bool) -> dict[str, str]:
    """Say for each column of a level of a factor whose responses are all 0 (or all 1) that they are."""
    reasons: dict[str, str] = {}
    for name, levels in model.design.factors.items():
        column = model.design.frame[name]
        factor = code_factor(column)
        for code, level in enumerate(factor.levels):
            values = model.response[factor.codes == code]
            if not values.any():
                fact = "no event"
            elif binary and values.all():
                fact = "an event in every row"
            else:
                continue
            # formulaic names the column of a level `ARM[T.Low]`; that of the reference level does not exist
            key = f"{name}[T.{level}]" if level != levels[0] else f"{name}[{level}]"
            reasons[key] = f"{name} {level} has {fact} among {values.size} rows"
    return reasons


def _offset(frame: pl.DataFrame, offset: str | None, exposure: str | None) -> Floats:
    if offset:
        return require_numbers(frame, offset)
    if not exposure:
        return np.zeros(frame.height)
    values = require_numbers(frame, exposure)
    wrong = np.flatnonzero(values <= 0)
    if wrong.size:
        raise DataError(
            f"exposures in column {exposure} must be above 0; drop rows without exposure. "
            f"Got {values[wrong[0]]:g} in {wrong.size} of {values.size} rows"
        )
    return np.log(values)
