"""The pools against scipy's solvers on equations written out here, and against the half-lives of the sources."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from equipoise.simulation.cd4_pools import Boost, PoolParticipants, PoolRates, solve_pools, steady_state
from equipoise.simulation.cd4_pools.equations import Equations

RATES = PoolRates()
START = -84.0
INFUSIONS = (0.0, 28.0, 84.0, 168.0, 252.0, 336.0)
YEAR = 365.25


def one(thymic=0.07, activation=1.0, shift=1.0, division=3.0, start=170.0) -> PoolParticipants:
    return PoolParticipants(*(np.array([value]) for value in (thymic, activation, shift, division, start)))


# a median participant, one who falls, one who climbs, one far out in everything
PEOPLE = PoolParticipants(
    thymic=np.array([0.068, 0.03, 0.12, 0.15]),
    activation=np.array([1.0, 0.6, 1.6, 2.3]),
    shift=np.array([1.0, 1.4, 0.75, 0.62]),
    division=np.array([3.0, 2.2, 4.5, 5.5]),
    start=np.array([170.0, 320.0, 90.0, 60.0]),
)


def usual_rates(people: PoolParticipants, who: int) -> tuple[float, float, float, float]:
    """Activation and division of naive and of memory cells, per day."""
    naive = people.activation[who] * (0.01 * np.sqrt(0.19 * 0.60) - np.log(2) / (4.2 * YEAR))
    memory = people.activation[who] * (0.01 * np.sqrt(0.87 * 3.14) - np.log(2) / (0.4 * YEAR))
    share = people.division[who] / (1 + people.division[who])
    return (
        naive,
        memory,
        share * (np.log(2) / (4.2 * YEAR) + naive),
        0.7 * (np.log(2) / (0.4 * YEAR) + memory),
    )


def matrix(people: PoolParticipants, who: int, e: float = 1.0, memory_death: float = 1.0) -> np.ndarray:
    """The change per day of naive, memory, activated cells as a matrix, without the thymus."""
    a_n, a_m, d_n, d_m = usual_rates(people, who)
    return np.array(
        [
            [d_n - np.log(2) / (4.2 * YEAR) - a_n * e, 0.0, 0.0],
            [0.0, d_m - memory_death * np.log(2) / (0.4 * YEAR) - a_m * e, 0.05],
            [8.0 * a_n * e, a_m * e, -0.25],
        ]
    )


def started(people: PoolParticipants, who: int) -> np.ndarray:
    """The pools at the start of the clock: the steady state by a linear solve, scaled to the start."""
    held = np.linalg.solve(matrix(people, who), [-people.thymic[who], 0.0, 0.0])
    return held * people.start[who] / held.sum()


def course(t: float, onset: float, waning: float) -> float:
    left = 1.0
    for day in INFUSIONS:
        if t > day:
            left *= 1 - (1 - 2 ** (-(t - day) / onset)) * 2 ** (-(t - day) / waning)
    return 1 - left


def by_scipy(people: PoolParticipants, who: int, days: np.ndarray, boost: Boost | None) -> np.ndarray:
    def change(t: float, x: np.ndarray) -> np.ndarray:
        factor = dict.fromkeys(("activation", "thymic_output", "memory_death"), 1.0)
        if boost is not None:
            factor[boost.mechanism] = 1 + (boost.factor - 1) * course(t, boost.onset, boost.waning)
        shift = 1 + (people.shift[who] - 1) * 2 ** (-(t - START) / (2 * YEAR))
        e = shift * (1 - 0.1 * (1 - np.exp(-0.001 * t))) * factor["activation"]
        thymus = np.array([people.thymic[who] * factor["thymic_output"], 0.0, 0.0])
        return matrix(people, who, e, factor["memory_death"]) @ x + thymus

    solved = solve_ivp(
        change,
        (START, days.max()),
        started(people, who),
        t_eval=np.sort(days),
        method="DOP853",
        rtol=1e-11,
        atol=1e-11,
        max_step=4.0,
    )
    return solved.y


@pytest.mark.parametrize(
    "boost",
    [
        None,
        Boost("thymic_output", 3.0, INFUSIONS),
        Boost("activation", 0.6, INFUSIONS, onset=7.0, waning=28.0),
        Boost("memory_death", 0.2, INFUSIONS, onset=20.0, waning=168.0),
    ],
    ids=lambda b: b.mechanism if b else "none",
)
def test_the_course_is_that_of_an_adaptive_solver_of_order_8(boost: Boost | None) -> None:
    # days of each participant's own, between the steps and on them; tolerance: 1e-6 of the count in each pool
    days = np.array([-84.0, -27.4, -14.0, 0.0, 1.0, 30.7, 85.2, 169.0, 335.9, 471.3, 672.0])
    own = days + np.array([0.0, 0.3, 1.1, 2.9])[:, None]
    found = solve_pools(PEOPLE, own, boost)
    for who in range(4):
        expected = by_scipy(PEOPLE, who, own[who], boost)
        pools = np.stack([found.naive[who], found.memory[who], found.activated[who]])
        assert (abs(pools - expected) < 1e-6 * expected.sum(axis=0)).all()
        np.testing.assert_allclose(found.total[who], expected.sum(axis=0), rtol=1e-6)


def test_without_shift_and_virus_the_course_is_a_matrix_exponential() -> None:
    rates = PoolRates(virus_share=0.0)
    people = PoolParticipants(PEOPLE.thymic, PEOPLE.activation, np.ones(4), PEOPLE.division, PEOPLE.start)
    found = solve_pools(people, [0.0, 336.0, 2000.0], rates=rates)
    for who in range(4):
        generator = matrix(people, who)
        held = np.linalg.solve(generator, [-people.thymic[who], 0.0, 0.0])
        for v, day in enumerate((0.0, 336.0, 2000.0)):
            expected = held + expm(generator * (day - START)) @ (started(people, who) - held)
            pools = [found.naive[who, v], found.memory[who, v], found.activated[who, v]]
            np.testing.assert_allclose(pools, expected, rtol=1e-7)


def test_the_steady_state_is_the_solution_of_the_linear_equations() -> None:
    held = steady_state(PEOPLE)
    for who in range(4):
        expected = np.linalg.solve(matrix(PEOPLE, who), [-PEOPLE.thymic[who], 0.0, 0.0])
        np.testing.assert_allclose([held.naive[who], held.memory[who], held.activated[who]], expected, rtol=1e-12)


def test_without_thymus_division_and_activation_naive_cells_halve_in_4_2_years() -> None:
    # a trace of output stands for none: without it there would be no proportions to start in
    people = one(thymic=1e-12, activation=0.0, division=0.0, start=100.0)
    day = START + 4.2 * YEAR
    assert solve_pools(people, [day]).naive[0, 0] == pytest.approx(50.0, rel=1e-9)


def test_without_division_and_activation_resting_memory_cells_halve_in_0_4_years() -> None:
    rates = PoolRates(memory_renewal=0.0)
    equations = Equations.of(one(activation=0.0), rates)
    change = equations.change(np.array([[0.0], [100.0], [0.0]]), np.ones(1), 1.0, 1.0)[1, 0]
    assert 100.0 * np.exp(change / 100.0 * 0.4 * YEAR) == pytest.approx(50.0, rel=1e-12)
