"""Derived items follow from items that are entered: none needs itself, and none is entered, let alone twice."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from ..expression import names_in
from ..finding import Finding
from ..model import Protocol


def check_derivations(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each form whose derived items need one another."""
    for form_name, form in protocol.forms.items():
        needs = {name: _names(item.derive) for name, item in form.items.items() if item.derive}
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            way = [str(name) for name in error.args[1]]
            problem = f"needs itself to be derived ({' from '.join(reversed(way))}); derive it from entered items"
            yield Finding(
                ("forms", form_name, "items", way[0], "derive"), problem, form.items[way[0]].derive or ""
            )


def check_double_entry(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each item that cannot be entered twice, as nobody at a site enters it."""
    listed = () if protocol.quality is None else protocol.quality.double_entry
    for place, name in enumerate(listed):
        item = protocol.items.get(name)
        if item is not None and item.derive is not None:
            problem = "is derived, and cannot be entered twice; name the items that it follows from"
            yield Finding(("quality", "double_entry", place), problem, name)
        elif name in protocol.blinding.masked_after_randomisation:
            yield Finding(
                ("quality", "double_entry", place), "is kept by the vault, and cannot be entered twice", name
            )


def _names(rule: str) -> set[str]:
    """Return the names that a rule uses; none where it cannot be read, which another check says."""
    try:
        return set(names_in(rule))
    except ValueError:
        return set()
