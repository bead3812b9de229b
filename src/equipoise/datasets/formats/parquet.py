"""Apache Parquet: the columnar file that R, Python and SAS Viya write.

Parquet has types of its own, so nothing is inferred. It has no place for labels: they travel as JSON under the
key `labels` of the file's metadata, the description of the dataset under `label`; other readers pass them over.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import polars as pl

from equipoise.datasets.dataset import Dataset, conform
from equipoise.errors import DataError

MAGIC = b"PAR1"


def read_parquet(path: Path, variables: Collection[str] | None = None) -> Dataset:
    """Read one Parquet file: all of it, or those of `variables` that it has.

    Raises DataError where the file is cut off, damaged, or holds nested columns.
    """
    try:
        wanted = None if variables is None else [v for v in pl.read_parquet_schema(path) if v in variables]
        frame = pl.read_parquet(path, columns=wanted)
        metadata = pl.read_parquet_metadata(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _damaged(path, error) from error
    return Dataset(
        name=path.stem.lower(),
        frame=conform(frame, f"{path}"),
        path=path,
        format="parquet",
        labels=json.loads(metadata.get("labels", "{}")),
        label=metadata.get("label", ""),
    )


def read_variables(path: Path) -> tuple[str, ...]:
    """Return the names of the variables of a Parquet file, without its values; DataError where it is damaged."""
    try:
        return tuple(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _damaged(path, error) from error


def write_parquet(dataset: Dataset, path: Path) -> None:
    """Write `dataset` to `path` (zstd), labels in the metadata; equal datasets give equal bytes."""
    dataset.frame.write_parquet(
        path,
        compression="zstd",
        metadata={"labels": json.dumps(dict(dataset.labels), sort_keys=True), "label": dataset.label},
    )


def _damaged(path: Path, error: Exception) -> DataError:
    first_line = str(error).splitlines()[0]
    return DataError(f"{path} is a damaged or truncated Parquet file; copy or export it again. Got {first_line}")
