"""The ceremony in the trial's database: the list is made and sealed, its shares and its key go to four people.

Afterwards the blinded side knows the numbers of the list and how many places each stratum has; whoever joins both
custodians' shares can make the list again; whoever joins both holders' passphrases can open it. Nobody alone can
do either.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from nacl.utils import random as random_bytes

from ..conduct.closing.unblinding import HOLDER
from ..conduct.door.dates import today_at
from ..conduct.door.fact import By
from ..conduct.door.roles import require_held
from ..conduct.organisation.people import holds_role
from ..conduct.organisation.sealed_list import AnnounceSchedule
from ..errors import DataError, DecisionRefused
from ..vault.ceremony.holders import Cost, write_key
from ..vault.ceremony.schedule import hold_ceremony
from ..vault.ceremony.shares import Share
from ..vault.schema import install_schedule
from .running import RunningTrial


def seal_list(
    running: RunningTrial,
    custodian: str,
    passphrases: Sequence[tuple[str, str]],
    *,
    at: datetime | None = None,
    cost: Cost = "moderate",
    random: Callable[[int], bytes] = random_bytes,
) -> tuple[Share, Share]:
    """Hold the ceremony: seal the list, keep the wrapped key, announce the list; return the custodians' shares.

    The sites of the trial are levels of the stratum `site`; a site that joins later needs a list of its own.
    custodian: who announces it. passphrases: name and passphrase of the two holders. `random` of one's own makes a
    rehearsal repeatable. Raises DataError where the trial has a list already, DecisionRefused where one of the
    three lacks the role, before anything is stored, and what the steps raise.
    """
    folder = running.folder
    by = By(custodian, "list custodian", at or datetime.now(UTC))
    require_held(running.door.refresh(), by, None, "seal the list")
    if folder.vault_key.exists():
        raise DataError(f"this trial has a sealed list already, which is never replaced. Got {folder.vault_key}")
    _require_holders(running, [name for name, _ in passphrases], by)
    held = hold_ceremony(running.protocol, passphrases, levels=_levels(running), cost=cost, random=random)
    sealed = held.sealed
    announcement = AnnounceSchedule(
        list_hash=sealed.numbers_hash,
        public_key=sealed.public_key.hex(),
        method=sealed.method,
        generator=sealed.generator,
        places=sealed.places,
    )
    running.door.require_allowed(announcement, by)  # before anything is stored that cannot be taken back
    with running.server.connect("owner") as owner:
        install_schedule(owner, sealed)
    folder.vault_key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.vault_key.write_text(write_key(held.wrapped), encoding="utf-8")
    running.door.submit(announcement, by, "seal the list")
    return held.shares


def _require_holders(running: RunningTrial, names: Sequence[str], by: By) -> None:
    """Refuse holders without their role: what they open together the record would refuse to call unblinded."""
    trial = running.door.refresh()
    today = today_at(trial, by)
    for name in names:
        if not holds_role(trial, name, HOLDER, None, today):
            raise DecisionRefused(
                f"each holder of the key must have the role {HOLDER}; let it be granted. Got {name}"
            )


def _levels(running: RunningTrial) -> Mapping[str, Sequence[str]] | None:
    plan = running.protocol.randomisation
    if plan is None or "site" not in plan.strata:
        return None
    if not running.door.trial.sites:
        raise DataError("the list is stratified by site; let the sites join the trial before the list is sealed")
    return {"site": tuple(sorted(running.door.trial.sites))}
