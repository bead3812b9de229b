"""Participant variables of virtual participants: baseline values, drawn codes, and what rules make of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from ...errors import ProtocolError
from ...protocol import Protocol, names_in, parse_expression
from ...statistics.distributions import Floats
from .trials import Booleans, Integers

KNOWN = ("randomised", "treated", "doses", "first_dose_day", "last_dose_day", "last_seen_day", "death_day")
"""Names of the participant scope, beside `site`, that follow from who was dosed and seen when."""
_FLAGS = ("randomised", "treated")


@dataclass(frozen=True)
class Characteristics:
    """Participant variables as columns of one frame, a row a participant, trial after trial."""

    protocol: Protocol
    shape: tuple[int, int]
    frame: pl.DataFrame

    def is_number(self, name: str) -> bool:
        """Whether a variable is a number or a day; else it is a code."""
        declared = self.protocol.variables.get(name)
        return name in KNOWN or (declared is not None and declared.type in ("number", "day"))

    def level(self, name: str) -> tuple[Integers, tuple[str, ...]]:
        """Return a variable as positions in its codes (T x n), and the codes: the protocol's, then others."""
        column = self.frame[name].cast(pl.String)
        if column.null_count():
            raise ProtocolError(f"variable {name} must have a value for each virtual participant; some have none")
        declared = self.protocol.variables[name].codes if name in self.protocol.variables else {}
        codes = (*declared, *sorted(set(column.unique()) - set(declared), key=lambda code: (len(code), code)))
        positions = column.cast(pl.Enum(codes)).to_physical().cast(pl.Int64)
        return positions.to_numpy().reshape(self.shape), codes

    def number(self, name: str) -> Floats:
        """Return a variable as numbers, NaN where missing; T x n."""
        return self.frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy().reshape(self.shape)

    def holds(self, rule: str) -> Booleans:
        """Evaluate a rule of the participant scope, false where it cannot be decided; T x n."""
        said = self.frame.select(parse_expression(rule).cast(pl.Boolean).fill_null(value=False).alias("said"))[
            "said"
        ]
        return said.to_numpy().reshape(self.shape)


def drawable_variables(protocol: Protocol, items: Collection[str]) -> frozenset[str]:
    """Return the participant variables that can be drawn when `items` are: values, codes, and rules over these."""
    given = protocol.assumptions
    shares = given.shares if given is not None else {}
    known = {"site", *KNOWN}
    known |= {n for n, v in protocol.variables.items() if {v.item, n} & {*items, *shares}}
    waiting = {n: set(names_in(v.rule)) for n, v in protocol.variables.items() if v.rule and n not in known}
    while ready := [name for name, used in waiting.items() if used <= known]:
        known.update(ready)
        for name in ready:
            del waiting[name]
    return frozenset(known)


def characterise(
    protocol: Protocol,
    site: Integers,
    baselines: Mapping[str, Floats],
    codes: Mapping[str, Integers],
    needed: Collection[str],
    dated: Mapping[str, Floats] | None = None,
) -> Characteristics:
    """Build the variables `needed`, with those that their rules use.

    baselines: last value on or before study day 1, by item; T x n. codes: drawn position in the codes of
    `assumptions.shares`, by item. dated: names of `KNOWN`, where doses and days are known already.
    """
    given = protocol.assumptions
    shares = given.shares if given is not None else {}
    rules = {name: variable.rule for name, variable in protocol.variables.items() if variable.rule}
    wanted = _with_what_they_use(needed, rules)
    columns = {"site": pl.Series("site", site.ravel()).cast(pl.String)}
    for name, values in (dated or {}).items():
        if name in wanted:
            column = pl.Series(name, values.ravel()).fill_nan(None)
            columns[name] = column.cast(pl.Boolean if name in _FLAGS else pl.Int64)
    for name in wanted:
        variable = protocol.variables.get(name)
        source = (variable.item if variable is not None else None) or name
        if source in baselines:
            columns[name] = pl.Series(name, baselines[source].ravel()).fill_nan(None)
        elif source in codes:
            columns[name] = pl.Series(name, np.array(list(shares[source]))[codes[source].ravel()])
    frame = pl.DataFrame(columns)
    waiting = {name: rules[name] for name in wanted if name in rules and name not in columns}
    while ready := [name for name, rule in waiting.items() if set(names_in(rule)) <= set(frame.columns)]:
        frame = frame.with_columns(parse_expression(waiting.pop(name)).alias(name) for name in ready)
    return Characteristics(protocol, site.shape, frame)


def _with_what_they_use(needed: Collection[str], rules: Mapping[str, str]) -> list[str]:
    found, pending = list[str](), list(needed)
    while pending:
        name = pending.pop()
        if name not in found:
            found.append(name)
            pending += names_in(rules[name]) if name in rules else ()
    return found


def dose_days(
    protocol: Protocol,
    visits: Sequence[str],
    days: Integers,
    seen: Booleans,
    last_day: Integers,
    events: Mapping[str, Floats],
) -> dict[str, Floats]:
    """Return what the participant scope knows of doses and days, by the names of `KNOWN`; T x n, NaN for none.

    A dose is given at each visit of an intervention that took place, until `infusions_stopped`.
    """
    planned = {visit for intervention in protocol.interventions.values() for visit in intervention.at}
    places = [v for v, name in enumerate(visits) if name in planned]
    day = days[..., places].astype(float)
    dosed = seen[..., places]
    stopped = events.get("infusions_stopped")
    if stopped is not None:
        dosed = dosed & ~(day >= np.where(np.isnan(stopped), np.inf, stopped)[..., None])
    doses = dosed.sum(axis=-1).astype(float)
    ones, nothing = np.ones(doses.shape), np.full(doses.shape, np.nan)
    last = np.max(np.where(dosed, day, -np.inf), axis=-1, initial=-np.inf)
    return {
        "randomised": ones,
        "treated": (doses > 0).astype(float) if places else ones,
        "doses": doses,
        "first_dose_day": np.where(doses > 0, 1.0, np.nan),
        "last_dose_day": np.where(doses > 0, last, np.nan),
        "last_seen_day": last_day.astype(float),
        "death_day": events.get("death", nothing),
    }
