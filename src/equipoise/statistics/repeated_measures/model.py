"""Mixed model for repeated measures: a linear model with a covariance between the visits of a participant.

    y_i = X_i beta + e_i,   e_i ~ N(0, Sigma) on the visits that participant i was seen at

fitted by restricted or full maximum likelihood on every measurement there is, which is valid where values are
missing at random. Source: Mallinckrodt et al., Drug Information Journal 2008;42:303-19 (the method in trials);
Jennrich and Schluchter, Biometrics 1986;42:805-20 (the likelihood). Checked against R's mmrm and nlme and SAS
PROC MIXED by `tests/statistics/repeated_measures`.
"""

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame
from scipy.linalg import solve_triangular
from scipy.special import expit

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats
from equipoise.statistics.linear.inference import TEST_COLUMNS
from equipoise.statistics.repeated_measures.fit import MmrmFit, estimate_rows
from equipoise.statistics.repeated_measures.inference import (
    DfMethod,
    Fixed,
    Inference,
    Variance,
    between_within_df,
    kenward_roger,
    residual_df,
    sandwich,
    satterthwaite,
)
from equipoise.statistics.repeated_measures.maximise import Maximum, maximise
from equipoise.statistics.repeated_measures.measurements import Measurements, read_measurements
from equipoise.statistics.repeated_measures.predictions import Labels
from equipoise.statistics.repeated_measures.structures import (
    StructureName,
    build_structure,
    require_structure,
    simpler_than,
)
from equipoise.statistics.threads import on_one_thread


@on_one_thread
def mmrm(
    formula: str,
    data: IntoFrame,
    *,
    subject: str,
    visit: str,
    covariance: str | Sequence[str] = "us",
    df: DfMethod = "kenward-roger",
    reml: bool = True,
    variance: Variance = "model",
    group: str | None = None,
    weights: str | None = None,
    reference: Mapping[str, object] | None = None,
    level: float = 0.95,
) -> MmrmFit:
    """Fit a model such as `CHG ~ BASE + STRATUM + ARM * VISIT` to repeated measurements in long form.

    `data`: a row for each participant (`subject`) and `visit`; rows with a missing value in a column of the
    formula are left out and counted. `covariance`: us, toep, toeph, ar1, ar1h, ad, adh, cs, csh, sp_exp
    (visits are times, which may be each participant's own), or a ladder: the first that can be estimated. `df`:
    kenward-roger (first order, SAS for TYPE=UN), kenward-roger-second-order (R's mmrm by default), satterthwaite,
    residual, between-within. `variance`: of the coefficients, the model's or the empirical CR0 to CR3 (with df
    satterthwaite, residual or between-within). `group`: a column with a covariance matrix for each level.
    `weights`: a column; the variance of a measurement is divided by its weight. `reference`: the reference level
    by factor. `level`: of the intervals in `coefficients`.

    Raises `DataError` for wrong input and `EstimationFailed` where the data cannot give the model: both say what
    to try.
    """
    require_confidence(level)
    _require_method(df, variance, reml=reml)
    ladder = [covariance] if isinstance(covariance, str) else list(covariance)
    structures = [require_structure(name) for name in ladder]
    if not structures:
        raise DataError("a model needs at least one covariance structure, such as us. Got none")
    measured = read_measurements(
        formula,
        data,
        subject=subject,
        visit=visit,
        group=group,
        weights=weights,
        reference=reference,
        own_times=structures == ["sp_exp"],
    )
    maximum, attempts = _climb(measured, structures, reml=reml)
    sums = measured.sums
    back = solve_triangular(sums.root, np.eye(len(sums.root))) * sums.scale
    inference = _inference(maximum, back, measured, df, variance)
    beta = sums.offset + back @ maximum.point.gamma
    size = maximum.theta_covariance.shape[0]
    table = estimate_rows(np.eye(beta.size), beta, inference, level)
    columns = pl.Series("term", measured.design.columns)
    return MmrmFit(
        formula=formula,
        structure=maximum.point.structure.name,
        attempts=attempts,
        reml=reml,
        df_method=df,
        variance=variance,
        observations=int(sums.observations),
        participants=len(measured.participants),
        dropped=measured.design.dropped,
        parameters=size,
        steps=maximum.steps,
        log_likelihood=-0.5 * maximum.point.deviance,
        coefficients=table.select(columns, *TEST_COLUMNS),
        vcov=pl.DataFrame(
            {"term": columns, **{name: inference.vcov[:, at] for at, name in enumerate(measured.design.columns)}}
        ),
        covariance=_covariance_frame(maximum, measured, visit, group),
        _design=measured.design,
        _measured=measured,
        _maximum=maximum,
        _inference=inference,
        _beta=beta,
        _labels_of=Labels(subject, visit, group, weights),
    )


def _climb(
    measured: Measurements, structures: Sequence[StructureName], *, reml: bool
) -> tuple[Maximum, tuple[tuple[str, str], ...]]:
    """Try structures in turn; the first that can be estimated, and why those before could not."""
    failed: list[tuple[str, str]] = []
    for name in structures:
        try:
            return _fit_structure(measured, name, reml=reml), tuple(failed)
        except EstimationFailed as error:
            failed.append((name, str(error)))
    if len(failed) == 1:
        raise EstimationFailed(failed[0][1])
    reasons = "; ".join(f"{name}: {reason}" for name, reason in failed)
    raise EstimationFailed(f"none of the covariance structures could be estimated. {reasons}")


def _fit_structure(measured: Measurements, name: StructureName, *, reml: bool) -> Maximum:
    sums = measured.sums
    structure = build_structure(name, sums.observed.shape[1], measured.distance)
    size = structure.size * sums.groups
    if sums.observations - len(sums.root) < size:
        raise EstimationFailed(
            f"covariance {name} has {size} parameters; {simpler_than(name)}. "
            f"Got {int(sums.observations)} measurements for them and {len(sums.root)} coefficients"
        )
    if name == "us":
        _require_pairs(measured)
    return maximise(sums, structure, reml=reml)


def _require_pairs(measured: Measurements) -> None:
    for group, label in enumerate(measured.groups):
        where = measured.sums.group == group
        seen = measured.sums.observed[where].astype(float)
        together = np.einsum("g,gv,gw->vw", measured.sums.totals.count[where], seen, seen)
        never = np.argwhere(np.triu(together == 0.0))
        if never.size:
            one, other = (str(measured.visits[at]) for at in never[0])
            among = f" in group {label}" if len(measured.groups) > 1 else ""
            raise EstimationFailed(
                f"covariance us needs participants seen at both of every two visits{among}; {simpler_than('us')}. "
                f"Got none at {one} and {other}"
            )


def _inference(
    maximum: Maximum, back: Floats, measured: Measurements, df: DfMethod, variance: Variance
) -> Inference:
    point = maximum.point
    if df in ("kenward-roger", "kenward-roger-second-order"):
        return kenward_roger(maximum, back, second_order=df == "kenward-roger-second-order")
    empirical = None if variance == "model" else sandwich(point, back, variance)
    if df == "satterthwaite":
        return satterthwaite(maximum, back) if empirical is None else empirical
    vcov = back @ point.vcov @ back.T if empirical is None else empirical.vcov
    if df == "residual":
        return Fixed(vcov, residual_df(point))
    columns = measured.design.columns
    return Fixed(vcov, between_within_df(point, columns.index("Intercept") if "Intercept" in columns else None))


def _require_method(df: str, variance: str, *, reml: bool) -> None:
    if df not in get_args(DfMethod):
        raise DataError(f"df must be one of {', '.join(get_args(DfMethod))}. Got {df}")
    if variance not in get_args(Variance):
        raise DataError(f"variance must be one of {', '.join(get_args(Variance))}. Got {variance}")
    small_sample = df.startswith("kenward-roger")
    if small_sample and not reml:
        raise DataError(f"df {df} needs restricted likelihood; set reml or take df satterthwaite. Got reml=False")
    if small_sample and variance != "model":
        raise DataError(
            f"df {df} goes with variance model; take df satterthwaite, residual or between-within. Got {variance}"
        )


def _covariance_frame(maximum: Maximum, measured: Measurements, visit: str, group: str | None) -> pl.DataFrame:
    """Lay out the covariance matrix: a row a visit, a column a visit, groups below each other."""
    labels = [str(label) for label in measured.visits]
    parts = []
    for place, covariance in enumerate(maximum.point.covariances):
        sigma = covariance.sigma * measured.sums.scale**2
        if sigma.ndim == 3:
            # times are each participant's own: the variance and the correlation one unit of time apart say all
            unit = expit(maximum.point.theta[2 * place + 1])
            own: dict[str, object] = {} if group is None else {group: [measured.groups[place]]}
            parts.append(pl.DataFrame(own | {"variance": [sigma[0, 0, 0]], "correlation": [unit]}))
            continue
        columns: dict[str, object] = {} if group is None else {group: [measured.groups[place]] * len(labels)}
        columns[visit] = labels
        parts.append(pl.DataFrame(columns | {name: sigma[:, at] for at, name in enumerate(labels)}))
    return pl.concat(parts)
