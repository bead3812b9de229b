"""Readers and writers, a format a module; every reader gives a Dataset of the same form."""

from equipoise.datasets.formats.csv import read_csv, write_csv
from equipoise.datasets.formats.dataset_json import read_dataset_json, write_dataset_json
from equipoise.datasets.formats.parquet import read_parquet, write_parquet
from equipoise.datasets.formats.xpt import check_fits_xpt, read_xpt, write_xpt

__all__ = [
    "check_fits_xpt",
    "read_csv",
    "read_dataset_json",
    "read_parquet",
    "read_xpt",
    "write_csv",
    "write_dataset_json",
    "write_parquet",
    "write_xpt",
]
