"""The plan of a trial: one YAML file, read into frozen objects."""

from .expression import names_in, parse_expression
from .model import Protocol
from .quantity import Quantity
from .read import locate_protocol, parse_protocol, protocol_version, read_protocol, shipped_protocols

__all__ = [
    "Protocol",
    "Quantity",
    "locate_protocol",
    "names_in",
    "parse_expression",
    "parse_protocol",
    "protocol_version",
    "read_protocol",
    "shipped_protocols",
]
