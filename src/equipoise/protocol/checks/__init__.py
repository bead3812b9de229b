"""Checks of a protocol that look across its sections; each returns findings, none raises."""

from collections.abc import Callable, Iterator

from ..finding import Finding
from ..model import Protocol
from .design import check_design
from .endpoints import check_endpoints
from .expressions import check_expressions
from .provenance import check_provenance
from .references import check_references
from .schedule import check_schedule
from .units import check_units

CHECKS: tuple[Callable[[Protocol], Iterator[Finding]], ...] = (
    check_references,
    check_units,
    check_expressions,
    check_schedule,
    check_design,
    check_endpoints,
    check_provenance,
)

__all__ = ["CHECKS"]
