"""Several versions of a protocol as one: the newest, with the forms, items and visits that only an older one has.

While participants are on several versions, the record holds what any of them asks for. Whoever writes all of it
down reads it by all of them: a thing means what the newest version that has it says.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeVar

from ...protocol import Protocol
from ...protocol.model import Form
from ..door.state import Participant, Trial

_T = TypeVar("_T")


def join_versions(versions: Sequence[Protocol]) -> Protocol:
    """Return versions, in the order of their issue, as one protocol; the newest itself if it has everything."""
    joined = versions[-1]
    for older in reversed(versions[:-1]):
        joined = _with_older(joined, older)
    return joined


def read_by(
    protocol: Protocol, trial: Trial, versions: Mapping[str, Protocol] | None = None
) -> Callable[[Participant], Protocol]:
    """Give the protocol by which a participant's records are read: their version, with what only older ones had.

    versions: every version by its hash; `protocol` counts where that of a participant is not among them.
    """
    known = versions or {}
    issued = [name for name in trial.versions if name in known]

    @cache
    def version(name: str) -> Protocol:
        if name not in issued:
            return protocol
        return join_versions([known[one] for one in issued[: issued.index(name) + 1]])

    return lambda participant: version(participant.protocol)


def _with_older(newer: Protocol, older: Protocol) -> Protocol:
    schedule, blinding = newer.schedule, newer.blinding
    visits = {**schedule.visits, **_only_in(older.schedule.visits, schedule.visits)}
    hidden = (*blinding.masked_after_randomisation, *older.blinding.masked_after_randomisation)
    forms = {name: _with_items(form, older.forms.get(name)) for name, form in newer.forms.items()}
    changed = {
        "forms": {**forms, **_only_in(older.forms, forms)},
        "schedule": schedule.model_copy(
            update={
                "visits": dict(sorted(visits.items(), key=lambda one: one[1].target)),
                "activities": {
                    **schedule.activities,
                    **_only_in(older.schedule.activities, schedule.activities),
                },
                "at_any_time": tuple(dict.fromkeys((*schedule.at_any_time, *older.schedule.at_any_time))),
            }
        ),
        "blinding": blinding.model_copy(update={"masked_after_randomisation": tuple(dict.fromkeys(hidden))}),
    }
    if all(getattr(newer, name) == value for name, value in changed.items()):
        return newer
    return Protocol.model_construct(**{**dict(newer), **changed})


def _with_items(form: Form, older: Form | None) -> Form:
    gone = {} if older is None else _only_in(older.items, form.items)
    return form.model_copy(update={"items": {**form.items, **gone}}) if gone else form


def _only_in(older: Mapping[str, _T], newer: Mapping[str, _T]) -> dict[str, _T]:
    return {name: thing for name, thing in older.items() if name not in newer}
