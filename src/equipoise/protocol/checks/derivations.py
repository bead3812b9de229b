"""Derived items follow from items that are entered: none needs itself, on whatever way round."""

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


def _names(rule: str) -> set[str]:
    """Return the names that a rule uses; none where it cannot be read, which another check says."""
    try:
        return set(names_in(rule))
    except ValueError:
        return set()
