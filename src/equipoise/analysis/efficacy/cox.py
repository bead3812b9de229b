"""Cox regression of an estimand's time to event: hazard ratios, within subgroups too.

Hazard ratios of arms are against the one compared with; other terms of the model are named in `group`. A
subgroup's hazard ratios come from fits within its levels, the test of interaction from the likelihood ratio of
models with and without arm by level, both with the strata of the protocol.
"""

from collections.abc import Sequence

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import Cox
from ...statistics.distributions import chi2_upper_p
from ...statistics.survival import cox
from ...statistics.survival.cox import Cox as Fit
from ..context import Context, by_arm, levels_of
from ..estimand import EstimandFrame, build_estimand_frame
from ..result import AnalysisResult
from ..rows import Place, ResultRows
from .model_terms import build_model_frame, has_arm

_COLUMNS = ("hazard_ratio", "lower", "upper", "estimate", "se", "z", "p")


def estimate_cox(context: Context, name: str, spec: Cox) -> AnalysisResult:
    """Fit the model; `estimate` and `se` are of the log hazard ratio.

    Raises EstimationFailed where the data cannot give the model. A subgroup that cannot be estimated is named in
    the account.
    """
    frame = build_estimand_frame(context, spec.estimand)
    model = build_model_frame(context, frame, frame.records, spec.terms, also=spec.strata)
    rows = ResultRows(name, frame.estimand.set)
    place = Place(parameter=frame.parameter, visit="")
    _add_counts(rows, frame, model.rows, place, {})
    fit = _fit(frame, model.rows, spec, spec.terms)
    _add_coefficients(rows, frame, fit, place, {})
    strata = f", stratified by {', '.join(spec.strata)}" if spec.strata else ""
    said = [
        *frame.account,
        *model.said,
        f"Cox regression on {', '.join(spec.terms)}{strata}; ties by {spec.ties.capitalize()}; Wald tests and "
        f"{100 * spec.confidence:g}% intervals; {fit.events} events among {fit.n} participants.",
    ]
    for variable in spec.subgroups:
        said += _add_subgroup(context, rows, frame, spec, variable, place)
    records = frame.trace(model.rows, [*model.columns, *spec.subgroups])
    return AnalysisResult(name, spec, frame.estimand.set, rows.frame(), records, tuple(said))


def _fit(frame: EstimandFrame, records: pl.DataFrame, spec: Cox, terms: Sequence[str]) -> Fit:
    reference = {"arm": frame.versus or frame.arms[0]} if has_arm(terms) else None
    return cox(
        " + ".join(terms),
        records,
        time="time",
        event="event",
        ties=spec.ties,
        strata=list(spec.strata) or None,
        reference=reference,
        level=spec.confidence,
    )


def _add_counts(
    rows: ResultRows, frame: EstimandFrame, records: pl.DataFrame, place: Place, group: dict[str, str]
) -> None:
    for arm, part in by_arm(records, frame.arms).items():
        rows.add({"n": part.height, "events": part.filter("event").height}, arm=arm, group=group, **place)


def _add_coefficients(
    rows: ResultRows,
    frame: EstimandFrame,
    fit: Fit,
    place: Place,
    group: dict[str, str],
    *,
    others: bool = True,
) -> None:
    """Add the hazard ratios of the arms, and with `others` those of the other terms."""
    versus = frame.versus or frame.arms[0]
    arms = {f"arm[T.{arm}]": arm for arm in frame.arms}
    for row in fit.coefficients.iter_rows(named=True):
        statistics = {column: row[column] for column in _COLUMNS}
        arm = arms.get(row["term"])
        if arm is not None:
            rows.add(statistics, arm=arm, versus=versus, group=group, **place)
        elif others:
            rows.add(statistics, group={**group, "term": row["term"]}, **place)


def _add_subgroup(
    context: Context, rows: ResultRows, frame: EstimandFrame, spec: Cox, variable: str, place: Place
) -> list[str]:
    """Add hazard ratios within each level of a variable, and the test of its interaction with the arm."""
    if not has_arm(spec.terms):
        return [f"Subgroup {variable}: not estimated, because the terms hold no arm."]
    try:
        model = build_model_frame(context, frame, frame.records, spec.terms, also=[*spec.strata, variable])
    except EstimationFailed as failure:
        return [f"Subgroup {variable}: not estimated, because {failure}."]
    if not isinstance(model.rows[variable].dtype, pl.Enum):
        return [f"Subgroup {variable}: not estimated, because it is a number; give a variable with levels."]
    said = [*model.said, f"Subgroup {variable}: fitted within each level; interaction by likelihood ratio."]
    inside = [term for term in spec.terms if term != variable]
    for level in levels_of(model.rows[variable]):
        records = model.rows.filter(pl.col(variable).cast(pl.String) == level)
        _add_counts(rows, frame, records, place, {variable: level})
        try:
            within = _fit(frame, records, spec, inside)
            _add_coefficients(rows, frame, within, place, {variable: level}, others=False)
        except EstimationFailed as failure:
            said.append(f"{variable} {level}: no hazard ratio, because {failure}.")
    try:
        chi2, df = _interaction(frame, model.rows, spec, variable)
    except EstimationFailed as failure:
        return [*said, f"No test of the interaction with {variable}, because {failure}."]
    group = {"model": "interaction", "by": variable}
    rows.add({"chi2": chi2, "df": df, "p": chi2_upper_p(chi2, df)}, group=group, **place)
    return said


def _interaction(frame: EstimandFrame, records: pl.DataFrame, spec: Cox, variable: str) -> tuple[float, int]:
    """Compare the models with and without an own effect of each arm in each further level."""
    apart = [] if variable in spec.strata or variable in spec.terms else [variable]
    versus = frame.versus or frame.arms[0]
    products: list[str] = []
    for arm in frame.arms:
        for level in levels_of(records[variable])[1:]:
            if arm != versus:
                column = f"product{len(products)}"
                both = (pl.col("arm").cast(pl.String) == arm) & (pl.col(variable).cast(pl.String) == level)
                records = records.with_columns(both.cast(pl.Float64).alias(column))
                products.append(column)
    without = _fit(frame, records, spec, [*spec.terms, *apart])
    with_products = _fit(frame, records, spec, [*spec.terms, *apart, *products])
    return max(0.0, 2.0 * (with_products.log_likelihood - without.log_likelihood)), len(products)
