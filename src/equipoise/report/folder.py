"""An output folder, written whole or not at all.

Everything is written into a folder beside the target, which takes the target's place by renaming when it is
complete. A folder that Equipoise has made (it holds `manifest.json`, and no file that the manifest does not name)
is replaced; any other folder with something in it is refused. The manifest holds the SHA-256 of every file, and no
time: same input, same bytes. Where it is signed, the signature stands beside it.
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import DataError

MANIFEST = "manifest.json"
SIGNATURE = "manifest.signature"
MAKER = "equipoise"


@contextmanager
def fill_folder(
    out: Path, about: Mapping[str, Any], sign: Callable[[bytes], bytes] | None = None
) -> Iterator[Path]:
    """Give an empty folder to write into, which becomes `out` when the block ends without an error.

    about: what else the manifest says. sign: gives the signature of the manifest's bytes. Raises DataError where
    `out` holds what Equipoise did not make; then, and on any other error, `out` stays as it was.
    """
    require_free(out)
    part = out.parent / f".{out.name}.{os.getpid()}.part"
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.mkdir()
        yield part
        manifest = {"made_by": MAKER, "version": version(MAKER), **about, "files": hash_files(part)}
        text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        write_text(part / MANIFEST, text)
        if sign is not None:
            write_text(part / SIGNATURE, sign(text.encode()).hex() + "\n")
        _put_in_place(part, out)
    finally:
        if part.exists():
            shutil.rmtree(part)


def pack_folder(folder: Path) -> bytes:
    """Return a folder as a ZIP file, whose bytes hang on names and content of its files alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix())
            packed.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def require_free(out: Path) -> None:
    """Raise DataError unless `out` can be written, and is absent, empty, or a folder that Equipoise has made."""
    _require_writable(out)
    if not out.exists():
        return
    if not out.is_dir():
        raise DataError(f"the output must be a folder, and a file of that name is there; name another. Got {out}")
    present = {str(p.relative_to(out).as_posix()) for p in out.rglob("*") if not p.is_dir()}
    if not present:
        return
    foreign = sorted(present - _made(out))
    if foreign:
        raise DataError(
            f"the output folder holds files that Equipoise did not write, such as {foreign[0]}; "
            f"name an empty or a new folder. Got {out}"
        )


def _require_writable(out: Path) -> None:
    """Try to make a folder beside the output, or where its first missing parent would be: work comes after."""
    there = next((folder for folder in out.absolute().parents if folder.exists()), out)
    try:
        Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=there)).rmdir()
    except OSError as error:
        raise DataError(
            f"the output cannot be written, since no folder can be made in {there} "
            f"({error.strerror or error}); name another folder. Got {out}"
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, its line ends as they are."""
    path.write_bytes(text.encode("utf-8"))


def hash_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a folder by its path inside."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def _made(out: Path) -> set[str]:
    """Return the files that the folder's manifest names, and the manifest; none without a manifest of ours."""
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(manifest, dict) or manifest.get("made_by") != MAKER:
        return set()
    return {*manifest.get("files", {}), MANIFEST, SIGNATURE}


def _put_in_place(part: Path, out: Path) -> None:
    """Rename the finished folder to its place; what was there goes only when the new one stands."""
    if not out.exists():
        part.rename(out)
        return
    require_free(out)
    old = out.parent / f".{out.name}.{os.getpid()}.old"
    out.rename(old)
    try:
        part.rename(out)
    except OSError:
        old.rename(out)
        raise
    shutil.rmtree(old)
