"""Returns and destruction: every kit is accounted for, one by one (ICH E6(R3) 3.15.3).

What goes back is what can no longer be used: kits set aside, empty ones, and those of cartons in quarantine or
past their date. Stock that can still be used stays until its site is closed.
"""

from datetime import date

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.dates import today_at
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Trial
from ..organisation.sites import require_site
from .ledger import MISSING, is_usable, kit_state, waits_for_its_bag


class KitsReturned(Fact, frozen=True, kw_only=True):
    """Kits went back from a site to the depot."""

    kits: tuple[str, ...]

    def tell(self) -> str:
        """Give the number of kits."""
        return f"{len(self.kits)} kits were returned"


class KitsDestroyed(Fact, frozen=True, kw_only=True):
    """Kits were destroyed, before a witness."""

    kits: tuple[str, ...]
    witness: str

    def tell(self) -> str:
        """Give the number of kits."""
        return f"{len(self.kits)} kits were destroyed before {self.witness}"


class ReturnKits(Intent, frozen=True, kw_only=True):
    """Send kits back to the depot that are no longer used at a site."""

    site: str
    kits: tuple[str, ...]


class DestroyKits(Intent, frozen=True, kw_only=True):
    """Destroy kits that are no longer used; `witness` is another person of the trial who saw it."""

    kits: tuple[str, ...]
    witness: str
    reason: str


def returnable(trial: Trial, site: str, today: date) -> list[str]:
    """Return the kits at a site that can go back today, by number."""
    known = trial.sites.get(site)
    closed = known is not None and known.closed_on is not None and known.closed_on <= today
    return [
        kit
        for kit, number in sorted(trial.kits.items())
        if trial.cartons[number].site == site
        and not _is_away(trial, kit)
        and (_is_spent(trial, kit, today) or closed)
        and not _is_in_use(trial, kit)
    ]


def _return(setting: Setting, trial: Trial, intent: ReturnKits) -> list[Outcome]:
    site = require_site(trial, intent.site)
    today = today_at(trial, setting.by, intent.site)
    closed = site.closed_on is not None and site.closed_on <= today
    _require_spent(setting, trial, intent.kits, closed=closed)
    for kit in intent.kits:
        if trial.cartons[trial.kits[kit]].site != intent.site or _is_away(trial, kit):
            raise DecisionRefused(f"this kit is not at site {intent.site}; count again. Got {kit}")
    return [Outcome(KitsReturned(kits=tuple(dict.fromkeys(intent.kits))))]


def _destroy(setting: Setting, trial: Trial, intent: DestroyKits) -> list[Outcome]:
    if intent.witness == setting.by.person or intent.witness not in trial.people:
        raise DecisionRefused(
            "destruction is witnessed by another person who works on the trial; name that person. "
            f"Got {intent.witness or 'nobody'}"
        )
    if not intent.reason.strip():
        raise DecisionRefused("say why the kits are destroyed. Got no reason")
    _require_spent(setting, trial, intent.kits, closed=False)
    for kit in intent.kits:
        state = kit_state(trial, kit)
        if state in ("destroyed", MISSING) or state.startswith("on the way"):
            raise DecisionRefused(f"a kit that is {state} cannot be destroyed; count again. Got {kit}")
    return [
        Outcome(
            KitsDestroyed(kits=tuple(dict.fromkeys(intent.kits)), witness=intent.witness), reason=intent.reason
        )
    ]


def _require_spent(setting: Setting, trial: Trial, kits: tuple[str, ...], *, closed: bool) -> None:
    """Refuse kits that nobody knows, and those that can still be used, unless their site was closed."""
    if not kits:
        raise DecisionRefused("name the kits by the numbers on them. Got none")
    if unknown := [kit for kit in kits if kit not in trial.kits]:
        raise DecisionRefused(f"no kit has this number; read it again. Got {unknown[0]}")
    for kit in kits:
        carton = trial.cartons[trial.kits[kit]]
        if not closed and not _is_spent(trial, kit, today_at(trial, setting.by, carton.site)):
            raise DecisionRefused(
                f"this kit can still be used; put its carton into quarantine first if it must not be. Got {kit}"
            )
        if _is_in_use(trial, kit):
            raise DecisionRefused(f"this kit is named for order {carton.order} and still in use. Got {kit}")


def _is_away(trial: Trial, kit: str) -> bool:
    carton = trial.cartons[trial.kits[kit]]
    return carton.gone.get(kit) in ("returned", "destroyed", MISSING) or carton.place == "on the way"


def _is_spent(trial: Trial, kit: str, today: date) -> bool:
    carton = trial.cartons[trial.kits[kit]]
    return kit in carton.gone or not is_usable(carton, today)


def _is_in_use(trial: Trial, kit: str) -> bool:
    """Whether a kit is named for an order that waits for its bag."""
    carton = trial.cartons[trial.kits[kit]]
    if kit in carton.gone or carton.kit != kit or carton.order is None:
        return False
    return waits_for_its_bag(trial, carton.order)


def _returned(trial: Trial, _: Event, fact: KitsReturned) -> None:
    for kit in fact.kits:
        _book(trial, kit, "returned")


def _destroyed(trial: Trial, _: Event, fact: KitsDestroyed) -> None:
    for kit in fact.kits:
        _book(trial, kit, "destroyed")


def _book(trial: Trial, kit: str, state: str) -> None:
    """Write down what became of a kit; a carton that has lost one is never used again."""
    trial.cartons[trial.kits[kit]].gone[kit] = state


CHAPTER = Chapter(
    decisions={ReturnKits: _return, DestroyKits: _destroy},
    evolutions={KitsReturned: _returned, KitsDestroyed: _destroyed},
    roles={ReturnKits: ("pharmacist", "nurse", "coordinator"), DestroyKits: ("pharmacist",)},
)
