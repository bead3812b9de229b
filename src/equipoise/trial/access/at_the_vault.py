"""Who may ask the vault for what, by handler, and whether they hold that role: checked inside the vault's process.

A caller says who they are and in which role they ask. The vault's process does not believe it: it reads people,
roles and sites from the trial's record, by its own connection, and refuses a role that the person does not hold
today for the participant concerned. So neither a faulty command nor a stolen key of a door makes a monitor a
pharmacist. What is data is refused, too, once a lock has closed it.
"""

import hmac
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import msgspec

from ...conduct.closing.locks import ScopeHeld, ScopeReleased, TrialLocked, TrialUnlocked
from ...conduct.door.chapters import evolve
from ...conduct.door.fact import By
from ...conduct.door.roles import require_held
from ...conduct.door.scope import require_open
from ...conduct.door.state import Trial
from ...conduct.enrolment.screening import ParticipantScreened
from ...conduct.organisation.people import PersonEntered, RoleEnded, RoleGranted
from ...conduct.organisation.sites import SiteOpened
from ...errors import DecisionRefused
from ...record import Book, Stamp

if TYPE_CHECKING:
    from ...vault.service import Vault

PHARMACIST, MONITOR = "pharmacist", "unblinded monitor"
UNBLINDER, STATISTICIAN, CUSTODIAN = "safety unblinder", "safety board statistician", "list custodian"
RECORD = "record"

HANDLERS: Mapping[str, tuple[str, ...]] = {
    "announce": (CUSTODIAN, "sponsor"),
    "prepare_slot": ("investigator",),
    "prepare_dose": (PHARMACIST,),
    "show_preparation": (PHARMACIST, MONITOR),
    "enter_masked": ("investigator", "coordinator", "assessor", "laboratory", PHARMACIST),
    "enter_results": ("laboratory",),
    "break_code": ("investigator", UNBLINDER),
    "print_envelopes": (CUSTODIAN, "key holder", UNBLINDER, PHARMACIST),
    "report_envelope": ("investigator", UNBLINDER, PHARMACIST),
    "unblind_all": ("key holder", "sponsor"),
    "reconcile": (CUSTODIAN,),
    "pick_kit": (PHARMACIST,),
    "receive_lot": (PHARMACIST,),
    "pack_cartons": (PHARMACIST,),
    "show_packing": (PHARMACIST,),
    "record_preparation": (PHARMACIST,),
    "give_up_preparation": (PHARMACIST,),
    "find_lot": (PHARMACIST, MONITOR, UNBLINDER),
    "lot_accounts": (PHARMACIST, MONITOR),
    "check_stopping": ("medical monitor", UNBLINDER, "data manager", "sponsor", "administrator"),
    "show_stopping": (UNBLINDER, STATISTICIAN),
    "open_case": (UNBLINDER,),
    "record_report": (UNBLINDER,),
    "open_for_board": (STATISTICIAN,),
    "list_masked": (PHARMACIST, MONITOR, STATISTICIAN),
    "show_record": (PHARMACIST, MONITOR, UNBLINDER, STATISTICIAN, CUSTODIAN, "key holder"),
    "verify_accounts": (MONITOR,),
    "audit_list": (CUSTODIAN,),
}
"""Roles that may ask for each handler of the vault's two doors."""

ANYBODY = ("holders", "show_disclosed")
"""Handlers that name nobody who asks: who holds the key, and what was opened for everybody after the lock."""

_APART = ("stamp", "on", "password", "passphrases", "shares")
"""Arguments that have no part in what a request key stands for: who asks and when, and what is secret."""
_LOCKED = ("enter_masked",)
_PEOPLE = (PersonEntered, RoleGranted, RoleEnded, SiteOpened, ParticipantScreened)
_HOLDS = (ScopeHeld, ScopeReleased, TrialLocked, TrialUnlocked)
_KINDS = tuple(fact.__name__ for fact in (*_PEOPLE, *_HOLDS))


class Roster:
    """People, roles, sites and locks of a trial, as the vault itself reads them from the record."""

    def __init__(self, vault: "Vault") -> None:
        self._vault, self._trial = vault, Trial()
        self._line = threading.Lock()

    def require(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Raise DecisionRefused unless who asks for a handler may, holds the role today, and the data are open."""
        stamp: Stamp = arguments["stamp"]
        by = By(stamp.actor, stamp.role, stamp.at or datetime.now(UTC), stamp.zone)
        with self._line:
            trial = self._read()
            participant = trial.participants.get(_participant(arguments))
            site = arguments.get("site") if participant is None else participant.site
            require_may_ask_vault(trial, by, name, site)
            _require_of_site(trial, arguments.get("participants", ()), site)
            if name in _LOCKED and participant is not None:
                place = {what: arguments.get(what) or None for what in ("visit", "form")}
                require_open(trial, participant, **place, role=stamp.role)

    def _read(self) -> Trial:
        with self._vault.reading() as connection:
            for event in Book(connection, RECORD).read(after=self._trial.sequence, kinds=_KINDS):
                evolve(self._trial, event)
        return self._trial


def stamp_of(by: By, request: str, *, rehearsed: bool) -> Stamp:
    """Return the stamp by which the vault records a step; in a live trial the database tells the time."""
    return Stamp(by.person, by.role, by.zone, request, by.at if rehearsed else None)


def require_may_ask_vault(trial: Trial, by: By, name: str, site: str | None) -> None:
    """Raise DecisionRefused unless the role may ask for a handler, and who asks holds it for this site today."""
    if by.role not in HANDLERS[name]:
        raise DecisionRefused(
            f"only {' or '.join(HANDLERS[name])} may ask this of the vault ({_in_words(name)}). Got {by.role}"
        )
    require_held(trial, by, site, _in_words(name))


def guarded(vault: "Vault", handlers: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Give the handlers, each behind the check of who asks; KeyError for one that `HANDLERS` does not name."""
    roster = Roster(vault)

    def guard(name: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        if name in ANYBODY:
            return handler
        _ = HANDLERS[name]

        @wraps(handler)
        def answer(**arguments: Any) -> Any:
            roster.require(name, arguments)
            asked = hash_asked(bytes(vault.key), name, arguments)
            stamp = msgspec.structs.replace(arguments["stamp"], asked=asked)
            return handler(**arguments | {"stamp": stamp})

        return answer

    return {name: guard(name, handler) for name, handler in handlers.items()}


def hash_asked(key: bytes, name: str, arguments: Mapping[str, Any]) -> bytes:
    """Return the hash of what a step asks of the vault, which its request key stands for from then on.

    It is keyed by the vault's own key, since an argument may tell an arm and could be guessed. Secrets have no
    part in it, nor has what a repeated step finds anew (`_APART`).
    """
    said = {what: value for what, value in arguments.items() if what not in _APART}
    request = arguments["stamp"].request
    return hmac.digest(key, msgspec.json.encode(["asked", request, name, said], order="deterministic"), "sha256")


def _require_of_site(trial: Trial, participants: Iterable[str], site: str | None) -> None:
    """Refuse to do for a site what concerns a participant of another."""
    for who in participants:
        if who in trial.participants and trial.participants[who].site != site:
            raise DecisionRefused(f"this is done for participants of site {site} only. Got {who}")


def _participant(arguments: Mapping[str, Any]) -> str:
    """Return whom a step of the vault concerns: named, or the one of its order; empty where nobody."""
    order = arguments.get("order")
    if isinstance(order, str):
        return order.partition("/")[0]
    return str(arguments.get("participant") or getattr(order, "participant", ""))


def _in_words(name: str) -> str:
    return name.replace("_", " ")
