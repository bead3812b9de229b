"""Measurements of the protocol's items from basic data structures (ADaMIG 1.3, section 3.3).

One record of a visit is analysed. ANL01FL says which, where it marks at least half of a parameter's participants
and visits; a flag that marks fewer stands for something else (in the laboratory data of the CDISC pilot, the most
extreme value of each participant), and then the record nearest to the visit's target day is taken, the later of
two. A record that was carried forward (DTYPE) is analysed only where the visit has no observed one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from ...protocol import Protocol
from ..baseline import percent_change
from ..check import require_dataset
from ..dataset import Dataset
from .columns import day_or_null, number_or_null, source, text_or_null
from .visits import match_visits, target_days

VARIABLES = (
    *("USUBJID", "PARAMCD", "PARAM", "AVAL", "AVISIT", "VISIT", "ADY", "ADT", "TRTSDT", "ATPT", "DTYPE"),
    *("BASE", "CHG", "PCHG", "ABLFL", "ANL01FL", "ANRIND", "BNRIND", "ATOXGR", "BTOXGR"),
    *("A1LO", "A1HI", "ANRLO", "ANRHI", "AVALU"),
)
"""Variables of a basic data structure that are read."""
RANGES = ("A1LO", "A1HI", "ANRLO", "ANRHI")
_INDICATORS = {
    "L": "LOW",
    "LL": "LOW",
    "LOW LOW": "LOW",
    "N": "NORMAL",
    "H": "HIGH",
    "HH": "HIGH",
    "HIGH HIGH": "HIGH",
}
_NO_VISIT = (".", "")


@dataclass(frozen=True)
class Wanted:
    """An item to be taken from a dataset: its id, its PARAMCD and, where a visit has several, its time point."""

    item: str
    parameter: str
    timepoint: str | None = None


def read_measurements(
    dataset: Dataset, wanted: Collection[Wanted], protocol: Protocol
) -> tuple[dict[str, pl.DataFrame], dict[str, str]]:
    """Return the measurements and the label of each wanted item.

    `dataset` holds those of `VARIABLES` that the file has. Raises DataError where a variable that is needed is
    absent or of the wrong kind.
    """
    require_dataset(dataset, {"USUBJID": "text", "PARAMCD": "text", "AVAL": "number"})
    visit = next((name for name in ("AVISIT", "VISIT") if name in dataset.frame.columns), "AVISIT")
    require_dataset(dataset, {visit: "text"})
    day = day_or_null(dataset, "ADY")
    numbers = {name: number_or_null(dataset, name) for name in ("BASE", "CHG", "PCHG")}
    frame = dataset.frame
    # A dataset derived from SDTM says in ROW which row of its domain a record is.
    frame = frame.rename({"ROW": "_row"}) if "ROW" in frame.columns else frame.with_row_index("_row", offset=1)
    frames, labels = {}, {}
    for one in wanted:
        rows = frame.filter(pl.col("PARAMCD") == one.parameter)
        if one.timepoint is not None and "ATPT" in rows.columns:
            rows = rows.filter(pl.col("ATPT") == one.timepoint)
        plain = rows.select(
            participant=pl.col("USUBJID"),
            visit_label=pl.when(~pl.col(visit).is_in(_NO_VISIT)).then(pl.col(visit)),
            day=day,
            value=pl.col("AVAL").cast(pl.Float64),
            baseline=numbers["BASE"],
            change=numbers["CHG"],
            percent_change=numbers["PCHG"],
            imputed=text_or_null(rows, "DTYPE"),
            flagged=text_or_null(rows, "ANL01FL") == "Y",
            at_baseline=text_or_null(rows, "ABLFL") == "Y",
            range_indicator=_indicator(rows, "ANRIND"),
            baseline_range_indicator=_indicator(rows, "BNRIND"),
            grade=_grade(rows, "ATOXGR"),
            baseline_grade=_grade(rows, "BTOXGR"),
            source=source(dataset.name, pl.col("_row")),
        )
        visited = plain.with_columns(match_visits(plain["visit_label"], protocol))
        frames[one.item] = _ordered(_with_analysed(_with_baseline(visited), protocol))
        labels[one.item] = _label(rows, one)
    return frames, labels


def has_ranges(dataset: Dataset) -> list[str]:
    """Return the PARAMCD of each parameter that has reference ranges, in the order of the file."""
    present = [name for name in RANGES if name in dataset.frame.columns]
    if not present and "ANRIND" in dataset.frame.columns:
        present = ["ANRIND"]
    if not present:
        return []
    ranged = dataset.frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in present))
    return ranged["PARAMCD"].unique(maintain_order=True).drop_nulls().to_list()


def find_baselines(measured: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the baseline value of each item: `participant` and `value`, one row a participant."""
    return {
        item: frame.drop_nulls("baseline")
        .unique("participant", keep="first", maintain_order=True)
        .select("participant", value=pl.col("baseline"))
        for item, frame in measured.items()
    }


def _with_baseline(frame: pl.DataFrame) -> pl.DataFrame:
    """Fill baseline, change and range indicator at baseline where the dataset has none of them."""
    own = frame.filter("at_baseline").unique("participant", keep="first")
    kept = own.select(
        "participant",
        _value=pl.col("value"),
        _indicator=pl.col("range_indicator"),
        _grade=pl.col("grade"),
    )
    filled = frame.join(kept, on="participant", how="left", maintain_order="left")
    columns = [
        pl.col("_value").alias("baseline")
        if frame["baseline"].null_count() == frame.height
        else pl.col("baseline"),
        pl.coalesce("baseline_range_indicator", "_indicator").alias("baseline_range_indicator"),
        pl.coalesce("baseline_grade", "_grade").alias("baseline_grade"),
    ]
    filled = filled.with_columns(columns).drop("_value", "_indicator", "_grade")
    if frame["change"].null_count() == frame.height:
        filled = filled.with_columns(change=pl.col("value") - pl.col("baseline"))
    if frame["percent_change"].null_count() == frame.height:
        filled = filled.with_columns(percent_change=percent_change())
    return filled


def _with_analysed(frame: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    keys = ["participant", "visit_label"]
    usable = pl.col("value").is_not_null() & pl.col("visit_label").is_not_null()
    if _flag_is_for_visits(frame, keys):
        usable &= pl.col("flagged")
    target = pl.col("visit").replace_strict(target_days(protocol), default=None, return_dtype=pl.Int64)
    candidates = (
        frame.with_row_index("_row")
        .filter(usable)
        .select("_row", *keys, "imputed", _distance=(pl.col("day") - target).abs(), _day=pl.col("day"))
    )
    if candidates.select(keys).is_duplicated().any():
        ordered = candidates.sort(
            ["_distance", "_day", "_row"], descending=[False, True, True], nulls_last=True, maintain_order=True
        )
        each = ordered.unique([*keys, "imputed"], keep="first", maintain_order=True)
        observed = pl.col("imputed").is_null()
        candidates = each.filter(observed | ~observed.any().over(keys))
    chosen = pl.repeat(value=False, n=frame.height, eager=True, dtype=pl.Boolean)
    chosen = chosen.scatter(candidates["_row"], True)
    return frame.with_columns(chosen.alias("analysed"))


def _flag_is_for_visits(frame: pl.DataFrame, keys: list[str]) -> bool:
    """Whether the analysis flag chooses one record of each visit; see the head of this module."""
    if not frame["flagged"].any():
        return False
    placed = frame.filter(pl.col("visit_label").is_not_null())
    marked = placed.filter("flagged").select(keys).n_unique()
    return 2 * marked >= placed.select(keys).n_unique()


def _indicator(frame: pl.DataFrame, name: str) -> pl.Expr:
    text = text_or_null(frame, name).str.to_uppercase()
    return text.replace(_INDICATORS)


def _grade(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Return the grade without the sign that stands for its direction."""
    if name not in frame.columns:
        return pl.lit(None, pl.Float64)
    return pl.col(name).cast(pl.Float64, strict=False).abs()


def _ordered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        *("participant", "visit", "visit_label", "day", "value", "baseline", "change", "percent_change"),
        pl.col("imputed"),
        "analysed",
        *("range_indicator", "baseline_range_indicator", "grade", "baseline_grade", "source"),
    )


def _label(rows: pl.DataFrame, one: Wanted) -> str:
    labels = rows["PARAM"].drop_nulls() if "PARAM" in rows.columns else pl.Series(dtype=pl.String)
    return str(labels[0]) if labels.len() else one.parameter
