"""A continuous outcome measured at visits, read from a long frame: one array of participants by visits.

A visit without a row, and a row without a value, are both missing. Covariates that are constant for a participant
are carried to the visits without a row. The strategy of a participant holds from the visit of the intercurrent
event on; gaps before it are missing at random. Observed values from that visit on stay in the analysis, but
unless the strategy is MAR the imputation model does not learn from them (as in Gower-Page et al., Journal of Open
Source Software 2022;7:4251).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame
from numpy.typing import NDArray

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import Codes, code_factor
from equipoise.statistics.frames import (
    factor_levels,
    require_columns,
    require_labels,
    require_level,
    require_numeric,
    show_levels,
    to_polars,
)
from equipoise.statistics.linear.design import Design, build_design
from equipoise.statistics.linear.formula import ModelFormula, parse_formula
from equipoise.statistics.missing.imputation.conditional import Mask
from equipoise.statistics.missing.imputation.strategies import STRATEGIES, Strategy, require_strategy


@dataclass(frozen=True, eq=False)
class Outcomes:
    """N participants (sorted) by V visits (in their order).

    `values` (N x V) is NaN where missing. `arm` codes `arms`; `reference` gives for each arm the code of its
    reference. `strategy` (N) codes `STRATEGIES`, `start` (N) is the number of the visit from which it holds, V for
    none. `own_rows` and `reference_rows` (N x V x p) are the rows of the imputation model, as observed and with
    the reference in place of the arm, `design` their design. `people` has a row a participant.
    """

    response: str
    subject: str
    visit: str
    arm_name: str
    visits: tuple[object, ...]
    visit_type: pl.DataType
    arms: tuple[object, ...]
    arm: Codes
    reference: Codes
    values: Floats
    strategy: Codes
    start: NDArray[np.int64]
    own_rows: Floats
    reference_rows: Floats
    people: pl.DataFrame
    design: Design

    @property
    def observed(self) -> Mask:
        """Where there is a value (N x V)."""
        return np.isfinite(self.values)

    @property
    def after_event(self) -> Mask:
        """Where a visit is at or after the event (N x V)."""
        return np.asarray(np.arange(len(self.visits)) >= self.start[:, None])

    @property
    def modelled(self) -> Mask:
        """Where the imputation model learns from a value (N x V)."""
        departs = (self.strategy != STRATEGIES.index("MAR"))[:, None]
        return np.asarray(self.observed & ~(self.after_event & departs))


def read_outcomes(
    formula: str,
    data: IntoFrame,
    *,
    subject: str,
    visit: str,
    arm: str,
    reference: object,
    strategy: str = "MAR",
    strategy_from: str | None = None,
    keep: Sequence[str] = (),
) -> Outcomes:
    """Read the outcome of `formula` and the rows of its model.

    `reference`: the reference arm, or a mapping of arms to theirs. `strategy`: one of `STRATEGIES` for everyone,
    or a column with each participant's (null: MAR). `strategy_from`: a column with the visit of the event (null:
    no event); by default the first visit after the last observed one. `keep`: further columns, constant for a
    participant, that `people` shall hold. Raises `DataError` for unknown columns, visits, arms or strategies, two
    rows of a participant at a visit, covariates that are missing, and values of a participant that contradict
    each other.
    """
    model = parse_formula(formula)
    frame = to_polars(data)
    given = [name for name in (strategy if strategy in frame.columns else None, strategy_from) if name]
    require_columns(frame, [*model.response_columns, *model.columns, subject, visit, arm, *given, *keep])
    if model.response not in frame.columns or model.response in {subject, visit, arm}:
        raise DataError(f"an outcome must be a column of its own to be imputed; derive it first. Got {formula}")
    if arm not in model.columns or visit not in model.columns:
        raise DataError(f"an imputation model must hold {arm} and {visit}, as in ARM*VISIT. Got {formula}")
    require_labels(frame, [subject, visit, arm])
    _refuse_repeats(frame, subject, visit)
    visits = factor_levels(frame[visit])
    if len(visits) < 2:
        raise DataError(f"imputation needs at least two visits in column {visit}. Got {show_levels(visits)}")

    arms = tuple(factor_levels(frame[arm]))
    kept = list(dict.fromkeys([arm, *given, *(name for name in keep if name != subject)]))
    people = constant_by_participant(frame, subject, kept)
    grid = _complete_grid(frame, people, model, subject, visit, arm, visits)
    size = (people.height, len(visits))
    outcome = grid[model.response]
    if missing := [str(one) for one, seen in _seen(outcome, size, visits) if not seen]:
        raise DataError(f"each visit needs an observed {model.response}; leave it out. Got none at {missing[0]}")
    values = outcome.fill_null(np.nan).to_numpy().reshape(size)
    design = build_design(formula, grid.with_columns(pl.col(model.response).fill_null(0.0)))
    arm_codes = code_factor(people[arm]).codes
    references = _references(arms, reference, arm)
    start = _starts(people, strategy_from, visits, np.isfinite(values))
    codes = _strategies(people, strategy)
    own_rows = design.matrix.reshape(*size, -1)
    reference_rows = own_rows
    if any(STRATEGIES[code] in ("J2R", "CR", "CIR") for code in np.unique(codes)):
        place = {one: at for at, one in enumerate(design.factors[arm])}
        swapped = np.array([place[arms[code]] for code in references], dtype=np.intp)[arm_codes]
        values_at = {**design.values, arm: np.repeat(swapped, len(visits))}
        reference_rows = design.coding.matrix(values_at).reshape(*size, -1)
    return Outcomes(
        response=model.response,
        subject=subject,
        visit=visit,
        arm_name=arm,
        visits=tuple(visits),
        visit_type=frame[visit].dtype,
        arms=arms,
        arm=arm_codes,
        reference=references,
        values=values,
        strategy=codes,
        start=start,
        own_rows=own_rows,
        reference_rows=reference_rows,
        people=people,
        design=design,
    )


def constant_by_participant(frame: pl.DataFrame, subject: str, names: Sequence[str]) -> pl.DataFrame:
    """Take `names` once a participant, sorted; `DataError` where a participant has two values in one of them."""
    present = [pl.col(name).drop_nulls() for name in names]
    table = frame.group_by(subject).agg(
        *(cells.first() for cells in present),
        *(cells.n_unique().alias(f"_{name}") for name, cells in zip(names, present, strict=True)),
    )
    table = table.sort(subject)
    for name in names:
        several = table.filter(pl.col(f"_{name}") > 1)
        if several.height:
            who = several[subject][0]
            cells = frame.filter(pl.col(subject) == who)[name].drop_nulls().unique().sort().to_list()
            raise DataError(
                f"column {name} must hold one value for each participant; {subject} {who} has several. "
                f"Got {show_levels(cells)}"
            )
    return table.select(subject, *names)


def _refuse_repeats(frame: pl.DataFrame, subject: str, visit: str) -> None:
    twice = frame.group_by(subject, visit).len().filter(pl.col("len") > 1).sort(subject, visit)
    if twice.height:
        who, when, count = twice.row(0)
        raise DataError(
            f"a participant must have one row at a visit; choose one for {subject} {who} at {visit} {when}. "
            f"Got {count}"
        )


def _complete_grid(
    frame: pl.DataFrame,
    people: pl.DataFrame,
    model: ModelFormula,
    subject: str,
    visit: str,
    arm: str,
    visits: Sequence[object],
) -> pl.DataFrame:
    """Make a row for each participant and visit, with the outcome (null where missing) and all covariates."""
    order = pl.DataFrame([pl.Series(visit, visits, dtype=frame[visit].dtype), pl.Series("_v", range(len(visits)))])
    rows = people.select(subject, arm).join(order, how="cross").sort(subject, "_v")
    outcome = frame.select(subject, visit, require_numeric(frame, model.response))
    grid = rows.join(outcome, on=[subject, visit], how="left", maintain_order="left")
    for name in model.columns:
        if name in (arm, visit, subject):
            continue
        spread = frame.group_by(subject).agg(pl.col(name).drop_nulls().n_unique().alias("n"))
        if spread["n"].max() == 1:
            constant = frame.group_by(subject).agg(pl.col(name).drop_nulls().first())
            grid = grid.join(constant, on=subject, how="left", maintain_order="left")
        else:
            varying = frame.select(subject, visit, name)
            grid = grid.join(varying, on=[subject, visit], how="left", maintain_order="left")
        gone = grid.filter(pl.col(name).is_null())
        if gone.height:
            raise DataError(
                f"covariate {name} must be known for every participant at every visit. "
                f"Got none for {subject} {gone[subject][0]} at {visit} {gone[visit][0]}"
            )
    return grid


def _seen(outcome: pl.Series, size: tuple[int, int], visits: Sequence[object]) -> list[tuple[object, bool]]:
    present = np.asarray(outcome.is_not_null().to_numpy()).reshape(size)
    return [(one, bool(present[:, at].any())) for at, one in enumerate(visits)]


def _references(arms: Sequence[object], reference: object, arm: str) -> Codes:
    own = {one: one for one in arms}
    if isinstance(reference, Mapping):
        pairs = {
            require_level(arms, one, arm): require_level(arms, other, arm) for one, other in reference.items()
        }
    else:
        pairs = dict.fromkeys(arms, require_level(arms, reference, arm))
    place = {one: at for at, one in enumerate(arms)}
    return np.array([place[(own | pairs)[one]] for one in arms], dtype=np.intp)


def _starts(
    people: pl.DataFrame, strategy_from: str | None, visits: Sequence[object], observed: Mask
) -> NDArray[np.int64]:
    count = len(visits)
    if strategy_from is None:
        last = count - np.argmax(observed[:, ::-1], axis=1)
        return np.where(observed.any(axis=1), last, 0).astype(np.int64)
    place = {one: at for at, one in enumerate(visits)}
    cells = people[strategy_from].to_list()
    return np.array(
        [count if cell is None else place[require_level(visits, cell, strategy_from)] for cell in cells],
        dtype=np.int64,
    )


def _strategies(people: pl.DataFrame, strategy: str) -> Codes:
    if strategy not in people.columns:
        return np.full(people.height, STRATEGIES.index(require_strategy(strategy)), dtype=np.intp)
    cells = people[strategy].to_list()
    known: dict[object, Strategy] = {cell: require_strategy(cell) for cell in set(cells) - {None}} | {None: "MAR"}
    return np.array([STRATEGIES.index(known[cell]) for cell in cells], dtype=np.intp)
