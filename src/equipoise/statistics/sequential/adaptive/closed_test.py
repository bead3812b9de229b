"""Several doses against one control in stages, with selection between them, by closed testing.

Every intersection of the hypotheses of no effect is tested by an inverse normal combination of stage-wise
p-values; a dose is shown to work when all intersections that hold it are rejected (Bauer and Kieser 1999; Posch
et al. 2005). A dose that was dropped leaves the intersection at later stages; an intersection of dropped doses
alone can be rejected no more. The p of an intersection: Dunnett, from the joint distribution of the statistics
with the shared control, Bonferroni, Sidak, Simes, or fixed sequence. Checked against R rpact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

import numpy as np
import polars as pl

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats, t_upper_p
from equipoise.statistics.multivariate import t_maximum_p
from equipoise.statistics.sequential.adaptive.combination import inverse_normal, repeated_p_or_none
from equipoise.statistics.sequential.design import GroupSequential

IntersectionTest = Literal["dunnett", "bonferroni", "sidak", "simes", "fixed-sequence"]


@dataclass(frozen=True)
class ClosedCombination:
    """A closed combination test.

    `intersections`: columns intersection (doses joined by `+`), look, p (of the stage), z (combined), upper,
    rejected (by this look). `doses`: columns dose, rejected_at (first look by which all its intersections are
    rejected, null if none), p (smallest alpha at which they are by now: of each intersection the smallest repeated
    p of its looks, and of these the largest; null at interim looks of Haybittle and Peto).
    """

    intersections: pl.DataFrame
    doses: pl.DataFrame


def closed_combination(
    design: GroupSequential,
    statistics: Sequence[Sequence[float | None]],
    *,
    participants: Sequence[Sequence[float]] | None = None,
    df: float | Sequence[float] = np.inf,
    doses: Sequence[str] | None = None,
    test: IntersectionTest = "dunnett",
) -> ClosedCombination:
    """Test doses against a control after the stages done so far.

    `statistics`: for each stage the statistic of each dose against control from the participants of that stage
    alone, large where the dose works; None for a dose that was dropped. `participants`: for each stage the
    numbers in control and in each dose (needed by Dunnett; those of dropped doses are not read). `df`: degrees of
    freedom of the statistics, one or one a stage; infinite for z. `doses`: names; `test`: of the intersections,
    `fixed-sequence` taking the first dose of those listed.

    Raises `DataError` for a dose that comes back, stages that do not fit or a two-sided design.
    """
    if test not in get_args(IntersectionTest):
        raise DataError(f"test must be one of {', '.join(get_args(IntersectionTest))}. Got {test}")
    values = _read_statistics(statistics)
    stages, number = _require_stages(design, values)
    names = [f"dose {i + 1}" for i in range(number)] if doses is None else [str(name) for name in doses]
    if len(set(names)) != number:
        raise DataError(f"doses must have {number} different names. Got {', '.join(names)}")
    freedom = np.asarray(df, dtype=float)
    if freedom.shape not in ((), (stages,)) or not (freedom >= 1).all():
        raise DataError(f"df must be a number of 1 or more, or one for each of {stages} stages. Got {df}")
    freedom = np.broadcast_to(freedom, (stages,))
    sizes = _require_sizes(participants, values) if test == "dunnett" else None

    rows: list[dict[str, object]] = []
    reached: dict[tuple[int, ...], tuple[int | None, float | None]] = {}
    for size in range(number, 0, -1):
        for members in combinations(range(number), size):
            p = _stage_p(values, members, freedom, sizes, test)
            found = inverse_normal(design, p)
            repeated = [repeated_p_or_none(design, look, z) for look, z in enumerate(found.z, 1)]
            reached[members] = found.rejected_at, min((p for p in repeated if p is not None), default=None)
            label = "+".join(names[i] for i in members)
            rows.extend(
                {
                    "intersection": label,
                    "look": look,
                    "p": found.p[look - 1],
                    "z": found.z[look - 1],
                    "upper": design.upper[look - 1],
                    "rejected": found.rejected_at is not None and found.rejected_at <= look,
                }
                for look in range(1, len(p) + 1)
            )
    summary = []
    for i, name in enumerate(names):
        own = [outcome for members, outcome in reached.items() if i in members]
        looks = [look for look, _ in own if look is not None]
        smallest = [one for _, one in own if one is not None]
        summary.append(
            {
                "dose": name,
                "rejected_at": max(looks) if len(looks) == len(own) else None,
                "p": max(smallest) if len(smallest) == len(own) else None,
            }
        )
    return ClosedCombination(
        pl.DataFrame(rows),
        pl.DataFrame(summary, schema={"dose": pl.String, "rejected_at": pl.Int64, "p": pl.Float64}),
    )


def dunnett_correlation(participants: Sequence[float]) -> Floats:
    """Find the correlation of statistics that share a control from the numbers in control and in each dose."""
    sizes = np.asarray(participants, dtype=float)
    root = np.sqrt(sizes[1:] / (sizes[1:] + sizes[0]))
    correlation: Floats = np.outer(root, root)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _stage_p(
    values: Floats, members: tuple[int, ...], freedom: Floats, sizes: Floats | None, test: IntersectionTest
) -> list[float]:
    """Find the p of an intersection at each stage that still has one of its doses."""
    found = []
    for stage, row in enumerate(values):
        here = [i for i in members if not np.isnan(row[i])]
        if not here:
            break
        p = np.sort(t_upper_p(row[here], freedom[stage]))
        if test == "dunnett" and sizes is not None and len(here) > 1:
            correlation = dunnett_correlation([sizes[stage, 0], *(sizes[stage, 1 + i] for i in here)])
            one = float(t_maximum_p(row[here].max(), correlation, freedom[stage], two_sided=False))
        elif test == "bonferroni":
            one = p.size * p[0]
        elif test == "sidak":
            one = -np.expm1(p.size * np.log1p(-p[0]))
        elif test == "simes":
            one = np.min(p.size * p / np.arange(1, p.size + 1))
        elif test == "fixed-sequence":
            one = t_upper_p(row[here[0]], freedom[stage])
        else:
            one = p[0]
        found.append(float(np.clip(one, 1e-300, 1.0 - 1e-15)))
    return found


def _read_statistics(statistics: Sequence[Sequence[float | None]]) -> Floats:
    rows = [list(row) if isinstance(row, Sequence | np.ndarray) else [] for row in statistics]
    if not rows or not rows[0] or len({len(row) for row in rows}) != 1:
        raise DataError(
            "statistics must be a row for each stage with a number, or None, for each dose, as "
            f"[[2.2, 1.4], [2.0, None]]. Got {statistics}"
        )
    return np.array([[np.nan if x is None else x for x in row] for row in rows], dtype=float)


def _require_stages(design: GroupSequential, values: Floats) -> tuple[int, int]:
    stages, number = values.shape
    if stages > design.looks:
        raise DataError(f"there must be at most {design.looks} stages. Got {stages}")
    if np.isnan(values[0]).any() or not (np.isfinite(values) | np.isnan(values)).all():
        raise DataError("statistics must be finite numbers, those of the first stage complete. Got others")
    if (np.isnan(values[:-1]) & ~np.isnan(values[1:])).any():
        raise DataError("a dose that was dropped cannot come back. Got a statistic after None")
    if np.isnan(values).all(axis=1).any():
        raise DataError("each stage must have a dose. Got a stage of None only")
    return stages, number


def _require_sizes(participants: Sequence[Sequence[float]] | None, values: Floats) -> Floats:
    if participants is None:
        raise DataError("Dunnett's test needs participants in control and doses for each stage. Got None")
    rows = [
        [np.nan if x is None else x for x in row] if isinstance(row, Sequence | np.ndarray) else []
        for row in participants
    ]
    if [len(row) for row in rows] != [values.shape[1] + 1] * values.shape[0]:
        raise DataError(
            f"participants must be {values.shape[0]} rows of {values.shape[1] + 1} numbers, control first. "
            f"Got rows of {', '.join(str(len(row)) for row in rows)}"
        )
    sizes = np.array(rows, dtype=float)
    present = np.column_stack([np.ones(len(rows), dtype=bool), ~np.isnan(values)])
    if not (sizes[present] > 0).all():
        raise DataError("participants of control and of doses with a statistic must be above 0. Got others")
    return sizes
