"""Contrasts of dose means: optimal ones, the test by several of them, its power."""

from equipoise.statistics.dose_finding.contrasts.contrast_test import ContrastTest, multiple_contrast_test
from equipoise.statistics.dose_finding.contrasts.optimal import Contrasts, optimal_contrasts, williams_contrasts
from equipoise.statistics.dose_finding.contrasts.power import (
    ContrastPower,
    contrast_test_power,
    contrast_test_sample_size,
)

__all__ = [
    "ContrastPower",
    "ContrastTest",
    "Contrasts",
    "contrast_test_power",
    "contrast_test_sample_size",
    "multiple_contrast_test",
    "optimal_contrasts",
    "williams_contrasts",
]
