"""What a new version of a dictionary does to the terms coded so far, before it is loaded."""

from typing import Literal

import msgspec

from ..door.state import Trial
from .coding import coding_of
from .dictionary import Dictionary

Effect = Literal["same", "changed", "gone"]


class Revised(msgspec.Struct, frozen=True, kw_only=True):
    """A coded term under a new version: its meaning is the same, has changed, or the term is gone."""

    participant: str
    record: str
    term: str
    effect: Effect
    before: str
    after: str


def compare_codings(trial: Trial, kind: str, new: Dictionary) -> list[Revised]:
    """Return what becomes of each term that is coded with the dictionary in force, by participant."""
    loaded = trial.dictionaries.get(kind)
    found = []
    for participant in trial.participants.values():
        for record, items in participant.codings.items():
            for item in items:
                coding = coding_of(participant, record, item)
                if loaded is None or coding is None or coding.dictionary != loaded.hash:
                    continue
                match = new.find(coding.chosen if coding.how == "by hand" else coding.term)
                before = _meaning(coding.decoded, coding.body_system)
                after = "" if match is None else _meaning(match[0].decoded, match[0].body_system)
                one = Revised(
                    participant=participant.id,
                    record=record,
                    term=coding.term,
                    effect="gone" if match is None else "same" if after == before else "changed",
                    before=before,
                    after=after,
                )
                found.append(one)
    return found


def _meaning(decoded: str, body_system: str) -> str:
    return f"{decoded} ({body_system})" if body_system else decoded
