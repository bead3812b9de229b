"""The results of an imported file that only the vault may keep: all of them in one turn, each sealed.

They count once the trial's record says that their file was imported: a crash between both records leaves them
without force, and the import that is repeated under the same key gives them force, once. Nothing is compared with
what is kept, and no answer hangs on it: whoever could learn that a value is the one they guessed would know it.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from ...errors import DecisionRefused
from ...record import Stamp
from ..ceremony.boxes import seal
from ..events import MaskedValueEntered, draft_of
from ..service import Vault
from ..slots import open_participant


class SentResult(msgspec.Struct, frozen=True, kw_only=True):
    """A result of a masked item, as the file gave it in the unit of the item."""

    participant: str
    visit: str
    form: str
    item: str
    value: Any


class LaboratoryDesk:
    """Takes in what laboratories send, for one vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def enter_results(self, stamp: Stamp, imported: str, file: str, results: Sequence[SentResult]) -> None:
        """Keep the masked results of a file, once a request; `imported` is the hash of its content.

        Raises `DecisionRefused` for an item that is not masked and a participant without a number; then nothing is
        kept.
        """
        vault, masked = self._vault, self._vault.protocol.blinding.masked_after_randomisation
        with vault.turn(stamp) as turn:
            if turn.answered:
                return
            for who in dict.fromkeys(one.participant for one in results):
                open_participant(turn.connection, vault.key, who)
            drafts = []
            for one in results:
                if one.item not in masked:
                    raise DecisionRefused(f"this item is not masked; enter it on its form. Got {one.item}")
                said = MaskedValueEntered(
                    visit=one.visit,
                    form=one.form,
                    item=one.item,
                    sealed=seal(one.value, vault.key.public_key, blocks=None),
                    imported=imported,
                )
                drafts.append(draft_of(said, one.participant, f"sent by the laboratory in {file}"))
            turn.append(stamp, drafts)
