"""Measurements from a findings domain of SDTM: visits, the analysed record, baseline and change.

A record belongs to the visit of the protocol that VISIT names, or whose target day VISITDY is; failing both, to
the visit of its form within whose window its study day lies. Where the form says `windows: halfway`, the study day
alone decides, and no day is left out (`visits.halfway_windows`). Of several records the one that names the visit
counts before one in its window, then the nearest to the target day, the later of two.
"""

from collections.abc import Mapping

import polars as pl

from ....protocol import Protocol
from ...check import require_dataset
from ...dataset import Dataset
from ...derive.findings import derive_change_from_baseline, derive_findings
from ...derive.selection import derive_first_flag
from ...derive.windows import derive_analysis_windows
from ..shelf import Shelf
from ..visits import halfway_windows, match_visits, target_days

_SUFFIXES = (
    *("TESTCD", "TEST", "STRESN", "STRESU", "STNRLO", "STNRHI", "NRIND", "TPT", "TPTNUM", "CAT", "DTC", "SEQ"),
    *("STAT",),
)


def derive_form(
    shelf: Shelf, domain: str, tests: Mapping[str, str], adsl: Dataset, protocol: Protocol, form: str
) -> Dataset:
    """Derive the basic data structure of some tests of a domain, as the protocol's `form` plans them.

    `tests` maps --TESTCD to PARAMCD; `form` is empty for tests that no form declares.
    """
    prefix = domain.upper()
    variables = ["USUBJID", "VISIT", "VISITNUM", "VISITDY", *(f"{prefix}{suffix}" for suffix in _SUFFIXES)]
    dataset = shelf.read(domain, variables)
    require_dataset(dataset, {"USUBJID": "text", f"{prefix}TESTCD": "text", f"{prefix}STRESN": "number"})
    require_dataset(dataset, {f"{prefix}DTC": "text"})
    # The row in the file takes the place of --SEQ, so that each record can be followed to its row.
    rows = dataset.frame.with_columns(pl.int_range(1, pl.len() + 1).alias(f"{prefix}SEQ"))
    rows = rows.filter(pl.col(f"{prefix}TESTCD").is_in(list(tests)))
    rows = rows.with_columns(pl.col(f"{prefix}TESTCD").replace(dict(tests)))
    people = adsl.frame.with_columns(TRTSDT=pl.coalesce(*_present(adsl, "TRTSDT", "RANDDT")))
    bds = derive_findings(_with_visits(rows, protocol), people, carried=("TRTSDT",))
    bds = bds.rename({f"{prefix}SEQ": "ROW"})
    keys = ["USUBJID", "PARAMCD", *(["ATPT"] if "ATPT" in bds.columns else [])]
    plan = protocol.forms.get(form)
    visits = protocol.schedule.activities.get(form, ()) or tuple(protocol.schedule.visits)
    if plan is not None and plan.windows == "halfway":
        bds = _in_halfway_windows(bds, keys, protocol, visits)
    else:
        bds = _in_planned_windows(bds, keys, protocol, visits)
    return Dataset(domain, derive_change_from_baseline(bds, keys=keys), dataset.path, dataset.format)


def _present(adsl: Dataset, *names: str) -> list[str]:
    return [name for name in names if name in adsl.frame.columns]


def _with_visits(rows: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Put the protocol's label into VISIT where VISIT or VISITDY tells the visit."""
    if "VISIT" not in rows.columns:
        rows = rows.with_columns(VISIT=pl.lit(None, pl.String))
    visit = match_visits(rows["VISIT"], protocol)
    if "VISITDY" in rows.columns:
        by_day = {day: name for name, day in target_days(protocol).items()}
        planned = rows["VISITDY"].cast(pl.Int64).replace_strict(by_day, default=None, return_dtype=pl.String)
        visit = visit.zip_with(visit.is_not_null(), planned)
    labels = {name: protocol.visit_label(name) for name in protocol.schedule.visits}
    label = visit.replace_strict(labels, default=None, return_dtype=pl.String)
    return rows.with_columns(VISIT=label.zip_with(label.is_not_null(), rows["VISIT"]))


def _in_planned_windows(
    bds: pl.DataFrame, keys: list[str], protocol: Protocol, visits: tuple[str, ...]
) -> pl.DataFrame:
    """Give each record without a visit the one whose window holds its day, and flag the analysed records."""
    named = match_visits(bds["AVISIT"], protocol)
    allowed = {name: protocol.schedule.visits[name].allowed for name in visits}
    within = pl.coalesce(
        pl.when(pl.col("ADY").is_between(days.first, days.last)).then(pl.lit(protocol.visit_label(name)))
        for name, days in allowed.items()
    )
    placed = bds.with_columns(_unnamed=named.is_null()).with_columns(
        AVISIT=pl.when("_unnamed").then(pl.coalesce(within, pl.col("AVISIT"))).otherwise("AVISIT")
    )
    target = match_visits(placed["AVISIT"], protocol).replace_strict(
        target_days(protocol), default=None, return_dtype=pl.Int64
    )
    placed = placed.with_columns(_distance=(placed["ADY"] - target).abs())
    order = [pl.col("_unnamed"), pl.col("_distance"), pl.col("ADY"), pl.int_range(pl.len())]
    usable = pl.col("AVISIT").is_not_null() & pl.col("AVAL").is_not_null()
    descending = [False, False, True, True]
    flagged = derive_first_flag(placed, "ANL01FL", [*keys, "AVISIT"], order, descending=descending, where=usable)
    return flagged.drop("_unnamed", "_distance")


def _in_halfway_windows(
    bds: pl.DataFrame, keys: list[str], protocol: Protocol, visits: tuple[str, ...]
) -> pl.DataFrame:
    placed = derive_analysis_windows(bds, halfway_windows(protocol, visits), keys=keys)
    labels = {name: protocol.visit_label(name) for name in visits}
    return placed.with_columns(
        AVISIT=pl.col("AVISIT").replace_strict(labels, default=None, return_dtype=pl.String)
    )
