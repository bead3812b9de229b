"""One virtual trial on its way through the analysis of real data.

What the batch cannot fit, as when an unstructured covariance does not exist and the ladder of the protocol must be
climbed, is analysed alone by `equipoise.analysis`; the tests compare batch and analysis by the same way.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from ...analysis.run import run_analyses
from ...datasets.analysis_data import AnalysisData
from ...datasets.assemble.times import derive_times
from ...datasets.baseline import percent_change
from ...protocol import Protocol
from ...protocol.model import AnalysisSet, ParticipantVariable, Text
from ...statistics.distributions import Floats
from ..population import VirtualTrials
from ..population.trials import Booleans
from .replicated import Place, Replicated

_ADJUSTED = {"p": "adjusted_p", "lower": "adjusted_lower", "upper": "adjusted_upper"}
_DAYS = ("doses", "first_dose_day", "last_dose_day", "last_seen_day", "death_day")


def analyse_alone(protocol: Protocol, name: str, trials: VirtualTrials, trial: int) -> pl.DataFrame:
    """Return the results, as in `results.csv`, of one analysis on one trial; no rows where it is not done."""
    plan = _with_what_was_drawn(protocol, trials)
    flags = {
        f"in_{set_name}": trials.flags[one.rule][trial]
        for set_name, one in protocol.analysis_sets.items()
        if one.rule in trials.flags
    }
    return run_analyses(plan, as_analysis_data(plan, name, trials, trial, flags), only=[name]).table


def fill_in(protocol: Protocol, found: list[Replicated], trials: VirtualTrials, analyses: tuple[str, ...]) -> int:
    """Analyse alone, in place, the trials that the batch left missing in a comparison; return their number."""
    alone = 0
    for name in analyses:
        places = [one for one in found if one.place.analysis == name and one.place.versus]
        if not places:
            continue
        missing = np.flatnonzero(np.any([one.missing() for one in places], axis=0))
        alone += len(missing)
        for trial in missing:
            values = read_results(protocol, name, analyse_alone(protocol, name, trials, int(trial)))
            for one in places:
                for statistic, array in one.statistics.items():
                    array[trial] = values.get((one.place, statistic), np.nan)
    return alone


def read_results(protocol: Protocol, name: str, table: pl.DataFrame) -> dict[tuple[Place, str], float]:
    """Return the statistics of comparisons and of arms by place, in the ids of the protocol."""
    arms = {arm.label.say(): arm_id for arm_id, arm in protocol.arms.items()}
    visits = {protocol.visit_label(visit): visit for visit in protocol.schedule.visits}
    found: dict[tuple[Place, str], float] = {}
    for row in table.iter_rows(named=True):
        adjusted = row["group"].startswith("multiplicity=")
        if row["value"] is None or (row["group"] and not adjusted):
            continue
        statistic = _ADJUSTED.get(row["statistic"], row["statistic"]) if adjusted else row["statistic"]
        place = Place(name, visits.get(row["visit"], ""), arms.get(row["arm"], ""), arms.get(row["versus"], ""))
        found.setdefault((place, statistic), row["value"])
    return found


def _with_what_was_drawn(protocol: Protocol, trials: VirtualTrials) -> Protocol:
    """Return the protocol with sets and days of events as drawn, in place of the rules for real data."""
    variables = dict(protocol.variables)
    sets = {}
    for name, one in protocol.analysis_sets.items():
        if one.rule in trials.flags:
            variables[f"in_{name}"] = ParticipantVariable(label=Text("Drawn"), type="yes or no")
            sets[name] = AnalysisSet(label=one.label, rule=f"in_{name} = 'Y'")
    events = {}
    for name, event in protocol.intercurrent_events.items():
        variables[f"day_of_{name}"] = ParticipantVariable(label=Text("Drawn"), type="day")
        events[name] = event.model_copy(update={"day": f"day_of_{name}"})
    update = {
        "variables": variables,
        "analysis_sets": {**protocol.analysis_sets, **sets},
        "intercurrent_events": events,
    }
    return protocol.model_copy(update=update)


def as_analysis_data(
    protocol: Protocol, name: str, trials: VirtualTrials, trial: int, flags: Mapping[str, Booleans]
) -> AnalysisData:
    """Return one trial as what an analysis works on.

    name: the analysis, whose times to an event are derived where it needs them. flags: variables that say who is
    in which analysis set.
    """
    participants = _participants(protocol, trials, trial, flags)
    measurements = {item: _measurements(protocol, trials, trial, item) for item in trials.values}
    times: dict[str, pl.DataFrame] = {}
    estimand_id = getattr(protocol.analyses[name], "estimand", None)
    if estimand_id is not None and protocol.estimands[estimand_id].variable.kind == "time to event":
        if estimand_id in trials.times:
            times[estimand_id] = _brought(participants, *(array[trial] for array in trials.times[estimand_id]))
        else:
            derived = derive_times(protocol.estimands[estimand_id], participants, measurements, None, protocol)
            assert isinstance(derived, pl.DataFrame)
            times[estimand_id] = derived
    return AnalysisData(participants, measurements, {item: item for item in measurements}, times)


def _ids(trials: VirtualTrials) -> list[str]:
    return [f"{number + 1:05d}" for number in range(trials.shape[1])]


def _participants(
    protocol: Protocol, trials: VirtualTrials, trial: int, flags: Mapping[str, Booleans]
) -> pl.DataFrame:
    arms = [trials.arms[arm] for arm in trials.arm[trial]]
    columns: dict[str, pl.Series | list[str]] = {
        "participant": _ids(trials),
        "arm": arms,
        "arm_label": [protocol.arms[arm].label.say() for arm in arms],
        "site": [str(site) for site in trials.site[trial]],
        "randomised": pl.Series([True] * len(arms)),
    }
    for name, numbers in trials.numbers.items():
        columns[name] = _number(numbers[trial], whole=name in _DAYS)
    for name, levels in trials.levels.items():
        columns[name] = [trials.codes[name][level] for level in levels[trial]]
    columns["last_seen_day"] = pl.Series(trials.last_day[trial])
    for name, inside in flags.items():
        columns[name] = np.where(inside, "Y", "N").tolist()
    for name in protocol.intercurrent_events:
        days = trials.events.get(name)
        empty = np.full(len(arms), np.nan)
        columns[f"day_of_{name}"] = _number(empty if days is None else days[trial], whole=True)
    return pl.DataFrame(columns).with_columns(source=pl.lit("drawn"))


def _number(values: Floats, *, whole: bool) -> pl.Series:
    column = pl.Series(values.astype(float)).fill_nan(None)
    return column.cast(pl.Int64) if whole else column


def _measurements(protocol: Protocol, trials: VirtualTrials, trial: int, item: str) -> pl.DataFrame:
    """Return the values of an item that were seen, a row a participant and visit."""
    values = np.where(trials.seen[trial], trials.values[item][trial], np.nan)
    who, where = np.nonzero(~np.isnan(values))
    ids, visits = np.array(_ids(trials)), np.array(trials.visits)
    labels = np.array([protocol.visit_label(visit) for visit in trials.visits])
    targets = np.array([protocol.schedule.visits[visit].target for visit in trials.visits])
    frame = pl.DataFrame(
        {
            "participant": ids[who],
            "visit": visits[where],
            "visit_label": labels[where],
            "day": trials.days[trial][who, where],
            "value": values[who, where],
            "_before": targets[where] <= 1,
        }
    )
    baseline = (
        frame.filter("_before")
        .group_by("participant", maintain_order=True)
        .agg(pl.col("value").last().alias("baseline"))
    )
    change = pl.col("value") - pl.col("baseline")
    return (
        frame.join(baseline, on="participant", how="left", maintain_order="left")
        .with_columns(change.alias("change"), percent_change(change).alias("percent_change"))
        .with_columns(
            pl.lit(None, pl.String).alias("imputed"),
            pl.lit(value=True).alias("analysed"),
            pl.lit("drawn").alias("source"),
        )
        .drop("_before")
    )


def _brought(participants: pl.DataFrame, time: Floats, event: Floats) -> pl.DataFrame:
    return participants.select(
        "participant",
        pl.Series("time", time),
        pl.Series("event", event == 1),
        pl.lit(None, pl.String).alias("description"),
        pl.lit("drawn").alias("source"),
    )
