"""Procedures: their levels, their order, and the power that drawn statistics have when judged one by one."""

import numpy as np
import pytest

from equipoise.design.comparisons import Comparisons
from equipoise.design.procedure import Procedure
from equipoise.statistics.distributions import Floats, t_two_sided_p
from equipoise.statistics.multiplicity import adjust_p, dunnett

NAMES = ("none", "bonferroni", "holm", "hochberg", "hommel", "dunnett", "step-down dunnett", "fixed sequence")
RULES = {name: name.replace(" ", "-") for name in ("bonferroni", "holm", "hochberg", "hommel", "fixed sequence")}


def comparisons(ncp: tuple[float, ...], df: float = 30.0, loading: float = 0.5**0.5) -> Comparisons:
    m = len(ncp)
    loadings = np.full(m, loading)
    return Comparisons(np.array(ncp), np.full(m, df), np.ones(m), loadings, loadings)


def draw(given: Comparisons, trials: int, seed: int = 3) -> Floats:
    rng = np.random.default_rng(seed)
    m = given.ncp.size
    own = rng.standard_normal((trials, m)) * np.sqrt(1 - given.loadings**2)
    shared = rng.standard_normal((trials, 1)) * given.loadings
    s = np.sqrt(rng.chisquare(given.common_df, (trials, 1)) / given.common_df)
    return given.stretch * (own + shared + given.ncp) / s


@pytest.mark.parametrize("name", NAMES)
def test_one_arm_needs_no_adjustment(name: str) -> None:
    given = comparisons((2.5,))
    order = (0,) if name == "fixed sequence" else ()
    power, plain = (Procedure(one, 0.05, 2, order).power(given) for one in (name, "none"))
    assert power.each == pytest.approx(plain.each, abs=1e-9)
    assert power.any_arm == pytest.approx(power.all_arms)


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "none"])
def test_the_familywise_error_is_held(name: str, sides: int) -> None:
    given = comparisons((0.0, 0.0, 0.0))
    found = Procedure(name, 0.05, sides).power(given).familywise
    assert found <= 0.05 + 1e-6
    if name in ("dunnett", "step-down dunnett", "fixed sequence"):
        # they use all of it; the tolerance is that of the interpolated critical value
        assert found == pytest.approx(0.05, abs=1e-6)


def test_without_adjustment_the_familywise_error_grows() -> None:
    assert Procedure("none", 0.05, 2).power(comparisons((0.0, 0.0, 0.0))).familywise > 0.1


def test_later_procedures_are_more_powerful() -> None:
    given = comparisons((2.6, 2.0, 2.9))
    power = {name: Procedure(name, 0.05, 2).power(given) for name in NAMES}
    for weaker, stronger in (
        ("bonferroni", "holm"),
        ("holm", "hochberg"),
        ("hochberg", "hommel"),
        ("bonferroni", "dunnett"),
        ("dunnett", "step-down dunnett"),
        ("holm", "step-down dunnett"),
    ):
        for one, other in zip(power[weaker].each, power[stronger].each, strict=True):
            assert one <= other + 1e-9, (weaker, stronger)


@pytest.mark.parametrize("name", NAMES)
def test_power_of_one_arm_is_that_of_all_together(name: str) -> None:
    given = comparisons((2.6, 2.0))
    procedure = Procedure(name, 0.05, 2)
    whole = procedure.power(given)
    assert procedure.power_of(given, 1) == pytest.approx(whole.each[1], abs=1e-7)


@pytest.mark.parametrize("name", sorted(RULES))
def test_drawn_statistics_judged_by_adjusted_p(name: str) -> None:
    # 4,000 draws; the tolerance is four Monte Carlo errors, at most 0.032
    given, trials = comparisons((2.6, 1.8, 2.2)), 4000
    order = (2, 0, 1) if name == "fixed sequence" else (0, 1, 2)
    t = draw(given, trials)
    p = t_two_sided_p(t, given.common_df)[:, order]
    adjusted = np.array([adjust_p(row, RULES[name]) for row in p])  # type: ignore[arg-type]
    rejected = np.empty_like(adjusted, dtype=bool)
    rejected[:, order] = adjusted <= 0.05
    shown = rejected & (t > 0)
    power = Procedure(name, 0.05, 2, order if name == "fixed sequence" else ()).power(given)
    found = (*shown.mean(axis=0), shown.any(axis=1).mean(), shown.all(axis=1).mean())
    for one, expected in zip(found, (*power.each, power.any_arm, power.all_arms), strict=True):
        assert abs(one - expected) < 4 * np.sqrt(expected * (1 - expected) / trials) + 1e-9


def test_drawn_statistics_judged_by_dunnetts_step_down_test() -> None:
    given, trials = comparisons((2.4, 1.9), df=25.0), 200
    correlation = np.array([[1.0, 0.5], [0.5, 1.0]])
    shown = np.array(
        [
            dunnett(row, correlation, df=25.0, procedure="step-down").table["adjusted_p"].to_numpy() <= 0.05
            for row in draw(given, trials)
        ]
    )
    power = Procedure("step-down dunnett", 0.05, 2).power(given)
    for arm in range(2):
        expected = power.each[arm]
        assert abs(shown[:, arm].mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / trials)


def test_a_larger_true_error_than_reported_raises_the_familywise_error() -> None:
    given = comparisons((0.0, 0.0))
    wrong = Comparisons(given.ncp, given.df, np.array([1.2, 1.2]), given.loadings, given.believed)
    procedure = Procedure("dunnett", 0.05, 2)
    assert procedure.power(wrong).familywise > procedure.power(given).familywise + 0.02


@pytest.mark.parametrize("df", [8.5, 30.0, 137.0, 1000.0, np.inf])
def test_interpolated_critical_values_are_those_of_the_quantile(df: float) -> None:
    from equipoise.statistics.multivariate import t_equicoordinate_quantile

    given = comparisons((0.0, 0.0, 0.0), df=df)
    correlation = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    exact = t_equicoordinate_quantile(0.95, correlation, df)
    assert Procedure("dunnett", 0.05, 2).critical(given) == pytest.approx([exact] * 3, abs=1e-6)
