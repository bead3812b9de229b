"""Estimands have an arm to compare with, and each analysis suits the variable of its estimand."""

from collections.abc import Iterator, Mapping

from ..finding import Finding
from ..model import Estimand, Protocol

_SUITS: Mapping[str, tuple[str, ...]] = {
    "ancova": ("measurement",),
    "mmrm": ("measurement",),
    "tipping point": ("measurement",),
    "reference-based imputation": ("measurement",),
    "within-arm change": ("measurement",),
    "rank-sum": ("measurement",),
    "t test": ("measurement",),
    "kaplan-meier": ("time to event",),
    "cox": ("time to event",),
    "categorical": ("response", "measurement"),
}

_ONLY_FOR: Mapping[str, str] = {
    "composite, worst value": "measurement",
    "composite, non-response": "response",
    "composite, event": "time to event",
}
"""Strategies that suit one kind of variable; the others suit all."""

_FIGURES: Mapping[str, tuple[str, ...]] = {
    "kaplan-meier": ("kaplan-meier",),
    "trajectory": ("continuous by visit", "mmrm"),
    "forest": ("ancova", "cox"),
    "adverse event dot plot": ("adverse events",),
    "waterfall": ("ancova", "within-arm change", "rank-sum", "t test"),
    "tipping point": ("tipping point",),
    "multiplicity graph": ("multiplicity graph",),
}


def check_endpoints(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each estimand, analysis or figure that cannot be carried out as written."""
    for name, estimand in protocol.estimands.items():
        yield from _estimand(protocol, name, estimand)
    for name, analysis in protocol.analyses.items():
        estimand_name = getattr(analysis, "estimand", None)
        found = protocol.estimands.get(estimand_name) if estimand_name else None
        kinds = _SUITS.get(analysis.method, ())
        if found is not None and found.variable.kind not in kinds:
            problem = f"of method {analysis.method} suits a {' or '.join(kinds)}, and {estimand_name} is a"
            yield Finding(("analyses", name), f"{problem} {found.variable.kind}")
    if protocol.report is None:
        return
    for name, figure in protocol.report.figures.items():
        of = protocol.analyses.get(figure.of)
        if of is not None and of.method not in _FIGURES[figure.kind]:
            problem = f"draws the method {' or '.join(_FIGURES[figure.kind])}, and {figure.of} is {of.method}"
            yield Finding(("report", "figures", name), problem)


def _estimand(protocol: Protocol, name: str, estimand: Estimand) -> Iterator[Finding]:
    where = ("estimands", name)
    versus = estimand.versus or protocol.control
    if estimand.summary != "mean" and versus is None:
        yield Finding(where, "compares arms, but no arm is marked `control: true`; name one under `versus`")
    if versus is not None and versus in estimand.arms:
        yield Finding((*where, "arms"), "compares an arm with itself", versus)
    kind = estimand.variable.kind
    for event, strategy in estimand.intercurrent.items():
        if _ONLY_FOR.get(strategy, kind) != kind:
            problem = f"suits a {_ONLY_FOR[strategy]}, and the variable is a {kind}"
            yield Finding((*where, "intercurrent", event), problem, strategy)
    if estimand.missing == "non-response" and kind != "response":
        yield Finding((*where, "missing"), f"suits a response, and the variable is a {kind}", estimand.missing)
    item = protocol.items.get(estimand.variable.item or "")
    if item is not None and not item.is_number and estimand.variable.kind == "measurement":
        yield Finding(
            (*where, "variable", "item"), f"must be a number, and is a {item.type}", estimand.variable.item
        )
