"""Small trials with times to an event, for properties that hold for any data."""

import polars as pl
from hypothesis import strategies as st


@st.composite
def trials(draw: st.DrawFn, *, arms: int = 2, most: int = 24, tied: bool = True, events: int = 2) -> pl.DataFrame:
    """Rows of arm, stratum, covariate z, time and event; no arm is empty, `events` events or more are seen."""
    n = draw(st.integers(4 * arms, most))
    times = st.integers(1, 12).map(float) if tied else st.floats(0.01, 50, allow_nan=False)
    time = draw(st.lists(times, min_size=n, max_size=n, unique=not tied))
    event = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    return pl.DataFrame(
        {
            "arm": [chr(ord("A") + row % arms) for row in range(n)],
            "stratum": draw(st.lists(st.sampled_from(["x", "y"]), min_size=n, max_size=n)),
            "z": draw(st.lists(st.integers(-5, 5).map(float), min_size=n, max_size=n)),
            "time": time,
            "event": [1] * events + event[events:],
        }
    )
