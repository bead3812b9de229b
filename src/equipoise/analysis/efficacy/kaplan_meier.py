"""Kaplan-Meier curves of an estimand, their quantiles, and tests of the log-rank family.

Each arm is tested against the one compared with, and all arms together. Tests are stratified where the protocol
says so; curves are not. `curves["survival"]` holds every step of every curve, for figures.
"""

from typing import Any

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import KaplanMeier
from ...statistics.survival import kaplan_meier, log_rank, restricted_mean
from ...statistics.survival.kaplan_meier import KaplanMeier as Curves
from ..context import Context
from ..estimand import EstimandFrame, build_estimand_frame
from ..result import AnalysisResult
from ..rows import Place, ResultRows
from .model_terms import build_model_frame

QUARTILES = {0.25: "q1", 0.5: "median", 0.75: "q3"}
_TESTS = {"log-rank": "log-rank", "gehan-breslow": "Gehan-Breslow", "fleming-harrington": "Fleming-Harrington"}


def estimate_kaplan_meier(context: Context, name: str, spec: KaplanMeier) -> AnalysisResult:
    """Estimate survival by arm and test the difference between arms.

    Raises EstimationFailed where an arm has nobody, and says in the account where a test cannot be done.
    """
    frame = build_estimand_frame(context, spec.estimand)
    model = build_model_frame(context, frame, frame.records, ["arm"], also=spec.strata)
    records = model.rows
    rows = ResultRows(name, frame.estimand.set)
    place = Place(parameter=frame.parameter, visit="")
    fit = kaplan_meier(records, "time", "event", "arm", interval=spec.interval, level=spec.confidence)
    _add_counts(rows, fit, place)
    _add_quantiles(rows, fit, place)
    _add_times(rows, fit, spec, place)
    said = [*frame.account, *model.said]
    said.append(
        f"Kaplan-Meier; {100 * spec.confidence:g}% intervals symmetric on the {spec.interval} scale, "
        "of quantiles by Brookmeyer and Crowley."
    )
    if spec.test != "none" and len(frame.arms) > 1:
        said += _add_tests(rows, frame, records, spec, place)
    if spec.restricted_to is not None:
        said.append(_add_restricted_means(rows, frame, records, spec, spec.restricted_to, place))
    curve = fit.curve.with_columns(pl.col("arm").cast(pl.String))
    return AnalysisResult(
        name,
        spec,
        frame.estimand.set,
        rows.frame(),
        frame.trace(records, spec.strata),
        tuple(said),
        curves={"survival": curve},
    )


def _add_counts(rows: ResultRows, fit: Curves, place: Place) -> None:
    for row in fit.summary.iter_rows(named=True):
        arm = str(row["arm"])
        rows.add({"n": row["n"], "events": row["events"]}, arm=arm, **place)
        rows.add({"count": row["censored"]}, arm=arm, group={"status": "censored"}, **place)


def _add_quantiles(rows: ResultRows, fit: Curves, place: Place) -> None:
    for row in fit.quantiles(*QUARTILES).sort("arm", "p").iter_rows(named=True):
        statistics = {QUARTILES[row["p"]]: row["estimate"], "lower": row["lower"], "upper": row["upper"]}
        rows.add(statistics, arm=str(row["arm"]), group={"quantile": row["p"]}, **place)


def _add_times(rows: ResultRows, fit: Curves, spec: KaplanMeier, place: Place) -> None:
    if not spec.at:
        return
    for row in fit.at(spec.at).iter_rows(named=True):
        statistics = {k: row[k] for k in ("at_risk", "survival", "se", "lower", "upper")}
        rows.add(statistics, arm=str(row["arm"]), group={"time": float(row["time"])}, **place)


def _add_tests(
    rows: ResultRows, frame: EstimandFrame, records: pl.DataFrame, spec: KaplanMeier, place: Place
) -> list[str]:
    """Add chi-square, degrees of freedom and p over all arms, then of each arm against the one compared with."""
    options: dict[str, Any] = {"strata": list(spec.strata) or None}
    if spec.test == "gehan-breslow":
        options["weights"] = "gehan-breslow"
    elif spec.test == "fleming-harrington":
        options |= {"rho": spec.rho, "gamma": spec.gamma}
    try:
        test = log_rank(records, "time", "event", "arm", **options)
        rows.add({"chi2": test.chi2, "df": test.df, "p": test.p}, **place)
        if frame.versus is not None and len(frame.arms) > 2:
            for arm in frame.compared:
                pair = records.filter(pl.col("arm").cast(pl.String).is_in([arm, frame.versus]))
                one = log_rank(pair, "time", "event", "arm", **options)
                rows.add({"chi2": one.chi2, "df": one.df, "p": one.p}, arm=arm, versus=frame.versus, **place)
    except EstimationFailed as failure:
        return [f"No test: {failure}."]
    strata = f", stratified by {', '.join(spec.strata)}" if spec.strata else ""
    powers = f" with rho {spec.rho:g} and gamma {spec.gamma:g}" if spec.test == "fleming-harrington" else ""
    return [f"Test: {_TESTS[spec.test]}{powers}{strata}."]


def _add_restricted_means(
    rows: ResultRows, frame: EstimandFrame, records: pl.DataFrame, spec: KaplanMeier, to: float, place: Place
) -> str:
    group = {"restricted_to": float(to)}
    unit = frame.estimand.variable.unit
    try:
        means = restricted_mean(
            records, "time", "event", to, "arm", versus=frame.versus or frame.arms[0], level=spec.confidence
        )
    except EstimationFailed as failure:
        return f"No restricted mean: {failure}."
    for row in means.means.iter_rows(named=True):
        statistics = {k: row[k] for k in ("estimate", "se", "lower", "upper")}
        rows.add(statistics, arm=str(row["arm"]), group=group, **place)
    if frame.versus is not None:
        for row in means.differences.iter_rows(named=True):
            statistics = {k: row[k] for k in ("estimate", "se", "lower", "upper", "z", "p")}
            rows.add(statistics, arm=str(row["arm"]), versus=str(row["versus"]), group=group, **place)
    return f"Restricted means: area under the curve up to {to:g} {unit}."
