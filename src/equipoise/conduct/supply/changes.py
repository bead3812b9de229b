"""What can change the ledger of kits: events of supply, and those of the infusions for which kits are given."""

from ..follow_up import infusions
from . import packing, preparation, quarantine, returns, shipments

OF_SUPPLY = frozenset(
    fact.__name__
    for chapter in (packing, shipments, quarantine, preparation, returns, infusions)
    for fact in chapter.CHAPTER.evolutions
)
"""Kinds of these events: between two of them every kit is where it was."""
