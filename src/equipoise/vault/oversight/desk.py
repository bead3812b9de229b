"""What people on the unblinded side look through: the vault's own record, masked values, accounts, the list.

The audit of the list tells whether it is the one that protocol and seed lead to, and nothing of an arm: the two
custodians bring their shares, the vault makes the list again and compares every slot (ICH E6(R3) 4.3.4).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from ...errors import DecisionRefused
from ...record import Stamp
from .. import events
from ..adaptive import audit_draws
from ..ceremony.boxes import seal
from ..ceremony.schedule import audit_boxes, audit_schedule
from ..ceremony.shares import join_shares, read_share
from ..service import Vault
from ..slots import read_slots

SITE = "site="
MAY: Mapping[str, tuple[str, ...]] = {
    "see who has masked values": ("pharmacist", "unblinded monitor", "safety board statistician"),
    "read the vault's own record": (
        *("pharmacist", "unblinded monitor", "safety unblinder", "safety board statistician"),
        *("list custodian", "key holder"),
    ),
    "sign the accounts as verified": ("unblinded monitor",),
    "audit the sealed list": ("list custodian",),
}


class MaskedPlace(msgspec.Struct, frozen=True):
    """Where a masked value stands, who entered it last and when; the value itself is not told."""

    participant: str
    visit: str
    form: str
    item: str
    actor: str
    at: datetime


class Entry(msgspec.Struct, frozen=True):
    """An event of the vault's own record without its content: who made the vault do what, when and why."""

    sequence: int
    at: datetime
    actor: str
    role: str
    kind: str
    participant: str | None
    reason: str | None


class OversightDesk:
    """What one vault shows to who oversees it."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def list_masked(self, stamp: Stamp) -> list[MaskedPlace]:
        """List the masked values that are there, in the order of their first entry."""
        self._vault.require_role(stamp, "see who has masked values", MAY)
        with self._vault.turn(stamp):
            return [MaskedPlace(*place, one.actor, one.at) for place, one in self._vault.masked.items()]

    def show_record(self, stamp: Stamp, after: int = 0) -> list[Entry]:
        """Show the vault's own record, or what came after an event; what it holds of arms stays sealed."""
        self._vault.require_role(stamp, "read the vault's own record", MAY)
        with self._vault.turn(stamp):
            return [
                Entry(one.sequence, one.at, one.actor, one.role, one.kind, one.participant, one.reason)
                for one in self._vault.book.read(after=after)
            ]

    def verify_accounts(self, stamp: Stamp, note: str) -> None:
        """Keep that the unblinded monitor has verified kits, lots and preparations; `note` says what was found."""
        self._vault.require_role(stamp, "sign the accounts as verified", MAY)
        if not note.strip():
            raise DecisionRefused("say what was verified and found; the vault keeps it. Got no note")
        with self._vault.turn(stamp) as turn:
            if not turn.answered:
                sealed = seal(note, self._vault.key.public_key, blocks=None)
                turn.append(stamp, [events.draft_of(events.AccountsVerified(sealed=sealed))])

    def audit_list(self, stamp: Stamp, shares: Sequence[str]) -> list[str]:
        """Make the list again from the joined shares, as typed, and compare every slot; one finding a difference.

        Raises DataError for shares that are mistyped or not the two of one ceremony.
        """
        vault = self._vault
        vault.require_role(stamp, "audit the sealed list", MAY)
        if len(shares) != 2:
            raise DecisionRefused(f"the audit needs the shares of both custodians. Got {len(shares)}")
        seed = join_shares(*map(read_share, shares))
        with vault.turn(stamp) as turn:
            slots = read_slots(turn.connection)
            if vault.ceremony.seed_box is None:
                found = audit_schedule(slots, vault.protocol, seed, levels=_levels(vault.ceremony.places))
            else:
                found = audit_draws(vault.draws_so_far, vault.protocol, vault.ceremony.protocol, seed)
            found += audit_boxes(slots, vault.key)
            vault.write_once(turn, stamp, events.ListAudited(slots=len(slots), findings=len(found)), None)
            return found


def _levels(places: Mapping[str, int]) -> Mapping[str, Sequence[str]] | None:
    """Return the sites of the list as it was sealed, for they do not stand in the protocol."""
    levels = (level for stratum in places for level in stratum.split("; ") if level.startswith(SITE))
    sites = tuple(dict.fromkeys(level.removeprefix(SITE) for level in levels))
    return {"site": sites} if sites else None
