"""Residuals of the measurements used, and predictions for any rows, seen or missing.

A missing value of a participant with measurements y_o has mean X_m beta + Sigma_mo Sigma_oo^-1 (y_o - X_o beta)
and covariance Sigma_mm - Sigma_mo Sigma_oo^-1 Sigma_om. Source: Anderson, An Introduction to Multivariate
Statistical Analysis, 3rd ed. 2003, section 2.5. Checked by direct calculation.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from narwhals.typing import IntoFrame

from equipoise.errors import DataError
from equipoise.statistics.distributions import Floats
from equipoise.statistics.factors import code_factor
from equipoise.statistics.frames import (
    require_columns,
    require_labels,
    require_level,
    require_numbers,
    require_numeric,
    to_polars,
)
from equipoise.statistics.repeated_measures.likelihood import pattern_covariances
from equipoise.statistics.repeated_measures.maximise import Maximum
from equipoise.statistics.repeated_measures.measurements import Measurements
from equipoise.statistics.repeated_measures.sums import by_covariate


@dataclass(frozen=True)
class Labels:
    """The columns of the data that say who, when and with which covariance."""

    subject: str
    visit: str
    group: str | None
    weights: str | None


def residual_frame(measured: Measurements, maximum: Maximum) -> pl.DataFrame:
    """List each measurement used: row, observed, fitted, residual, standardised, whitened.

    `row` is its place in the data given, from 0; `standardised` divides by the model's standard deviation;
    `whitened` takes out the correlation with the participant's earlier visits as well (Cholesky), so that these
    are about independent with variance 1 where the model holds.
    """
    point, places = maximum.point, measured.places
    sums = point.sums
    at = sums.participants
    seen = sums.observed[at.pattern]
    left = at.y - at.z @ by_covariate(sums, sums.basis @ point.gamma)
    sigma = pattern_covariances(point.covariances, sums.group)
    mask = sums.observed[:, :, None] & sums.observed[:, None, :]
    factors = np.linalg.cholesky(np.where(mask, sigma, np.eye(mask.shape[1])))
    roots = np.linalg.inv(factors)
    whitened = np.einsum("nvw,nw->nv", roots[at.pattern], np.where(seen, left, 0.0))
    sd = np.sqrt(np.diagonal(sigma, axis1=1, axis2=2))[at.pattern]
    cell = (places.participant, places.visit)
    design = measured.design
    root_weights = 1.0 if design.weights is None else np.sqrt(design.weights)
    residual = left[cell] * sums.scale / root_weights
    return pl.DataFrame(
        {
            "row": design.frame["_row"].cast(pl.Int64),
            "observed": design.response,
            "fitted": design.response - residual,
            "residual": residual,
            "standardised": left[cell] / sd[cell],
            "whitened": whitened[cell],
        }
    )


def predict_rows(
    measured: Measurements,
    maximum: Maximum,
    beta: Floats,
    vcov: Floats,
    data: IntoFrame,
    labels: Labels,
    *,
    conditional: bool,
) -> pl.DataFrame:
    """Predict every row of `data` that has all covariates: subject, visit, estimate, se, sd.

    With `conditional`, from the participant's values of the response in `data`; a row with a value predicts
    itself. `se` is the standard error of the mean (beta is estimated), `sd` the standard deviation of a value
    about it. Raises `DataError` for visits and levels that the model does not have.
    """
    if labels.weights is not None or maximum.point.covariances[0].sigma.ndim == 3:
        raise DataError("predictions need a model without weights, of visits that all participants share")
    frame = to_polars(data)
    model = measured.design.formula
    names = [labels.subject, labels.visit, *([labels.group] if labels.group else [])]
    require_columns(frame, [*names, *model.columns])
    require_labels(frame, names)
    frame = frame.drop_nulls(list(model.columns))
    rows = measured.design.rows_at(_settings(frame, measured))
    mean = rows @ beta
    visits = list(measured.visits)
    at_visit = np.array([visits.index(require_level(visits, cell, labels.visit)) for cell in frame[labels.visit]])
    group = np.zeros(frame.height, dtype=np.intp)
    if labels.group is not None:
        groups = list(measured.groups)
        group = np.array([groups.index(require_level(groups, cell, labels.group)) for cell in frame[labels.group]])
    value = np.full(frame.height, np.nan)
    if conditional:
        require_columns(frame, list(model.response_columns))
        if model.response not in frame.columns:
            raise DataError(f"conditional predictions need the response as a column. Got {model.response}")
        value = require_numeric(frame, model.response).fill_null(np.nan).to_numpy()

    scale = measured.sums.scale
    combination = rows.copy()
    variance = np.empty(frame.height)
    sigma = np.stack([covariance.sigma for covariance in maximum.point.covariances]) * scale**2
    participant = code_factor(frame[labels.subject]).codes
    for members in _participants(participant):
        visits_here = at_visit[members]
        if len(set(visits_here.tolist())) < members.size:
            who = frame[labels.subject][int(members[0])]
            raise DataError(f"a participant must have one row at a visit. Got {labels.subject} {who} more often")
        own = sigma[group[members[0]]][np.ix_(visits_here, visits_here)]
        known = np.isfinite(value[members])
        share = np.zeros((members.size, int(known.sum())))
        if known.any():
            share = np.linalg.solve(own[np.ix_(known, known)], own[known]).T
            mean[members] += share @ (value[members][known] - mean[members][known])
            combination[members] -= share @ rows[members][known]
        variance[members] = np.maximum(np.diag(own - share @ own[known]), 0.0)
    se = np.sqrt(np.einsum("np,pq,nq->n", combination, vcov, combination, optimize=True))
    return frame.select(labels.subject, labels.visit).with_columns(
        estimate=pl.Series(mean), se=pl.Series(se), sd=pl.Series(np.sqrt(variance))
    )


def _settings(frame: pl.DataFrame, measured: Measurements) -> dict[str, list[object]]:
    settings: dict[str, list[object]] = {}
    for name in measured.design.formula.columns:
        if name in measured.design.factors:
            levels = measured.design.factors[name]
            for cell in frame[name].unique().to_list():
                require_level(levels, cell, name)
            settings[name] = frame[name].to_list()
        else:
            settings[name] = list(require_numbers(frame, name))
    return settings


def _participants(
    codes: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> list[np.ndarray[tuple[int], np.dtype[np.intp]]]:
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    return np.split(order, starts[1:])
