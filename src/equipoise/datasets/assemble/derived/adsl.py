"""Participants from DM, EX, DS, SUPPDM and SC, where a folder has no ADSL.

The derivation is that of `datasets.derive.participants`; here it is told which dose of 0 is one of placebo, and
what else the protocol's variables are called.
"""

from collections.abc import Mapping

import polars as pl

from ....protocol import Protocol
from ...check import require_dataset
from ...dataset import Dataset
from ...derive.dates import derive_date, study_day
from ...derive.participants import derive_adsl, derive_treatment_end
from ...derive.supplement import derive_with_supplement
from ..columns import as_text
from ..participants import match_arms, require_participants
from ..shelf import Shelf
from ..visits import fold


def derive_participants(shelf: Shelf, protocol: Protocol) -> Dataset:
    """Derive ADSL from DM, EX, DS, and add SUPPDM, SC and what else DM has of the protocol's variables.

    Day 1 is the first dose; where EX is absent, RFXSTDTC of DM, else RFSTDTC. RANDDT is RFSTDTC. Raises DataError
    where DM lacks a variable, holds a participant twice, or names an arm that the protocol does not know.
    """
    dm = shelf.read("dm")
    require_dataset(dm, {"USUBJID": "text", "ARM": "text"}, keys=["USUBJID"])
    require_participants(dm)
    match_arms(dm, "ARM", dm.frame["ARM"], protocol)
    ex = _doses(shelf, dm.frame, protocol)
    ds = shelf.read("ds").frame if "ds" in shelf else None
    adsl = derive_adsl(dm.frame, ex, ds)
    adsl = _with_start(adsl, dm.frame)
    if "EOSDT" in adsl.columns and "TRTEDT" in adsl.columns and adsl["TRTEDT"].null_count():
        adsl = derive_treatment_end(adsl, "EOSDT")
    if "suppdm" in shelf:
        adsl = derive_with_supplement(adsl, shelf.read("suppdm").frame)
    if "sc" in shelf:
        adsl = _with_characteristics(adsl, shelf.read("sc").frame)
    named = {name for variable in protocol.variables.values() for name in variable.adam}
    beside = [name for name in dm.frame.columns if name in named and name not in adsl.columns]
    adsl = adsl.join(dm.frame.select("USUBJID", *beside), on="USUBJID", how="left", maintain_order="left")
    return Dataset("dm", _with_numbers(adsl, protocol), dm.path, dm.format)


def dose_counts(shelf: Shelf, participants: pl.DataFrame, protocol: Protocol) -> Mapping[str, int] | None:
    """Return the number of doses of each participant: the rows of EX that are doses; None where EX is absent."""
    people = participants.select(USUBJID=pl.col("participant"), ARM=pl.col("arm_label"))
    ex = _doses(shelf, people, protocol)
    if ex is None:
        return None
    given = ex.filter(pl.col("EXDOSE").is_null() | (pl.col("EXDOSE") > 0)) if "EXDOSE" in ex.columns else ex
    counts = given.group_by("USUBJID").len()
    return dict(counts.iter_rows())


def with_dates_of_death(shelf: Shelf, participants: pl.DataFrame) -> pl.DataFrame:
    """Take the day of death from DTHDTC of DM where ADSL gives none."""
    if "dm" not in shelf or "DTHDTC" not in shelf.folder.variables("dm"):
        return participants
    dates = derive_date(shelf.read("dm", ["USUBJID", "DTHDTC"]).frame, "DTHDTC", "_died").drop("DTHDTC")
    joined = participants.join(
        dates.unique("USUBJID").rename({"USUBJID": "participant"}),
        on="participant",
        how="left",
        maintain_order="left",
    )
    day = study_day(pl.col("_died"), pl.col("reference_date")).cast(pl.Int64)
    return joined.with_columns(
        death_day=pl.coalesce("death_day", day), died=pl.col("died") | pl.col("_died").is_not_null()
    ).drop("_died")


def _doses(shelf: Shelf, people: pl.DataFrame, protocol: Protocol) -> pl.DataFrame | None:
    """Return EX, a dose of 0 in an arm whose planned dose is 0 being one of placebo: such a dose is set missing.

    The derivation of exposure takes a missing dose as given, and 0 of an active product as not given.
    """
    if "ex" not in shelf:
        return None
    dataset = shelf.read("ex")
    require_dataset(dataset, {"USUBJID": "text", "EXSTDTC": "text"})
    if "EXDOSE" not in dataset.frame.columns:
        return dataset.frame
    require_dataset(dataset, {"EXDOSE": "number"})
    of_placebo = [
        fold(word)
        for name, arm in protocol.arms.items()
        if arm.doses and all(dose.value == 0 for dose in arm.doses.values())
        for word in (name, *arm.label.root.values())
    ]
    arms = {value: fold(value) in of_placebo for value in people["ARM"].drop_nulls().unique()}
    placebo = people.filter(pl.col("ARM").replace_strict(arms, default=False, return_dtype=pl.Boolean))["USUBJID"]
    nothing = (pl.col("EXDOSE") == 0) & pl.col("USUBJID").is_in(placebo.implode())
    return dataset.frame.with_columns(EXDOSE=pl.when(~nothing.fill_null(value=False)).then(pl.col("EXDOSE")))


def _with_start(adsl: pl.DataFrame, dm: pl.DataFrame) -> pl.DataFrame:
    starts = [name for name in ("RFXSTDTC", "RFSTDTC") if name in dm.columns]
    if not starts:
        return adsl
    dated = dm.select("USUBJID", *starts)
    for name in starts:
        dated = derive_date(dated, name, f"_{name}").drop(name)
    adsl = adsl.join(dated, on="USUBJID", how="left", maintain_order="left")
    columns = {"RANDDT": pl.col(f"_{starts[-1]}")}
    if "TRTSDT" not in adsl.columns:
        columns["TRTSDT"] = pl.coalesce(f"_{name}" for name in starts)
    return adsl.with_columns(**columns).drop(f"_{name}" for name in starts)


def _with_characteristics(adsl: pl.DataFrame, sc: pl.DataFrame) -> pl.DataFrame:
    """Add each subject characteristic as a variable: the number where it is one, else the text."""
    if not {"USUBJID", "SCTESTCD", "SCSTRESC"} <= set(sc.columns):
        return adsl
    for (code,), rows in sc.group_by(["SCTESTCD"], maintain_order=True):
        name = str(code)
        numeric = "SCSTRESN" in sc.columns and rows["SCSTRESN"].null_count() < rows.height
        values = rows["SCSTRESN"] if numeric else as_text(rows["SCSTRESC"])
        one_each = rows.select("USUBJID").with_columns(values.alias(name)).unique("USUBJID", keep="first")
        if name not in adsl.columns:
            adsl = adsl.join(one_each, on="USUBJID", how="left", maintain_order="left")
    return adsl


def _with_numbers(adsl: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """Turn supplemental qualifiers, which are always text, into numbers where a variable is a number."""
    numeric = [n for v in protocol.variables.values() if v.type in ("number", "day") for n in v.adam]
    for name in numeric:
        if name in adsl.columns and adsl.schema[name] == pl.String:
            number = adsl[name].cast(pl.Float64, strict=False)
            if number.null_count() == adsl[name].null_count():
                adsl = adsl.with_columns(number)
    return adsl
