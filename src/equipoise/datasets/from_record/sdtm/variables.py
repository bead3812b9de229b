"""Order and labels of SDTM variables, and how rows become a dataset.

A name with `--` stands for that variable of any domain. The order is that of the roles in SDTM 2.0: identifiers,
topic, qualifiers, timing. The labels are our own words, at most 40 ASCII characters, as XPT holds.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from ...dataset import Dataset

Row = dict[str, Any]
Kind = type[pl.DataType]

LABELS: Mapping[str, str] = {
    "STUDYID": "Study identifier",
    "DOMAIN": "Domain",
    "RDOMAIN": "Domain that is qualified",
    "USUBJID": "Unique subject identifier",
    "SUBJID": "Subject identifier within the study",
    "--SEQ": "Sequence number",
    "--REFID": "Reference identifier",
    "--SPID": "Record in the source",
    "--LNKID": "Link identifier",
    "IDVAR": "Identifying variable",
    "IDVARVAL": "Value of the identifying variable",
    "QNAM": "Name of the qualifier",
    "QLABEL": "Label of the qualifier",
    "QVAL": "Value of the qualifier",
    "QORIG": "Origin of the value",
    "QEVAL": "Evaluator",
    "RFSTDTC": "Reference start, study day 1",
    "RFENDTC": "Reference end, last day seen",
    "RFXSTDTC": "First study treatment",
    "RFXENDTC": "Last study treatment",
    "RFICDTC": "Informed consent",
    "RFPENDTC": "End of participation",
    "DTHDTC": "Date of death",
    "DTHFL": "Death flag",
    "SITEID": "Site",
    "AGE": "Age",
    "AGEU": "Unit of age",
    "SEX": "Sex",
    "RACE": "Race",
    "ETHNIC": "Ethnicity",
    "ARMCD": "Code of the planned arm",
    "ARM": "Planned arm",
    "ACTARMCD": "Code of the actual arm",
    "ACTARM": "Actual arm",
    "ARMNRS": "Why there is no arm",
    "COUNTRY": "Country",
    "--TESTCD": "Short name of the test",
    "--TEST": "Name of the test",
    "TSPARMCD": "Short name of the parameter",
    "TSPARM": "Trial summary parameter",
    "TSVAL": "Value of the parameter",
    "TAETORD": "Order of the element within the arm",
    "ETCD": "Code of the element",
    "ELEMENT": "Element",
    "TABRANCH": "Branch",
    "TATRANS": "Transition rule",
    "TESTRL": "Rule for the start of the element",
    "TEENRL": "Rule for the end of the element",
    "IETESTCD": "Short name of the criterion",
    "IETEST": "Criterion of eligibility",
    "IECAT": "Inclusion or exclusion",
    "TIRL": "Rule of the criterion",
    "--TERM": "Reported term",
    "--TRT": "Reported name of the treatment",
    "--DECOD": "Standardised term",
    "--CAT": "Category",
    "--SCAT": "Subcategory",
    "--BODSYS": "Body system or organ class",
    "--PRESP": "Asked for in advance",
    "--OCCUR": "Occurred",
    "--STAT": "Completion status",
    "--REASND": "Reason not done",
    "--REASOC": "Reason for the occurrence",
    "--INDC": "Indication",
    "--CLAS": "Class",
    "--LOC": "Location",
    "--ORRES": "Result as entered",
    "--ORRESU": "Unit as entered",
    "--STRESC": "Result in standard format, text",
    "--STRESN": "Result in standard format, number",
    "--STRESU": "Standard unit",
    "--DOSE": "Dose",
    "--DOSTXT": "Dose in words",
    "--DOSU": "Unit of the dose",
    "--DOSRGM": "Intended dose regimen",
    "--ROUTE": "Route of administration",
    "--VAMT": "Amount of vehicle",
    "--VAMTU": "Unit of the amount of vehicle",
    "--ADJ": "Reason for adjustment",
    "--SEV": "Severity",
    "--SER": "Serious",
    "--ACN": "Action taken with study treatment",
    "--REL": "Causality",
    "--OUT": "Outcome",
    "--SCONG": "Congenital anomaly",
    "--SDISAB": "Disability",
    "--SDTH": "Results in death",
    "--SHOSP": "Hospital stay",
    "--SLIFE": "Life-threatening",
    "--SMIE": "Other medically important event",
    "--TOXGR": "Toxicity grade",
    "--LOBXFL": "Last observation before exposure",
    "--BLFL": "Baseline flag",
    "VISITNUM": "Visit number",
    "VISIT": "Visit",
    "VISITDY": "Planned study day of the visit",
    "TVSTRL": "Rule for the start of the visit",
    "EPOCH": "Epoch",
    "--DTC": "Date of collection",
    "--STDTC": "Start",
    "--ENDTC": "End",
    "--DY": "Study day of collection",
    "--STDY": "Study day of the start",
    "--ENDY": "Study day of the end",
    "--UPDES": "What was not planned",
    "--TPT": "Planned time point",
}
"""Label by variable, in the order in which variables stand in a dataset."""

DATASETS: Mapping[str, str] = {
    "AE": "Adverse events",
    "CE": "Clinical events",
    "CM": "Concomitant and prior medications",
    "DM": "Demographics",
    "DS": "Disposition",
    "DV": "Protocol deviations",
    "EC": "Exposure as collected",
    "EG": "ECG test results",
    "EX": "Exposure",
    "FA": "Findings about events or interventions",
    "IE": "Criteria of eligibility not met",
    "IS": "Immunogenicity specimen assessments",
    "LB": "Laboratory test results",
    "MB": "Microbiology specimen",
    "MH": "Medical history",
    "PC": "Pharmacokinetic concentrations",
    "PE": "Physical examination",
    "PR": "Procedures",
    "QS": "Questionnaires",
    "RP": "Reproductive system findings",
    "RS": "Disease response and clinical scales",
    "SC": "Subject characteristics",
    "SE": "Subject elements",
    "SU": "Substance use",
    "SV": "Subject visits",
    "TA": "Trial arms",
    "TE": "Trial elements",
    "TI": "Trial criteria of eligibility",
    "TS": "Trial summary",
    "TV": "Trial visits",
    "VS": "Vital signs",
}
"""Label of the dataset of each domain."""

_ORDER = {name: place for place, name in enumerate(LABELS)}
_LAST_QUALIFIER = _ORDER["VISITNUM"] - 0.5


def make_dataset(
    domain: str, rows: list[Row], kinds: Mapping[str, Kind], *, labels: Mapping[str, str] | None = None
) -> Dataset:
    """Return the rows as the dataset of a domain: its columns are those of `kinds`, each of its type, in order.

    --SEQ, where it is among `kinds`, counts the rows of each participant. `labels` are those of variables that
    this module does not know.
    """
    sequence = f"{domain}SEQ"
    if sequence in kinds and "USUBJID" in kinds:
        number_rows(rows, sequence)
    columns = sorted(kinds, key=lambda name: _place(name, domain))
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in columns},
        schema={name: kinds[name] for name in columns},
    )
    known = {name: label_of(name, domain) or (labels or {}).get(name, name) for name in columns}
    return Dataset(domain.lower(), frame, labels=known, label=DATASETS.get(domain, domain))


def make_supplement(domain: str, rows: list[Row]) -> Dataset:
    """Return supplemental qualifiers as dataset SUPP--."""
    names = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL")
    made = make_dataset(f"SUPP{domain}", rows, dict.fromkeys(names, pl.String))
    return Dataset(made.name, made.frame, labels=made.labels, label=f"Supplemental qualifiers of {domain}")


def number_rows(rows: Iterable[Row], sequence: str) -> None:
    """Put into each row its number among those of the participant, from 1, in the order of the rows."""
    counts: dict[str, int] = {}
    for row in rows:
        subject = row["USUBJID"]
        counts[subject] = row[sequence] = counts.get(subject, 0) + 1


def label_of(variable: str, domain: str) -> str | None:
    """Return the label of a variable of a domain; None where it is not known here."""
    return LABELS.get(variable) or LABELS.get(_general(variable, domain))


def shorten(label: str) -> str:
    """Return a label as XPT can hold it: at most 40 characters."""
    return label[:40].rstrip()


def _general(variable: str, domain: str) -> str:
    return f"--{variable[2:]}" if variable.startswith(domain) else variable


def _place(variable: str, domain: str) -> tuple[float, str]:
    known = _ORDER.get(variable, _ORDER.get(_general(variable, domain)))
    return (_LAST_QUALIFIER if known is None else known, variable)
