"""What decisions need from outside the record: the next slot of the list, and the site's table of identities."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from ...record.book import Turn
from ...record.event import Head
from .fact import Intent, Outcome
from .state import Scalar, Trial

if TYPE_CHECKING:
    from ..enrolment.identities import Identities
    from ..quality.dictionary import Dictionary

Allocate = Callable[[Any, str, str, str], str]
"""Takes the next slot: (connection of the turn, stratum, participant, request key) -> randomisation number."""


class MaskedResult(msgspec.Struct, frozen=True, kw_only=True):
    """A result of a laboratory that only the vault keeps."""

    participant: str
    visit: str
    form: str
    item: str
    value: Scalar


KeepMasked = Callable[[tuple[MaskedResult, ...], str, str], None]
"""Hands results to the vault: (results, hash of the import's content, request key)."""


@dataclass(frozen=True)
class Services:
    """What the caller of the door provides; None where the steps that need it are not used.

    prepare: asks the vault to draw and keep a slot for a participant (participant, levels of the factors, request
    key), where arms are drawn as participants come. witness: told the head of the record after each event that the
    door names as WITNESSED, to keep it outside the database. dictionary: the dictionary of a hash, from the
    folder of the trial. keep_masked: hands the results of an import that only the vault may keep to the vault.
    """

    allocate: Allocate | None = None
    prepare: Callable[[str, Mapping[str, str], str], None] | None = None
    identities: "Identities | None" = None
    witness: Callable[[Head], object] | None = None
    dictionary: "Callable[[str], Dictionary | None] | None" = None
    keep_masked: KeepMasked | None = None


Guard = Callable[[Turn, Services, Trial, Any, list[Outcome], str], list[Outcome]]
"""Runs inside the transaction, between decision and append; may complete the outcomes."""

Guards = dict[type[Intent], Guard]
