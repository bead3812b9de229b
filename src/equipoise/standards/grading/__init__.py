"""Toxicity grading of laboratory results: the criteria as data."""

from equipoise.standards.grading.criteria import (
    STANDARDS,
    Condition,
    Criterion,
    GradingStandard,
    Rule,
    read_grading,
    unit_factor,
)

__all__ = ["STANDARDS", "Condition", "Criterion", "GradingStandard", "Rule", "read_grading", "unit_factor"]
