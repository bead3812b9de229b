"""Every page of a portal as its addresses are registered, and something of the trial to fill them with."""

import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from django.urls import URLPattern, URLResolver

from equipoise.web.shell.settings import Portal

if TYPE_CHECKING:
    from tests.invariants.scripted import Scripted

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_INTERFACE = "api/v1/"


@dataclass(frozen=True)
class Page:
    """A page: its address as it is registered, its name, and what answers."""

    route: str
    name: str
    answers: Callable[..., Any]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of what stands in its address."""
        return tuple(PARAMETER.findall(self.route))

    def address(self, **values: object) -> str:
        """Return the address with values in it."""
        return "/" + PARAMETER.sub(lambda found: str(values[found.group(1)]), self.route)


def pages_of(portal: Portal) -> list[Page]:
    """Return every page of a portal; those for programs are held by tests of their own."""
    found = list(_walk("", importlib.import_module(portal.urls).urlpatterns))
    return [page for page in found if not page.route.startswith(_INTERFACE)]


def _walk(before: str, patterns: Sequence[URLPattern | URLResolver]) -> Iterator[Page]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(route, pattern.url_patterns)
        else:
            yield Page(route, pattern.name or "", pattern.callback)


Fill = dict[str, tuple[Any, ...]]


def filling(script: "Scripted") -> Fill:
    """Return values for each parameter, the first of them of the participant that most was done for."""
    from equipoise.web.pages.site.steps.page import STEPS

    trial = script.trial
    people = tuple(trial.participants)
    return {
        "number": people,
        "participant": people,
        "form": ("vitals", "immunology", "antibodies", "adverse_event", "demography"),
        "visit": ("W0", "W4", "-", "SCR"),
        "repeat": (1, 2),
        "item": ("weight", "cd4", "hla_class_1", "ae_term"),
        "step": tuple(STEPS),
        "person": ("nurse.02", "pharmacist"),
        "record": tuple(key for key in trial.participants[people[0]].forms if "adverse_event" in key) or ("",),
        "version": (script.version,),
        "authority": tuple(script.running.protocol.safety.authorities)
        if script.running.protocol.safety
        else ("NMPA",),
        "kind": ("events", "drugs"),
        "shipment": ("S-000001",),
        "order": tuple(order for one in trial.participants.values() for order in one.infusions),
        "name": tuple(name for one in trial.participants.values() for name in one.queries) or ("Q1",),
    }


_OF: Mapping[str, str] = {"hold-visit": "W12", "miss-visit": "W12", "correct-date": "W4", "order-infusion": "W0"}
"""What a step on a page of its own is of, where it is not of the participant."""


def query_of(page: Page, values: Mapping[str, Any], fill: Fill) -> dict[str, str]:
    """Return what is asked behind the address of a page, where it cannot do without."""
    step = str(values.get("step", ""))
    own = {"answer-query": fill["name"], "strike-out": fill["record"], **{name: (of,) for name, of in _OF.items()}}
    if step in own:
        return {"of": str(own[step][0])}
    if page.name in ("case", "case_report", "raise_query"):
        return {"record": str(fill["record"][0])}
    return {}


OWN: dict[str, Fill] = {
    "/vault/": {"form": ("antibodies",), "visit": ("W0",), "repeat": (1,), "item": ("hla_class_1",)},
    "sites/of/": {"number": ("01", "02")},
    "tokens/": {"number": (1, 2)},
    "statistics/figures/": {"name": ("accrual", "course")},
    "work/": {"name": ("a-job-of-nobody",)},
}
"""Parameters that mean something else below an address."""


def samples(page: Page, fill: Fill, *, every: bool = False) -> Iterator[dict[str, Any]]:
    """Return values for the parameters of a page: the first of each, or every combination.

    Raises LookupError for a parameter that nobody has said a value of.
    """
    own = next((values for start, values in OWN.items() if start in page.route), {})
    unknown = [name for name in page.parameters if name not in fill and name not in own]
    if unknown:
        raise LookupError(f"{page.route}: say in tests/web/holding/pages.py what may stand for {unknown}")
    values = [own.get(name) or fill[name] for name in page.parameters]
    for chosen in product(*(values if every else [one[:1] for one in values])):
        yield dict(zip(page.parameters, chosen, strict=True))
