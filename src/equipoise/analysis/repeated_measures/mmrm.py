"""Mixed model for repeated measures of an estimand's outcome: means, contrasts, terms, covariance.

All visits stand in one model with a covariance between the visits of a participant; a missing value is left to
the model, as missing at random. The answer is that at the estimand's visit; the other visits are shown with it.
Source and checks: `statistics.repeated_measures`.
"""

from collections.abc import Mapping

import polars as pl

from ...protocol.model import Mmrm
from ...statistics.repeated_measures import MmrmFit, mmrm
from ..context import Context, by_arm, count_of
from ..efficacy.ancova import in_arm_order
from ..efficacy.model_terms import has_arm
from ..efficacy.multiplicity import add_adjusted
from ..estimand import EstimandFrame
from ..estimand.measurements import OUTCOME
from ..result import AnalysisResult
from ..rows import Number, Place, ResultRows
from ..summaries import SHORT, add_summaries
from .visits import RepeatedMeasures, build_repeated_measures

_INFERENCE = ("estimate", "se", "lower", "upper", "df", "t", "p")
STRUCTURES = {
    "us": "unstructured",
    "toep": "Toeplitz",
    "toeph": "heterogeneous Toeplitz",
    "ar1": "first-order autoregressive",
    "ar1h": "heterogeneous first-order autoregressive",
    "ad": "ante-dependence",
    "adh": "heterogeneous ante-dependence",
    "cs": "compound symmetry",
    "csh": "heterogeneous compound symmetry",
}
"""Words for the structures of the covariance."""
DEGREES_OF_FREEDOM = {
    "kenward-roger": "Kenward-Roger (first order)",
    "kenward-roger-second-order": "Kenward-Roger (second order)",
    "satterthwaite": "Satterthwaite",
    "residual": "residual",
    "between-within": "between-within",
}
"""Words for the degrees of freedom."""


def estimate_mmrm(context: Context, name: str, spec: Mmrm) -> AnalysisResult:
    """Fit the model over all its visits.

    Raises EstimationFailed where the data cannot give the model: no covariance structure of the ladder converges,
    the terms depend on each other, a visit of the estimand has no value.
    """
    measures = build_repeated_measures(context, spec)
    fit = fit_mmrm(measures, spec)
    frame, rows = measures.frame, ResultRows(name, measures.frame.estimand.set)
    said = [*measures.said, *_describe(measures, fit, spec)]
    for visit, label in measures.labels.items():
        place = Place(parameter=frame.parameter, visit=label)
        _add_summaries(rows, measures, visit, place)
        if has_arm(spec.terms):
            _add_means(rows, measures, fit, spec, visit, place)
            if frame.versus is not None and visit in measures.asked:
                said += add_adjusted(context, rows, fit, spec, frame.versus, place, visit)
    if spec.average:
        said.append(_add_average(rows, measures, fit, spec))
    _add_model(rows, measures, fit, spec)
    used = [*measures.model.columns, *([spec.covariance_by] if spec.covariance_by else [])]
    return AnalysisResult(
        name, spec, frame.estimand.set, rows.frame(), frame.trace(measures.rows, used), tuple(said)
    )


def fit_mmrm(measures: RepeatedMeasures, spec: Mmrm) -> MmrmFit:
    """Fit the model that a protocol asks for; EstimationFailed where the data cannot give it."""
    reference = {"arm": measures.frame.versus or measures.frame.arms[0]} if has_arm(spec.terms) else {}
    return mmrm(
        f"outcome ~ {measures.model.right}",
        measures.rows,
        subject="participant",
        visit="visit",
        covariance=spec.covariance,
        df=spec.df,
        variance=spec.variance,
        group=spec.covariance_by,
        reference=reference,
        level=spec.confidence,
    )


def _describe(measures: RepeatedMeasures, fit: MmrmFit, spec: Mmrm) -> list[str]:
    """Say the visits, the model, the covariance and why those before it could not be had, and the inference."""
    frame = measures.frame
    visits = ", ".join(measures.labels.values())
    shared = f", one matrix for each level of {spec.covariance_by}" if spec.covariance_by else ""
    said = [
        f"Repeated measures at {visits}: {frame.estimand.variable.summary} on {', '.join(spec.terms)}; restricted "
        f"maximum likelihood on {count_of(fit.observations, 'measurement')} of "
        f"{count_of(fit.participants, 'participant')}.",
        f"Covariance between the visits of a participant: {STRUCTURES[fit.structure]} ({fit.structure}), "
        f"{count_of(fit.parameters, 'parameter')}{shared}.",
    ]
    said += [
        f"Covariance {structure} comes before it on the ladder and could not be estimated: {reason}."
        for structure, reason in fit.attempts
    ]
    variance = "of the model" if spec.variance == "model" else f"empirical, {spec.variance}"
    said += [
        f"Degrees of freedom: {DEGREES_OF_FREEDOM[spec.df]}; variance {variance}; {spec.margins} margins.",
        "A missing value is left to the model, as missing at random: like those of participants with the same "
        "terms and the same values at other visits.",
    ]
    return said


def _add_summaries(rows: ResultRows, measures: RepeatedMeasures, visit: str, place: Place) -> None:
    """Add n, and the summaries of baseline, value and outcome of the participants seen at a visit, by arm."""
    frame = measures.frame
    here = measures.rows.filter(pl.col("visit").cast(pl.String) == visit)
    for arm, part in by_arm(here, frame.arms).items():
        rows.add({"n": part.height}, arm=arm, **place)
    for column in dict.fromkeys(("baseline", "value", OUTCOME[frame.estimand.variable.summary])):
        add_summaries(rows, here, column, frame.arms, statistics=SHORT, group={"summary": column}, **place)


def _add_means(
    rows: ResultRows, measures: RepeatedMeasures, fit: MmrmFit, spec: Mmrm, visit: str, place: Place
) -> None:
    """Add the means and contrasts at a visit."""
    here = pl.col("visit").cast(pl.String) == visit
    _add_arms(
        rows,
        measures.frame,
        spec,
        place,
        means=fit.means("arm", by="visit", margins=spec.margins, level=spec.confidence).filter(here),
        pairs=fit.contrasts("arm", pairwise=True, by="visit", margins=spec.margins, level=spec.confidence).filter(
            here
        ),
        against=fit.contrasts(
            "arm", versus=measures.frame.versus, by="visit", margins=spec.margins, level=spec.confidence
        ).filter(here),
    )


def _add_average(rows: ResultRows, measures: RepeatedMeasures, fit: MmrmFit, spec: Mmrm) -> str:
    """Add the means and contrasts averaged over the visits, each with equal weight."""
    _add_arms(
        rows,
        measures.frame,
        spec,
        Place(parameter=measures.frame.parameter, visit=""),
        means=fit.means("arm", margins=spec.margins, level=spec.confidence),
        pairs=fit.contrasts("arm", pairwise=True, margins=spec.margins, level=spec.confidence),
        against=fit.contrasts("arm", versus=measures.frame.versus, margins=spec.margins, level=spec.confidence),
        group={"visits": "average"},
    )
    return f"Average: means and differences averaged over {', '.join(measures.labels.values())}."


def _add_arms(
    rows: ResultRows,
    frame: EstimandFrame,
    spec: Mmrm,
    place: Place,
    *,
    means: pl.DataFrame,
    pairs: pl.DataFrame,
    against: pl.DataFrame,
    group: Mapping[str, object] | None = None,
) -> None:
    """Add means, contrasts with the comparator and, if asked, among the other arms."""
    for row in in_arm_order(means, frame):
        rows.add(
            {k: row[k] for k in ("estimate", "se", "lower", "upper", "df")}, arm=row["arm"], group=group, **place
        )
    contrasts = [] if frame.versus is None else in_arm_order(against, frame)
    if spec.pairwise:
        contrasts += [
            row for row in pairs.iter_rows(named=True) if frame.versus not in (row["arm"], row["versus"])
        ]
    for row in contrasts:
        rows.add({k: row[k] for k in _INFERENCE}, arm=row["arm"], versus=row["versus"], group=group, **place)


def _add_model(rows: ResultRows, measures: RepeatedMeasures, fit: MmrmFit, spec: Mmrm) -> None:
    """Add what concerns no single visit: participants, terms, structures tried, the matrix of the covariance."""
    parameter = measures.frame.parameter
    people = measures.rows.unique("participant", keep="first", maintain_order=True)
    for arm, part in by_arm(people, measures.frame.arms).items():
        rows.add({"n": part.height}, parameter=parameter, arm=arm)
    for row in fit.type_three().iter_rows(named=True):
        statistics = {key: row[key] for key in ("df", "df_residual", "f", "p")}
        rows.add(statistics, parameter=parameter, group={"term": row["term"]})
    criteria = {"log_likelihood": fit.log_likelihood, "aic": fit.aic, "bic": fit.bic}
    for structure, _ in fit.attempts:
        rows.add(dict.fromkeys(criteria), parameter=parameter, group={"structure": structure})
    sizes: dict[str, Number] = {
        "n": fit.participants,
        "observations": fit.observations,
        "parameters": fit.parameters,
    }
    rows.add(sizes | criteria, parameter=parameter, group={"structure": fit.structure})
    _add_covariance(rows, measures, fit, spec)


def _add_covariance(rows: ResultRows, measures: RepeatedMeasures, fit: MmrmFit, spec: Mmrm) -> None:
    """Add SD at each visit, covariance and correlation with each later one, by group of covariance if any."""
    matrix = fit.covariance
    groups = (
        [None] if spec.covariance_by is None else matrix[spec.covariance_by].unique(maintain_order=True).to_list()
    )
    for group in groups:
        part = matrix if group is None else matrix.filter(pl.col(spec.covariance_by or "") == group)
        sigma = {visit: dict(zip(part["visit"], part[visit], strict=True)) for visit in part["visit"]}
        of = {} if group is None else {"by": group}
        for place, (visit, column) in enumerate(sigma.items()):
            at = Place(parameter=measures.frame.parameter, visit=measures.labels[visit])
            rows.add({"sd": column[visit] ** 0.5}, group={"covariance": "residual", **of}, **at)
            for other in list(sigma)[place + 1 :]:
                correlation = column[other] / (column[visit] * sigma[other][other]) ** 0.5
                statistics = {"covariance": column[other], "correlation": correlation}
                rows.add(statistics, group={"with": measures.labels[other], **of}, **at)
