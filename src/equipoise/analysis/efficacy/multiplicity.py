"""Several arms against one: p-values and limits adjusted for their number, as the protocol asks.

The family is the comparisons of the active arms with the comparator at one visit; comparisons of active arms with
each other and other visits stand outside it. Simultaneous limits exist for the single-step procedures (Bonferroni,
Dunnett); the stepwise ones adjust p alone. Each comparison is adjusted with its own degrees of freedom.
"""

from collections.abc import Mapping
from typing import cast

import numpy as np
import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import Ancova, Mmrm
from ...statistics.distributions import t_quantile, t_two_sided_p
from ...statistics.linear.estimated_means import EstimatedMeans
from ...statistics.multiplicity import adjust_p, dunnett_contrasts
from ...statistics.multiplicity.adjusted_p import AdjustMethod
from ...statistics.multiplicity.dunnett import Procedure
from ..context import Context, count_of
from ..rows import Number, Place, ResultRows

_DUNNETT: Mapping[str, Procedure] = {"dunnett": "single-step", "step-down dunnett": "step-down"}
_SAID = {
    "bonferroni": "Bonferroni",
    "holm": "Holm",
    "hochberg": "Hochberg",
    "hommel": "Hommel",
    "fixed sequence": "a fixed sequence",
    "dunnett": "Dunnett's test, single-step",
    "step-down dunnett": "Dunnett's test, step-down",
}


def add_adjusted(
    context: Context,
    rows: ResultRows,
    fit: EstimatedMeans,
    spec: Ancova | Mmrm,
    versus: str,
    place: Place,
    visit: str | None = None,
) -> list[str]:
    """Add adjusted p (and simultaneous limits) of each arm against `versus` at a visit, and say how.

    `visit`: level of the model's factor `visit`, where it has one. Raises EstimationFailed where a fixed sequence
    does not name every arm that is compared.
    """
    if spec.multiplicity == "none":
        return []
    pairs = _pairs(fit, spec, visit)
    against = _against(fit, spec, versus, visit)
    arms = against["arm"].cast(pl.String).to_list()
    for arm, statistics in _adjust(context, spec, against, pairs, versus).items():
        group = {"multiplicity": spec.multiplicity, "comparisons": len(arms)}
        rows.add(statistics, arm=arm, versus=versus, group=group, **place)
    where = f"{place['visit']}: " if place["visit"] else ""
    limits = "p and limits" if spec.multiplicity in ("bonferroni", "dunnett") else "p"
    return [
        f"{where}{limits} of {count_of(len(arms), 'comparison')} with {versus} adjusted by "
        f"{_SAID[spec.multiplicity]}, familywise error rate {1 - spec.confidence:.4g}."
    ]


def level_of_each(
    fit: EstimatedMeans, spec: Ancova | Mmrm, versus: str, visit: str | None = None
) -> dict[str, float]:
    """Return for each arm the two-sided level below which the unadjusted p of its comparison is significant.

    For the procedures that do not test each comparison at a level of its own, the stepwise ones, it is the level
    of the whole.
    """
    alpha = 1 - spec.confidence
    against = _against(fit, spec, versus, visit)
    arms = against["arm"].cast(pl.String).to_list()
    if spec.multiplicity == "bonferroni":
        return dict.fromkeys(arms, alpha / len(arms))
    if spec.multiplicity == "dunnett":
        table = dunnett_contrasts(_pairs(fit, spec, visit), "arm", versus, level=spec.confidence).table
        levels = t_two_sided_p(table["critical"].to_numpy(), table["df"].to_numpy())
        names = [name.removesuffix(f" - {versus}") for name in table["name"]]
        return dict(zip(names, (float(level) for level in levels), strict=True))
    return dict.fromkeys(arms, alpha)


def _pairs(fit: EstimatedMeans, spec: Ancova | Mmrm, visit: str | None) -> pl.DataFrame:
    by = None if visit is None else "visit"
    return _at(fit.contrasts("arm", pairwise=True, by=by, margins=spec.margins, level=spec.confidence), visit)


def _against(fit: EstimatedMeans, spec: Ancova | Mmrm, versus: str, visit: str | None) -> pl.DataFrame:
    by = None if visit is None else "visit"
    return _at(fit.contrasts("arm", versus=versus, by=by, margins=spec.margins, level=spec.confidence), visit)


def _at(table: pl.DataFrame, visit: str | None) -> pl.DataFrame:
    if visit is None:
        return table
    return table.filter(pl.col("visit").cast(pl.String) == visit)


def _adjust(
    context: Context, spec: Ancova | Mmrm, against: pl.DataFrame, pairs: pl.DataFrame, versus: str
) -> Mapping[str, dict[str, Number]]:
    arms = against["arm"].cast(pl.String).to_list()
    method = spec.multiplicity
    if method in _DUNNETT:
        table = dunnett_contrasts(pairs, "arm", versus, procedure=_DUNNETT[method], level=spec.confidence).table
        found = {row["name"].removesuffix(f" - {versus}"): row for row in table.iter_rows(named=True)}
        keys = {"p": "adjusted_p"} | ({"lower": "lower", "upper": "upper"} if method == "dunnett" else {})
        return {arm: {name: found[arm][key] for name, key in keys.items()} for arm in arms}
    p = dict(zip(arms, against["p"].to_list(), strict=True))
    order = arms
    if method == "fixed sequence":
        order = [context.arm_labels[arm] for arm in spec.sequence]
        if set(order) != set(arms):
            raise EstimationFailed(
                f"a fixed sequence must name each arm that is compared with {versus} once. Got {', '.join(order)}"
            )
    adjusted = adjust_p([p[arm] for arm in order], cast("AdjustMethod", method.replace(" ", "-")))
    found_p: dict[str, dict[str, Number]] = {
        arm: {"p": float(value)} for arm, value in zip(order, adjusted, strict=True)
    }
    if method == "bonferroni":
        upper_tail = 1 - (1 - spec.confidence) / (2 * len(arms))
        half = t_quantile(np.full(len(arms), upper_tail), against["df"].to_numpy()) * against["se"].to_numpy()
        for arm, estimate, width in zip(arms, against["estimate"].to_list(), half.tolist(), strict=True):
            found_p[arm] |= {"lower": estimate - width, "upper": estimate + width}
    return {arm: found_p[arm] for arm in arms}
