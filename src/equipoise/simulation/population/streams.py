"""Random numbers by purpose: what is drawn for one thing never shifts what is drawn for another.

Each purpose (`level`, `dropout`, ...) has a generator of its own, PCG64 seeded by numpy's SeedSequence with the
CRC-32 of the purpose's name as spawn key. So participants are the same people under every scenario and for any
choice of analyses, and differences between scenarios are not blurred by chance.
"""

from dataclasses import dataclass
from zlib import crc32

import numpy as np


@dataclass(frozen=True)
class Streams:
    """Generators of one chunk of trials; `seed` is the child of the run's SeedSequence for it."""

    seed: np.random.SeedSequence

    def __call__(self, purpose: str) -> np.random.Generator:
        """Return the generator of a purpose, from its beginning."""
        key = (*self.seed.spawn_key, crc32(purpose.encode()))
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed.entropy, spawn_key=key)))


def chunk_streams(seed: int, chunk: int) -> Streams:
    """Return the streams of a chunk of trials of a run."""
    return Streams(np.random.SeedSequence(seed, spawn_key=(chunk,)))
