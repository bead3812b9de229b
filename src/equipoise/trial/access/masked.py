"""Values that would tell an arm: read as those of a form are, and handed to the vault through its blinded door."""

import uuid

from ...conduct.door.dates import time_at
from ...conduct.door.fact import By
from ...conduct.door.scope import require_open
from ...conduct.forms.typed import read_typed
from ...errors import DecisionRefused, suggest
from ...line import VaultClient
from ..running import RunningTrial
from .at_the_vault import require_may_ask_vault, stamp_of


def enter_masked(
    running: RunningTrial,
    vault: VaultClient,
    by: By,
    participant: str,
    place: tuple[str, str],
    item: str,
    typed: str,
    *,
    reason: str | None = None,
    request: str | None = None,
) -> None:
    """Let the vault keep the value of a masked item, as typed, of a form at a visit (`place`).

    Nothing of it comes into the record. Raises DecisionRefused for an unknown participant, visit, form or item, a
    value that the item does not take, locked data, and as the vault does.
    """
    visit, form = place
    trial = running.door.refresh()
    known = trial.participants.get(participant)
    if known is None:
        raise DecisionRefused(f"nobody has the screening number {participant}; check the number")
    require_may_ask_vault(trial, by, "enter_masked", known.site)
    protocol = running.door.protocol_of(participant)
    if form not in protocol.forms or item not in protocol.forms[form].items:
        names = protocol.forms[form].items if form in protocol.forms else protocol.forms
        wrong = item if form in protocol.forms else form
        raise DecisionRefused(
            f"the protocol has no such form or item{suggest(wrong, names, stop='.')} Got {wrong}"
        )
    if visit not in known.visits:
        raise DecisionRefused(
            f"visit {visit} of {participant} has not been recorded as held{suggest(visit, known.visits)}; "
            "record it first"
        )
    require_open(trial, known, visit, form, role=by.role)
    asked = protocol.forms[form].items[item]
    try:
        value = read_typed(asked, typed, time_at(trial, by, known.site)).value
    except ValueError as error:
        raise DecisionRefused(f"{asked.label.say()} {error}") from error
    stamp = stamp_of(by, request or str(uuid.uuid4()), rehearsed=running.book.mode == "rehearsal")
    vault.call(
        "enter_masked",
        None,
        stamp=stamp,
        participant=participant,
        item=item,
        value=value,
        visit=visit,
        form=form,
        reason=reason,
    )
