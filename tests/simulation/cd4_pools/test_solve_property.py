"""What must hold of the pools for any participants: signs, scale, order, rest, nobody depends on another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError
from equipoise.simulation.cd4_pools import Boost, PoolParticipants, PoolRates, solve_pools, steady_state
from equipoise.simulation.cd4_pools.solve import CHUNK, LEAD_IN

INFUSIONS = (0.0, 28.0, 84.0, 168.0)
DAYS = np.array([-14.0, 0.0, 28.0, 168.0, 336.0, 672.0])

people = st.builds(
    lambda *values: PoolParticipants(*(np.array([value]) for value in values)),
    st.floats(1e-4, 1.0),
    st.floats(0.3, 3.0),
    st.floats(0.5, 2.0),
    st.floats(2.0, 8.0),
    st.floats(1.0, 1000.0),
)
boosts = st.none() | st.builds(
    Boost,
    st.sampled_from(["thymic_output", "activation", "memory_death"]),
    st.floats(0.0, 5.0),
    st.just(INFUSIONS),
    st.floats(2.0, 60.0),
    st.floats(14.0, 400.0),
)


def changed(person: PoolParticipants, **values: np.ndarray) -> PoolParticipants:
    return PoolParticipants(**{**vars(person), **values})


@given(people, boosts)
@settings(max_examples=8, deadline=None)
def test_no_pool_is_ever_empty(person: PoolParticipants, boost: Boost | None) -> None:
    found = solve_pools(person, DAYS, boost)
    assert min(found.naive.min(), found.memory.min(), found.activated.min()) > 0
    assert np.isfinite(found.total).all()


@given(people, st.floats(0.1, 10.0), boosts)
@settings(max_examples=8, deadline=None)
def test_output_and_start_scale_the_counts(person: PoolParticipants, scale: float, boost: Boost | None) -> None:
    larger = changed(person, thymic=scale * person.thymic, start=scale * person.start)
    expected = scale * solve_pools(person, DAYS, boost).total
    np.testing.assert_allclose(solve_pools(larger, DAYS, boost).total, expected, rtol=1e-10)


@given(people)
@settings(max_examples=8, deadline=None)
def test_more_output_of_the_thymus_means_more_of_every_pool(person: PoolParticipants) -> None:
    few = solve_pools(person, DAYS)
    many = solve_pools(changed(person, thymic=1.5 * person.thymic), DAYS)
    assert (many.naive > few.naive).all()
    assert (many.memory > few.memory).all()
    assert (many.activated > few.activated).all()


@given(people)
@settings(max_examples=8, deadline=None)
def test_more_activation_than_usual_means_fewer_naive_cells_and_in_time_fewer_cells(
    person: PoolParticipants,
) -> None:
    held = steady_state(person).total
    calm = changed(person, shift=np.ones(1), start=held)
    active = changed(calm, shift=np.array([1.3]))
    assert (solve_pools(active, DAYS).naive < solve_pools(calm, DAYS).naive).all()
    assert solve_pools(active, [336.0]).total[0, 0] < solve_pools(calm, [336.0]).total[0, 0]


@given(people)
@settings(max_examples=8, deadline=None)
def test_who_starts_in_the_steady_state_stays_there(person: PoolParticipants) -> None:
    held = steady_state(person)
    resting = changed(person, shift=np.ones(1), start=held.total)
    found = solve_pools(resting, DAYS, rates=PoolRates(virus_share=0.0))
    for name in ("naive", "memory", "activated"):
        np.testing.assert_allclose(getattr(found, name)[0], getattr(held, name)[0], rtol=1e-9)


def test_in_the_end_everyone_is_in_the_steady_state_of_the_rates() -> None:
    # forty years: the slowest rate is that at which naive cells are renewed, about a thousandth a day
    far = PoolParticipants(*(np.array(values) for values in ([0.07, 0.02], [1, 2], [0.7, 1.4], [3, 5], [50, 900])))
    found = solve_pools(far, [40 * 365.25], rates=PoolRates(virus_share=0.0, shift_half_life=100.0))
    np.testing.assert_allclose(found.total[:, 0], steady_state(far).total, rtol=1e-3)


def test_nobody_depends_on_who_else_is_solved_or_on_what_other_days_are_asked_for() -> None:
    rng = np.random.default_rng(1)
    size = CHUNK + 7
    many = PoolParticipants(*(np.exp(rng.normal(centre, 0.2, size)) for centre in (-2.7, 0.0, 0.0, 1.1, 5.0)))
    boost = Boost("thymic_output", 2.0, INFUSIONS)
    every = solve_pools(many, DAYS, boost).total
    some = np.array([0, 5, CHUNK - 1, CHUNK, size - 1])
    assert np.array_equal(solve_pools(many.take(some), DAYS, boost).total, every[some])
    assert np.array_equal(solve_pools(many.take(some), DAYS[[3, 1]], boost).total, every[some][:, [3, 1]])
    own = np.broadcast_to(DAYS, (5, DAYS.size)).copy()
    assert np.array_equal(solve_pools(many.take(some), own, boost).total, every[some])


def test_an_infusion_changes_nothing_before_its_day() -> None:
    person = PoolParticipants(*(np.array([value]) for value in (0.07, 1.0, 1.1, 3.0, 170.0)))
    days = np.arange(-80.0, 100.0, 5.0)
    plain = solve_pools(person, days).total
    boosted = solve_pools(person, days, Boost("thymic_output", 2.0, (42.0,))).total
    np.testing.assert_allclose(boosted[0, days <= 42], plain[0, days <= 42], rtol=1e-8)
    assert (boosted[0, days > 45] > plain[0, days > 45]).all()


@pytest.mark.parametrize(
    ("days", "what"),
    [
        ([-LEAD_IN - 1], "not before -84"),
        ([float("nan")], "finite"),
        (3.0, "row"),
        (np.zeros((2, 3)), "row for each of 1"),
        ("week 4", "numbers"),
    ],
)
def test_days_that_cannot_be_are_refused(days: object, what: str) -> None:
    person = PoolParticipants(*(np.array([value]) for value in (0.07, 1.0, 1.0, 3.0, 170.0)))
    with pytest.raises(DataError, match=what):
        solve_pools(person, days)  # type: ignore[arg-type]
