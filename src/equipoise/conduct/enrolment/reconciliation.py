"""The list after a restore: which places were given up, as the blinded side knows it (ICH E6(R3) 4.3.3(c-d)).

A restored database does not know what was given out since its backup. Two persons vouch for the highest position
of each stratum; the vault gives up the places up to there, and here it is put on record how many, so that the
places left are counted right. It says nothing of any arm.
"""

from ...errors import DecisionRefused
from ...record.event import Event
from ..door.chapter import Chapter
from ..door.fact import Fact, Intent, Outcome, Setting
from ..door.state import Trial
from .allocation import places_left, warn_of_few


class ListReconciled(Fact, frozen=True):
    """After a restore the list was reconciled: places given up by stratum, and who vouched for the positions."""

    given_up: dict[str, int]
    signers: tuple[str, str]

    def tell(self) -> str:
        """Say how many places were lost."""
        lost = "; ".join(f"{stratum}: {count}" for stratum, count in self.given_up.items())
        return (
            f"after a restore {self.signers[0]} and {self.signers[1]} vouched for the positions of the list; "
            f"places given up: {lost or 'none'}"
        )


class ReportReconciliation(Intent, frozen=True):
    """Make known what the vault has given up; `equipoise reconcile` does both."""

    given_up: dict[str, int]
    signers: tuple[str, str]
    reason: str


def _report(setting: Setting, trial: Trial, intent: ReportReconciliation) -> list[Outcome]:
    first, second = (name.strip() for name in intent.signers)
    if not (first and second and intent.reason.strip()) or first.casefold() == second.casefold():
        raise DecisionRefused(
            "two different persons sign the witnessed positions, and give the reason. "
            f"Got {' and '.join(filter(None, (first, second))) or 'nobody'}"
        )
    warnings = []
    for stratum, count in intent.given_up.items():
        if stratum not in trial.places:
            raise DecisionRefused(
                "the list that was announced has no stratum of this name; check the name, or announce the list "
                f"first. Got {stratum}"
            )
        left = places_left(trial, stratum)
        if not 0 <= count <= left:
            raise DecisionRefused(
                f"of stratum {stratum} 0 to {left} places can have been given up; verify the trial. Got {count}"
            )
        if count:
            untouched = left == trial.places[stratum]
            warnings += warn_of_few(setting.protocol, stratum, before=left, left=left - count, first=untouched)
    given_up = {stratum: count for stratum, count in intent.given_up.items() if count}
    fact = ListReconciled(given_up=given_up, signers=(first, second))
    return [Outcome(fact, reason=intent.reason), *warnings]


def _reconciled(trial: Trial, _: Event, fact: ListReconciled) -> None:
    for stratum, count in fact.given_up.items():
        trial.given_up[stratum] = trial.given_up.get(stratum, 0) + count


CHAPTER = Chapter(
    decisions={ReportReconciliation: _report},
    evolutions={ListReconciled: _reconciled},
    roles={ReportReconciliation: ("list custodian",)},
)
