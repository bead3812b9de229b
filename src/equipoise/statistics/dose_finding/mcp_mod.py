"""MCP-Mod in one call: contrast test, fits of the significant models, selection or average, target dose.

Test the optimal contrasts of the candidates; if any is significant, fit the models of the significant ones, choose
by AIC (gAIC), by the largest contrast statistic, or average by Akaike weights; read the doses from the curve.
Sources: Bretz, Pinheiro and Branson, Biometrics 2005;61:738-48; Pinheiro, Bornkamp, Glimm and Bretz, Statistics in
Medicine 2014;33:1646-61. As `MCPMod` of the R package DoseFinding. Checked against it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError, EstimationFailed, suggest
from equipoise.statistics.distributions import Floats
from equipoise.statistics.dose_finding.averaging import AveragedFit, average_fits
from equipoise.statistics.dose_finding.contrasts import ContrastTest, multiple_contrast_test
from equipoise.statistics.dose_finding.contrasts.contrast_test import Alternative
from equipoise.statistics.dose_finding.contrasts.optimal import ContrastKind
from equipoise.statistics.dose_finding.estimates import DoseEstimates, estimate_dose_means, read_dose_design
from equipoise.statistics.dose_finding.fits.fit import Bound, DoseResponseFit, fit_to_design, fit_to_estimates
from equipoise.statistics.dose_finding.models.candidates import Candidates, require_share
from equipoise.statistics.dose_finding.models.shapes import Shape

Selection = Literal["aic", "max-t", "average"]


@dataclass(frozen=True, eq=False)
class McpMod:
    """The result of MCP-Mod.

    `estimates`: the means at the doses. `test`: the multiple contrast test. `models`: a row for each model
    fitted, the significant ones: model, t (the largest of its contrasts), criterion (AIC or gAIC), weight
    (Akaike), target_dose, effective_dose, at_bound. `fits`: by model. `failed`: significant models that could not
    be fitted, and why. `selected`: the model chosen, `average`, or None without a significant contrast;
    `target_dose` (of `delta`) and `effective_dose` (of `share`) are those of the selection, None where it has
    none or none was asked for.
    """

    estimates: DoseEstimates
    candidates: Candidates
    test: ContrastTest
    models: pl.DataFrame
    fits: Mapping[str, DoseResponseFit]
    failed: Mapping[str, str]
    selection: Selection
    selected: str | None
    delta: float | None
    share: float | None
    target_dose: float | None
    effective_dose: float | None
    _chosen: DoseResponseFit | AveragedFit | None = field(repr=False)

    @property
    def chosen(self) -> DoseResponseFit | AveragedFit:
        """The fit selected, or the average; `EstimationFailed` where no contrast was significant."""
        if self._chosen is None:
            raise EstimationFailed(
                f"a dose-response curve needs a significant contrast. Got p = {self.test.p:.3g} at level "
                f"{self.test.alpha:g}"
            )
        return self._chosen

    def means(self, doses: Sequence[float] | Floats, *, level: float = 0.95) -> pl.DataFrame:
        """Predict the mean response at `doses` by the selection: dose, estimate, se, lower, upper."""
        return self.chosen.means(doses, level=level)

    def effects(self, doses: Sequence[float] | Floats, *, level: float = 0.95) -> pl.DataFrame:
        """Predict the effect over placebo at `doses` by the selection: dose, estimate, se, lower, upper."""
        return self.chosen.effects(doses, level=level)


def mcp_mod(
    formula: str,
    data: IntoFrame,
    *,
    dose: str,
    candidates: Candidates,
    delta: float | None = None,
    share: float | None = None,
    selection: Selection = "aic",
    alpha: float = 0.025,
    alternative: Alternative = "one-sided",
    kind: ContrastKind = "unconstrained",
    bounds: Mapping[str, Bound] | None = None,
) -> McpMod:
    """Run MCP-Mod on participants: response and additive covariates in `formula`, doses in column `dose`.

    `delta`: the effect over placebo (above 0, in the candidates' direction) whose dose is wanted; `share` (0-1):
    of the largest effect. `selection`: `aic`, `max-t` or `average`. `alpha`, `alternative`, `kind`: of the
    contrast test. `bounds`: by model, as in `fit_dose_response`. Raises `DataError` for wrong input, among it
    doses in the data that the candidates lack, `EstimationFailed` where none of the significant models can be
    fitted.
    """
    design = read_dose_design(formula, data, dose=dose)
    estimates = estimate_dose_means(design)

    def fit(shape: Shape, limits: Bound | None) -> DoseResponseFit:
        return fit_to_design(design, estimates, shape, limits)

    return _run(estimates, candidates, fit, delta, share, selection, alpha, alternative, kind, bounds)


def mcp_mod_estimates(
    estimates: DoseEstimates,
    *,
    candidates: Candidates,
    delta: float | None = None,
    share: float | None = None,
    selection: Selection = "aic",
    alpha: float = 0.025,
    alternative: Alternative = "one-sided",
    kind: ContrastKind = "unconstrained",
    bounds: Mapping[str, Bound] | None = None,
) -> McpMod:
    """Run generalised MCP-Mod on estimates with their covariance, from any model: log odds, rates, MMRM means.

    Arguments and errors as in `mcp_mod`; models are compared by gAIC.
    """

    def fit(shape: Shape, limits: Bound | None) -> DoseResponseFit:
        return fit_to_estimates(estimates, shape, limits)

    return _run(estimates, candidates, fit, delta, share, selection, alpha, alternative, kind, bounds)


def _run(
    estimates: DoseEstimates,
    candidates: Candidates,
    fit: Callable[[Shape, Bound | None], DoseResponseFit],
    delta: float | None,
    share: float | None,
    selection: Selection,
    alpha: float,
    alternative: Alternative,
    kind: ContrastKind,
    bounds: Mapping[str, Bound] | None,
) -> McpMod:
    if selection not in get_args(Selection):
        raise DataError(f"a model is selected by one of {', '.join(get_args(Selection))}. Got {selection}")
    if delta is not None and not delta > 0:
        raise DataError(
            f"the effect of a target dose must be above 0, in the candidates' direction. Got {delta:g}"
        )
    if share is not None:
        require_share(share)
    shapes = {one.model: one.shape for one in candidates.candidates}
    for name in bounds or {}:
        if name not in shapes:
            raise DataError(f"bounds are for the models of the candidates{suggest(name, shapes)} Got {name}")
    test = multiple_contrast_test(estimates, candidates, alternative=alternative, alpha=alpha, kind=kind)
    model_of = {one.label: one.model for one in candidates.candidates}
    largest = dict(zip(test.table["contrast"], test.table["t"], strict=True))
    strongest: dict[str, float] = {}
    for label in test.significant:
        strongest.setdefault(model_of[label], largest[label])
    fits: dict[str, DoseResponseFit] = {}
    failed: dict[str, str] = {}
    for name in strongest:
        try:
            fits[name] = fit(shapes[name], (bounds or {}).get(name))
        except EstimationFailed as error:
            failed[name] = str(error)
    if strongest and not fits:
        raise EstimationFailed(
            f"a significant model must be one that can be fitted. Got {'; '.join(failed.values())}"
        )
    average = average_fits(list(fits.values())) if fits else None
    chosen, selected = _select(selection, fits, average)
    direction = candidates.direction
    weights = average.weights.tolist() if average else []
    rows = [
        {
            "model": name,
            "t": strongest[name],
            "criterion": one.criterion,
            "weight": weight,
            "target_dose": None if delta is None else one.target_dose(delta, direction),
            "effective_dose": None if share is None else one.effective_dose(share, direction),
            "at_bound": ", ".join(one.at_bound),
        }
        for (name, one), weight in zip(fits.items(), weights, strict=True)
    ]
    numbers = ("t", "criterion", "weight", "target_dose", "effective_dose")
    schema = {"model": pl.String, **dict.fromkeys(numbers, pl.Float64), "at_bound": pl.String}
    return McpMod(
        estimates=estimates,
        candidates=candidates,
        test=test,
        models=pl.DataFrame(rows, schema=schema),
        fits=fits,
        failed=failed,
        selection=selection,
        selected=selected,
        delta=delta,
        share=share,
        target_dose=None if chosen is None or delta is None else chosen.target_dose(delta, direction),
        effective_dose=None if chosen is None or share is None else chosen.effective_dose(share, direction),
        _chosen=chosen,
    )


def _select(
    selection: Selection, fits: Mapping[str, DoseResponseFit], average: AveragedFit | None
) -> tuple[DoseResponseFit | AveragedFit | None, str | None]:
    """Choose among fits that stand in the order of their contrast statistics, the largest first."""
    if average is None:
        return None, None
    if selection == "average":
        return average, "average"
    name = next(iter(fits)) if selection == "max-t" else min(fits, key=lambda one: fits[one].criterion)
    return fits[name], name
