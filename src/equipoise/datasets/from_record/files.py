"""Datasets written to a folder, in a format of choice, with the hash of each file."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from ..dataset import Dataset
from ..formats import write_csv, write_dataset_json, write_parquet, write_xpt

Format = Literal["dataset-json", "xpt", "parquet", "csv"]
ENDINGS: Mapping[Format, str] = {"dataset-json": "json", "xpt": "xpt", "parquet": "parquet", "csv": "csv"}


def write_datasets(
    folder: Path, datasets: Mapping[str, Dataset], kind: Format = "dataset-json", *, at: datetime
) -> dict[str, str]:
    """Write each dataset to a file of its name in `folder`, which is made, and return SHA-256 by name of dataset.

    `at` is the moment that the files name as their creation, such as that of the last event they hold: the same
    datasets and moment give the same bytes. Raises DataError where XPT cannot hold a dataset unchanged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hashes = {}
    for name, dataset in datasets.items():
        path = folder / f"{name}.{ENDINGS[kind]}"
        _write(dataset, path, kind, at)
        hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashes


def count_rows(datasets: Mapping[str, Dataset]) -> dict[str, int]:
    """Return the number of rows by name of dataset."""
    return {name: dataset.frame.height for name, dataset in datasets.items()}


def _write(dataset: Dataset, path: Path, kind: Format, at: datetime) -> None:
    match kind:
        case "dataset-json":
            write_dataset_json(dataset, path, at=at)
        case "xpt":
            write_xpt(dataset, path, at=at)
        case "parquet":
            write_parquet(dataset, path)
        case "csv":
            write_csv(dataset, path)
