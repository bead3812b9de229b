"""Checks of a protocol that look across its sections; each returns findings, none raises."""

from collections.abc import Callable, Iterator

from ..finding import Finding
from ..model import Protocol
from .derivations import check_derivations, check_double_entry
from .design import check_design
from .endpoints import check_endpoints
from .expressions import check_expressions
from .models import check_models
from .plan import check_plan
from .provenance import check_provenance
from .references import check_references
from .safety import check_safety
from .schedule import check_schedule
from .units import check_units

Check = Callable[[Protocol], Iterator[Finding]]

LOCAL_CHECKS: tuple[Check, ...] = (
    check_references,
    check_units,
    check_expressions,
    check_derivations,
    check_double_entry,
    check_schedule,
    check_safety,
)
"""Checks whose findings concern what stands in the file, never what is missing from it."""

CHECKS: tuple[Check, ...] = (
    *LOCAL_CHECKS,
    check_design,
    check_endpoints,
    check_models,
    check_plan,
    check_provenance,
)

__all__ = ["CHECKS", "LOCAL_CHECKS"]
