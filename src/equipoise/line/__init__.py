"""What the blinded side knows of the vault: how it is called, and that it gives out the next place of the list.

Nothing here can open anything. Whoever may know no arm imports this package, and never `equipoise.vault`.
"""

from .client import UNREACHABLE, Answer, Ask, Door, Doors, VaultClient, is_answering
from .next_slot import Places, read_places, take_next_slot, witness_places

__all__ = [
    "UNREACHABLE",
    "Answer",
    "Ask",
    "Door",
    "Doors",
    "Places",
    "VaultClient",
    "is_answering",
    "read_places",
    "take_next_slot",
    "witness_places",
]
