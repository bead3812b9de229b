"""The errors that Equipoise raises on purpose: one tree, one sentence each.

A message says where, what, what is allowed, what to try, and ends with the value found, as in
`protocols/inr.yaml:41 design.power must lie between 0.5 and 1 (exclusive); did you mean 0.90? Got 90`.
The command line turns `ProtocolError`, `DataError` and `DecisionRefused` into exit status 2, the others into 1.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches


class EquipoiseError(Exception):
    """Any refusal or failure that has a sentence for the user; never raised itself."""


class ProtocolError(EquipoiseError):
    """The protocol file is wrong; `findings` holds every sentence, in the order of the file."""

    def __init__(self, *findings: str) -> None:
        super().__init__("\n".join(findings))
        self.findings = findings


class DataError(EquipoiseError):
    """Data from outside are wrong: names file, dataset, variable and rows."""


class DecisionRefused(EquipoiseError):
    """A step of conduct is not allowed now; the reason is one that a nurse can read."""


class RecordCorrupt(EquipoiseError):
    """The record contradicts itself; names the event."""


class EstimationFailed(EquipoiseError):
    """A statistical method cannot give a number for these data; says why and what to try."""


class Stopped(BaseException):
    """The user stopped the work; no `except Exception` on the way may take it for an error of the data."""


def suggest(name: str, known: Iterable[object], stop: str = "") -> str:
    """Return `; did you mean x?` for the known name nearest to `name`, else `; there are: ...`, else nothing.

    stop: what ends it where it is no question, for a sentence that another follows.
    """
    names = sorted({str(k) for k in known})
    by_folded = {n.casefold(): n for n in names}
    near = get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    if near:
        return f"; did you mean {by_folded[near[0]]}?"
    if not names:
        return stop
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"; there are: {shown}{stop}"


_PLACED = re.compile(r"(?P<what>.*?)(?: - at `(?:key in )?\$\.?(?P<where>.*)`)?", re.DOTALL)
_FIELD = {
    r"Object missing required field `(.+)`": r"the field \1 is missing",
    r"Object contains unknown field `(.+)`": r"there is no field \1",
    r"Invalid RFC3339 encoded date": "must be a date as in 2026-05-31",
    r"Invalid RFC3339 encoded datetime": "must be a date and time as in 2026-05-31T14:30+08:00",
    r"Invalid enum value '?(.*?)'?": r"is none of the words that may stand there. Got \1",
}
_NAMES = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "null": "nothing",
    "array": "a list",
    "object": "an object with names",
}


def say_wrong_field(said: str) -> str:
    """Return what msgspec says of a field, in a user's words: `on must be a date as in 2026-05-31`."""
    placed = _PLACED.fullmatch(said)
    what, where = (said, "") if placed is None else (placed["what"], (placed["where"] or "").replace("[...]", ""))
    if types := re.fullmatch(r"Expected `(.+)`, got `(.+)`", what):
        wanted, got = (" or ".join(_NAMES.get(n, n) for n in one.split(" | ")) for one in types.groups())
        return f"{where or 'this'} must be {wanted}. Got {got}"
    for pattern, words in _FIELD.items():
        if found := re.fullmatch(pattern, what):
            told = found.expand(words)
            whole = told.startswith("the")
            return told if not where else f"in {where} {told}" if whole else f"{where} {told}"
    return said
