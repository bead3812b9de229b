"""The plan of a trial: one YAML file, read into frozen objects."""

from .amendment import Change, compare_protocols
from .expression import names_in, parse_expression
from .model import Protocol
from .quantity import Quantity
from .read import locate_protocol, parse_protocol, protocol_version, read_protocol, shipped_protocols
from .schema import protocol_schema
from .summary import describe_protocol, untranslated_labels

__all__ = [
    "Change",
    "Protocol",
    "Quantity",
    "compare_protocols",
    "describe_protocol",
    "locate_protocol",
    "names_in",
    "parse_expression",
    "parse_protocol",
    "protocol_schema",
    "protocol_version",
    "read_protocol",
    "shipped_protocols",
    "untranslated_labels",
]
