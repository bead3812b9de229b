"""Dose finding: candidate models, contrasts, multiple contrast test, fits, averaging, trend tests."""

from equipoise.statistics.dose_finding.contrasts import (
    ContrastPower,
    Contrasts,
    ContrastTest,
    contrast_test_power,
    contrast_test_sample_size,
    multiple_contrast_test,
    optimal_contrasts,
    williams_contrasts,
)
from equipoise.statistics.dose_finding.estimates import DoseEstimates, dose_means
from equipoise.statistics.dose_finding.fits import DoseResponseFit, fit_dose_estimates, fit_dose_response
from equipoise.statistics.dose_finding.models import Candidate, Candidates, candidate_models, guess_parameters

__all__ = [
    "Candidate",
    "Candidates",
    "ContrastPower",
    "ContrastTest",
    "Contrasts",
    "DoseEstimates",
    "DoseResponseFit",
    "candidate_models",
    "contrast_test_power",
    "contrast_test_sample_size",
    "dose_means",
    "fit_dose_estimates",
    "fit_dose_response",
    "guess_parameters",
    "multiple_contrast_test",
    "optimal_contrasts",
    "williams_contrasts",
]
