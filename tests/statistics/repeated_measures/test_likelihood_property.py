"""Derivatives of every structure and of its likelihood against differences of the function itself."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from equipoise.statistics import mmrm
from equipoise.statistics.repeated_measures.likelihood import Point, evaluate
from equipoise.statistics.repeated_measures.structures import Structure, build_structure

Array = NDArray[np.float64]
DATA = pl.DataFrame(
    json.loads((Path(__file__).parents[2] / "references" / "r" / "mmrm_dense.out.json").read_text())["data"]
)
STRUCTURES = ["us", "toep", "toeph", "ar1", "ar1h", "ad", "adh", "cs", "csh", "sp_exp"]
STEP = 1e-3
SMALL_STEP = 2e-4


def _slopes(function: Callable[[Array], Any], at: Array, step: float = STEP) -> Array:
    """Differentiate by central differences of fourth order: a leading axis for the parameters."""
    found = []
    for place in range(at.size):
        move = np.zeros(at.size)
        move[place] = step
        near = np.asarray(function(at + move)) - function(at - move)
        far = np.asarray(function(at + 2.0 * move)) - function(at - 2.0 * move)
        found.append((8.0 * near - far) / (12.0 * step))
    return np.array(found)


def _structure(name: str) -> Structure:
    return build_structure(name, 4, np.abs(np.subtract.outer(*[np.array([2.0, 4.0, 8.0, 13.0]) / 4.0] * 2)))  # type: ignore[arg-type]


def _somewhere(structure: Structure) -> Array:
    """A point away from the maximum, where every derivative counts."""
    moments = np.array([1.0, 1.3, 1.6, 1.9])[:, None] * 0.5 ** np.abs(np.subtract.outer(range(4), range(4)))
    start = structure.start(np.sqrt(moments * moments.T))
    return start + 0.05 * np.cos(np.arange(start.size))


@pytest.mark.parametrize("name", STRUCTURES)
def test_derivatives_of_the_covariance(name: str) -> None:
    """First derivatives 1e-9; second ones, summed against weights and over a covariance of theta, 1e-8."""
    structure = _structure(name)
    theta = _somewhere(structure)
    numerical = _slopes(lambda at: structure.covariance(at).sigma, theta)
    np.testing.assert_allclose(structure.covariance(theta).slopes, numerical, atol=1e-9)
    second = _slopes(lambda at: structure.covariance(at).slopes, theta)
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(4, 4))
    weights = weights + weights.T
    np.testing.assert_allclose(
        structure.curvature(theta, weights), np.einsum("klab,ab->kl", second, weights), atol=1e-8
    )
    root = rng.normal(size=(theta.size, theta.size))
    spread = root @ root.T
    if name != "us":
        expected = np.einsum("klab,kl->ab", second, spread)
        np.testing.assert_allclose(structure.mean_curvature(theta, spread), expected, atol=1e-7)


def test_second_order_of_the_unstructured_matrix_is_in_log_cholesky_parameters() -> None:
    """Sigma = D U U' D with log D and the unit triangle U as parameters, as in R's mmrm."""
    structure = _structure("us")
    theta = _somewhere(structure)
    factor = np.linalg.cholesky(structure.covariance(theta).sigma)
    lower = np.tril_indices(4, -1)
    scale = np.diag(factor)
    point = np.concatenate([np.log(scale), (factor / scale[:, None])[lower]])

    def sigma(at: Array) -> Array:
        unit = np.eye(4)
        unit[lower] = at[4:]
        root = np.exp(at[:4])[:, None] * unit
        return np.asarray((root @ root.T)[np.tril_indices(4)])

    change = _slopes(sigma, point).T
    rng = np.random.default_rng(2)
    square = rng.normal(size=(10, 10))
    in_theta = square @ square.T
    in_point = np.linalg.solve(change, np.linalg.solve(change, in_theta).T)
    second = _slopes(lambda at: _slopes(sigma, at), point)
    expected = np.einsum("klm,kl->m", second, in_point)
    found = structure.mean_curvature(theta, in_theta)[np.tril_indices(4)]
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("options", [{}, {"group": "ARM"}, {"weights": "W"}], ids=["plain", "group", "weights"])
@pytest.mark.parametrize("name", [*STRUCTURES, "sp_exp-own"])
def test_gradient_and_information_of_the_likelihood(name: str, options: dict[str, Any], reml: bool) -> None:
    """Gradient 1e-7 and observed information 1e-6 of the largest element, at a point that is not the maximum."""
    structure, _, own = name.partition("-")
    visit = "DAY" if own else "WEEK" if structure == "sp_exp" else "VISIT"
    fit = mmrm(
        "Y ~ BASE + DOSE + ARM * VISIT",
        DATA,
        subject="ID",
        visit=visit,
        covariance=structure,
        reml=reml,
        df="satterthwaite",
        **options,
    )
    top = fit._maximum.point
    theta = top.theta + 0.02 * np.cos(np.arange(top.theta.size)) * (1.0 if name != "us" else 0.5)

    def at(where: Array) -> Point:
        found = evaluate(top.sums, top.structure, where, reml=reml)
        assert found is not None
        return found

    here = at(theta)
    gradient = _slopes(lambda where: at(where).deviance, theta, SMALL_STEP)
    np.testing.assert_allclose(here.gradient, gradient, atol=1e-7 * np.abs(gradient).max())
    information = _slopes(lambda where: at(where).gradient, theta, SMALL_STEP)
    np.testing.assert_allclose(here.observed_information, information, atol=1e-6 * np.abs(information).max())
    assert np.abs(top.gradient).max() < 1e-6


@pytest.mark.parametrize("name", ["us", "toep", "csh", "sp_exp"])
def test_the_expected_information_is_the_mean_of_the_observed_one(name: str) -> None:
    """Replace the residuals' products by their expectation: the observed information becomes the expected one."""
    fit = mmrm(
        "Y ~ BASE + ARM * VISIT",
        DATA,
        subject="ID",
        visit="WEEK" if name == "sp_exp" else "VISIT",
        covariance=name,
        df="satterthwaite",
    )
    top = fit._maximum.point
    x = fit._design.matrix / fit._measured.sums.scale
    places = fit._measured.places
    same = np.equal.outer(places.participant, places.participant)
    sigma = same * top.covariances[0].sigma[np.ix_(places.visit, places.visit)]
    slopes = same * top.covariances[0].slopes[:, places.visit][:, :, places.visit]
    w = np.linalg.inv(sigma)
    p = w - w @ x @ np.linalg.solve(x.T @ w @ x, x.T @ w)
    moved = p @ slopes
    expected = np.einsum("kab,lba->kl", moved, moved)
    np.testing.assert_allclose(top.expected_information, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())
