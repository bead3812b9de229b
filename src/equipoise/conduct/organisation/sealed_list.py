"""The sealed randomisation list as the blinded side knows it: its hash and the places of each stratum."""

from collections.abc import Mapping

from ...errors import DecisionRefused
from ...protocol import Protocol
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Trial

EVERYBODY = "all participants"
"""The one stratum of a list that is not stratified, by the name it has in the schedule."""


class ScheduleSealed(Fact, frozen=True):
    """The list was made and sealed: method and generator, the hash over all its commitments, places by stratum."""

    list_hash: str
    public_key: str
    method: str
    generator: str
    places: dict[str, int]

    def tell(self) -> str:
        """Name the list by its hash."""
        return (
            f"the randomisation list was sealed ({sum(self.places.values())} places, hash {self.list_hash[:12]})"
        )


class AnnounceSchedule(Intent, frozen=True):
    """Make known that the vault has sealed a list."""

    list_hash: str
    public_key: str
    method: str
    generator: str
    places: dict[str, int]


def list_factors(protocol: Protocol) -> tuple[str, ...]:
    """Return the factors by which the list is divided: the strata of the protocol, none under minimisation.

    Minimisation balances its factors by drawing each arm as participants come; its places are one list.
    """
    plan = protocol.randomisation
    return () if plan is None or plan.method == "minimisation" else plan.strata


def stratum_name(levels: Mapping[str, str]) -> str:
    """Return the name that a stratum has in the schedule: `site=01; sex=F`, or `all participants`."""
    return "; ".join(f"{factor}={level}" for factor, level in levels.items()) or EVERYBODY


def largest_block(protocol: Protocol) -> int:
    """Return the most places that a block of the list has; without blocks, those of one round of the arms."""
    plan = protocol.randomisation
    sizes = plan.block_sizes if plan is not None else ()
    return max(sizes, default=sum(arm.ratio for arm in protocol.arms.values()))


def _announce(setting: Setting, trial: Trial, intent: AnnounceSchedule) -> list[Outcome]:
    if trial.list_hash is not None:
        raise DecisionRefused(
            f"the randomisation list was announced before (hash {trial.list_hash[:12]}); a trial has one list"
        )
    if not (intent.list_hash and intent.public_key and intent.method and intent.generator):
        raise DecisionRefused("a sealed list is announced with its hash, public key, method and generator")
    factors = list_factors(setting.protocol)
    for stratum, places in intent.places.items():
        if not _is_stratum(stratum, factors):
            wanted = stratum_name(dict.fromkeys(factors, "..."))
            raise DecisionRefused(f"a stratum of this trial's list is named as in `{wanted}`. Got {stratum}")
        if places < 1:
            raise DecisionRefused(f"stratum {stratum} needs one place or more. Got {places}")
    if not intent.places:
        raise DecisionRefused("a sealed list is announced with the number of places of each stratum")
    return [
        Outcome(
            ScheduleSealed(
                list_hash=intent.list_hash,
                public_key=intent.public_key,
                method=intent.method,
                generator=intent.generator,
                places=dict(intent.places),
            )
        )
    ]


def _is_stratum(name: str, factors: tuple[str, ...]) -> bool:
    if not factors:
        return name == EVERYBODY
    parts = name.split("; ")
    return len(parts) == len(factors) and all(
        part.startswith(f"{factor}=") and part != f"{factor}=" for part, factor in zip(parts, factors, strict=True)
    )


def _sealed(trial: Trial, _: Event, fact: ScheduleSealed) -> None:
    trial.places = dict(fact.places)
    trial.list_hash = fact.list_hash


CHAPTER = Chapter(
    decisions={AnnounceSchedule: _announce},
    evolutions={ScheduleSealed: _sealed},
    roles={AnnounceSchedule: ("list custodian", "sponsor")},
)
