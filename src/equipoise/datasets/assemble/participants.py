"""One row a participant: arm, study days, and the participant variables of the protocol, from ADSL.

Study day 1 is the day of the first dose (TRTSDT), or of randomisation (RANDDT) where there was none. A flag that
the data leave empty instead of N (ADaMIG 1.3, 3.1.4) is N.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from ...errors import DataError, suggest
from ...protocol import Protocol
from ..analysis_data import AnalysisData
from ..check import require_dataset, show_rows
from ..dataset import Dataset
from ..derive.dates import derive_date, study_day
from ..derive.participants import NOT_RANDOMISED
from .visits import fold

ARM = "TRT01P"
LAST_SEEN = ("RFENDT", "RFENDTC", "EOSDT", "LSTALVDT", "TRTEDT")
"""Where the day on which a participant was last seen is looked for, in this order."""


def build_participants(adsl: Dataset, protocol: Protocol) -> pl.DataFrame:
    """Return participants with arm, site and days, sorted by `participant`; the variables of ADSL stay beside.

    Raises DataError where a variable is absent or of the wrong kind, a participant has two rows, an arm is unknown
    to the protocol, or nobody is in one.
    """
    require_dataset(adsl, {"USUBJID": "text", ARM: "text"}, keys=["USUBJID"])
    require_participants(adsl)
    dated = _with_dates(adsl)
    arms = match_arms(adsl, ARM, adsl.frame[ARM], protocol)
    reference = pl.coalesce("TRTSDT", "RANDDT")
    day = {name: study_day(pl.col(name), reference).cast(pl.Int64) for name in ("TRTSDT", "TRTEDT", *LAST_SEEN)}
    told = {"DTHFL", "DTHDT"} & set(adsl.frame.columns)
    dead = pl.col("DTHFL") == "Y" if "DTHFL" in dated.columns else pl.lit(value=False)
    death = study_day(pl.col("DTHDT"), reference).cast(pl.Int64)
    last_seen = pl.coalesce(day[name] for name in LAST_SEEN)
    return (
        dated.with_columns(
            participant=pl.col("USUBJID"),
            arm=arms,
            arm_label=pl.when(arms.is_not_null()).then(pl.col(ARM)),
            site=pl.col("SITEID") if "SITEID" in dated.columns else pl.lit(None, pl.String),
            reference_date=reference,
            first_dose_day=day["TRTSDT"],
            last_dose_day=day["TRTEDT"],
            last_seen_day=last_seen,
            death_day=death,
            died=dead.fill_null(value=False) | death.is_not_null() if told else pl.lit(None, pl.Boolean),
        )
        .with_columns(
            randomised=pl.col("arm").is_not_null(),
            treated=_treated(adsl),
            doses=pl.lit(None, pl.Int64),
        )
        .sort("participant")
    )


def require_participants(dataset: Dataset) -> None:
    """Raise DataError where a dataset that must name the participants has no rows."""
    if dataset.frame.is_empty():
        raise DataError(f"{dataset.origin} has no rows; it must have one for each participant. Got 0 rows")


def match_arms(dataset: Dataset, variable: str, values: pl.Series, protocol: Protocol) -> pl.Series:
    """Return the id of the arm for each value; null where it says that there is none.

    Raises DataError with rows for a value that is no label of an arm, and where nobody is in one.
    """
    names = {fold(word): arm for arm, plan in protocol.arms.items() for word in (arm, *plan.label.root.values())}
    labels = [plan.label.say() for plan in protocol.arms.values()]
    found: dict[str, str | None] = {}
    for value in values.drop_nulls().unique(maintain_order=True):
        if value.upper() in NOT_RANDOMISED:
            found[value] = None
        elif fold(value) not in names:
            rows = show_rows(values == value)
            raise DataError(
                f"{dataset.origin} variable {variable} must name an arm of the protocol ({', '.join(labels)})"
                f"{_near(value, labels)}; rows {rows}. Got {value!r}"
            )
        else:
            found[value] = names[fold(value)]
    arms = values.replace_strict(found, default=None, return_dtype=pl.String).alias("arm")
    require_allocated(dataset, variable, arms, protocol)
    return arms


def require_comparison(protocol: Protocol, data: AnalysisData, place: str) -> None:
    """Raise DataError where all participants that were brought from a place are in one arm of several.

    A trial stopped early may have arms that nobody was in; where only one is left, a label is wrong or data are
    lacking.
    """
    there = set(data.participants["arm"].drop_nulls())
    if len(protocol.arms) < 2 or len(there) > 1:
        return
    lacking = ", ".join(plan.label.say() for name, plan in protocol.arms.items() if name not in there)
    found = ", ".join(protocol.arms[name].label.say() for name in there)
    raise DataError(
        f"{place}: {data.origin['participants']} has no participant in an arm of the protocol: {lacking}; correct "
        f"the label in the protocol or bring all data. Got {found}"
    )


def require_allocated(dataset: Dataset, variable: str, arms: pl.Series, protocol: Protocol) -> None:
    """Raise DataError where nobody is in an arm. One arm may be empty: a trial stopped early has such arms."""
    if arms.null_count() == arms.len():
        labels = ", ".join(plan.label.say() for plan in protocol.arms.values())
        raise DataError(
            f"{dataset.origin} variable {variable} has no participant in an arm of the protocol ({labels}): "
            "nobody was allocated, so there is nothing to analyse; if somebody was, bring all data. Got no arm"
        )


def with_deaths(participants: pl.DataFrame, deaths: pl.DataFrame | None) -> tuple[pl.DataFrame, str | None]:
    """Fill the day of death of participants said to have died, where ADSL gives no date of it.

    `deaths` has the day of fatal adverse events (`participant`, `death_day`), None where events are unknown;
    failing that the participant was last seen on the day of death. Where ADSL does not say who died, who had a
    fatal event did. Returns the frame and the sentence that says so, None where nothing was filled.
    """
    if deaths is not None:
        fatal = pl.col("participant").is_in(deaths["participant"].implode())
        participants = participants.with_columns(died=pl.coalesce("died", fatal))
    lacking = pl.col("died") & pl.col("death_day").is_null()
    number = participants.filter(lacking).height
    if not number:
        return participants, None
    known = deaths if deaths is not None else pl.DataFrame(schema={"participant": pl.String, "found": pl.Int64})
    known = known.rename({"death_day": "found"}) if "death_day" in known.columns else known
    earliest = known.group_by("participant").agg(pl.col("found").min())
    joined = participants.join(earliest, on="participant", how="left", maintain_order="left")
    filled = pl.when(lacking).then(pl.coalesce("found", "last_seen_day")).otherwise(pl.col("death_day"))
    return (
        joined.with_columns(death_day=filled).drop("found"),
        f"the day of death of {number} participants is that of a fatal adverse event, or else the day last seen",
    )


def _with_dates(adsl: Dataset) -> pl.DataFrame:
    """Return ADSL with every date variable that is used here, missing where ADSL has none."""
    frame = adsl.frame
    wanted: Sequence[str] = ("TRTSDT", "TRTEDT", "RANDDT", "DTHDT", *LAST_SEEN)
    for name in wanted:
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, pl.Date).alias(name))
        elif name.endswith("DTC"):
            frame = derive_date(frame, name, name)
        elif frame[name].null_count() == frame.height:
            frame = frame.with_columns(pl.lit(None, pl.Date).alias(name))
        else:
            require_dataset(adsl, {name: "date"})
            frame = frame.with_columns(pl.col(name).cast(pl.Date))
    return frame


def _treated(adsl: Dataset) -> pl.Expr:
    """Who has a first dose, or is in the safety population; null where ADSL tells neither."""
    told = {"TRTSDT", "SAFFL"} & set(adsl.frame.columns)
    if not told:
        return pl.lit(None, pl.Boolean)
    in_safety = pl.col("SAFFL") == "Y" if "SAFFL" in told else pl.lit(value=False)
    return pl.col("first_dose_day").is_not_null() | in_safety.fill_null(value=False)


def _near(value: str, labels: Sequence[str]) -> str:
    hint = suggest(value, labels)
    return hint.removesuffix("?") if "did you mean" in hint else ""


def count_doses(participants: pl.DataFrame, doses: Mapping[str, int]) -> pl.DataFrame:
    """Put the number of doses given to each participant into `doses`; 0 where none is recorded."""
    counts = pl.DataFrame(
        {"participant": list(doses), "doses": list(doses.values())},
        schema={"participant": pl.String, "doses": pl.Int64},
    )
    return (
        participants.drop("doses")
        .join(counts, on="participant", how="left", maintain_order="left")
        .with_columns(pl.col("doses").fill_null(0))
    )


UNTOLD: Mapping[str, str] = {
    "site": "the sites of participants",
    "treated": "who was treated",
    "doses": "how many doses were given",
    "first_dose_day": "the day of the first dose",
    "last_dose_day": "the day of the last dose",
    "last_seen_day": "when participants were last seen",
    "death_day": "who died",
}
"""What the data do not tell where a column is left out."""


def drop_untold(participants: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """Leave out the columns of which the data say nothing; return also the sentence for each."""
    known = participants.with_columns(death_day="died")
    silent = [name for name in UNTOLD if known[name].null_count() == known.height]
    return participants.drop(silent), {name: f"the data do not tell {UNTOLD[name]}" for name in silent}
