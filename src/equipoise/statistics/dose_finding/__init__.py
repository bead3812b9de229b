"""Dose finding: candidate models, contrasts, multiple contrast test, fits, averaging, trend tests."""

from equipoise.statistics.dose_finding.averaging import (
    AveragedFit,
    BootstrapFit,
    average_by_bootstrap,
    average_fits,
)
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
from equipoise.statistics.dose_finding.figure import plot_dose_response
from equipoise.statistics.dose_finding.fits import DoseResponseFit, fit_dose_estimates, fit_dose_response
from equipoise.statistics.dose_finding.mcp_mod import McpMod, mcp_mod, mcp_mod_estimates
from equipoise.statistics.dose_finding.models import Candidate, Candidates, candidate_models, guess_parameters
from equipoise.statistics.dose_finding.williams import Williams, williams, williams_critical_value, williams_p

__all__ = [
    "AveragedFit",
    "BootstrapFit",
    "Candidate",
    "Candidates",
    "ContrastPower",
    "ContrastTest",
    "Contrasts",
    "DoseEstimates",
    "DoseResponseFit",
    "McpMod",
    "Williams",
    "average_by_bootstrap",
    "average_fits",
    "candidate_models",
    "contrast_test_power",
    "contrast_test_sample_size",
    "dose_means",
    "fit_dose_estimates",
    "fit_dose_response",
    "guess_parameters",
    "mcp_mod",
    "mcp_mod_estimates",
    "multiple_contrast_test",
    "optimal_contrasts",
    "plot_dose_response",
    "williams",
    "williams_contrasts",
    "williams_critical_value",
    "williams_p",
]
