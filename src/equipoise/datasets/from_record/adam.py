"""ADaM from the datasets of the record: ADSL, ADAE, a basic data structure a findings domain, ADTTE.

The derivations are those that the analysis itself uses where a folder holds SDTM only, so an analysis of these
datasets gives what an analysis of the SDTM gives. Each row says from which record it came: SRCDOM, SRCVAR, SRCSEQ
(ADaMIG 1.3, 3.3.9), in ADAE the variables of AE themselves.
"""

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from ...protocol import Protocol, Quantity, parse_expression
from ..analysis_data import AnalysisData
from ..assemble.derived import derive_adae, derive_measured, derive_participants, with_grades
from ..assemble.needs import find_needs
from ..assemble.shelf import Shelf
from ..dataset import Dataset
from ..folder import DataFolder
from .sdtm import label_of, shorten

LABELS: Mapping[str, str] = {
    "TRT01P": "Planned Treatment",
    "TRT01A": "Actual Treatment",
    "TRTP": "Planned Treatment",
    "TRTA": "Actual Treatment",
    "RANDFL": "Randomised",
    "ITTFL": "Intent-To-Treat Population",
    "SAFFL": "Safety Population",
    "TRTSDT": "First Treatment",
    "TRTEDT": "Last Treatment",
    "TRTDURD": "Duration of Treatment (days)",
    "RANDDT": "Randomisation",
    "EOSSTT": "Status at the End of the Study",
    "EOSDT": "End of the Study",
    "DCSREAS": "Reason for Leaving the Study",
    "DTHDT": "Date of Death",
    "PARAMCD": "Parameter Code",
    "PARAM": "Parameter",
    "PARCAT1": "Category of the Parameter",
    "AVAL": "Analysis Value",
    "AVALU": "Unit of the Analysis Value",
    "BASE": "Baseline Value",
    "CHG": "Change from Baseline",
    "PCHG": "Percent Change from Baseline",
    "ABLFL": "Baseline Record",
    "AVISIT": "Analysis Visit",
    "AVISITN": "Analysis Visit Number",
    "ADT": "Analysis Date",
    "ADY": "Analysis Study Day",
    "ATPT": "Analysis Time Point",
    "ANL01FL": "Record Analysed for Its Visit",
    "ATOXGR": "Toxicity Grade",
    "ATOXGRL": "Toxicity Grade Towards Low",
    "ATOXGRH": "Toxicity Grade Towards High",
    "ASTDT": "Start of the Event",
    "ASTDTF": "What of the Start Was Imputed",
    "AENDT": "End of the Event",
    "ASTDY": "Study Day of the Start",
    "AENDY": "Study Day of the End",
    "ADURN": "Duration",
    "ADURU": "Unit of the Duration",
    "TRTEMFL": "Treatment-Emergent",
    "AOCCFL": "First Event of the Participant",
    "AOCCSFL": "First Event of the Body System",
    "AOCCPFL": "First Event of the Preferred Term",
    "STARTDT": "Start of the Time at Risk",
    "CNSR": "Censored",
    "EVNTDESC": "Event or Censoring",
    "SRCDOM": "Source Dataset",
    "SRCVAR": "Source Variable",
    "SRCSEQ": "Sequence Number in the Source",
}
"""Labels of the variables that SDTM does not have."""

_UNITS = {"d": "DAYS", "week": "WEEKS", "month": "MONTHS", "year": "YEARS"}


def write_adam(protocol: Protocol, sdtm: Mapping[str, Dataset], data: AnalysisData) -> dict[str, Dataset]:
    """Return the analysis datasets by name; `data` is what was assembled from `sdtm`, whose arms must be known.

    ADSL has the participant variables of the protocol and a flag for each analysis set. A dataset of which `data`
    hold nothing is left out.
    """
    shelf = Shelf(DataFolder.of(sdtm.values()))
    derived = derive_participants(shelf, protocol)
    written = [_adsl(derived, protocol, data)]
    if data.adverse_events is not None and "ae" in sdtm:
        written.append(
            _labelled("adae", derive_adae(shelf, derived, protocol).frame, "Adverse events", sdtm["ae"])
        )
    written += _measured(shelf, derived, protocol, sdtm, data)
    if data.times:
        written.append(_times(derived, protocol, sdtm, data))
    return {dataset.name: dataset for dataset in written}


def _adsl(derived: Dataset, protocol: Protocol, data: AnalysisData) -> Dataset:
    frame, labels = derived.frame, dict[str, str]()
    people = data.participants
    for name, variable in protocol.variables.items():
        if name in people.columns and not any(known in frame.columns for known in variable.adam):
            column = variable.adam[0] if variable.adam else _free_name(name, "", frame.columns)
            values = people.select(USUBJID="participant", _value=name).rename({"_value": column})
            frame = frame.join(values, on="USUBJID", how="left", maintain_order="left")
            labels[column] = variable.label.say()
    for name, plan in protocol.analysis_sets.items():
        column = _free_name(name, "FL", frame.columns)
        inside = people.filter(parse_expression(plan.rule).fill_null(value=False))["participant"]
        flag = pl.when(pl.col("USUBJID").is_in(inside.implode())).then(pl.lit("Y")).otherwise(pl.lit("N"))
        frame = frame.with_columns(flag.alias(column))
        labels[column] = name.replace("_", " ").capitalize() if plan.label is None else plan.label.say()
    return _labelled("adsl", frame, "Participants", derived, labels)


def _free_name(name: str, ending: str, taken: Iterable[str]) -> str:
    """Return a variable for what has an id only: its first letters, with a number where they are taken."""
    letters = name.replace("_", "").upper()
    room = 8 - len(ending)
    tries = [letters[:room] + ending, *(f"{letters[: room - 1]}{n}{ending}" for n in range(2, 10))]
    return next(one for one in tries if one not in set(taken))


def _measured(
    shelf: Shelf, adsl: Dataset, protocol: Protocol, sdtm: Mapping[str, Dataset], data: AnalysisData
) -> Iterator[Dataset]:
    """Give a basic data structure for each findings domain whose tests are analysed."""
    safety = protocol.safety
    grading = None if safety is None else safety.grading.laboratory
    by_domain: dict[str, list[pl.DataFrame]] = {}
    needs = find_needs(protocol)
    for part in derive_measured(shelf, adsl, protocol, list(data.measurements), ranges=needs.ranges):
        graded = with_grades(part, adsl.frame, grading) if needs.grades and grading is not None else part
        by_domain.setdefault(part.name, []).append(graded.frame)
    for domain, parts in by_domain.items():
        frame = pl.concat(parts, how="diagonal_relaxed").with_columns(
            SRCDOM=pl.lit(domain.upper()),
            SRCVAR=pl.lit(f"{domain.upper()}STRESN"),
            SRCSEQ=_sequence_of(sdtm, domain, pl.col("ROW")),
        )
        numbers = {protocol.visit_label(v): n for n, v in enumerate(protocol.schedule.visits, start=1)}
        frame = frame.with_columns(
            AVISITN=pl.col("AVISIT").replace_strict(numbers, default=None, return_dtype=pl.Float64)
        )
        frame = _with_arm(frame, adsl).sort("USUBJID", "PARAMCD", "ADT", "SRCSEQ", maintain_order=True)
        yield _labelled(f"ad{domain}", frame.drop("ROW"), sdtm[domain].label, sdtm[domain])


def _times(adsl: Dataset, protocol: Protocol, sdtm: Mapping[str, Dataset], data: AnalysisData) -> Dataset:
    """Return ADTTE: the times to events, in the unit of their estimand."""
    estimands = {e.variable.parameter or name: (name, e) for name, e in protocol.estimands.items()}
    dates = adsl.frame.select("USUBJID", STARTDT=pl.coalesce("TRTSDT", "RANDDT"))
    parts = []
    for key, times in data.times.items():
        _, estimand = estimands[key]
        unit = estimand.variable.unit
        days = (pl.col("time") / Quantity.parse("1 d").to(unit)).round(0).cast(pl.Int64)
        place = pl.col("source").str.split(" ")
        joined = times.rename({"participant": "USUBJID"}).join(dates, on="USUBJID", maintain_order="left")
        parts.append(
            joined.select(
                "USUBJID",
                PARAMCD=pl.lit(key.replace("_", "").upper()[:8]),
                PARAM=pl.lit(estimand.question.say()),
                AVAL="time",
                AVALU=pl.lit(_UNITS.get(unit, unit.upper())),
                STARTDT="STARTDT",
                ADT=pl.col("STARTDT") + pl.duration(days=days - 1),
                CNSR=(~pl.col("event")).cast(pl.Int64),
                EVNTDESC="description",
                SRCDOM=place.list.first().str.to_uppercase().replace({"PARTICIPANTS": "ADSL"}),
                SRCSEQ=place.list.get(1, null_on_oob=True).cast(pl.Int64),
            )
        )
    frame = pl.concat(parts)
    for domain in frame["SRCDOM"].unique().drop_nulls().to_list():
        found = _sequence_of(sdtm, domain.lower(), pl.col("SRCSEQ"))
        frame = frame.with_columns(
            SRCSEQ=pl.when(pl.col("SRCDOM") == domain).then(found).otherwise(pl.col("SRCSEQ"))
        )
    return _labelled("adtte", _with_arm(frame, adsl), "Times to events", adsl)


def _sequence_of(sdtm: Mapping[str, Dataset], domain: str, row: pl.Expr) -> pl.Expr:
    """Return --SEQ of a row (from 1) of an SDTM dataset; null where it has none."""
    name = f"{domain.upper()}SEQ"
    if domain not in sdtm or name not in sdtm[domain].frame.columns:
        return pl.lit(None, pl.Int64)
    numbers = dict(enumerate(sdtm[domain].frame[name].to_list(), start=1))
    return row.cast(pl.Int64).replace_strict(numbers, default=None, return_dtype=pl.Int64)


def _with_arm(frame: pl.DataFrame, adsl: Dataset) -> pl.DataFrame:
    arms = adsl.frame.select("STUDYID", "USUBJID", TRTP="TRT01P", TRTA="TRT01A")
    joined = frame.join(arms, on="USUBJID", how="left", maintain_order="left")
    first = ["STUDYID", "USUBJID", "TRTP", "TRTA"]
    return joined.select(*first, pl.exclude(first))


def _labelled(
    name: str, frame: pl.DataFrame, label: str, source: Dataset, further: Mapping[str, str] | None = None
) -> Dataset:
    """Return a dataset with a label for each variable: of ADaM, of the protocol, of the source, of SDTM."""
    domain = source.name.upper()
    labels = {
        column: shorten(
            LABELS.get(column)
            or (further or {}).get(column)
            or source.labels.get(column)
            or label_of(column, domain)
            or column
        )
        for column in frame.columns
    }
    return Dataset(name, frame, labels=labels, label=label)
