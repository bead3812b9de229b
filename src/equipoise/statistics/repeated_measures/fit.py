"""A fitted mixed model for repeated measures and what can be asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.confidence import require_confidence
from equipoise.statistics.distributions import Floats, t_quantile, t_two_sided_p
from equipoise.statistics.frames import require_level
from equipoise.statistics.linear.design import Design
from equipoise.statistics.linear.estimated_means import EstimatedMeans
from equipoise.statistics.linear.inference import FTest
from equipoise.statistics.repeated_measures.inference import DfMethod, Inference, Variance
from equipoise.statistics.repeated_measures.maximise import Maximum
from equipoise.statistics.repeated_measures.measurements import Measurements
from equipoise.statistics.repeated_measures.predictions import Labels, predict_rows, residual_frame
from equipoise.statistics.repeated_measures.structures import StructureName
from equipoise.statistics.threads import on_one_thread


@dataclass(frozen=True, eq=False)
class MmrmFit(EstimatedMeans):
    """A fitted model.

    `structure` is the covariance structure used, `attempts` those before it on the ladder with the reason why
    each could not be estimated. `coefficients`: term, estimate, se, df, t, p, lower, upper. `vcov`: of the
    coefficients (adjusted, where the method adjusts it), a column `term` and one for each term. `covariance`: of
    the visits, a row and a column for each, one matrix below the other for groups (for times of participants' own:
    variance, and correlation one unit of time apart). `parameters` counts those of
    the covariance; `observations` were used, `dropped` rows had a missing value.
    """

    formula: str
    structure: StructureName
    attempts: tuple[tuple[str, str], ...]
    reml: bool
    df_method: DfMethod
    variance: Variance
    observations: int
    participants: int
    dropped: int
    parameters: int
    steps: int
    log_likelihood: float
    coefficients: pl.DataFrame
    vcov: pl.DataFrame
    covariance: pl.DataFrame
    _design: Design = field(repr=False)
    _measured: Measurements = field(repr=False)
    _maximum: Maximum = field(repr=False)
    _inference: Inference = field(repr=False)
    _beta: Floats = field(repr=False)
    _labels_of: Labels = field(repr=False)

    @property
    def aic(self) -> float:
        """Akaike's criterion, counting the parameters of the covariance (as R's mmrm, and SAS for REML)."""
        return -2.0 * self.log_likelihood + 2.0 * self.parameters

    @property
    def aicc(self) -> float:
        """Akaike's criterion corrected for m = observations - coefficients (Hurvich and Tsai 1989)."""
        number = max(self.observations - len(self._beta), self.parameters + 2)
        return -2.0 * self.log_likelihood + 2.0 * self.parameters * number / (number - self.parameters - 1.0)

    @property
    def bic(self) -> float:
        """Schwarz's criterion, counting participants (as R's mmrm and SAS)."""
        return -2.0 * self.log_likelihood + self.parameters * float(np.log(self.participants))

    @on_one_thread
    def type_three(self) -> pl.DataFrame:
        """Test each term by its type III hypothesis: term, df, df_residual, f, p.

        Factors are coded by deviations from the mean of their levels, so a main effect is tested averaged equally
        over the factors it interacts with and with covariates at 0, as SAS type III where every cell has data. The
        rows of a hypothesis are differences to the reference level (as R's mmrm), which joined degrees of freedom
        of Satterthwaite depend on; F does not.
        """
        change, terms = self._design.effect_change()
        table = []
        for term, places in terms.items():
            if term != "Intercept":
                rows = change[list(places)]
                # each level against the reference: joined degrees of freedom depend on the basis of the rows
                rows = np.linalg.solve(rows[:, self._design.terms[term]], rows).astype(float)
                test = self._inference.joint_test(rows, self._beta)
                table.append((term, test.df, test.df_residual, test.f, test.p))
        schema = {"term": pl.String, "df": pl.Int64, "df_residual": pl.Float64, "f": pl.Float64, "p": pl.Float64}
        return pl.DataFrame(table, schema=schema, orient="row")

    def test(self, *terms: str) -> FTest:
        """Test that the coefficients named `terms` are all 0; `DataError` for a name that is not one, or twice."""
        if not terms or len(set(terms)) < len(terms):
            raise DataError(f"a test needs the names of coefficients, each once. Got {', '.join(terms) or 'none'}")
        return self._inference.joint_test(np.vstack([self._row({term: 1.0}) for term in terms]), self._beta)

    def estimate(self, weights: Mapping[str, float], *, level: float = 0.95) -> pl.DataFrame:
        """Estimate the combination of coefficients with these `weights` by name: one row, as in `coefficients`."""
        return self._estimate(self._row(weights)[None, :], level)

    @cached_property
    def residuals(self) -> pl.DataFrame:
        """Each measurement used: row, observed, fitted, residual, standardised, whitened (see `predictions`)."""
        return residual_frame(self._measured, self._maximum)

    def predict(self, data: IntoFrame, *, conditional: bool = True) -> pl.DataFrame:
        """Predict each row of `data`, from the participant's other values if `conditional`.

        Columns: the subject, the visit, estimate, se (of the mean), sd (of a value about the mean). Rows that lack
        a covariate are left out. Raises `DataError` for visits and levels that the model does not have.
        """
        return predict_rows(
            self._measured,
            self._maximum,
            self._beta,
            self._inference.vcov,
            data,
            self._labels_of,
            conditional=conditional,
        )

    def _row(self, weights: Mapping[str, float]) -> Floats:
        row = np.zeros(len(self._beta))
        for term, weight in weights.items():
            row[self._design.columns.index(str(require_level(self._design.columns, term, "term")))] = weight
        return row

    @on_one_thread
    def _estimate(self, rows: Floats, level: float) -> pl.DataFrame:
        return estimate_rows(rows, self._beta, self._inference, level)


def estimate_rows(rows: Floats, beta: Floats, inference: Inference, level: float) -> pl.DataFrame:
    """Estimate `rows` (k x p) of coefficients: columns estimate, se, df, t, p, lower, upper.

    Raises `EstimationFailed` where a variance or its degrees of freedom are not above 0.
    """
    require_confidence(level)
    estimate = rows @ beta
    variance = np.einsum("ij,jk,ik->i", rows, inference.vcov, rows, optimize=True)
    if not (variance > 0.0).all():
        raise EstimationFailed(
            "an estimate must have a variance above 0, which small samples can fail by empirical variance or the "
            f"second order of Kenward and Roger; take df kenward-roger or satterthwaite. Got {variance.min():.3g}"
        )
    se = np.sqrt(variance)
    df = inference.degrees_of_freedom(rows)
    if not (df > 0.0).all():
        raise EstimationFailed(
            "an estimate must have degrees of freedom above 0; take df kenward-roger or drop a term. "
            f"Got {df.min():.3g}"
        )
    t = estimate / se
    half = t_quantile((1.0 + level) / 2.0, df) * se
    return pl.DataFrame(
        {
            "estimate": estimate,
            "se": se,
            "df": df,
            "t": t,
            "p": t_two_sided_p(t, df),
            "lower": estimate - half,
            "upper": estimate + half,
        }
    )
