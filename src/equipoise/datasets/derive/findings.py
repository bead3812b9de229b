"""BDS from findings: parameter, value, day, baseline and change.

PARAMCD and AVAL are --TESTCD and --STRESN. Baseline is the last value that is not missing on or before the first
dose (TRTSDT; of one day, the latest time), or the mean of given visits. CHG = AVAL - BASE, PCHG = 100 CHG / BASE;
both are given after baseline only, PCHG not where BASE is 0.
Sources: ADaMIG 1.3 sections 3.3 and 4.2 (ABLFL, BASE, CHG, PCHG, DTYPE AVERAGE); SDTMIG 3.4 section 6.3.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from equipoise.datasets.check import require_variables
from equipoise.datasets.derive.dates import derive_date, study_day
from equipoise.datasets.derive.selection import derive_first_flag
from equipoise.errors import DataError

KEYS = ("USUBJID", "PARAMCD")
ADSL_VARIABLES = ("TRTSDT", "TRTEDT", "TRT01P", "TRT01A")
_RENAMED = {
    "TESTCD": "PARAMCD",
    "STRESN": "AVAL",
    "STRESC": "AVALC",
    "STRESU": "AVALU",
    "STNRLO": "ANRLO",
    "STNRHI": "ANRHI",
    "NRIND": "ANRIND",
    "TPT": "ATPT",
    "TPTNUM": "ATPTN",
    "CAT": "PARCAT1",
}


def derive_findings(
    findings: pl.DataFrame, adsl: pl.DataFrame, *, carried: Sequence[str] = ADSL_VARIABLES
) -> pl.DataFrame:
    """Return the rows of a findings domain (LB, VS, QS, EG, ...) of the participants of `adsl`, in BDS variables.

    The prefix is that of its --TESTCD. PARAM is --TEST with the unit in brackets; AVISIT is VISIT; ADT is the day
    of --DTC and ADY its study day from TRTSDT; `carried` are variables of `adsl` added to each row where it has
    them. --SEQ and --DTC stay, for tracing. No baseline yet: `derive_change_from_baseline`.
    Raises DataError where a variable is absent, --DTC holds no dates, or a test comes in two units.
    """
    prefix = _prefix(findings)
    require_variables(findings, ["USUBJID", f"{prefix}STRESN", f"{prefix}DTC"], f"findings ({prefix})")
    require_variables(adsl, ["USUBJID"], "ADSL")
    names = {f"{prefix}{old}": new for old, new in _RENAMED.items() if f"{prefix}{old}" in findings.columns}
    kept = [
        name
        for name in ("USUBJID", "VISIT", "VISITNUM", f"{prefix}SEQ", f"{prefix}DTC")
        if name in findings.columns
    ]
    bds = findings.select(*kept, *(pl.col(old).alias(new) for old, new in names.items())).with_columns(
        PARAM=findings[f"{prefix}TEST" if f"{prefix}TEST" in findings.columns else f"{prefix}TESTCD"]
    )
    bds = _with_unit(bds)
    wanted = [name for name in carried if name in adsl.columns]
    bds = bds.join(adsl.select("USUBJID", *wanted), on="USUBJID", how="inner", maintain_order="left")
    bds = derive_date(bds, f"{prefix}DTC", "ADT").with_columns(pl.col("AVAL").cast(pl.Float64))
    if "TRTSDT" in bds.columns:
        bds = bds.with_columns(ADY=study_day(pl.col("ADT"), pl.col("TRTSDT")))
    if "VISIT" in bds.columns:
        bds = bds.with_columns(AVISIT=pl.col("VISIT"))
    return bds.rename({old: new for old, new in (("TRT01P", "TRTP"), ("TRT01A", "TRTA")) if old in bds.columns})


def derive_change_from_baseline(
    frame: pl.DataFrame,
    *,
    keys: Sequence[str] = KEYS,
    baseline_visits: Sequence[str] | None = None,
    reference: str = "TRTSDT",
    label: str = "Baseline",
) -> pl.DataFrame:
    """Add ABLFL, BASE, CHG and PCHG, and BNRIND where there is ANRIND; rows keep their order.

    Without `baseline_visits`, baseline is the last AVAL not missing with ADT on or before the date `reference`;
    of one day the latest in the text of --DTC, then by --SEQ, counts. Rows after `reference` are after baseline.
    With `baseline_visits` (values of AVISIT), BASE is the mean of AVAL at them; given several visits, that mean is
    a row of its own, AVISIT `label`, DTYPE "AVERAGE", added at the end. All rows at other visits are after
    baseline, except those dated before it. `keys` name a series (add ATPT where a test is done in positions).
    Raises DataError where a variable is absent or a visit is not found.
    """
    if baseline_visits is None:
        flagged, after = _last_before(frame, keys, reference)
    else:
        flagged, after = _at_visits(frame, keys, baseline_visits, label)
    base = flagged.filter(pl.col("ABLFL") == "Y").select(
        *keys,
        BASE=pl.col("AVAL"),
        **({"BNRIND": pl.col("ANRIND")} if "ANRIND" in frame.columns else {}),
        _baseline_date=pl.col("ADT") if "ADT" in frame.columns else pl.lit(None, pl.Date),
    )
    joined = flagged.join(base, on=list(keys), how="left", maintain_order="left", nulls_equal=True)
    change = pl.when(after).then(pl.col("AVAL") - pl.col("BASE"))
    return joined.with_columns(
        CHG=change, PCHG=pl.when(pl.col("BASE") != 0).then(100 * change / pl.col("BASE"))
    ).drop("_baseline_date")


def derive_baseline_values(adsl: pl.DataFrame, bds: pl.DataFrame, names: dict[str, str]) -> pl.DataFrame:
    """Add to `adsl` the baseline value (AVAL where ABLFL is Y) of parameters; `names` maps PARAMCD to variable.

    Raises DataError where a participant has two baselines of a parameter, or a variable is absent.
    """
    require_variables(bds, ["USUBJID", "PARAMCD", "AVAL", "ABLFL"], "baseline values")
    joined = adsl
    for code, name in names.items():
        value = bds.filter((pl.col("PARAMCD") == code) & (pl.col("ABLFL") == "Y")).select(
            "USUBJID", pl.col("AVAL").alias(name)
        )
        if value["USUBJID"].is_duplicated().any():
            twice = value.filter(value["USUBJID"].is_duplicated())["USUBJID"][0]
            raise DataError(f"parameter {code} must have one baseline a participant. Got several for {twice}")
        joined = joined.join(value, on="USUBJID", how="left", maintain_order="left")
    return joined


def _last_before(frame: pl.DataFrame, keys: Sequence[str], reference: str) -> tuple[pl.DataFrame, pl.Expr]:
    require_variables(frame, [*keys, "AVAL", "ADT", reference], "the baseline")
    before = pl.col("AVAL").is_not_null() & (pl.col("ADT") <= pl.col(reference))
    within_day = [name for name in frame.columns if name.endswith(("DTC", "SEQ")) and len(name) == 5]
    order = ["ADT", *sorted(within_day)]
    return (
        derive_first_flag(frame, "ABLFL", keys, order, descending=True, where=before),
        pl.col("ADT") > pl.col(reference),
    )


def _at_visits(
    frame: pl.DataFrame, keys: Sequence[str], visits: Sequence[str], label: str
) -> tuple[pl.DataFrame, pl.Expr]:
    require_variables(frame, [*keys, "AVAL", "AVISIT"], "the baseline")
    unknown = [visit for visit in visits if visit not in set(frame["AVISIT"])]
    if unknown:
        known = ", ".join(map(str, frame["AVISIT"].unique(maintain_order=True)))
        raise DataError(f"baseline visits must be values of AVISIT ({known}). Got {', '.join(unknown)}")
    at_baseline = pl.col("AVISIT").is_in(list(visits))
    usable = at_baseline & pl.col("AVAL").is_not_null()
    dated = [name for name in ("ADT", "AVISITN") if name in frame.columns]
    flagged = derive_first_flag(frame, "ABLFL", keys, dated, descending=True, where=usable)
    if len(visits) > 1:
        means = frame.filter(usable).group_by(keys).agg(_mean=pl.col("AVAL").mean())
        averaged = (
            flagged.filter(pl.col("ABLFL") == "Y")
            .join(means, on=list(keys), how="left", maintain_order="left", nulls_equal=True)
            .with_columns(AVAL=pl.col("_mean"), AVISIT=pl.lit(label), DTYPE=pl.lit("AVERAGE"))
            .drop("_mean")
        )
        plain = flagged.with_columns(ABLFL=pl.lit(None, pl.String))
        flagged = pl.concat([plain, averaged], how="diagonal")
        at_baseline |= pl.col("AVISIT") == label
    after = ~at_baseline
    if "ADT" in frame.columns:
        after &= (pl.col("ADT") > pl.col("_baseline_date")).fill_null(value=True)
    return flagged, after


def _prefix(findings: pl.DataFrame) -> str:
    codes = [name for name in findings.columns if name.endswith("TESTCD")]
    if len(codes) != 1:
        raise DataError(
            f"a findings domain must have one variable --TESTCD; it has {', '.join(findings.columns)}. "
            f"Got {len(codes)}"
        )
    return codes[0].removesuffix("TESTCD")


def _with_unit(bds: pl.DataFrame) -> pl.DataFrame:
    """Put the unit behind PARAM: the one unit of the parameter, also where a row without a result has none."""
    if "AVALU" not in bds.columns:
        return bds
    units = bds.filter(pl.col("AVALU").is_not_null()).select("PARAMCD", "AVALU").unique(maintain_order=True)
    several = units.filter(pl.col("PARAMCD").is_duplicated())
    if len(several):
        code = several["PARAMCD"][0]
        found = ", ".join(several.filter(PARAMCD=code)["AVALU"])
        raise DataError(
            f"test {code} must have one unit; convert the values, or select one specimen or category. Got {found}"
        )
    joined = bds.join(units.rename({"AVALU": "_unit"}), on="PARAMCD", how="left", maintain_order="left")
    named = pl.when(pl.col("_unit").is_null()).then("PARAM").otherwise(pl.format("{} ({})", "PARAM", "_unit"))
    return joined.with_columns(PARAM=named).drop("_unit")
