"""Tipping points: how far missing values of an arm must change before the conclusion does.

Missing values are imputed as missing at random, a delta is added to those of one arm, and each comparison is
looked at along the range of deltas. The conclusion is whether its p is below the level at which the mmrm tests it:
that of the whole, or what Bonferroni's or Dunnett's test leaves each comparison. The limits are
those of that level, so that they hold no difference where p is above it.
"""

import numpy as np
import polars as pl

from ...errors import DataError
from ...protocol.model import TippingPoint
from ...statistics.distributions import t_quantile, t_two_sided_p
from ...statistics.missing import TippingPoint as Tipping
from ...statistics.missing import tipping_point
from ..context import Context
from ..efficacy.ancova import in_arm_order
from ..efficacy.multiplicity import level_of_each
from ..result import AnalysisResult
from ..rows import Place, ResultRows
from .imputation import POOLED, add_counts, impute, read_incomplete, say_imputation

_DRAWN = 121
_ALONG = ("estimate", "se", "lower", "upper", "df", "t", "p")


def estimate_tipping_point(context: Context, name: str, spec: TippingPoint) -> AnalysisResult:
    """Impute once and add deltas to each arm that is compared, one arm at a time.

    Raises EstimationFailed where the data cannot give the imputation. An arm without a missing value at the visit
    has no delta; the account says so.
    """
    incomplete = read_incomplete(context, spec)
    measures, frame = incomplete.measures, incomplete.measures.frame
    rows = ResultRows(name, frame.estimand.set)
    imputed = impute(incomplete, spec)
    said = say_imputation(incomplete, spec)
    low, high = spec.deltas
    curves = []
    for visit in measures.asked:
        label = measures.labels[visit]
        place = Place(parameter=frame.parameter, visit=label)
        add_counts(rows, incomplete, visit, place)
        levels = level_of_each(incomplete.fit, incomplete.spec, incomplete.versus, visit)
        here = pl.col("visit").cast(pl.String) == visit
        for row in in_arm_order(imputed.contrasts.filter(here), frame):
            arm = row["arm"]
            half = float(t_quantile(1 - levels[arm] / 2, row["df"])) * row["se"]
            limits = {"lower": row["estimate"] - half, "upper": row["estimate"] + half}
            statistics = {key: row[key] for key in POOLED} | limits
            rows.add(statistics, arm=arm, versus=incomplete.versus, **place)
            try:
                tipping = tipping_point(
                    imputed,
                    visit=visit,
                    arm=arm,
                    versus=incomplete.versus,
                    deltas=spec.deltas,
                    points=spec.points,
                    alpha=levels[arm],
                )
            except DataError as error:
                said.append(f"{arm}, {label}: no tipping point, because {error}.")
                continue
            for step in tipping.surface.iter_rows(named=True):
                statistics = {key: step[key] for key in _ALONG}
                rows.add(statistics, arm=arm, versus=incomplete.versus, group={"delta": step["delta"]}, **place)
            curves.append(_curve(tipping, label, spec.deltas))
            found = {"level": levels[arm], "delta": tipping.tipping_delta}
            rows.add(found, arm=arm, versus=incomplete.versus, group={"tipping": "delta"}, **place)
            said.append(_say(arm, label, row["p"], levels[arm], tipping.tipping_delta, low, high))
    records = frame.trace(incomplete.people, incomplete.model.columns)
    drawn = {"deltas": pl.concat(curves)} if curves else {}
    return AnalysisResult(name, spec, frame.estimand.set, rows.frame(), records, tuple(said), drawn)


def _curve(tipping: Tipping, visit: str, deltas: tuple[float, float]) -> pl.DataFrame:
    """Follow the comparison through the range closely enough to draw it: delta, estimate, limits, p."""
    delta = np.linspace(*deltas, _DRAWN)
    estimate, se, df = tipping.response.at(np.column_stack([delta, np.zeros(_DRAWN)]))
    half = t_quantile(np.full(_DRAWN, 1 - tipping.alpha / 2), df) * se
    return pl.DataFrame(
        {
            "visit": [visit] * _DRAWN,
            "arm": [str(tipping.arm)] * _DRAWN,
            "delta": delta,
            "estimate": estimate,
            "lower": estimate - half,
            "upper": estimate + half,
            "p": t_two_sided_p(estimate / se, df),
        }
    )


def _say(arm: str, visit: str, p: float, level: float, delta: float | None, low: float, high: float) -> str:
    """Say what the conclusion is without delta, and at which it changes."""
    below = "is below" if p < level else "is not below"
    changes = (
        f"this holds at every delta from {low:g} to {high:g}"
        if delta is None
        else f"this changes where {delta:.4g} is added to its missing values"
    )
    return f"{arm}, {visit}: p {below} {level:.4g} with no delta; {changes}."
