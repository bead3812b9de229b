"""Generalised estimating equations (GEE) for repeated normal, binary or count outcomes.

Solves sum D_i' V_i^-1 (y_i - mu_i) = 0, V_i = phi A_i^1/2 R A_i^1/2 / w, by Fisher scoring in turn with moment
estimates of phi and of the working correlation R, to convergence of all. The same estimates as SAS GENMOD with
REPEATED and, with `moments="geepack"`, as R's `geepack::geeglm`. Source: Liang and Zeger, Biometrika
1986;73:13-22. QIC: Pan, Biometrics 2001;57:120-5. Checked against geepack, statsmodels, and a QIC in the
documentation of SAS GENMOD.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import code_factor
from equipoise.statistics.generalised.families import BINOMIAL, GAUSSIAN, POISSON, Family
from equipoise.statistics.generalised.gee.clusters import gather_clusters
from equipoise.statistics.generalised.gee.sandwich import GeeCovariance, sandwich_covariance
from equipoise.statistics.generalised.gee.solution import quasi_information_criteria, solve_equations
from equipoise.statistics.generalised.gee.working_correlation import Correlation, Moments
from equipoise.statistics.generalised.likelihood import Likelihood, climb, orthogonalise
from equipoise.statistics.generalised.linear_predictor import (
    LinearPredictor,
    as_normal,
    exponentiate,
    inverse_logit,
)
from equipoise.statistics.generalised.model import (
    ModelData,
    explain_endless,
    read_model,
    require_binary,
    require_counts,
)
from equipoise.statistics.linear.grid import Margins

FamilyChoice = Literal["gaussian", "binomial", "poisson"]
Freedom = Literal["normal", "clusters"]
FAMILIES: Mapping[str, Family] = {"gaussian": GAUSSIAN, "binomial": BINOMIAL, "poisson": POISSON}


@dataclass(frozen=True, eq=False)
class GeeFit:
    """A fitted model of generalised estimating equations.

    `coefficients`: term, estimate, se, z, p, lower, upper; df and t in place of z with `df="clusters"`.
    `covariance` is of the kind asked for, `model_covariance` the model-based one: a column `term` and one for
    each term. `working_correlation` (visits x visits, in the order of `visits`); `alpha` its parameter where it
    has one; `scale` is phi. `largest_cluster` and `smallest_cluster` count rows. `qic` and `qicu` compare
    correlations and terms.
    """

    formula: str
    family: FamilyChoice
    correlation: Correlation
    moments: Moments
    covariance_kind: GeeCovariance
    observations: int
    dropped: int
    clusters: int
    smallest_cluster: int
    largest_cluster: int
    coefficients: pl.DataFrame
    covariance: pl.DataFrame
    model_covariance: pl.DataFrame
    visits: tuple[object, ...]
    working_correlation: Floats
    alpha: float | None
    scale: float
    qic: float
    qicu: float
    steps: int
    level: float
    _model: ModelData = field(repr=False)
    _predictor: LinearPredictor = field(repr=False)

    def means(
        self,
        factor: str,
        *,
        by: str | Sequence[str] | None = None,
        at: Mapping[str, object] | None = None,
        margins: Margins = "equal",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate least-squares means of the linear predictor, offset 0, at each level of `factor`.

        Columns: those of `by`, `factor`, estimate, se, lower, upper (df where finite); with a logit link also
        probability, with a log link rate, whose limits lower and upper then are.
        """
        table = as_normal(self._predictor.means(factor, by=by, at=at, margins=margins, level=level))
        if self.family == "binomial":
            return inverse_logit(table, "probability")
        return exponentiate(table, "rate") if self.family == "poisson" else table

    def contrasts(
        self,
        factor: str,
        *,
        versus: object = None,
        pairwise: bool = False,
        by: str | Sequence[str] | None = None,
        at: Mapping[str, object] | None = None,
        margins: Margins = "equal",
        level: float = 0.95,
    ) -> pl.DataFrame:
        """Estimate differences of the linear predictor's means between levels of `factor`.

        Columns: those of `by`, `factor`, versus, estimate, se, z (or df, t), p, lower, upper; with a logit link
        also odds_ratio, with a log link rate_ratio, whose limits lower and upper then are.
        """
        table = as_normal(
            self._predictor.contrasts(
                factor, versus=versus, pairwise=pairwise, by=by, at=at, margins=margins, level=level
            )
        )
        names = {"binomial": "odds_ratio", "poisson": "rate_ratio"}
        return exponentiate(table, names[self.family]) if self.family in names else table

    def type_three(self) -> pl.DataFrame:
        """Wald test of each term by its type III hypothesis, with the covariance of the fit: term, df, chi2, p."""
        return self._predictor.type_three()


def gee(
    formula: str,
    data: IntoFrame,
    *,
    subject: str,
    visit: str | None = None,
    family: FamilyChoice = "gaussian",
    correlation: Correlation = "exchangeable",
    covariance: GeeCovariance = "robust",
    moments: Moments = "sas",
    df: Freedom = "normal",
    offset: str | None = None,
    exposure: str | None = None,
    weights: str | None = None,
    reference: Mapping[str, object] | None = None,
    level: float = 0.95,
) -> GeeFit:
    """Fit a marginal model such as `CHG ~ BASE + ARM*VISIT` to repeated outcomes of participants.

    `subject`: the column of clusters; `visit`: the column that orders and places the rows of a cluster, needed
    for `ar1` and `unstructured`; adjacent levels are one step apart. `family`: gaussian (identity link), binomial
    (logit), poisson (log). `correlation`, `moments`: see `working_correlation`. `covariance`: see `sandwich`;
    `model` is model-based. `df`: `normal`, or `clusters` for t with clusters minus coefficients. `offset`,
    `exposure`, `reference` as of `poisson`; `weights`: a column that divides the variance of a row. Rows with a
    missing value are dropped and counted.

    Raises `DataError` for wrong input, such as two rows of a participant at a visit; `EstimationFailed` for
    dependent columns, a level without an event, fewer than two clusters, a correlation that is none, no
    convergence.
    """
    _require_choices(family, correlation, covariance, moments, df)
    if visit is None and correlation in ("ar1", "unstructured"):
        raise DataError(f"correlation {correlation} needs the column of visits; give `visit`. Got none")
    further = [subject, *([visit] if visit else [])]
    model = read_model(
        formula, data, reference=reference, weights=weights, offset=offset, exposure=exposure, further=further
    )
    if family == "binomial":
        require_binary(model)
    elif family == "poisson":
        require_counts(model)
    subjects = code_factor(model.frame[subject])
    places = code_factor(model.frame[visit]) if visit else None
    clusters = gather_clusters(subjects, places, further)
    n, p = model.design.matrix.shape
    least = max(2, p + 1) if df == "clusters" else 2
    if clusters.count < least:
        raise EstimationFailed(
            f"estimating equations need at least {least} clusters in column {subject}. Got {clusters.count}"
        )
    likelihood = Likelihood(
        orthogonalise(model.design.matrix, model.design.columns),
        model.response,
        model.weights,
        model.offset,
        FAMILIES[family],
    )
    blame = {} if family == "gaussian" else explain_endless(model, binary=family == "binomial")
    start = climb(likelihood, blame=blame).point
    solution = solve_equations(likelihood, clusters, correlation, moments, start)
    back = likelihood.basis.back
    forth = np.linalg.inv(back)
    bread = back @ solution.bread @ back.T
    whitened = [(columns @ forth, residuals) for columns, residuals in solution.whitened]
    naive = solution.scale * bread
    robust = sandwich_covariance("robust", whitened, bread)
    chosen = {"model": naive, "robust": robust}
    vcov = chosen[covariance] if covariance in chosen else sandwich_covariance(covariance, whitened, bread)
    freedom = float(clusters.count - p) if df == "clusters" else np.inf
    predictor = LinearPredictor(model.design, back @ solution.point, vcov, freedom)
    qic, qicu = quasi_information_criteria(likelihood, solution, forth @ robust @ forth.T)
    size = np.bincount(clusters.cluster, minlength=clusters.count)
    working = solution.correlation
    has_alpha = correlation in ("exchangeable", "ar1") and clusters.visits > 1
    return GeeFit(
        formula=formula,
        family=family,
        correlation=correlation,
        moments=moments,
        covariance_kind=covariance,
        observations=n,
        dropped=model.dropped,
        clusters=clusters.count,
        smallest_cluster=int(size.min()),
        largest_cluster=int(size.max()),
        coefficients=predictor.coefficients(level),
        covariance=predictor.covariance(),
        model_covariance=LinearPredictor(model.design, predictor.beta, naive).covariance(),
        visits=places.levels if places else tuple(range(1, clusters.visits + 1)),
        working_correlation=working,
        alpha=float(working[0, 1]) if has_alpha else None,
        scale=solution.scale,
        qic=qic,
        qicu=qicu,
        steps=solution.steps,
        level=level,
        _model=model,
        _predictor=predictor,
    )


def _require_choices(family: str, correlation: str, covariance: str, moments: str, df: str) -> None:
    for name, given, allowed in (
        ("family", family, get_args(FamilyChoice)),
        ("correlation", correlation, get_args(Correlation)),
        ("covariance", covariance, get_args(GeeCovariance)),
        ("moments", moments, get_args(Moments)),
        ("df", df, get_args(Freedom)),
    ):
        if given not in allowed:
            raise DataError(f"{name} must be one of {', '.join(allowed)}. Got {given}")
