"""Virtual trials made of the participants of a real one: drawn again with replacement, then analysed anew.

Two scenarios need no assumption: `observed`, in which each arm is drawn from itself (Efron's bootstrap by arm;
Davison and Hinkley, Bootstrap Methods and their Application, Cambridge 1997, section 3.2), and `none`, in which
every arm is drawn from the control. Arms keep the sizes that they had.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
import polars as pl

from ...analysis.context import Context
from ...analysis.estimand.intercurrent import find_occurrences
from ...datasets.analysis_data import AnalysisData
from ...errors import DataError, EstimationFailed, ProtocolError, suggest
from ...protocol import Protocol
from ...protocol.model import Estimand
from ...statistics.distributions import Floats
from .streams import Streams
from .trials import Booleans, Integers, VirtualTrials, ordered_visits

OBSERVED, NONE = "observed", "none"
SCENARIOS = (OBSERVED, NONE)


@dataclass(frozen=True, eq=False)
class RealParticipants:
    """The participants of a trial as arrays; N participants, v visits of the protocol in the order of time.

    Fields are those of `VirtualTrials`, without the trials. fingerprint: of all of it; equal ones are the same
    data.
    """

    visits: tuple[str, ...]
    arm: Integers
    site: Integers
    days: Integers
    last_day: Integers
    completed: Booleans
    values: Mapping[str, Floats]
    times: Mapping[str, tuple[Floats, Floats]]
    events: Mapping[str, Floats]
    levels: Mapping[str, Integers]
    codes: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, Floats]
    flags: Mapping[str, Booleans]
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256()
        for one in fields(self):
            if one.init:
                digest.update(repr(_plain(getattr(self, one.name))).encode())
        object.__setattr__(self, "fingerprint", digest.hexdigest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RealParticipants) and other.fingerprint == self.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, Mapping):
        return [(name, _plain(child)) for name, child in value.items()]
    return [_plain(child) for child in value] if isinstance(value, tuple) else value


def read_real_participants(
    protocol: Protocol, data: AnalysisData, estimands: Mapping[str, Estimand], variables: tuple[str, ...]
) -> RealParticipants:
    """Return the participants of a trial's data with what these estimands and their models need.

    What the data lack is left out, so that an analysis that needs it is refused by name. Raises DataError where no
    participant has an arm.
    """
    context = Context(protocol, data)
    people = context.participants
    if people.is_empty():
        raise DataError("the data hold no participant with an arm, so there is nobody to draw from")
    visits = ordered_visits(protocol)
    items = [e.variable.item for e in estimands.values() if e.variable.item in data.measurements]
    days = np.broadcast_to(
        [protocol.schedule.visits[v].target for v in visits], (people.height, len(visits))
    ).copy()
    values = {
        item: _matrix(people, data.measurements[item], visits, days) for item in dict.fromkeys(items) if item
    }
    events: dict[str, Floats] = {}
    flags: dict[str, Booleans] = {}
    for estimand in estimands.values():
        rule = protocol.analysis_sets[estimand.set].rule
        try:
            flags[rule] = context.holds(people, rule).to_numpy()
            for occurrence in find_occurrences(context, estimand, people):
                events[occurrence.name] = _joined(people, occurrence.days, "event_day")
        except EstimationFailed:
            continue
    times = {
        name: (_joined(people, found, "time"), _joined(people, found, "event"))
        for name, estimand in estimands.items()
        if estimand.variable.kind == "time to event"
        and (found := data.times.get(estimand.variable.parameter or name, data.times.get(name))) is not None
    }
    levels: dict[str, Integers] = {}
    codes: dict[str, tuple[str, ...]] = {}
    numbers: dict[str, Floats] = {}
    for name in variables:
        try:
            column = context.variable(name, people)
        except EstimationFailed:
            continue
        if isinstance(column.dtype, pl.Enum):
            codes[name] = tuple(column.dtype.categories.to_list())
            levels[name] = column.to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        else:
            numbers[name] = column.fill_null(np.nan).to_numpy()
    named = people["site"] if "site" in people.columns else pl.Series("site", [""] * people.height)
    sites = named.fill_null("").rank("dense").cast(pl.Int64).to_numpy() - 1
    last = (
        people["last_seen_day"].fill_null(int(days.max())).to_numpy()
        if "last_seen_day" in people.columns
        else days[:, -1]
    )
    return RealParticipants(
        visits=visits,
        arm=np.array([list(protocol.arms).index(arm) for arm in people["arm_id"]]),
        site=sites,
        days=days,
        last_day=last.astype(np.int64),
        completed=last >= days[:, -1],
        values=values,
        times=times,
        events=events,
        levels=levels,
        codes=codes,
        numbers=numbers,
        flags=flags,
    )


def _matrix(people: pl.DataFrame, measured: pl.DataFrame, visits: tuple[str, ...], days: Integers) -> Floats:
    """Return the observed, analysed values of an item by participant and visit, and put their days into `days`."""
    place = {visit: v for v, visit in enumerate(visits)}
    who = {participant: i for i, participant in enumerate(people["participant"])}
    values = np.full((people.height, len(visits)), np.nan)
    rows = measured.filter(
        pl.col("analysed")
        & pl.col("imputed").is_null()
        & pl.col("value").is_not_null()
        & pl.col("visit").is_not_null()
    )
    for participant, visit, day, value in rows.select("participant", "visit", "day", "value").iter_rows():
        if participant in who and visit in place:
            values[who[participant], place[visit]] = value
            if day is not None:
                days[who[participant], place[visit]] = day
    return values


def _joined(people: pl.DataFrame, found: pl.DataFrame, column: str) -> Floats:
    joined = people.select("participant").join(
        found.select("participant", pl.col(column).cast(pl.Float64)),
        on="participant",
        how="left",
        maintain_order="left",
    )
    return joined[column].fill_null(np.nan).to_numpy()


@dataclass(frozen=True, eq=False)
class ResampledPopulation:
    """The participants of a real trial, from whom trials of its size are drawn; `scenario`: of `SCENARIOS`."""

    protocol: Protocol
    real: RealParticipants
    scenario: str

    def __post_init__(self) -> None:
        if self.scenario not in SCENARIOS:
            raise ProtocolError(
                f"trials drawn from data have the scenarios {' and '.join(SCENARIOS)}"
                f"{suggest(self.scenario, SCENARIOS)} Got {self.scenario}"
            )
        if self.scenario == NONE and self.protocol.control is None:
            raise ProtocolError("the scenario none draws every arm from the control, and no arm is one")

    @property
    def main(self) -> str:
        """Id of the first item."""
        return next(iter(self.real.values), "")

    @property
    def participants(self) -> int:
        """Participants of a trial."""
        return len(self.real.arm)

    def draw(self, streams: Streams, trials: int) -> VirtualTrials:
        """Draw trials with replacement: each arm from itself, or from the control."""
        arm = np.sort(self.real.arm)
        rng = streams("resample")
        rows = np.empty((trials, len(arm)), dtype=np.int64)
        for k, name in enumerate(self.protocol.arms):
            source = name if self.scenario == OBSERVED else self.protocol.control or name
            pool = np.flatnonzero(self.real.arm == list(self.protocol.arms).index(source))
            inside = np.flatnonzero(arm == k)
            rows[:, inside] = pool[rng.integers(0, len(pool), (trials, len(inside)))] if len(inside) else 0
        return self._take(rows, np.broadcast_to(arm, rows.shape))

    def itself(self) -> VirtualTrials:
        """Return the real trial as the only one."""
        rows = np.argsort(self.real.arm, kind="stable")[None, :]
        return self._take(rows, np.sort(self.real.arm)[None, :])

    def _take(self, rows: Integers, arm: Integers) -> VirtualTrials:
        real = self.real
        return VirtualTrials(
            visits=real.visits,
            arms=tuple(self.protocol.arms),
            arm=arm,
            site=real.site[rows],
            sites=int(real.site.max()) + 1,
            entry=np.zeros(rows.shape, dtype=np.int64),
            days=real.days[rows],
            seen=np.ones((*rows.shape, len(real.visits)), dtype=bool),
            last_day=real.last_day[rows],
            completed=real.completed[rows],
            values={item: values[rows] for item, values in real.values.items()},
            times={name: (time[rows], event[rows]) for name, (time, event) in real.times.items()},
            events={name: days[rows] for name, days in real.events.items()},
            levels={name: levels[rows] for name, levels in real.levels.items()},
            codes=real.codes,
            numbers={name: numbers[rows] for name, numbers in real.numbers.items()},
            flags={rule: inside[rows] for rule, inside in real.flags.items()},
            screened=np.full(len(rows), rows.shape[1]),
        )
