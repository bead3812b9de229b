"""Checks a file against the XML Schema of ODM 1.3.2, which comes with odmlib."""

from functools import cache
from pathlib import Path
from typing import Any

from ...errors import DataError


def check_schema(file: Path) -> None:
    """Raise DataError, with what the schema says and where in the file, unless it is valid ODM 1.3.2."""
    from xmlschema import XMLSchemaException

    try:
        _validator().validate_file(str(file))
    except XMLSchemaException as error:
        reason = getattr(error, "reason", None) or str(error)
        where = getattr(error, "path", None) or "the file"
        raise DataError(f"{file} is no valid ODM 1.3.2, at {where}: {reason}") from error


@cache
def _validator() -> Any:
    """Return the validator, made once a process: reading the schema takes longer than a small file."""
    from odmlib.odm_parser import ODMSchemaValidator

    return ODMSchemaValidator(standard="odm", version="1.3.2")
