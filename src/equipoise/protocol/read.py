"""Reads a protocol file whole and says everything that is wrong with it at once."""

import hashlib
import json
from pathlib import Path

from pydantic import ValidationError

from ..errors import ProtocolError, suggest
from .checks import CHECKS
from .finding import Finding
from .model import Protocol
from .salvage import check_the_rest
from .source import ProtocolSource, parse_source, read_source
from .translation import translate_error

_HERE = Path(__file__).resolve()
SHIPPED = next((d for d in (_HERE.parents[1] / "protocols", _HERE.parents[3] / "protocols") if d.is_dir()), _HERE)
"""The folder of shipped protocols: inside an installed package, beside `src` in a checkout."""


def shipped_protocols() -> tuple[str, ...]:
    """Return the names of the protocols that ship with Equipoise."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def locate_protocol(name: str) -> Path:
    """Return the file of a protocol given by path or by the name of a shipped trial.

    Raises ProtocolError, with the nearest shipped name, where there is neither.
    """
    path = Path(name)
    if path.is_dir() and (path / "protocol.yaml").is_file():
        return path / "protocol.yaml"
    if path.is_file():
        return path
    shipped = SHIPPED / f"{name}.yaml"
    if shipped.is_file():
        return shipped
    raise ProtocolError(f"{name} is neither a file nor a shipped protocol{suggest(name, shipped_protocols())}")


def read_protocol(name: str | Path) -> Protocol:
    """Return the checked protocol of a file or of a shipped trial; ProtocolError holds every finding."""
    return validate_source(read_source(locate_protocol(str(name))))


def parse_protocol(text: str, name: str = "protocol.yaml") -> Protocol:
    """Return the checked protocol of a YAML text; ProtocolError holds every finding."""
    return validate_source(parse_source(text, name))


def validate_source(source: ProtocolSource) -> Protocol:
    """Return the protocol of a tree; ProtocolError with one sentence a finding, in the order of the file."""
    try:
        protocol = Protocol.model_validate(source.tree)
    except ValidationError as error:
        findings = [translate_error(dict(e)) for e in error.errors(include_url=False)]
        findings += check_the_rest(source.tree, [finding.path for finding in findings])
        raise ProtocolError(*_in_order(findings, source)) from None
    findings = [finding for check in CHECKS for finding in check(protocol)]
    if findings:
        raise ProtocolError(*_in_order(findings, source))
    return protocol


def protocol_version(protocol: Protocol) -> str:
    """Return the SHA-256 of the protocol's content as canonical JSON; comments and layout do not count.

    Nor do fields that say what is meant without them: so a field that the language gains leaves the version of
    every older file as it was. The defaults belong to the number of the language and do not change under it.
    """
    content = protocol.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _in_order(findings: list[Finding], source: ProtocolSource) -> list[str]:
    placed = []
    for finding in findings:
        path = finding.path
        while path and path not in source.lines:
            path = path[:-1]
        placed.append((source.lines.get(path, 1), finding.sentence(source)))
    return list(dict.fromkeys(sentence for _, sentence in sorted(placed, key=lambda p: p[0])))
