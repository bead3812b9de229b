"""A folder as a ZIP file: the same bytes for the same files whenever written, and smaller than they are."""

import io
import os
import zipfile
from pathlib import Path

from equipoise.report.folder import pack_folder


def test_the_same_files_are_packed_to_the_same_bytes_whenever_written(tmp_path: Path) -> None:
    packed = []
    for place, at in (("one", 1_000_000_000), ("two", 1_700_000_000)):
        (tmp_path / place / "part").mkdir(parents=True)
        for name in ("dm.csv", "part/ae.csv"):
            file = tmp_path / place / name
            file.write_text("USUBJID\n" * 500, encoding="utf-8")
            os.utime(file, (at, at))
        packed.append(pack_folder(tmp_path / place))
    assert packed[0] == packed[1]
    archive = zipfile.ZipFile(io.BytesIO(packed[0]))
    assert archive.namelist() == ["dm.csv", "part/ae.csv"]
    assert archive.read("part/ae.csv") == b"USUBJID\n" * 500
    assert len(packed[0]) < 1000
