"""What somebody else has saved on a record since it was opened: both values are shown, nothing is merged silently.

A field that was left as it was takes over what was saved meanwhile, and says so; where both have changed an item,
the own value stays in the field beside the other one. Nothing is saved before it was looked at.
"""

from collections.abc import Iterable, Mapping

from .....conduct.door.state import Value
from .....conduct.forms.history import PastValue, histories
from .....record import Event
from ....words import say
from .place import Place
from .question import Typed


def typed_of(values: Mapping[str, Value]) -> Typed:
    """Return values as they stand in fields: as they were typed, where that was in another unit."""
    return Typed(
        {name: "" if one.value is None else str(one.entered or one.value) for name, one in values.items()},
        {name: one.missing for name, one in values.items() if one.missing is not None},
    )


def compare(
    place: Place, events: Iterable[Event], seen: int, mine: Typed, who: str
) -> tuple[Typed, dict[str, str]]:
    """Return what the fields show now, and by item what is said of what was saved meanwhile.

    events: of the participant. seen: the last event on the record when it was opened. who: has saved it since.
    """
    base, theirs = typed_of(_as_of(place, events, seen)), typed_of(place.stands)
    values, missing, said = dict(mine.values), dict(mine.missing), dict[str, str]()
    for name, item in place.form.items.items():
        then, now, own = base.of(name), theirs.of(name), mine.of(name)
        if item.derive is not None or now in (then, own):
            continue
        words = {"who": who, "value": _shown(now), "before": _shown(then), "mine": _shown(own)}
        if own == then:
            values[name], missing[name] = now
            said[name] = say("{who} has changed this from {before} to {value} meanwhile.", **words)
        else:
            said[name] = say("{who} has saved {value} meanwhile; you typed {mine}. Keep the right one.", **words)
    return Typed(values, {name: code for name, code in missing.items() if code}), said


def _as_of(place: Place, events: Iterable[Event], seen: int) -> dict[str, Value]:
    """Return the values of the record as they stood after an event."""
    found = {item: past for (key, item), past in histories(events).items() if key == place.key}
    known = {item: [one for one in past if one.sequence <= seen] for item, past in found.items()}
    return {item: _value(past[-1]) for item, past in known.items() if past}


def _value(past: PastValue) -> Value:
    return Value(value=past.value, missing=past.missing, entered=past.entered)


def _shown(one: tuple[str, str]) -> str:
    value, missing = one
    return value or (say(missing) if missing else say("nothing"))
