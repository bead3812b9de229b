"""What the front page of a finished trial says of serious events and of the reports that were due of them."""

from collections import Counter

from ...conduct.door.state import Trial
from ...conduct.safety.events import events_of, is_suspected_unexpected
from ...conduct.safety.watch import list_clocks
from ...protocol import Protocol
from ..language import Phrases
from .chinese import CHINESE


def tell_standing(protocol: Protocol, trial: Trial, language: str = "en") -> tuple[tuple[str, str], ...]:
    """Return label and text of each fact, counted over the whole record; none where no event was serious."""
    say = Phrases(language, CHINESE)
    serious = [
        is_suspected_unexpected(protocol, event, person.assessments.get(event.record))
        for person in trial.participants.values()
        for event in events_of(protocol, person)
        if event.serious
    ]
    if not serious or trial.at is None:
        return ()
    events = say("{n}, of them {m} suspected and unexpected", n=len(serious), m=sum(serious))
    standing = Counter(one.standing for one in list_clocks(protocol, trial, trial.at))
    clocks = ", ".join(f"{say(name)}: {standing[name]}" for name in ("met", "met late", "overdue", "lifted")
                       if standing[name])  # fmt: skip
    facts = ((say("Serious adverse events"), events), (say("Reports and their terms"), clocks))
    return facts if clocks else facts[:1]
