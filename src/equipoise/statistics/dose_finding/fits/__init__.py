"""Fits of dose-response models, and the doses that they give."""

from equipoise.statistics.dose_finding.fits.fit import DoseResponseFit, fit_dose_estimates, fit_dose_response

__all__ = ["DoseResponseFit", "fit_dose_estimates", "fit_dose_response"]
