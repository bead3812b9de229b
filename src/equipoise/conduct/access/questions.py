"""Who may look at what on the blinded side, as data: the questions to a trial, and the roles that may ask them.

Pages and commands ask here before they show anything. A role reaches what it was granted for: at one site what
concerns this site, at all sites everything (ICH E6(R3) 4.3.8). The answers are those of the blinded record, the
same whatever the arm; what tells an arm is asked of the vault, which has a table of its own
(`trial/access/at_the_vault.py`).
"""

from collections.abc import Mapping
from typing import Literal

from ...errors import DecisionRefused
from ..door.fact import By
from ..door.state import Trial
from ..enrolment.identities import READERS
from ..organisation.people import is_held_at

Question = Literal[
    "identities",
    "trail",
    "forms",
    "completeness",
    "queries",
    "harm",
    "board",
    "stock",
    "signatures",
    "checklist",
    "access",
]

SITE = ("coordinator", "investigator", "nurse")
OVERSIGHT = ("data manager", "medical monitor", "trial statistician", "auditor", "sponsor")

QUESTIONS: Mapping[Question, tuple[str, ...]] = {
    "identities": READERS,
    "trail": ("coordinator", "investigator", "nurse", "monitor", *OVERSIGHT),
    "forms": ("coordinator", "investigator", "nurse", "assessor", "laboratory", "monitor", *OVERSIGHT),
    "completeness": (*SITE, "assessor", "laboratory", "monitor", *OVERSIGHT),
    "queries": ("coordinator", "investigator", "monitor", *OVERSIGHT),
    "harm": (
        *("coordinator", "investigator", "monitor", *OVERSIGHT),
        *("safety unblinder", "safety board", "safety board statistician"),
    ),
    "board": (*OVERSIGHT, "safety board", "safety board statistician"),
    "stock": (*SITE, "pharmacist", "monitor", "unblinded monitor", "data manager", "auditor", "sponsor"),
    "signatures": ("coordinator", "investigator", "monitor", *OVERSIGHT),
    "checklist": ("data manager", "medical monitor", "trial statistician", "auditor", "sponsor"),
    "access": ("administrator", "sponsor", "auditor"),
}
"""The roles that may ask each question."""

OF_THE_WHOLE: frozenset[Question] = frozenset({"board"})
"""Questions whose answer cannot be cut down to a site: for who holds the role at all sites."""

MEANINGS: Mapping[Question, str] = {
    "identities": "who a participant is",
    "trail": "the audit trail",
    "forms": "what stands on the forms",
    "completeness": "what is filled in, due and missing",
    "queries": "queries, verification, reviews, coding and second entries that are open",
    "harm": "adverse events, clocks, blinded reports of cases",
    "board": "the open report for the safety board",
    "stock": "kits: where they are and what became of them; their labels",
    "signatures": "which data bear a signature",
    "checklist": "what is open before the lock",
    "access": "who holds which role, and when they last did something",
}
"""What each question shows, in words."""


def require_may_ask(trial: Trial, by: By, question: Question, site: str | None = None) -> None:
    """Raise DecisionRefused unless who asks may see the answer, for a site or (None) for any part of the trial.

    What concerns the trial as a whole is shown to nobody who holds the role at some sites only.
    """
    roles = QUESTIONS[question]
    if by.role not in roles:
        raise DecisionRefused(
            f"{MEANINGS[question]}: this is shown to {', '.join(sorted(roles))}. Got {by.role or 'no role'}"
        )
    if by.person not in trial.people:
        raise DecisionRefused(f"nobody is entered in this trial as {by.person}; ask the administrator")
    reach = sites_within(trial, by)
    whole = question in OF_THE_WHOLE
    if reach is not None and (whole or (site not in reach if site is not None else not reach)):
        where = "at all sites" if whole else "today" if site is None else f"at site {site} today"
        raise DecisionRefused(
            f"{trial.people[by.person].name} is not {by.role} {where}; ask the administrator or the sponsor. "
            f"Got {by.person}"
        )


def sites_within(trial: Trial, by: By) -> frozenset[str] | None:
    """Return the sites for which a person holds a role at the time of asking; None for all of them."""
    known = trial.people.get(by.person)
    held = [
        grant.site
        for grant in (known.grants if known is not None else ())
        if grant.role == by.role and is_held_at(trial, grant, by.at)
    ]
    return None if None in held else frozenset(site for site in held if site is not None)
