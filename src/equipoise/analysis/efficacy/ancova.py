"""Analysis of covariance of an estimand's outcome: least-squares means, contrasts, dose response, subgroups.

Each visit of the estimand is a model of its own: outcome on the terms of the protocol, residual degrees of
freedom. Dose response is the slope where the dose, as a number, stands in place of the arm. A subgroup adds the
variable and its interaction with the arm; the contrasts within its levels come from that model. Checked against
the published analysis of the CDISC pilot study.
"""

from typing import Any

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import Ancova
from ...statistics.linear import ancova
from ...statistics.linear.ancova import LinearFit
from ..context import Context, by_arm, levels_of
from ..estimand import EstimandFrame, build_estimand_frame
from ..estimand.measurements import OUTCOME
from ..result import AnalysisResult
from ..rows import Place, ResultRows
from ..summaries import SHORT, add_summaries
from .model_terms import ModelFrame, build_model_frame, has_arm
from .multiplicity import add_adjusted

_INFERENCE = ("estimate", "se", "lower", "upper", "df", "t", "p")


def estimate_ancova(context: Context, name: str, spec: Ancova) -> AnalysisResult:
    """Fit the model at each visit of the estimand.

    Raises EstimationFailed where the data cannot give the model or the terms hold no arm though arms are
    compared. A subgroup that cannot be estimated is named in the account.
    """
    frame = build_estimand_frame(context, spec.estimand)
    rows = ResultRows(name, frame.estimand.set)
    said = list(frame.account)
    used = []
    for _, label, records in frame.visits():
        model = build_model_frame(context, frame, records, spec.terms)
        used.append(frame.trace(model.rows, [*model.columns, *spec.subgroups]))
        said += model.said
        fit = _fit(frame, model.rows, model.right, spec)
        place = Place(parameter=frame.parameter, visit=label)
        _add_summaries(rows, frame, model.rows, place)
        said.append(
            f"{label}: {frame.estimand.variable.summary} on {', '.join(spec.terms)}; least squares, "
            f"{fit.df_residual} residual degrees of freedom, residual SD {fit.sigma:.4g}, {spec.margins} margins."
        )
        if has_arm(spec.terms):
            _add_means(rows, frame, fit, spec, place)
            if frame.versus is not None:
                said += add_adjusted(context, rows, fit, spec, frame.versus, place)
        _add_terms(rows, fit, place)
        if spec.trend:
            said.append(_add_trend(context, rows, frame, model, spec, place))
        for variable in spec.subgroups:
            said += _add_subgroup(context, rows, frame, records, spec, variable, place)
    return AnalysisResult(name, spec, frame.estimand.set, rows.frame(), pl.concat(used), tuple(said))


def _fit(frame: EstimandFrame, rows: pl.DataFrame, right: str, spec: Ancova) -> LinearFit:
    factors = {"arm": frame.versus or frame.arms[0]} if has_arm([right.replace("+", "*")]) else {}
    return ancova(f"outcome ~ {right}", rows, reference=factors, level=spec.confidence)


def _add_summaries(rows: ResultRows, frame: EstimandFrame, records: pl.DataFrame, place: Place) -> None:
    """Add n, and the summaries of baseline, value and outcome of the participants in the model, by arm."""
    for arm, part in by_arm(records, frame.arms).items():
        rows.add({"n": part.height}, arm=arm, **place)
    columns = dict.fromkeys(("baseline", "value", OUTCOME[frame.estimand.variable.summary]))
    for column in columns:
        add_summaries(rows, records, column, frame.arms, statistics=SHORT, group={"summary": column}, **place)


def _add_means(rows: ResultRows, frame: EstimandFrame, fit: LinearFit, spec: Ancova, place: Place) -> None:
    means = fit.means("arm", margins=spec.margins, level=spec.confidence)
    for row in in_arm_order(means, frame):
        rows.add({k: row[k] for k in ("estimate", "se", "lower", "upper", "df")}, arm=row["arm"], **place)
    if frame.versus is not None:
        contrasts = fit.contrasts("arm", versus=frame.versus, margins=spec.margins, level=spec.confidence)
        for row in in_arm_order(contrasts, frame):
            rows.add({k: row[k] for k in _INFERENCE}, arm=row["arm"], versus=row["versus"], **place)
    if spec.pairwise:
        pairs = fit.contrasts("arm", pairwise=True, margins=spec.margins, level=spec.confidence)
        for row in pairs.iter_rows(named=True):
            if frame.versus not in (row["arm"], row["versus"]):
                rows.add({k: row[k] for k in _INFERENCE}, arm=row["arm"], versus=row["versus"], **place)


def in_arm_order(table: pl.DataFrame, frame: EstimandFrame) -> list[dict[str, Any]]:
    """Return the rows of a table by arm in the order of the protocol."""
    order = {arm: place for place, arm in enumerate(frame.arms)}
    return sorted(table.iter_rows(named=True), key=lambda row: order[row["arm"]])


def _add_terms(rows: ResultRows, fit: LinearFit, place: Place) -> None:
    """Add the type III test of each term, and the residual degrees of freedom."""
    for row in fit.type_three().iter_rows(named=True):
        if row["term"] == "Residual":
            rows.add({"df": row["df"], "sd": fit.sigma}, group={"term": "Residual"}, **place)
        else:
            rows.add({"df": row["df"], "f": row["f"], "p": row["p"]}, group={"term": row["term"]}, **place)


def _add_trend(
    context: Context,
    rows: ResultRows,
    frame: EstimandFrame,
    model: ModelFrame,
    spec: Ancova,
    place: Place,
) -> str:
    """Fit the same model with the dose in place of the arm; its slope is the dose response."""
    if "arm" not in spec.terms:
        raise EstimationFailed("a trend puts the dose in place of the arm, so `terms` must hold arm by itself")
    doses = {context.arm_labels[arm]: float(dose) for arm, dose in spec.trend.items()}
    if missing := [arm for arm in frame.arms if arm not in doses]:
        raise EstimationFailed(f"a trend needs the dose of every arm of the estimand; it lacks {missing[0]}")
    dosed = model.rows.with_columns(
        pl.col("arm").cast(pl.String).replace_strict(doses, return_dtype=pl.Float64).alias("dose")
    )
    right = " + ".join("dose" if term == "arm" else term for term in spec.terms)
    fit = ancova(f"outcome ~ {right}", dosed, level=spec.confidence)
    slope = fit.coefficients.filter(pl.col("term") == "dose").row(0, named=True)
    rows.add({k: slope[k] for k in _INFERENCE}, group={"trend": "dose"}, **place)
    spoken = ", ".join(f"{arm} {doses[arm]:g}" for arm in frame.arms)
    return f"Dose response: slope per unit of dose, with the dose ({spoken}) as a number in place of the arm."


def _add_subgroup(
    context: Context,
    rows: ResultRows,
    frame: EstimandFrame,
    records: pl.DataFrame,
    spec: Ancova,
    variable: str,
    place: Place,
) -> list[str]:
    """Add contrasts within the levels of a variable and the test of its interaction with the arm."""
    if frame.versus is None:
        return [f"Subgroup {variable}: not estimated, because the estimand compares no arms."]
    terms = list(dict.fromkeys([*spec.terms, variable, f"arm:{variable}"]))
    try:
        model = build_model_frame(context, frame, records, terms)
        if not isinstance(model.rows[variable].dtype, pl.Enum):
            return [f"Subgroup {variable}: not estimated, because it is a number; give a variable with levels."]
        fit = _fit(frame, model.rows, model.right, spec)
        contrasts = fit.contrasts(
            "arm", versus=frame.versus, by=variable, margins=spec.margins, level=spec.confidence
        )
        tests = {row["term"]: row for row in fit.type_three().iter_rows(named=True)}
    except EstimationFailed as failure:
        return [f"Subgroup {variable}: not estimated, because {failure}"]
    for level in levels_of(model.rows[variable]):
        inside = model.rows.filter(pl.col(variable) == level)
        for arm, part in by_arm(inside, frame.arms).items():
            rows.add({"n": part.height}, arm=arm, group={variable: level}, **place)
        for row in in_arm_order(contrasts.filter(pl.col(variable).cast(pl.String) == level), frame):
            group = {variable: level}
            rows.add({k: row[k] for k in _INFERENCE}, arm=row["arm"], versus=row["versus"], group=group, **place)
    test = next(row for term, row in tests.items() if set(term.split(":")) == {"arm", variable})
    rows.add(
        {"df": test["df"], "f": test["f"], "p": test["p"]}, group={"model": "interaction", "by": variable}, **place
    )
    return [*model.said, f"Subgroup {variable}: the model adds {variable} and its interaction with the arm."]
