"""Proportions of an estimand's outcome by arm, their differences and odds ratios, and a test of association.

The outcome is a response (yes or no), or a measurement whose values are categories, such as the grades of a
global impression; differences and odds ratios are of responses only. Proportions have Wilson's interval.
"""

from typing import Literal

import polars as pl

from ...errors import EstimationFailed
from ...protocol.model import Categorical
from ...statistics.categorical import (
    Comparison,
    chi_square,
    cochran_mantel_haenszel,
    fisher_exact,
    odds_ratio,
    proportion,
    risk_difference,
)
from ..context import Context, by_arm
from ..estimand import EstimandFrame, build_estimand_frame
from ..result import AnalysisResult
from ..rows import Number, Place, ResultRows
from .model_terms import build_model_frame

_ROWS = {"general": "general association", "mean scores": "row mean scores", "correlation": "correlation"}
_BY = {
    "newcombe": "Newcombe",
    "miettinen-nurminen": "Miettinen and Nurminen",
    "wald": "Wald",
    "mantel-haenszel": "Mantel and Haenszel",
}
_SAID = {
    "fisher": "Fisher's exact test",
    "chi-square": "Pearson's chi-square test",
    "cochran-mantel-haenszel": "Cochran-Mantel-Haenszel test",
}


def estimate_categorical(context: Context, name: str, spec: Categorical) -> AnalysisResult:
    """Estimate proportions and compare them, at each visit.

    The test is of all arms, and where there are more than two of each against the one compared with. Raises
    EstimationFailed where an arm has no outcome; what cannot be estimated is named in the account.
    """
    frame = build_estimand_frame(context, spec.estimand)
    rows = ResultRows(name, frame.estimand.set)
    said = list(frame.account)
    used = []
    for _, label, visit_records in frame.visits():
        model = build_model_frame(context, frame, visit_records, ["arm"], also=spec.strata)
        records = model.rows.with_columns(pl.col("arm").cast(pl.String))
        said += model.said
        used.append(frame.trace(model.rows, spec.strata))
        place = Place(parameter=frame.parameter, visit=label)
        if frame.estimand.variable.kind == "response":
            _add_responses(rows, frame, records, spec, place)
            if frame.versus is not None:
                said += _add_comparisons(rows, frame, records, spec, place)
        else:
            _add_levels(rows, frame, records, place)
        if spec.test != "none" and len(frame.arms) > 1:
            said += _add_tests(rows, frame, records, spec, place)
    return AnalysisResult(name, spec, frame.estimand.set, rows.frame(), pl.concat(used), tuple(said))


def _add_responses(
    rows: ResultRows, frame: EstimandFrame, records: pl.DataFrame, spec: Categorical, place: Place
) -> None:
    found = proportion(records, "outcome", "arm", method="wilson", level=spec.confidence).estimates
    estimates = {row["arm"]: row for row in found.iter_rows(named=True)}
    for arm in frame.arms:
        row = estimates[arm]
        share = {"n": row["n"], "count": row["events"], "percent": 100.0 * row["estimate"]}
        rows.add({**share, **{k: row[k] for k in ("estimate", "lower", "upper")}}, arm=arm, **place)


def _add_levels(rows: ResultRows, frame: EstimandFrame, records: pl.DataFrame, place: Place) -> None:
    parts = by_arm(records, frame.arms)
    below = {arm: part.height for arm, part in parts.items()}
    for arm, number in below.items():
        rows.add({"n": number}, arm=arm, **place)
    for level in records["outcome"].unique().sort():
        counted = {arm: part.filter(pl.col("outcome") == level).height for arm, part in parts.items()}
        for arm, count in counted.items():
            share = {"count": count, "percent": 100.0 * count / below[arm]}
            rows.add(share, arm=arm, group={"level": float(level)}, **place)


def _add_comparisons(
    rows: ResultRows, frame: EstimandFrame, records: pl.DataFrame, spec: Categorical, place: Place
) -> list[str]:
    """Add the difference of proportions and the odds ratio of each arm against the one compared with."""
    assert frame.versus is not None
    strata = list(spec.strata) or None
    interval: Literal["newcombe", "miettinen-nurminen", "wald", "mantel-haenszel"] = (
        "mantel-haenszel" if strata else spec.interval
    )
    difference = risk_difference(
        records, "outcome", "arm", versus=frame.versus, strata=strata, method=interval, level=spec.confidence
    )
    _add_comparison(rows, frame, difference, "risk_difference", place)
    stratified = f", stratified by {', '.join(spec.strata)}" if strata else ""
    said = [f"Differences of proportions: interval by {_BY[interval]}{stratified}."]
    try:
        odds = odds_ratio(records, "outcome", "arm", versus=frame.versus, strata=strata, level=spec.confidence)
    except EstimationFailed as failure:
        return [*said, f"No odds ratio: {failure}."]
    _add_comparison(rows, frame, odds, "odds_ratio", place)
    return [*said, f"Odds ratios: {'Mantel and Haenszel' if strata else 'Wald interval of the log'}{stratified}."]


def _add_comparison(
    rows: ResultRows, frame: EstimandFrame, compared: Comparison, statistic: str, place: Place
) -> None:
    found = {str(row["arm"]): row for row in compared.estimates.iter_rows(named=True)}
    for arm in frame.compared:
        row = found[arm]
        statistics = {statistic: row["estimate"], "se": row["se"], "lower": row["lower"], "upper": row["upper"]}
        rows.add(statistics, arm=arm, versus=str(row["versus"]), group={"measure": statistic}, **place)


def _add_tests(
    rows: ResultRows, frame: EstimandFrame, records: pl.DataFrame, spec: Categorical, place: Place
) -> list[str]:
    pairs: list[tuple[str, str, pl.DataFrame]] = [("", "", records)]
    if frame.versus is not None and len(frame.arms) > 2:
        for arm in frame.compared:
            pair = records.filter(pl.col("arm").is_in([arm, frame.versus]))
            pairs.append((arm, frame.versus, pair))
    said = [f"Test: {_test_in_words(spec)}."]
    for arm, versus, part in pairs:
        try:
            rows.add(_test(part, spec), arm=arm, versus=versus, **place)
        except EstimationFailed as failure:
            between = f"{arm} against {versus}" if arm else "all arms"
            said.append(f"No test of {between}: {failure}.")
    return said


def _test(records: pl.DataFrame, spec: Categorical) -> dict[str, Number]:
    """Test that outcome and arm are not associated."""
    if records["outcome"].n_unique() < 2:
        raise EstimationFailed("every participant has the same outcome")
    if spec.test == "fisher":
        return {"p": fisher_exact(records, "outcome", "arm").p}
    if spec.test == "chi-square":
        chi = chi_square(records, "outcome", "arm")
        return {"chi2": chi.chi2, "df": chi.df, "p": chi.p}
    cmh = cochran_mantel_haenszel(records, "outcome", "arm", strata=list(spec.strata) or None)
    row = cmh.tests.filter(pl.col("test") == _ROWS[spec.association]).row(0, named=True)
    return {"chi2": row["chi2"], "df": row["df"], "p": row["p"]}


def _test_in_words(spec: Categorical) -> str:
    if spec.test != "cochran-mantel-haenszel":
        return f"{_SAID[spec.test]}{', not stratified' if spec.strata else ''}"
    strata = f", stratified by {', '.join(spec.strata)}" if spec.strata else ""
    return f"{_SAID[spec.test]} of {_ROWS[spec.association]}{strata}"
