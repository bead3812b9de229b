"""Toxicity grades of laboratory values that come without one, by the grading that the protocol names.

The table says which terms of a grading a test code of CDISC stands for. Glucose is graded as not fasting, because
a test code does not tell whether the participant had fasted. A parameter without a term, or without what its term
needs (reference limits, a unit that converts), is not graded.
"""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from ....standards.grading import read_grading, unit_factor
from ...dataset import Dataset
from ...derive.toxicity import derive_toxicity_grade

TERMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "DAIDS 2.1": {
        "ALB": ("Albumin, Low",),
        "ALP": ("Alkaline Phosphatase, High",),
        "ALT": ("ALT, High",),
        "AMYLASE": ("Amylase, High",),
        "AST": ("AST, High",),
        "BICARB": ("Bicarbonate, Low",),
        "BILDIR": ("Direct Bilirubin, High",),
        "BILI": ("Total Bilirubin, High",),
        "CA": ("Calcium, Low", "Calcium, High"),
        "CAION": ("Calcium (Ionized), Low", "Calcium (Ionized), High"),
        "CD4": ("Absolute CD4+ Count, Low",),
        "CK": ("Creatine Kinase, High",),
        "CREAT": ("Creatinine, High",),
        "FIBRINO": ("Fibrinogen Decreased",),
        "GLUC": ("Glucose, Low", "Glucose Nonfasting, High"),
        "HGB": ("Hemoglobin, Low",),
        "INR": ("INR, High",),
        "K": ("Potassium, Low", "Potassium, High"),
        "LIPASE": ("Lipase, High",),
        "LYM": ("Absolute Lymphocyte Count, Low",),
        "MG": ("Magnesium, Low",),
        "NEUT": ("Absolute Neutrophil Count (ANC), Low",),
        "PHOS": ("Phosphate, Low",),
        "PLAT": ("Platelets, Decreased",),
        "SODIUM": ("Sodium, Low", "Sodium, High"),
        "URATE": ("Uric Acid, High",),
        "WBC": ("WBC, Decreased",),
    },
    "CTCAE 5.0": {
        "ALB": ("Hypoalbuminemia",),
        "ALP": ("Alkaline phosphatase increased",),
        "ALT": ("Alanine aminotransferase increased",),
        "AMYLASE": ("Serum amylase increased",),
        "APTT": ("Activated partial thromboplastin time prolonged",),
        "AST": ("Aspartate aminotransferase increased",),
        "BILI": ("Blood bilirubin increased",),
        "CD4": ("CD4 lymphocytes decreased",),
        "CHOL": ("Cholesterol high",),
        "CK": ("CPK increased",),
        "CREAT": ("Creatinine increased",),
        "FIBRINO": ("Fibrinogen decreased",),
        "GGT": ("GGT increased",),
        "GLUC": ("Hypoglycemia",),
        "HGB": ("Anemia", "Hemoglobin increased"),
        "INR": ("INR increased",),
        "K": ("Hypokalemia", "Hyperkalemia"),
        "LDH": ("Blood lactate dehydrogenase increased",),
        "LIPASE": ("Lipase increased",),
        "LYM": ("Lymphocyte count decreased", "Lymphocyte count increased"),
        "MG": ("Hypomagnesemia", "Hypermagnesemia"),
        "NEUT": ("Neutrophil count decreased",),
        "PLAT": ("Platelet count decreased",),
        "SODIUM": ("Hyponatremia", "Hypernatremia"),
        "TRIG": ("Hypertriglyceridemia",),
        "URATE": ("Hyperuricemia",),
        "WBC": ("White blood cell decreased", "Leukocytosis"),
    },
}
_LIMITS = ("ANRLO", "ANRHI", "BNRIND", "PCHG")


def with_grades(dataset: Dataset, adsl: pl.DataFrame, standard: str) -> Dataset:
    """Return the dataset with ATOXGR, where it has none and its parameters can be graded.

    `adsl` gives age and sex, on which some criteria depend.
    """
    frame = dataset.frame
    if "ATOXGR" in frame.columns or "AVALU" not in frame.columns:
        return dataset
    terms = {code: kept for code in frame["PARAMCD"].unique() if (kept := _gradable(frame, code, standard))}
    if not terms:
        return dataset
    about = [name for name in ("AGE", "SEX", "BRTHDT") if name in adsl.columns and name not in frame.columns]
    beside = frame.join(adsl.select("USUBJID", *about), on="USUBJID", how="left", maintain_order="left")
    for name in ("AGE", "SEX", "BASE", "ANRIND", *_LIMITS):
        if name not in beside.columns:
            kind = pl.String if name in ("SEX", "ANRIND", "BNRIND") else pl.Float64
            beside = beside.with_columns(pl.lit(None, kind).alias(name))
    graded = derive_toxicity_grade(beside, terms, standard=standard)
    return replace(dataset, frame=graded.drop(about))


def _gradable(frame: pl.DataFrame, code: str | None, standard: str) -> tuple[str, ...]:
    """Return the terms of a parameter whose criteria can be applied to its rows."""
    criteria = read_grading(standard).criteria
    rows = frame.filter(pl.col("PARAMCD") == code)
    units = rows["AVALU"].drop_nulls().unique()
    kept = []
    for term in TERMS[standard].get(code or "", ()):
        criterion = criteria[term]
        limits = [name for name in criterion.variables if name in _LIMITS]
        known = all(name in rows.columns and rows[name].null_count() < rows.height for name in limits)
        unit = criterion.unit
        converts = unit is None or all(unit_factor(found, unit) is not None for found in units)
        if known and converts:
            kept.append(term)
    return tuple(kept)
