"""Schemes of randomisation side by side, as a section of the plan: that of the protocol and the usual ones."""

from collections.abc import Mapping

import numpy as np

from ...errors import ProtocolError
from ...protocol import Protocol
from ...randomisation import (
    BlockUrn,
    Complete,
    Minimisation,
    RandomAllocationRule,
    Scheme,
    SchemeComparison,
    Urn,
    compare_schemes,
    plot_schemes,
    scheme_of,
)
from ..figures.figure import Figure
from ..figures.style import name_svg
from ..rounding import format_number, format_percent
from .tables import PlanTable
from .words import PlanWords

SEED = 2019
_WORK = 6_000_000
"""Participants times strata that are simulated for a scheme, so that many strata do not take many minutes."""
_SHARES = ("correct guesses", "best guesses", "deterministic")


def compare_usual_schemes(protocol: Protocol) -> SchemeComparison | None:
    """Compare the scheme of a protocol with the usual ones, from simulated trials that are always the same.

    Levels of the strata are as frequent as assumed, or equally. None where the protocol does not randomise.
    """
    try:
        own = scheme_of(protocol)
    except ProtocolError:
        return None
    assert protocol.randomisation is not None
    size = protocol.randomisation.size
    factors = [_shares(protocol, name) for name in protocol.randomisation.strata]
    factors = [shares for shares in factors if len(shares) > 1]
    strata = int(np.prod([len(shares) for shares in factors])) if factors else 1
    trials = int(np.clip(_WORK // (size * strata), 50, 400))
    schemes = {"The protocol's": own, **_usual(protocol, size, stratified=bool(factors))}
    return compare_schemes(schemes, n=size, rng=np.random.default_rng(SEED), factors=factors, trials=trials)


def _usual(protocol: Protocol, size: int, *, stratified: bool) -> Mapping[str, Scheme]:
    ratio = tuple(arm.ratio for arm in protocol.arms.values())
    found: dict[str, Scheme] = {"Complete": Complete(ratio), "Urn": Urn(ratio)}
    found["Block urn"] = BlockUrn(ratio, size=2 * sum(ratio))
    if stratified:
        found["Minimisation"] = Minimisation(ratio)
    elif size % sum(ratio) == 0:
        found["Random allocation rule"] = RandomAllocationRule(ratio, size=size)
    return found


def _shares(protocol: Protocol, name: str) -> list[float]:
    """Shares of the levels of a stratification factor among participants."""
    assumptions = protocol.assumptions
    if name == "site":
        sites = assumptions.sites.count if assumptions is not None and assumptions.sites is not None else 1
        return [1 / sites] * sites
    variable = protocol.variables[name]
    if variable.type == "yes or no":
        return [0.5, 0.5]
    assumed = assumptions.shares.get(variable.item or "", {}) if assumptions is not None else {}
    known = [assumed.get(code, 0.0) for code in variable.codes]
    if known and min(known) > 0:
        return [share / sum(known) for share in known]
    return [1 / len(variable.codes)] * len(variable.codes)


def tabulate_schemes(words: PlanWords, schemes: SchemeComparison) -> PlanTable:
    """Tabulate imbalance, predictability and size of the analyses, a scheme a row."""
    say = words.say
    properties = [
        name for name in schemes.summary["property"].unique(maintain_order=True) if "percentile" not in name
    ]
    names = schemes.summary["scheme"].unique(maintain_order=True).to_list()
    rows = []
    for scheme in names:
        cells = []
        for name in properties:
            value = schemes.value(scheme, name)
            is_share = name in _SHARES or name.startswith("size")
            cells.append(format_percent(100 * value) if is_share else format_number(value, 1))
        rows.append((say(scheme), *cells))
    notes = (
        say(
            "From {trials} simulated trials of {n} participants. Imbalance: of the arms, in participants, on "
            "average. Size: of tests without an effect at a level of {alpha}, outcomes drifting over time and "
            "differing by stratum.",
            trials=schemes.trials,
            n=schemes.participants,
            alpha=words.percent(schemes.alpha),
        ),
    )
    head = (say("Scheme"), *(say(_heading(name)) for name in properties))
    return PlanTable("schemes", say("Schemes of randomisation"), head, tuple(rows), notes)


def plot_comparison(words: PlanWords, schemes: SchemeComparison) -> Figure:
    """Draw the comparison; the words inside the picture are English."""
    say = words.say
    title = say("Schemes of randomisation")
    alt = say("Imbalance over time, predictability and size of the analyses by scheme; the table has the numbers.")
    svg = name_svg(plot_schemes(schemes, title=""), "schemes", title, alt)
    notes = () if words.language == "en" else (say("The words in the picture are English."),)
    return Figure("schemes", "", title, "", svg, alt, notes)


def _heading(name: str) -> str:
    return name[:1].upper() + name[1:]
