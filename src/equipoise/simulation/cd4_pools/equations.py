"""Naive, memory and activated CD4 cells on treatment: the equations and their steady state.

With e(t) the activation relative to the participant's usual one, and rates of the participant's own:

    N' = s - (m_N + a_N e) N + d_N N
    M' = r A - (m_M + a_M e) M + d_M M
    A' = (x a_N N + a_M M) e - A / l
    e  = (1 + (f - 1) 2^(-u/h)) (1 - w (1 - exp(-k t)))

s: thymic output; m: death at rest; a: usual activation; d: division; x: activated cells from one naive cell;
l: life of activated cells, of which the share r l returns to rest; f: a shift of activation, which fades with
half-life h of the time u since the clock started; w: share of residual virus in the activation on day 0, k: its
decay. Total count: N + M + A.

Division makes up a fixed share of what is lost at the usual activation (f = 1 and t = 0), so the equations are
linear and every participant has a steady state; it does not follow later changes, so more activation means fewer
cells. Cells at rest, recruited into a short-lived activated pool of which a part returns: the structure of the
model of macaques that `rates` cites. Checked against a linear solve and, by `solve`, against other solvers.
"""

from dataclasses import dataclass

import numpy as np

from equipoise.simulation.cd4_pools.participants import PoolParticipants
from equipoise.simulation.cd4_pools.rates import PoolRates
from equipoise.statistics.distributions import Floats


@dataclass(frozen=True, eq=False)
class Pools:
    """True numbers of cells/uL, in arrays of one shape."""

    naive: Floats
    memory: Floats
    activated: Floats

    @property
    def total(self) -> Floats:
        """The CD4 count."""
        return self.naive + self.memory + self.activated


@dataclass(frozen=True, eq=False)
class Equations:
    """The equations of some participants; each rate but those in `rates` has one value for each of them."""

    rates: PoolRates
    thymic: Floats
    naive_activation: Floats
    memory_activation: Floats
    naive_division: Floats
    memory_division: Floats

    @classmethod
    def of(cls, participants: PoolParticipants, rates: PoolRates) -> "Equations":
        """Fill in the rates of `participants`."""
        naive = participants.activation * (rates.naive_loss - rates.naive_death)
        memory = participants.activation * (rates.memory_loss - rates.memory_death)
        divided = participants.division / (1.0 + participants.division)
        return cls(
            rates,
            participants.thymic,
            naive,
            memory,
            divided * (rates.naive_death + naive),
            rates.memory_renewal * (rates.memory_death + memory),
        )

    def change(self, state: Floats, activation: Floats, thymic: float, memory_death: float) -> Floats:
        """Return the change per day of `state` (naive, memory, activated x participants).

        The other arguments multiply the rates of their names; `activation` has one value for each participant.
        """
        naive, memory, activated = state
        rates = self.rates
        recruited = activation * self.naive_activation * naive
        called = activation * self.memory_activation * memory
        changed = np.empty_like(state)
        changed[0] = thymic * self.thymic + (self.naive_division - rates.naive_death) * naive - recruited
        changed[1] = rates.reversion * activated - called
        changed[1] += (self.memory_division - memory_death * rates.memory_death) * memory
        changed[2] = rates.expansion * recruited + called - activated / rates.activated_life
        return changed

    def steady_state(self) -> Floats:
        """Return the pools (naive, memory, activated x participants) that the usual activation would hold."""
        rates = self.rates
        naive = self.thymic / (rates.naive_death + self.naive_activation - self.naive_division)
        lost = rates.memory_death + (1.0 - rates.survival) * self.memory_activation - self.memory_division
        memory = rates.survival * rates.expansion * self.naive_activation * naive / lost
        called = rates.expansion * self.naive_activation * naive + self.memory_activation * memory
        return np.stack([naive, memory, rates.activated_life * called])


def steady_state(participants: PoolParticipants, rates: PoolRates | None = None) -> Pools:
    """Return the pools that usual activation and thymic output would hold for ever: one value a participant."""
    return Pools(*Equations.of(participants, rates or PoolRates()).steady_state())
