"""Does the analyses of a protocol on the data of its trial, in the protocol's order.

An analysis that the data cannot give is named with its reason; it is never left out silently. The same protocol
and data give the same results: no clock is read, and what is drawn is drawn from a seed of the protocol.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from ..datasets.analysis_data import AnalysisData
from ..errors import DataError, EstimationFailed, suggest
from ..protocol import Protocol
from .context import Context
from .result import AnalysisResult, TrialResults

METHODS = {
    "disposition": ("participants.disposition", "tabulate_disposition"),
    "demographics": ("participants.characteristics", "tabulate_demographics"),
    "exposure": ("participants.characteristics", "tabulate_exposure"),
    "continuous by visit": ("participants.by_visit", "tabulate_by_visit"),
    "protocol deviations": ("participants.deviations", "tabulate_deviations"),
    "ancova": ("efficacy.ancova", "estimate_ancova"),
    "mmrm": ("repeated_measures.mmrm", "estimate_mmrm"),
    "tipping point": ("repeated_measures.tipping_point", "estimate_tipping_point"),
    "reference-based imputation": ("repeated_measures.reference_based", "estimate_reference_based"),
    "multiplicity graph": ("efficacy.multiplicity_graph", "estimate_graph"),
    "within-arm change": ("efficacy.within_arm", "estimate_within_arm"),
    "rank-sum": ("efficacy.rank_sum", "estimate_rank_sum"),
    "t test": ("efficacy.t_test", "estimate_t_test"),
    "kaplan-meier": ("efficacy.kaplan_meier", "estimate_kaplan_meier"),
    "cox": ("efficacy.cox", "estimate_cox"),
    "categorical": ("efficacy.categorical", "estimate_categorical"),
    "adverse events": ("safety.adverse_events", "tabulate_adverse_events"),
    "lab shifts": ("safety.lab_shifts", "tabulate_lab_shifts"),
    "deaths": ("safety.deaths", "tabulate_deaths"),
}
"""Module and function of each method; a module is imported when a protocol asks for its method."""


def run_analyses(
    protocol: Protocol,
    data: AnalysisData,
    only: Sequence[str] | None = None,
    progress: Callable[[str], object] | None = None,
) -> TrialResults:
    """Do the analyses of `protocol` on `data`; all of them, or those named in `only`.

    `progress` is called with the name of each analysis before it starts. An analysis that the data cannot give
    (`EstimationFailed`) goes to `not_done` with the reason; any other error propagates. Raises DataError for a
    name in `only` that the protocol does not have.
    """
    for name in only or ():
        if name not in protocol.analyses:
            hint = suggest(name, protocol.analyses)
            raise DataError(f"{name} is no analysis of the protocol{hint}")
    context = Context(protocol, data)
    done: dict[str, AnalysisResult] = {}
    not_done: dict[str, str] = {}
    for name, spec in protocol.analyses.items():
        if only and name not in only:
            continue
        if progress is not None:
            progress(name)
        try:
            done[name] = analysis_function(spec.method)(context, name, spec)
        except EstimationFailed as failure:
            not_done[name] = str(failure)
    return TrialResults(done, not_done)


def analysis_function(method: str) -> Callable[[Context, str, Any], AnalysisResult]:
    """Return the function that does a method; it takes the context, the analysis's name and its section."""
    module, function = METHODS[method]
    found: Callable[[Context, str, Any], AnalysisResult] = getattr(
        import_module(f".{module}", package=__package__), function
    )
    return found
