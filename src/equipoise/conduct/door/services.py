"""What decisions need from outside the record: the next slot of the list, and the site's table of identities."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...record.book import Turn
from ...record.event import Head
from .fact import Intent, Outcome
from .state import Trial

if TYPE_CHECKING:
    from ..enrolment.identities import Identities
    from ..quality.dictionary import Dictionary

Allocate = Callable[[Any, str, str, str], str]
"""Takes the next slot: (connection of the turn, stratum, participant, request key) -> randomisation number."""


@dataclass(frozen=True)
class Services:
    """What the caller of the door provides; None where the steps that need it are not used.

    prepare: asks the vault to draw and keep a slot for a participant (participant, levels of the factors, request
    key), where arms are drawn as participants come. witness: told the head of the record after each allocation, to
    keep it outside the database. dictionary: the dictionary of a hash, from the trial's folder.
    """

    allocate: Allocate | None = None
    prepare: Callable[[str, Mapping[str, str], str], None] | None = None
    identities: "Identities | None" = None
    witness: Callable[[Head], object] | None = None
    dictionary: "Callable[[str], Dictionary | None] | None" = None


Guard = Callable[[Turn, Services, Trial, Any, list[Outcome], str], list[Outcome]]
"""Runs inside the transaction, between decision and append; may complete the outcomes."""

Guards = dict[type[Intent], Guard]
