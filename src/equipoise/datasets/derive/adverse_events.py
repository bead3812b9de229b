"""ADAE: adverse events with dates, study days, treatment emergence and occurrence flags.

An event is treatment-emergent where it may have begun on or after the first dose: of a partial start date the
last day that it allows is compared with TRTSDT; an event without any start date counts, unless it ended before the
first dose. With a limit after the last dose, it must also possibly have begun within it. An event that began
before and worsened is not found here: the domain AE does not say when it worsened.
Sources: ADaM Structure for Occurrence Data (OCCDS) 1.1, TRTEMFL and AOCC-FL; ICH E9 glossary, treatment emergent.
Checked against ADAE of the CDISC pilot.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from equipoise.datasets.check import require_variables
from equipoise.datasets.derive.dates import (
    Imputed,
    derive_date,
    first_possible,
    known_length,
    last_possible,
    study_day,
)
from equipoise.datasets.derive.selection import derive_first_flag

ADSL_VARIABLES = ("TRTSDT", "TRTEDT", "TRT01P", "TRT01A")
EMERGENT = pl.col("TRTEMFL") == "Y"


def derive_adverse_events(
    ae: pl.DataFrame,
    adsl: pl.DataFrame,
    *,
    days_after_last_dose: int | None = None,
    impute: Imputed = "day",
    carried: Sequence[str] = ADSL_VARIABLES,
) -> pl.DataFrame:
    """Return the events of the participants of `adsl`, in the order of `ae`, with the variables of ADAE.

    ASTDT, ASTDTF from AESTDTC (partial dates to the first day, as far as `impute` allows: "day" 2014-03, "month"
    also 2014; moved up to TRTSDT where the text allows it), AENDT from AEENDTC (whole dates only), ASTDY, AENDY,
    ADURN (days), ADURU, TRTEMFL ("Y" or missing; within `days_after_last_dose` days of TRTEDT, None: no end), and
    among treatment-emergent events the first of a participant AOCCFL, in each AEBODSYS AOCCSFL, in each AEDECOD
    AOCCPFL (by ASTDT, then AESEQ). `carried`: variables of `adsl` added to each row.
    Raises DataError where a variable is absent or a date is none.
    """
    require_variables(ae, ["USUBJID", "AESEQ", "AEDECOD", "AESTDTC", "AEENDTC"], "adverse events (AE)")
    require_variables(adsl, ["USUBJID", "TRTSDT", "TRTEDT"], "ADSL")
    wanted = [name for name in carried if name in adsl.columns]
    joined = ae.join(adsl.select("USUBJID", *wanted), on="USUBJID", how="inner", maintain_order="left")
    joined = derive_date(joined, "AESTDTC", "ASTDT", flag="ASTDTF", impute=impute, not_before="TRTSDT")
    joined = derive_date(joined, "AEENDTC", "AENDT")
    days = (pl.col("AENDT") - pl.col("ASTDT")).dt.total_days() + 1
    # Days from a date that was imputed are no duration.
    duration = pl.when(pl.col("ASTDTF").is_null()).then(days)
    dated = joined.with_columns(
        ASTDY=study_day(pl.col("ASTDT"), pl.col("TRTSDT")),
        AENDY=study_day(pl.col("AENDT"), pl.col("TRTSDT")),
        ADURN=duration,
        ADURU=pl.when(duration.is_not_null()).then(pl.lit("DAY")),
        TRTEMFL=pl.when(_emergent(days_after_last_dose)).then(pl.lit("Y")),
    )
    return _with_occurrences(dated)


def derive_query(adae: pl.DataFrame, name: str, where: pl.Expr, *, variable: str = "CQ01NAM") -> pl.DataFrame:
    """Add `variable`: `name` where the event belongs to the customised query `where`, else missing (OCCDS 1.1)."""
    return adae.with_columns(pl.when(where).then(pl.lit(name)).alias(variable))


def _emergent(days_after_last_dose: int | None) -> pl.Expr:
    start, end = pl.col("AESTDTC"), pl.col("AEENDTC")
    unknown = start.is_null() | (known_length(start) == 0)
    on_treatment = unknown | (last_possible(start) >= pl.col("TRTSDT"))
    not_over = (last_possible(end) >= pl.col("TRTSDT")).fill_null(value=True)
    emergent = on_treatment & not_over & pl.col("TRTSDT").is_not_null()
    if days_after_last_dose is None:
        return emergent
    latest = pl.col("TRTEDT") + pl.duration(days=days_after_last_dose)
    return emergent & (unknown | (first_possible(start) <= latest).fill_null(value=True))


def _with_occurrences(adae: pl.DataFrame) -> pl.DataFrame:
    levels = {"AOCCFL": [], "AOCCSFL": ["AEBODSYS"], "AOCCPFL": ["AEBODSYS", "AEDECOD"]}
    for flag, terms in levels.items():
        present = [term for term in terms if term in adae.columns]
        if present or not terms:
            adae = derive_first_flag(adae, flag, ["USUBJID", *present], ["ASTDT", "AESEQ"], where=EMERGENT)
    return adae
