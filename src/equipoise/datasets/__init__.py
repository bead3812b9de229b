"""Datasets: read from files, checked, derived into the analysis datasets of ADaM, and written again."""

from equipoise.datasets.dataset import Dataset, conform
from equipoise.datasets.folder import DataFolder, identify_format

__all__ = ["DataFolder", "Dataset", "conform", "identify_format"]
