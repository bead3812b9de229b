"""Suggests what a misspelt name was meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean x?` for the nearest known name, else `; there are: ...`, else nothing."""
    names = sorted({str(k) for k in known})
    by_folded = {n.casefold(): n for n in names}
    near = get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    if near:
        return f"; did you mean {by_folded[near[0]]}?"
    if not names:
        return ""
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"; there are: {shown}"
