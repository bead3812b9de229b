"""Draws virtual trials of a population.

In the order of a trial: persons come to be screened and the criteria choose; site, calendar and baseline follow;
the scheme of the protocol allocates within the strata of each participant; then treatment acts, intercurrent
events come, visits are missed and participants leave.
"""

from collections.abc import Mapping
from math import ceil

import numpy as np
import polars as pl

from ...errors import ProtocolError
from ...protocol import names_in, parse_expression
from ...protocol.model import Dropout
from ...randomisation import scheme_of
from ...statistics.distributions import Floats
from .accrual import draw_entry, draw_screened, draw_sites
from .courses import Persons, draw_truncated
from .effects import differences, effect_share
from .leaving import burden, draw_event_days, draw_last_days, even_hazard, exposure
from .population import Population
from .screening import eligible, first_eligible
from .streams import Streams, chunk_streams
from .trials import Booleans, Integers, VirtualTrials, ordered_visits, visits_of
from .variables import Characteristics, characterise, dose_days

PILOT = 20_000
"""Participants of the draw that finds the hazard of leaving."""


def draw_trials(
    population: Population, streams: Streams, trials: int, *, arm: int | None = None, leave: bool = True
) -> VirtualTrials:
    """Draw `trials` trials; with `arm` everybody gets that arm, without `leave` nobody leaves or misses a visit.

    The same streams draw the same persons whatever the scenario, the arm and what else is asked for.
    """
    protocol, shape = population.protocol, (trials, population.participants)
    persons, at_screening, tried = _enrol(population, streams, trials)
    days = _days(population, streams, shape)
    site, sites = draw_sites(streams("site"), population.given, shape)
    truth = population.course.truth(persons, days, population.visits)
    main = _before(population, streams, truth, at_screening)
    values = {population.main: main}
    values |= {item: _background(population, streams, item, days.shape) for item in population.background}
    codes = _codes(population, streams, shape)
    found = characterise(protocol, site, _baselines(population, values), codes, population.strata)
    allocated = _allocate(population, streams, found) if arm is None else np.full(shape, arm)
    events = {
        name: draw_event_days(
            streams(f"event {name}"), expected, tuple(protocol.arms), allocated, _reached(population, expected.by)
        )
        for name, expected in population.given.intercurrent_events.items()
    }
    _treat(population, streams, truth, main, days, allocated, events)
    values |= _derived(population, values)
    seen, last_day = _follow(population, streams, days, main, events, leave)
    events = {name: np.where(day <= last_day, day, np.nan) for name, day in events.items()}
    dated = dose_days(protocol, population.visits, days, seen, last_day, events)
    needed = (*population.variables, *(name for rule in population.rules for name in names_in(rule)))
    found = characterise(protocol, site, _baselines(population, values), codes, needed, dated)
    levels = {name: found.level(name) for name in population.variables if not found.is_number(name)}
    return VirtualTrials(
        visits=population.visits,
        arms=tuple(protocol.arms),
        arm=allocated,
        site=site,
        sites=sites,
        entry=draw_entry(streams("entry"), population.given, shape),
        days=days,
        seen=seen,
        last_day=last_day,
        completed=last_day >= days[..., -1],
        values={item: values[item] for item in dict.fromkeys((population.main, *population.items))},
        times={},
        events=events,
        levels={name: level for name, (level, _) in levels.items()},
        codes={name: known for name, (_, known) in levels.items()},
        numbers={name: found.number(name) for name in population.variables if found.is_number(name)},
        flags={rule: found.holds(rule) for rule in population.rules},
        screened=draw_screened(streams("screened"), population.given, tried, population.participants),
    )


def find_hazard(population: Population, dropout: Dropout, by: int) -> float:
    """Return the even hazard of leaving, a day, with which the assumed share has left by study day `by`."""
    trials = draw_trials(population, chunk_streams(0, 0), max(1, PILOT // population.participants), leave=False)
    main = trials.values[population.main]
    change = main - baseline_of(population, main)[..., None]
    weights = burden(dropout, trials.days, change, trials.seen, population.unit)
    return even_hazard(dropout.share, exposure(trials.days, weights, until=by)[..., -1])


def baseline_of(population: Population, values: Floats) -> Floats:
    """Return the last value on or before study day 1; T x n."""
    found = np.full(values.shape[:2], np.nan)
    for v in population.before:
        found = np.where(np.isnan(values[..., v]), found, values[..., v])
    return found


def _baselines(population: Population, values: Mapping[str, Floats]) -> dict[str, Floats]:
    return {item: baseline_of(population, array) for item, array in values.items()}


def _reached(population: Population, visit: str | None) -> int:
    """Return the study day at which a visit is aimed, by default the last of the whole schedule."""
    return population.protocol.schedule.visits[visit or ordered_visits(population.protocol)[-1]].target


def _enrol(population: Population, streams: Streams, trials: int) -> tuple[Persons, Floats | None, Integers]:
    """Draw persons until every trial has its participants.

    Returns them, what was recorded at screening (None without a count before day 1), and how many were tried.
    """
    n, course = population.participants, population.course
    if not population.screens_by_main:
        return course.draw(streams, trials, n), None, np.full(trials, n)
    target = population.protocol.schedule.visits[population.visits[0]].target
    persons = ceil(1.3 * n) + 8
    while True:
        drawn = course.draw(streams, trials, persons)
        truth = course.truth(drawn, np.full((trials, persons, 1), target), population.visits[:1])
        counts = _round(population, course.record(streams("error at screening"), truth))[..., 0]
        rows, enough = first_eligible(eligible(population.protocol, {population.main: counts}), n)
        if enough:
            break
        persons *= 2
        if persons > 200 * n:
            raise ProtocolError(
                f"assumptions.participant gives hardly anyone whom the criteria on {population.main} enrol; "
                "check its level against population"
            )
    taken = {
        name: np.take_along_axis(array, rows.reshape(rows.shape + (1,) * (array.ndim - 2)), axis=1)
        for name, array in drawn.items()
    }
    return taken, np.take_along_axis(counts, rows, axis=1), rows[:, -1] + 1


def _days(population: Population, streams: Streams, shape: tuple[int, int]) -> Integers:
    """Draw the study day of each visit: normal about its target, cut at the window; there is no day 0."""
    visits = [population.protocol.schedule.visits[name] for name in population.visits]
    first = np.array([visit.allowed.first for visit in visits])
    last = np.array([visit.allowed.last for visit in visits])
    target = np.array([visit.target for visit in visits])
    scores = streams("days").standard_normal((*shape, len(visits)))
    drawn = np.clip(np.rint(target + scores * ((last - first) / 6)), first, last).astype(np.int64)
    return np.where(drawn == 0, 1, drawn)


def _before(population: Population, streams: Streams, truth: Floats, at_screening: Floats | None) -> Floats:
    """Return the main item as recorded before treatment, NaN at later visits."""
    main = np.full(truth.shape, np.nan)
    before = list(population.before)
    recorded = population.course.record(streams("error before"), truth[..., before])
    main[..., before] = _round(population, recorded)
    if at_screening is not None:
        main[..., 0] = at_screening
    return _restrict(population, main, population.main)


def _treat(
    population: Population,
    streams: Streams,
    truth: Floats,
    main: Floats,
    days: Integers,
    arm: Integers,
    events: Mapping[str, Floats],
) -> None:
    """Fill in the main item after day 1: the truth with the effect of treatment, and its error."""
    ending = [day for name, day in events.items() if population.given.intercurrent_events[name].ends_effect]
    ended = np.min(ending, axis=0) if ending else None
    after = [v for v in range(len(population.visits)) if v not in population.before]
    share = effect_share(population.protocol, population.effect, days[..., after], ended)
    full = differences(population.protocol, population.effect, population.unit)[arm]
    treated = truth[..., after] + full[..., None] * share
    main[..., after] = _round(population, population.course.record(streams("error after"), treated))
    _restrict(population, main, population.main)


def _background(population: Population, streams: Streams, item: str, shape: tuple[int, ...]) -> Floats:
    """Draw an item that no treatment changes: a level of each participant's own, and its spread."""
    spec, rng = population.given.background[item], streams(f"background {item}")
    own = draw_truncated(rng, spec.mean, spec.sd, spec.truncate, shape[:2])
    values = np.broadcast_to(own[..., None], shape)
    if spec.within_sd:
        values = values + spec.within_sd * rng.standard_normal(shape)
    if spec.truncate is not None:
        values = np.clip(values, *spec.truncate)
    return _restrict(population, np.round(values, population.decimals(item)), item)


def _restrict(population: Population, values: Floats, item: str) -> Floats:
    """Take away, in place, the visits at which the item is not measured."""
    planned = visits_of(population.protocol, item)
    values[..., [v for v, name in enumerate(population.visits) if name not in planned]] = np.nan
    return values


def _round(population: Population, values: Floats) -> Floats:
    return np.round(values, population.decimals(population.main))


def _derived(population: Population, values: Mapping[str, Floats]) -> dict[str, Floats]:
    """Evaluate the items asked for that are derived from those drawn, as the form would."""
    found = {}
    for name in population.items:
        item = population.protocol.items.get(name)
        if item is None or not item.derive or name in values:
            continue
        flat = pl.DataFrame({used: values[used].ravel() for used in names_in(item.derive)}).fill_nan(None)
        column = flat.select(parse_expression(item.derive).cast(pl.Float64).fill_null(np.nan).alias(name))[name]
        shape = values[population.main].shape
        found[name] = np.round(column.to_numpy().reshape(shape), population.decimals(name))
    return found


def _codes(population: Population, streams: Streams, shape: tuple[int, int]) -> dict[str, Integers]:
    """Draw the code of each item of which the shares are assumed, as a position."""
    codes = {}
    for item, shares in population.given.shares.items():
        upper = np.cumsum(list(shares.values()))
        chosen = np.searchsorted(upper / upper[-1], streams(f"share {item}").random(shape), side="right")
        codes[item] = np.minimum(chosen, len(shares) - 1)
    return codes


def _allocate(population: Population, streams: Streams, found: Characteristics) -> Integers:
    """Allocate arms by the scheme of the protocol; in a trial without randomisation as its plan fills them."""
    protocol, shape = population.protocol, found.shape
    enrolment = protocol.enrolment
    if protocol.randomisation is None:
        sizes = [enrolment.per_arm.get(name, 0) for name in protocol.arms] if enrolment is not None else []
        filled = np.repeat(np.arange(len(sizes)), sizes) if sum(sizes) else np.zeros(1, dtype=np.int64)
        return np.broadcast_to(np.resize(filled, shape[1]), shape).copy()
    factors = [found.level(name)[0] for name in population.strata]
    stacked = np.stack(factors, axis=-1) if factors else np.zeros((*shape, 0), dtype=np.int64)
    return scheme_of(protocol).draw(streams("allocation"), stacked)


def _follow(
    population: Population,
    streams: Streams,
    days: Integers,
    main: Floats,
    events: Mapping[str, Floats],
    leave: bool,
) -> tuple[Booleans, Integers]:
    """Return which visits took place, and the last day of each participant."""
    missed = streams("missed").random(days.shape) < (population.given.missed_visit or 0.0)
    missed[..., list(population.before)] = False
    attended = ~missed if leave else np.ones(days.shape, dtype=bool)
    last_day = days[..., -1]
    if leave and population.leaving is not None:
        change = main - baseline_of(population, main)[..., None]
        weights = burden(population.leaving.dropout, days, change, attended, population.unit)
        last_day = draw_last_days(streams("leaving"), population.leaving, days, weights)
    if "death" in events:
        last_day = np.minimum(last_day, np.minimum(events["death"], days[..., -1])).astype(np.int64)
    return attended & (days <= last_day[..., None]), last_day
