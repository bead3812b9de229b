"""Which version of ODM a file is, told without trusting it, and whether it is valid by the XML Schema of CDISC.

The schemas come with odmlib.
"""

from functools import cache
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

from ...errors import DataError
from .spelling import NAMESPACES, Version

_SEPARATOR = " "
_DECLARATION = 256
"""Bytes within which the encoding is declared."""
_ENOUGH = 1 << 16
"""Bytes that are looked at in one go for the root."""


def check_schema(file: Path) -> None:
    """Raise DataError, with what the schema says and where, unless a file is valid ODM 1.3.2 or 2.0."""
    from xmlschema import XMLSchemaException

    version = version_of(str(file), file.read_bytes())
    try:
        _schema(version).validate(str(file))
    except XMLSchemaException as error:
        reason = getattr(error, "reason", None) or str(error)
        where = getattr(error, "path", None) or "the file"
        raise DataError(f"{file} is no valid ODM {version}, at {where}: {reason}") from error


def version_of(name: str, content: bytes) -> Version:
    """Return the version of an ODM file, by the namespace of its root; nothing of it is expanded or fetched.

    Raises DataError, which names the file, for what is no XML, declares a document type, or is no ODM.
    """
    require_encoding(name, content)
    roots: list[str] = []

    def refuse(*_: object) -> NoReturn:
        raise DataError(f"{name}: an ODM file needs no document type and no entities, and none is read")

    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.StartElementHandler = lambda tag, _: roots.append(tag)
    try:
        for start in range(0, len(content), _ENOUGH):
            parser.Parse(content[start : start + _ENOUGH], False)
            if roots:
                break
        else:
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        if not roots:
            raise DataError(f"{name}: this is no well-formed XML ({error})") from error
    namespace, _, element = roots[0].rpartition(_SEPARATOR)
    for version, known in NAMESPACES.items():
        if (namespace, element) == (known, "ODM"):
            return version
    raise DataError(
        f"{name}: must be ODM, in the namespace {' or '.join(NAMESPACES.values())}. Got {element} "
        f"{f'in {namespace}' if namespace else 'in none'}"
    )


def require_encoding(name: str, content: bytes) -> None:
    """Raise DataError, which names the file, where it says that it is in an encoding that is not read: gb18030."""
    try:
        expat.ParserCreate().Parse(content[:_DECLARATION], False)
    except (LookupError, ValueError) as error:
        raise DataError(f"{name} must be written in UTF-8 ({error})") from error
    except expat.ExpatError:
        return  # what else is wrong is said by who reads the file


@cache
def _schema(version: Version) -> Any:
    """Return the schema, read once a process, which takes longer than a small file."""
    from odmlib.odm_parser import ODMSchemaValidator

    return ODMSchemaValidator(standard="odm", version=version).xsd
