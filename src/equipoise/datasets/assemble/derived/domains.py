"""Which tests of which findings domain are derived, form by form of the protocol."""

from collections.abc import Collection

import polars as pl

from ....protocol import Protocol
from ....protocol.model import Form
from ...dataset import Dataset
from ..shelf import Shelf
from .findings import derive_form


def derive_measured(
    shelf: Shelf, adsl: Dataset, protocol: Protocol, items: Collection[str], *, ranges: bool
) -> list[Dataset]:
    """Derive basic data structures of the items from the findings domains that hold them.

    With `ranges`, every test of LB with a reference range is derived too, unless the folder holds it in ADaM.
    """
    wanted = {name: form for form, name in _by_form(protocol, items)}
    derived = []
    for domain in shelf.folder.names:
        prefix = domain.upper()
        if f"{prefix}TESTCD" not in shelf.folder.variables(domain):
            continue
        codes = set(shelf.read(domain, [f"{prefix}TESTCD"]).frame[f"{prefix}TESTCD"])
        forms: dict[str, dict[str, str]] = {}
        for name, form in wanted.items():
            item = protocol.items[name]
            if item.testcd is not None and (item.sdtm_testcd or item.testcd) in codes:
                forms.setdefault(form, {})[item.sdtm_testcd or item.testcd] = item.testcd
        if ranges and domain == "lb":
            forms = _add_ranged(shelf, protocol, forms)
        for form, tests in forms.items():
            derived.append(derive_form(shelf, domain, tests, adsl, protocol, form))
    return derived


def _by_form(protocol: Protocol, items: Collection[str]) -> list[tuple[str, str]]:
    return [(form, name) for form, plan in protocol.forms.items() for name in plan.items if name in items]


def _add_ranged(shelf: Shelf, protocol: Protocol, forms: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Add the tests of LB that have a reference range; one that no form declares goes by itself."""
    columns = [name for name in ("LBSTNRLO", "LBSTNRHI") if name in shelf.folder.variables("lb")]
    if not columns:
        return forms
    frame = shelf.read("lb", ["LBTESTCD", *columns]).frame
    ranged = frame.filter(pl.any_horizontal(pl.col(n).is_not_null() for n in columns))["LBTESTCD"]
    home = {code: name for name, form in protocol.forms.items() for code in _codes(form)}
    taken = {code for tests in forms.values() for code in tests}
    for code in ranged.unique(maintain_order=True).drop_nulls():
        if code not in taken and shelf.find(code) is None:
            forms.setdefault(home.get(code, ""), {})[code] = code
    return forms


def _codes(form: Form) -> list[str]:
    return [item.testcd for item in form.items.values() if item.testcd]
