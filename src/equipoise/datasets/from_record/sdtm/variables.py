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
    "STUDYID": "Study Identifier",
    "DOMAIN": "Domain",
    "RDOMAIN": "Domain That Is Qualified",
    "USUBJID": "Unique Subject Identifier",
    "SUBJID": "Subject Identifier Within the Study",
    "--SEQ": "Sequence Number",
    "--REFID": "Reference Identifier",
    "--SPID": "Record in the Source",
    "IDVAR": "Identifying Variable",
    "IDVARVAL": "Value of the Identifying Variable",
    "QNAM": "Name of the Qualifier",
    "QLABEL": "Label of the Qualifier",
    "QVAL": "Value of the Qualifier",
    "QORIG": "Origin of the Value",
    "QEVAL": "Evaluator",
    "RFSTDTC": "Reference Start, Study Day 1",
    "RFENDTC": "Reference End, Last Day Seen",
    "RFXSTDTC": "First Study Treatment",
    "RFXENDTC": "Last Study Treatment",
    "RFICDTC": "Informed Consent",
    "RFPENDTC": "End of Participation",
    "DTHDTC": "Date of Death",
    "DTHFL": "Death Flag",
    "SITEID": "Site",
    "AGE": "Age",
    "AGEU": "Unit of Age",
    "SEX": "Sex",
    "RACE": "Race",
    "ETHNIC": "Ethnicity",
    "ARMCD": "Code of the Planned Arm",
    "ARM": "Planned Arm",
    "ACTARMCD": "Code of the Actual Arm",
    "ACTARM": "Actual Arm",
    "ARMNRS": "Why There Is No Arm",
    "ACTARMUD": "Unplanned Actual Arm",
    "COUNTRY": "Country",
    "--TESTCD": "Short Name of the Test",
    "--TEST": "Name of the Test",
    "TSPARMCD": "Short Name of the Parameter",
    "TSPARM": "Trial Summary Parameter",
    "TSVAL": "Value of the Parameter",
    "TSVALCD": "Code of the Value",
    "TSVCDREF": "Terminology of the Code",
    "TSVCDVER": "Version of the Terminology",
    "TAETORD": "Order of the Element Within the Arm",
    "ETCD": "Code of the Element",
    "ELEMENT": "Element",
    "TABRANCH": "Branch",
    "TATRANS": "Transition Rule",
    "TESTRL": "Rule for the Start of the Element",
    "TEENRL": "Rule for the End of the Element",
    "IETESTCD": "Short Name of the Criterion",
    "IETEST": "Criterion of Eligibility",
    "IECAT": "Inclusion or Exclusion",
    "TIRL": "Rule of the Criterion",
    "--TERM": "Reported Term",
    "--TRT": "Reported Name of the Treatment",
    "--LLT": "Lowest Level Term",
    "--LLTCD": "Code of the Lowest Level Term",
    "--DECOD": "Standardised Term",
    "--PTCD": "Code of the Preferred Term",
    "--HLT": "High Level Term",
    "--HLTCD": "Code of the High Level Term",
    "--HLGT": "High Level Group Term",
    "--HLGTCD": "Code of the High Level Group Term",
    "--CAT": "Category",
    "--SCAT": "Subcategory",
    "--PRESP": "Asked for in Advance",
    "--OCCUR": "Occurred",
    "--REASOC": "Reason for the Occurrence",
    "--BODSYS": "Body System or Organ Class",
    "--BDSYCD": "Code of the Body System",
    "--SOC": "Primary System Organ Class",
    "--SOCCD": "Code of the System Organ Class",
    "--INDC": "Indication",
    "--CLAS": "Class",
    "--LOC": "Location",
    "--ORRES": "Result as Entered",
    "--ORRESU": "Unit as Entered",
    "--ORNRLO": "Lower Limit of the Range as Entered",
    "--ORNRHI": "Upper Limit of the Range as Entered",
    "--STRESC": "Result in Standard Format, Text",
    "--STRESN": "Result in Standard Format, Number",
    "--STRESU": "Standard Unit",
    "--STNRLO": "Lower Limit of the Range",
    "--STNRHI": "Upper Limit of the Range",
    "--NRIND": "Within the Range",
    "--STAT": "Completion Status",
    "--REASND": "Reason Not Done",
    "--NAM": "Laboratory",
    "--METHOD": "Method of the Test",
    "--DOSE": "Dose",
    "--DOSTXT": "Dose in Words",
    "--DOSU": "Unit of the Dose",
    "--DOSFRM": "Dose Form",
    "--DOSRGM": "Intended Dose Regimen",
    "--ROUTE": "Route of Administration",
    "--LOT": "Lot Number",
    "--ADJ": "Reason for Adjustment",
    "--SEV": "Severity",
    "--SER": "Serious",
    "--ACN": "Action Taken With Study Treatment",
    "--REL": "Causality",
    "--OUT": "Outcome",
    "--SCONG": "Congenital Anomaly",
    "--SDISAB": "Disability",
    "--SDTH": "Results in Death",
    "--SHOSP": "Hospital Stay",
    "--SLIFE": "Life-Threatening",
    "--SMIE": "Other Medically Important Event",
    "--LOBXFL": "Last Observation Before Exposure",
    "--BLFL": "Baseline Flag",
    "--LLOQ": "Lower Limit of Quantitation",
    "--TOX": "Toxicity",
    "--TOXGR": "Toxicity Grade",
    "VISITNUM": "Visit Number",
    "VISIT": "Visit",
    "VISITDY": "Planned Study Day of the Visit",
    "TVSTRL": "Rule for the Start of the Visit",
    "EPOCH": "Epoch",
    "--DTC": "Date of Collection",
    "--STDTC": "Start",
    "--ENDTC": "End",
    "--DY": "Study Day of Collection",
    "--STDY": "Study Day of the Start",
    "--ENDY": "Study Day of the End",
    "--UPDES": "What Was Not Planned",
    "--TPT": "Planned Time Point",
}
"""Label by variable, in the order in which variables stand in a dataset."""

DATASETS: Mapping[str, str] = {
    "AE": "Adverse Events",
    "CE": "Clinical Events",
    "CM": "Concomitant and Prior Medications",
    "DM": "Demographics",
    "DS": "Disposition",
    "DV": "Protocol Deviations",
    "EC": "Exposure as Collected",
    "EG": "ECG Test Results",
    "EX": "Exposure",
    "FA": "Findings About Events or Interventions",
    "IE": "Criteria of Eligibility Not Met",
    "IS": "Immunogenicity Specimen Assessments",
    "LB": "Laboratory Test Results",
    "MB": "Microbiology Specimen",
    "MH": "Medical History",
    "PC": "Pharmacokinetic Concentrations",
    "PE": "Physical Examination",
    "PR": "Procedures",
    "QS": "Questionnaires",
    "RP": "Reproductive System Findings",
    "RS": "Disease Response and Clinical Scales",
    "SC": "Subject Characteristics",
    "SE": "Subject Elements",
    "SU": "Substance Use",
    "SV": "Subject Visits",
    "TA": "Trial Arms",
    "TE": "Trial Elements",
    "TI": "Trial Criteria of Eligibility",
    "TS": "Trial Summary",
    "TV": "Trial Visits",
    "VS": "Vital Signs",
}
"""Label of the dataset of each domain."""

EXPECTED: Mapping[str, Mapping[str, Kind]] = {
    "AE": {
        **dict.fromkeys(("AELLT", "AEHLT", "AEHLGT", "AEBODSYS", "AESOC"), pl.String),
        **dict.fromkeys(("AELLTCD", "AEPTCD", "AEHLTCD", "AEHLGTCD", "AEBDSYCD", "AESOCCD"), pl.Float64),
    },
    "DM": dict.fromkeys(("RACE", "ACTARMUD"), pl.String),
    "EC": {"ECDOSFRM": pl.String},
    "EX": {"EXDOSFRM": pl.String},
    "IS": {
        **dict.fromkeys(("ISORNRLO", "ISORNRHI", "ISNRIND"), pl.String),
        **dict.fromkeys(("ISSTNRLO", "ISSTNRHI", "ISLLOQ"), pl.Float64),
    },
    "LB": {
        **dict.fromkeys(("LBORNRLO", "LBORNRHI", "LBNRIND"), pl.String),
        **dict.fromkeys(("LBSTNRLO", "LBSTNRHI"), pl.Float64),
    },
    "MB": {"MBMETHOD": pl.String},
    "TS": dict.fromkeys(("TSVALCD", "TSVCDREF", "TSVCDVER"), pl.String),
}
"""Variables that a domain is expected to have also where nothing is known of them (SDTMIG 3.4, 4.1.5)."""

_ORDER = {name: place for place, name in enumerate(LABELS)}
_LAST_QUALIFIER = _ORDER["VISITNUM"] - 0.5


def make_dataset(
    domain: str,
    rows: list[Row],
    kinds: Mapping[str, Kind],
    *,
    labels: Mapping[str, str] | None = None,
    as_given: bool = False,
) -> Dataset:
    """Return the rows as the dataset of a domain: its columns are those of `kinds`, each of its type.

    They come in the order of SDTM, or `as_given` for a domain that has an order of its own.

    --SEQ, where it is among `kinds`, counts the rows of each participant. `labels` are those of variables that
    this module does not know.
    """
    sequence = f"{domain}SEQ"
    if sequence in kinds and "USUBJID" in kinds:
        number_rows(rows, sequence)
    kinds = {**EXPECTED.get(domain, {}), **kinds}
    columns = list(kinds) if as_given else sorted(kinds, key=lambda name: _place(name, domain))
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
