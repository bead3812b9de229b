"""Estimands and datasets in, results out: a method a module (ICH E9(R1), ICH E9)."""

from .result import RESULT_SCHEMA, AnalysisResult, TrialResults
from .run import run_analyses

__all__ = ["RESULT_SCHEMA", "AnalysisResult", "TrialResults", "run_analyses"]
