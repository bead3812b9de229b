"""The manifest of a file of results, in YAML or JSON, and whether the file is the one that it speaks of."""

import hashlib
from datetime import datetime
from pathlib import Path

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ...conduct.laboratory.manifest import COLUMNS, Manifest
from ...errors import DataError, say_wrong_field, suggest


def read_manifest(path: Path) -> Manifest:
    """Read a manifest; DataError says which field is unknown, missing or wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} must be text in UTF-8: {error.reason} at byte {error.start}") from error
    try:
        # every scalar as text: YAML would turn a time with its offset into one without
        fields = YAML(typ="base").load(text)
    except YAMLError as error:
        raise DataError(f"{path} must be YAML or JSON: {' '.join(str(error).split())}") from error
    if not isinstance(fields, dict):
        raise DataError(f"{path} must name the fields of a manifest, such as laboratory, file and sha256")
    try:
        if isinstance(created := fields.get("created_at"), str):
            fields["created_at"] = _moment(path, created)
        manifest = msgspec.convert(fields, Manifest, strict=False)
    except msgspec.ValidationError as error:
        raise DataError(f"{path}: {say_wrong_field(str(error))}") from error
    for name in manifest.columns:
        if name not in COLUMNS:
            raise DataError(
                f"{path}: columns has a name that is none of ours{suggest(name, COLUMNS, stop='.')} Got {name}"
            )
    return manifest


def require_its_file(manifest: Manifest, file: Path, content: bytes) -> None:
    """Raise DataError where a file has another name or other bytes than its manifest says."""
    if file.name != manifest.file:
        raise DataError(f"the manifest speaks of the file {manifest.file}; give that one. Got {file.name}")
    found = hashlib.sha256(content).hexdigest()
    if found != manifest.sha256.lower():
        raise DataError(
            f"{file} is not the file that the manifest speaks of, or was changed on its way: its SHA-256 must be "
            f"{manifest.sha256}; ask the laboratory for both anew. Got {found}"
        )


def _moment(path: Path, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise DataError(
            f"{path}: created_at must be a date and time with its offset, as in 2026-03-02T09:30+08:00. Got {text}"
        ) from None
