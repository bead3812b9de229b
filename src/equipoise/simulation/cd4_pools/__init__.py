"""A mechanistic model of CD4 on treatment: naive, memory and activated cells of virtual participants."""

from equipoise.simulation.cd4_pools.boost import Boost, Mechanism
from equipoise.simulation.cd4_pools.calibrate import boost_for, calibrate_pools
from equipoise.simulation.cd4_pools.comparison import ModelComparison, compare_with_slopes
from equipoise.simulation.cd4_pools.draw import LATENT, draw_participants, draw_pools, participants_at
from equipoise.simulation.cd4_pools.drawing import plot_pools_against_slopes
from equipoise.simulation.cd4_pools.equations import Pools, steady_state
from equipoise.simulation.cd4_pools.moments import pool_moments
from equipoise.simulation.cd4_pools.participants import PoolParameters, PoolParticipants
from equipoise.simulation.cd4_pools.rates import PoolRates, tabulate_rates
from equipoise.simulation.cd4_pools.solve import solve_pools

__all__ = [
    "LATENT",
    "Boost",
    "Mechanism",
    "ModelComparison",
    "PoolParameters",
    "PoolParticipants",
    "PoolRates",
    "Pools",
    "boost_for",
    "calibrate_pools",
    "compare_with_slopes",
    "draw_participants",
    "draw_pools",
    "participants_at",
    "plot_pools_against_slopes",
    "pool_moments",
    "solve_pools",
    "steady_state",
    "tabulate_rates",
]
