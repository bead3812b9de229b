"""ADSL: one row a participant, with treatment, dates, groups, analysis sets and end of study.

Randomised is who has a planned arm: ARMCD (or ARM) that is neither empty nor the code of a screen failure or of
one not assigned. Treated is who has a dose in EX: EXDOSE above 0, or 0 of something named placebo, or a dose
that is not recorded. Screen failures stay out of ADSL and are counted by `derive_screen_failures`.
Sources: ADaMIG 1.3 section 3.2 (variables and their meaning); SDTMIG 3.4 sections 5.2 (DM), 6.1.3 (EX) and 6.2.4
(DS). Checked against the ADSL of the CDISC pilot (docs/reference/pilot-derivation.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from equipoise.datasets.check import require_variables
from equipoise.datasets.derive.dates import derive_date, first_possible, last_possible
from equipoise.datasets.derive.selection import find_first
from equipoise.errors import DataError

NOT_RANDOMISED = ("SCRNFAIL", "SCREEN FAILURE", "NOTASSGN", "NOT ASSIGNED")
"""Codes and names of planned arms, in capitals, that are none (SDTMIG 3.3; since 3.4 ARM is empty instead)."""
DISPOSITION = pl.col("DSCAT") == "DISPOSITION EVENT"
_CARRIED = (
    *("STUDYID", "USUBJID", "SUBJID", "SITEID", "COUNTRY", "BRTHDTC", "AGE", "AGEU", "SEX", "RACE", "ETHNIC"),
    *("ARMCD", "ARM", "ACTARMCD", "ACTARM", "RFSTDTC", "RFENDTC"),
)


def derive_adsl(
    dm: pl.DataFrame,
    ex: pl.DataFrame | None = None,
    ds: pl.DataFrame | None = None,
    *,
    age_groups: Mapping[str, float] | None = None,
    disposition: pl.Expr = DISPOSITION,
    reasons: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Return ADSL of the randomised participants of `dm`, sorted as `dm` is.

    TRT01P and TRT01A are ARM and ACTARM; RANDFL, ITTFL "Y"; TRTSDT, TRTEDT (days of the first dose and of the end
    of the last), TRTDURD (days, both ends counted) and SAFFL Y/N from `ex`; EOSSTT, EOSDT, DCSREAS from the rows
    of `ds` that `disposition` selects (the last by date, should there be several); DTHFL, DTHDT from `dm`.
    `age_groups` maps the label of each group to its lowest age in years, ascending: AGEGR1, AGEGR1N. `reasons`
    maps DSTERM or DSDECOD (DSTERM first) to the wording of DCREASCD, where that is wanted.
    Raises DataError where a variable is absent, a participant has two rows in `dm`, or an age falls in no group.
    """
    adsl = _planned(dm, randomised=True)
    if ex is not None:
        adsl = adsl.join(derive_exposure(ex), on="USUBJID", how="left", maintain_order="left").with_columns(
            SAFFL=pl.when(pl.col("TRTSDT").is_not_null()).then(pl.lit("Y")).otherwise(pl.lit("N"))
        )
    if ds is not None:
        adsl = _with_end_of_study(adsl, ds, disposition, reasons)
    if age_groups:
        adsl = derive_groups(adsl, "AGE", "AGEGR1", age_groups)
    if {"DTHFL", "DTHDTC"} <= set(dm.columns):
        death = derive_date(dm.select("USUBJID", "DTHFL", "DTHDTC"), "DTHDTC", "DTHDT").drop("DTHDTC")
        adsl = adsl.join(death, on="USUBJID", how="left", maintain_order="left")
    return adsl


def derive_screen_failures(dm: pl.DataFrame) -> pl.DataFrame:
    """Return the participants of `dm` who were not randomised, with what DM says of them."""
    return _planned(dm, randomised=False).drop("TRT01P", "TRT01A", "RANDFL", "ITTFL", strict=False)


def derive_exposure(ex: pl.DataFrame) -> pl.DataFrame:
    """Return USUBJID, TRTSDT, TRTEDT, TRTDURD (days) of each participant with a dose; see the head of the module.

    The end of a row of EX is EXENDTC; where that is missing, the end of treatment is not known from EX and TRTEDT
    is missing (`derive_treatment_end` fills it), since EXSTDTC would understate it.
    """
    require_variables(ex, ["USUBJID", "EXSTDTC"], "exposure (EX)")
    end = pl.col("EXENDTC" if "EXENDTC" in ex.columns else "EXSTDTC")
    return (
        ex.filter(_is_dose(ex))
        .with_columns(_start=first_possible(pl.col("EXSTDTC")), _end=last_possible(end))
        .group_by("USUBJID", maintain_order=True)
        .agg(
            TRTSDT=pl.col("_start").min(),
            TRTEDT=pl.when(pl.col("_end").sort_by("_start").last().is_not_null()).then(pl.col("_end").max()),
        )
        .filter(pl.col("TRTSDT").is_not_null())
        .with_columns(TRTDURD=_duration())
    )


def derive_treatment_end(adsl: pl.DataFrame, fallback: str) -> pl.DataFrame:
    """Return `adsl` with TRTEDT taken from the date variable `fallback` where EX does not give it, and TRTDURD."""
    require_variables(adsl, ["TRTSDT", "TRTEDT", fallback], "the end of treatment")
    filled = pl.when(pl.col("TRTSDT").is_not_null()).then(pl.coalesce("TRTEDT", fallback))
    return adsl.with_columns(TRTEDT=filled).with_columns(TRTDURD=_duration())


def derive_groups(frame: pl.DataFrame, variable: str, group: str, lowest: Mapping[str, float]) -> pl.DataFrame:
    """Add `group` and its number (`group`N, from 1): the last label whose lowest value is not above `variable`.

    `lowest` maps labels to lowest values, ascending. Missing values give missing groups; a value below the first
    group, or groups that do not ascend, give DataError.
    """
    require_variables(frame, [variable], f"the group {group}")
    cuts = list(lowest.values())
    if sorted(set(cuts)) != cuts:
        raise DataError(f"the groups of {group} must ascend by their lowest value. Got {dict(lowest)}")
    below = frame.filter(pl.col(variable) < cuts[0])[variable]
    if len(below):
        raise DataError(
            f"variable {variable} must be at least {cuts[0]}, the lowest group of {group}. Got {below[0]}"
        )
    number = pl.sum_horizontal(*((pl.col(variable) >= cut).cast(pl.Int64) for cut in cuts), ignore_nulls=False)
    labels = dict(enumerate(lowest, start=1))
    return frame.with_columns(
        number.replace_strict(labels, return_dtype=pl.String, default=None).alias(group), number.alias(f"{group}N")
    )


def derive_last_known_alive(adsl: pl.DataFrame, sources: Sequence[tuple[pl.DataFrame, str]]) -> pl.DataFrame:
    """Add LSTALVDT: the latest date in the ISO 8601 variables of `sources`, not after DTHDT.

    Each source is a dataset with USUBJID and the name of its variable. A partial date counts as the first day it
    allows, so that life is not overstated.
    """
    dates = pl.concat(
        frame.select("USUBJID", LSTALVDT=first_possible(pl.col(variable))) for frame, variable in sources
    )
    latest = dates.group_by("USUBJID").agg(pl.col("LSTALVDT").max())
    joined = adsl.join(latest, on="USUBJID", how="left", maintain_order="left")
    if "DTHDT" in adsl.columns:
        return joined.with_columns(LSTALVDT=pl.min_horizontal("LSTALVDT", "DTHDT"))
    return joined


def _planned(dm: pl.DataFrame, *, randomised: bool) -> pl.DataFrame:
    require_variables(dm, ["USUBJID", "ARM"], "demographics (DM)")
    twice = dm.filter(pl.col("USUBJID").is_duplicated())["USUBJID"]
    if len(twice):
        raise DataError(f"demographics (DM) must have one row a participant (USUBJID). Got {twice[0]} twice")
    arms = [name for name in ("ARMCD", "ARM") if name in dm.columns]
    named = pl.all_horizontal(~pl.col(name).str.to_uppercase().is_in(NOT_RANDOMISED) for name in arms)
    has_arm = (pl.col("ARM").is_not_null() & named).fill_null(value=False)
    chosen = dm.filter(has_arm if randomised else ~has_arm)
    return chosen.select(name for name in _CARRIED if name in dm.columns).with_columns(
        TRT01P=pl.col("ARM"),
        TRT01A=pl.col("ACTARM") if "ACTARM" in dm.columns else pl.lit(None, pl.String),
        RANDFL=pl.lit("Y"),
        ITTFL=pl.lit("Y"),
    )


def _is_dose(ex: pl.DataFrame) -> pl.Expr:
    if "EXDOSE" not in ex.columns:
        return pl.lit(value=True)
    placebo = (
        pl.col("EXTRT").str.to_uppercase().str.contains("PLACEBO")
        if "EXTRT" in ex.columns
        else pl.lit(value=False)
    )
    return pl.col("EXDOSE").is_null() | (pl.col("EXDOSE") > 0) | ((pl.col("EXDOSE") == 0) & placebo)


def _duration() -> pl.Expr:
    return (pl.col("TRTEDT") - pl.col("TRTSDT")).dt.total_days() + 1


def _with_end_of_study(
    adsl: pl.DataFrame, ds: pl.DataFrame, disposition: pl.Expr, reasons: Mapping[str, str] | None
) -> pl.DataFrame:
    require_variables(ds, ["USUBJID", "DSTERM", "DSDECOD", "DSSTDTC"], "disposition (DS)")
    if "DSSCAT" in ds.columns:  # the end of treatment is no end of study (SDTMIG 3.4, 6.2.4)
        ds = ds.filter(pl.col("DSSCAT").ne_missing("STUDY TREATMENT"))
    ends = derive_date(ds.filter(disposition), "DSSTDTC", "EOSDT")
    last = ends[find_first(ends, ["USUBJID"], ["EOSDT"], descending=True)].select(
        "USUBJID", "DSTERM", "DSDECOD", "EOSDT"
    )
    completed = pl.col("DSDECOD") == "COMPLETED"
    columns = {
        "EOSSTT": pl.when(completed)
        .then(pl.lit("COMPLETED"))
        .when(pl.col("DSDECOD").is_not_null())
        .then(pl.lit("DISCONTINUED"))
        .otherwise(pl.lit("ONGOING")),
        "DCSREAS": pl.when(~completed).then("DSDECOD"),
    }
    if reasons is not None:
        worded = [
            pl.col(name).replace_strict(reasons, return_dtype=pl.String, default=None)
            for name in ("DSTERM", "DSDECOD")
        ]
        columns["DCREASCD"] = pl.coalesce(worded)
    ended = adsl.join(last, on="USUBJID", how="left", maintain_order="left").with_columns(**columns)
    if reasons is not None:
        unnamed = ended.filter(pl.col("DSDECOD").is_not_null() & pl.col("DCREASCD").is_null())["DSDECOD"]
        if len(unnamed):
            raise DataError(
                f"reasons must word every end of study, by DSTERM or DSDECOD. Got none for {unnamed[0]}"
            )
    return ended.drop("DSDECOD", "DSTERM")
