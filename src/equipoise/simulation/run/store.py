"""Where a run keeps what is done, so that it can be stopped at any moment and taken up again.

`simulation.json` says what was run; `chunks` holds the sums of each chunk, `chunks/truths.SCENARIO.json` the true
effects. Each file is written aside and renamed, so that it is whole or absent.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from ...errors import DataError
from ..analyses import Place
from ..operating.sums import Sums
from .settings import CHUNK, Settings

MANIFEST = "simulation.json"
Truths = tuple[tuple[Place, float], ...]


@dataclass(frozen=True)
class Store:
    """The folder of a run."""

    folder: Path

    def open(self, settings: Settings) -> None:
        """Make the folder, or take up the run that it holds; DataError where it holds something else."""
        identity = identify(settings)
        if self.manifest.is_file():
            known = self._known()
            for name, value in identity.items():
                if known.get(name) != value:
                    raise DataError(
                        f"{self.folder} holds a run with another {name.replace('_', ' ')}; give another folder "
                        f"with --out, or remove it. Got {value}, there {known.get(name)}"
                    )
        elif self.folder.exists() and not self.folder.is_dir():
            raise DataError(
                f"the output must be a folder, and a file of that name is there; name another. Got {self.folder}"
            )
        elif self.folder.exists() and any(self.folder.iterdir()):
            raise DataError(f"the folder for results must be empty or hold a run to resume. Got {self.folder}")
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.write(MANIFEST, json.dumps(identity, indent=1) + "\n")
        (self.folder / "chunks").mkdir(exist_ok=True)

    def abandon(self) -> None:
        """Take the folder away again if no chunk was kept in it."""
        if any((self.folder / "chunks").glob("*.csv")):
            return
        for path in (*(self.folder / "chunks").iterdir(), self.manifest):
            path.unlink()
        (self.folder / "chunks").rmdir()
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _known(self) -> dict[str, Any]:
        try:
            known = json.loads(self.manifest.read_text(encoding="utf-8"))
        except ValueError:
            known = None
        if not isinstance(known, dict):
            raise DataError(
                f"{MANIFEST} in the output folder must say what was run, as Equipoise wrote it; give another "
                f"folder with --out, or remove it. Got {self.folder}"
            )
        return known

    @property
    def manifest(self) -> Path:
        """The file that says what was run."""
        return self.folder / MANIFEST

    def finish(self, settings: Settings, state: dict[str, Any]) -> None:
        """Add to the manifest how far the run came."""
        self.write(MANIFEST, json.dumps(identify(settings) | state, indent=1) + "\n")

    def chunk(self, scenario: str, chunk: int, trials: int) -> pl.DataFrame | None:
        """Return the sums of a chunk of that many trials, None if it is still to be done."""
        path = self._chunk(scenario, chunk, trials)
        if not path.is_file():
            return None
        try:
            sums = pl.read_csv(path, infer_schema_length=0)
            if sums.columns == Sums().frame().columns:
                return _typed(sums)
        except pl.exceptions.PolarsError:
            pass
        raise DataError(_damaged(path))

    def keep_chunk(self, scenario: str, chunk: int, trials: int, sums: pl.DataFrame) -> None:
        """Keep the sums of a chunk."""
        self.write(str(self._chunk(scenario, chunk, trials).relative_to(self.folder)), sums.write_csv())

    def truths(self, scenario: str) -> Truths | None:
        """Return the true effects of a scenario, None if they are still to be found."""
        path = self.folder / _truths(scenario)
        if not path.is_file():
            return None
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
            return tuple((Place(*row[:4]), float(row[4])) for row in rows)
        except (ValueError, TypeError, LookupError) as error:
            raise DataError(_damaged(path)) from error

    def keep_truths(self, scenario: str, truths: Truths) -> None:
        """Keep the true effects of a scenario."""
        rows = [[place.analysis, place.visit, place.arm, place.versus, value] for place, value in truths]
        self.write(_truths(scenario), json.dumps(rows, indent=0) + "\n")

    def write(self, name: str, content: str) -> None:
        """Write a file of the folder, whole or not at all."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        aside.write_text(content, encoding="utf-8")
        aside.replace(path)

    def _chunk(self, scenario: str, chunk: int, trials: int) -> Path:
        return self.folder / "chunks" / f"{scenario}.{chunk:05d}.{trials}.csv"


def identify(settings: Settings) -> dict[str, Any]:
    """Return what must be the same for a run to be taken up again."""
    return {
        "protocol": settings.protocol().trial.id,
        "protocol_text": hashlib.sha256(settings.source.encode()).hexdigest(),
        "seed": settings.seed,
        "analyses": list(settings.only),
        "model": settings.model,
        "data": None if settings.real is None else settings.real.fingerprint,
        "trials_a_chunk": CHUNK,
        "software": version("equipoise"),
    }


def _damaged(path: Path) -> str:
    return f"a file of a run must be as Equipoise wrote it; remove it, and that part is done again. Got {path}"


def _truths(scenario: str) -> str:
    return f"chunks/truths.{scenario}.json"


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    numbers = {"count": pl.Int64, "sum": pl.Float64, "squares": pl.Float64}
    return frame.with_columns(
        pl.col(name).cast(numbers[name]) if name in numbers else pl.col(name).fill_null("")
        for name in frame.columns
    )
