"""Dose-response models, candidate sets, and guesses of their parameters."""

from equipoise.statistics.dose_finding.models.candidates import Candidate, Candidates, candidate_models
from equipoise.statistics.dose_finding.models.guess import guess_parameters
from equipoise.statistics.dose_finding.models.shapes import Shape, find_shape

__all__ = ["Candidate", "Candidates", "Shape", "candidate_models", "find_shape", "guess_parameters"]
