"""A folder of datasets: what is in it, found by content and read when asked for.

A file is known by its content, never by its extension: XPT, Parquet and Dataset-JSON by their marks, CSV by being
text whose first line is a list of names. Passed over are hidden files, Markdown, README and the like, and the
documents that go with datasets (XML such as define.xml, HTML, PDF). A dataset is called after its file, in lower
case.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from equipoise.datasets.dataset import Dataset
from equipoise.datasets.formats import csv, dataset_json, parquet, xpt
from equipoise.errors import DataError

READERS: dict[str, Callable[[Path], Dataset]] = {
    "xpt": xpt.read_xpt,
    "parquet": parquet.read_parquet,
    "dataset-json": dataset_json.read_dataset_json,
    "csv": csv.read_csv,
}
_PROSE = re.compile(r"(README|LICEN[CS]E|NOTICE|CHANGELOG|SOURCE)(\..*)?|.*\.(md|rst)", re.IGNORECASE)
_DOCUMENT = re.compile(rb"\s*<|%PDF")
_VARIABLE = re.compile(r'"?[A-Za-z_.][\w .()%/-]{0,63}"?')


class DataFolder:
    """The datasets of one or more folders (or single files), by name.

    Raises DataError where a path is absent or holds no dataset, where a file is none that can be read (all such
    files in one message), and where two files give one name.
    """

    def __init__(self, *paths: Path) -> None:
        self._files: dict[str, tuple[Path, str]] = {}
        self._read: dict[str, Dataset] = {}
        unknown: list[Path] = []
        for path in paths:
            found = list(_files_of(path))
            kinds = {file: identify_format(file) for file in found}
            unknown += [file for file, kind in kinds.items() if kind is None]
            for file, kind in kinds.items():
                if kind in READERS:
                    self._add(file, kind)
            if not any(kinds.values()):
                _refuse_empty(path, unknown)
        if unknown:
            _refuse_unknown(unknown)

    @classmethod
    def of(cls, datasets: Iterable[Dataset]) -> DataFolder:
        """Return a folder of datasets that are already in memory."""
        folder = cls()
        for dataset in datasets:
            folder._files[dataset.name] = (dataset.path or Path(dataset.name), dataset.format)
            folder._read[dataset.name] = dataset
        return folder

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the datasets, sorted."""
        return tuple(sorted(self._files))

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._files

    def path(self, name: str) -> Path:
        """Return the file of dataset `name`; raises DataError where there is none."""
        return self._find(name)[0]

    def read(self, name: str, variables: Collection[str] | None = None) -> Dataset:
        """Return dataset `name`, read at the first call; raises DataError where it is absent or damaged.

        Given `variables`, the dataset holds those of them that it has, and of a Parquet file no others are read.
        """
        path, kind = self._find(name)
        if variables is not None and kind == "parquet" and name.lower() not in self._read:
            return parquet.read_parquet(path, variables)
        if name.lower() not in self._read:
            self._read[name.lower()] = READERS[kind](path)
        whole = self._read[name.lower()]
        if variables is None:
            return whole
        return replace(whole, frame=whole.frame.select(v for v in whole.frame.columns if v in variables))

    def variables(self, name: str) -> tuple[str, ...]:
        """Return the names of the variables of dataset `name`; raises DataError as `read` does."""
        path, kind = self._find(name)
        if kind == "parquet" and name.lower() not in self._read:
            return parquet.read_variables(path)
        return tuple(self.read(name).frame.columns)

    def _find(self, name: str) -> tuple[Path, str]:
        if name.lower() not in self._files:
            raise DataError(f"no file holds dataset {name.lower()}; there are {', '.join(self.names)}")
        return self._files[name.lower()]

    def _add(self, file: Path, kind: str) -> None:
        name = file.stem.lower()
        if name in self._files:
            raise DataError(f"dataset {name} is in two files, {self._files[name][0]} and {file}; take one out")
        self._files[name] = (file, kind)


def identify_format(path: Path) -> str | None:
    """Return the format of a file by its content, "document" for what is passed over, None where unknown."""
    with path.open("rb") as file:
        head = file.read(65536)
    if xpt.MAGIC.match(head):
        return "xpt"
    if head.startswith(parquet.MAGIC):
        return "parquet"
    text = head.removeprefix(b"\xef\xbb\xbf")
    if text.lstrip()[:1] == b"{":
        return "dataset-json" if _holds(path, dataset_json.MARK) else None
    if _DOCUMENT.match(text):
        return "document"
    return "csv" if _is_table(text) else None


def _files_of(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise DataError(f"no folder or file of datasets at this path; check its spelling. Got {path}")
    for file in sorted(path.iterdir()):
        if file.is_file() and not file.name.startswith((".", "~")) and not _PROSE.fullmatch(file.name):
            yield file


def _holds(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(mark) >= 0


def _is_table(head: bytes) -> bool:
    """Whether the first line is a list of names; an empty or UTF-16 file counts, for the reader's message."""
    if not head.strip() or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    if b"\0" in head:
        return False
    line = head.splitlines()[0].decode("latin-1")
    names = line.split(csv.sniff_separator(line))
    return all(_VARIABLE.fullmatch(name.strip()) or name in ("", '""') for name in names)


def _refuse_empty(path: Path, unknown: list[Path]) -> None:
    if unknown:
        _refuse_unknown(unknown)
    folders = sorted(entry.name for entry in path.iterdir() if entry.is_dir()) if path.is_dir() else []
    hint = f"; did you mean one of its folders {', '.join(folders)}?" if folders else "; put the datasets there."
    raise DataError(f"the folder holds no dataset (XPT, Dataset-JSON, Parquet or CSV){hint} Got {path}")


def _refuse_unknown(unknown: list[Path]) -> None:
    raise DataError(
        "files must be XPT, Dataset-JSON, Parquet or CSV (found by content); export or take out: "
        + ", ".join(str(path) for path in unknown)
    )
