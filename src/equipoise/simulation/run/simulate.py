"""Simulates a protocol's trials under its scenarios and adds up what they find."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ...errors import DataError, EstimationFailed, ProtocolError, Stopped, suggest
from ..operating.characteristics import SCHEMA, operating_characteristics
from ..operating.sums import add_up
from ..population import require_assumptions
from .executors import open_executor
from .settings import CHUNK, ChunkTask, Settings, Task, TruthTask, run_task
from .store import Store

RESTARTS = 3
"""How often a pool of processes is made anew after one of them died."""
ON_A_CLUSTER = 32
"""Workers reckoned with where a cluster does not tell how many it has."""
Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Simulation:
    """What a run found.

    table: operating characteristics, columns of `SCHEMA`. done: trials of each scenario that were carried out;
    trials: that were asked for.
    """

    settings: Settings
    scenarios: tuple[str, ...]
    table: pl.DataFrame
    done: dict[str, int]
    trials: int

    @property
    def complete(self) -> bool:
        """Whether every trial asked for was carried out."""
        return all(done == self.trials for done in self.done.values())


def choose_scenarios(settings: Settings, chosen: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the scenarios that are simulated; ProtocolError for one that the protocol does not have."""
    known = settings.scenarios()
    where = settings.protocol().trial.id
    if not known:
        require_assumptions(settings.protocol())
        raise ProtocolError(f"protocol {where} has no assumptions.scenarios to simulate")
    for name in chosen:
        if name not in known:
            raise ProtocolError(f"protocol {where} has no scenario of that name{suggest(name, known)} Got {name}")
    return tuple(dict.fromkeys(chosen)) or known


def simulate(
    settings: Settings,
    trials: int,
    out: Path,
    *,
    scenarios: Sequence[str] = (),
    workers: int = 1,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Simulate `trials` trials of each scenario and keep the sums in `out`.

    A run that was stopped goes on where it was. Ctrl-C (`Stopped`) ends the run and returns what is done. The
    result is the same, to the byte, for any number of workers. `progress` is called with trials done and wanted.
    Raises ProtocolError for what cannot be simulated, DataError for a folder that holds something else or a
    cluster that does not answer.
    """
    chosen = choose_scenarios(settings, scenarios)
    settings.analyses()
    for name in chosen:
        settings.population(name)
    store = Store(out)
    store.open(settings)
    try:
        _work(settings, trials, store, chosen, workers, cluster, progress)
    except DataError:
        store.abandon()
        raise
    except (Stopped, KeyboardInterrupt):
        if not any(_done(store, name, trials) for name in chosen):
            store.abandon()
            raise
    return collect(settings, trials, store, chosen)


def collect(settings: Settings, trials: int, store: Store, scenarios: Sequence[str]) -> Simulation:
    """Add up what a folder holds."""
    tables, done = [pl.DataFrame(schema=dict(SCHEMA))], {}
    for name in scenarios:
        chunks = _done(store, name, trials)
        done[name] = sum(number for _, number, _ in chunks)
        truths = {
            (place.analysis, place.visit, place.arm, place.versus): value
            for place, value in store.truths(name) or ()
        }
        totals = add_up(sums for _, _, sums in chunks)
        tables.append(operating_characteristics(name, totals, truths))
    return Simulation(settings, tuple(scenarios), pl.concat(tables), done, trials)


def _done(store: Store, scenario: str, trials: int) -> list[tuple[int, int, pl.DataFrame]]:
    found = [(chunk, number, store.chunk(scenario, chunk, number)) for chunk, number in _chunks(trials)]
    return [(chunk, number, sums) for chunk, number, sums in found if sums is not None]


def _chunks(trials: int) -> list[tuple[int, int]]:
    """Return each chunk of a scenario and its number of trials."""
    return [(k, min(CHUNK, trials - k * CHUNK)) for k in range(-(-trials // CHUNK))]


def _work(
    settings: Settings,
    trials: int,
    store: Store,
    scenarios: Sequence[str],
    workers: int,
    cluster: str | None,
    progress: Progress | None,
) -> None:
    """Do what is still to be done; a pool that broke is made anew."""
    total = trials * len(scenarios)
    hands = ON_A_CLUSTER if cluster is not None else workers
    for attempt in range(RESTARTS + 1):
        try:
            with open_executor(workers, cluster) as executor:
                truths = [TruthTask(settings, name) for name in scenarios if store.truths(name) is None]
                for task, result in _completed(executor, truths, hands):
                    assert isinstance(result, tuple)
                    store.keep_truths(task.scenario, result)
                waiting = list(_waiting(settings, trials, store, scenarios))
                done = total - sum(task.trials for task in waiting)
                if progress is not None:
                    progress(done, total)
                for task, result in _completed(executor, waiting, hands):
                    assert isinstance(task, ChunkTask)
                    assert isinstance(result, pl.DataFrame)
                    store.keep_chunk(task.scenario, task.chunk, task.trials, result)
                    done += task.trials
                    if progress is not None:
                        progress(done, total)
            return
        except BrokenProcessPool as error:
            if attempt == RESTARTS:
                raise EstimationFailed(
                    f"a worker was killed {RESTARTS + 1} times, perhaps for want of memory; run again with fewer "
                    "--workers, what is done is kept"
                ) from error


def _waiting(settings: Settings, trials: int, store: Store, scenarios: Sequence[str]) -> Iterator[ChunkTask]:
    for chunk, number in _chunks(trials):
        for name in scenarios:
            if store.chunk(name, chunk, number) is None:
                yield ChunkTask(settings, name, chunk, number, store.truths(name) or ())


def _completed(executor: Executor, tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, object]]:
    """Yield tasks with their results as they are done, a few more under way than there are workers."""
    remaining, under_way = iter(tasks), dict[Future[object], Task]()
    at_once = 2 * workers if workers > 1 else 1
    while True:
        for task in remaining:
            under_way[executor.submit(run_task, task)] = task
            if len(under_way) >= at_once:
                break
        if not under_way:
            return
        finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
        for future in sorted(finished, key=lambda f: list(under_way).index(f)):
            yield under_way.pop(future), future.result()
