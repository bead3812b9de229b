"""Makes the tables of every analysis: which family lays out which method."""

from collections.abc import Callable, Mapping

from .language import Labels
from .tables.adverse_events import tabulate_adverse_events
from .tables.by_visit import tabulate_by_visit
from .tables.categorical import tabulate_categorical
from .tables.comparison import tabulate_comparison
from .tables.disposition import tabulate_disposition
from .tables.lab_shifts import tabulate_lab_shifts
from .tables.listings import tabulate_deaths, tabulate_deviations
from .tables.lookup import Lookup
from .tables.multiplicity.graph import tabulate_graph
from .tables.participants import tabulate_characteristics
from .tables.repeated_measures.mmrm import tabulate_mmrm
from .tables.repeated_measures.reference_based import tabulate_reference_based
from .tables.repeated_measures.tipping_point import tabulate_tipping_point
from .tables.survival import tabulate_cox, tabulate_kaplan_meier
from .tables.table import Table

FAMILIES: Mapping[str, Callable[[Lookup, Labels], list[Table]]] = {
    "disposition": tabulate_disposition,
    "demographics": tabulate_characteristics,
    "exposure": tabulate_characteristics,
    "continuous by visit": tabulate_by_visit,
    "ancova": tabulate_comparison,
    "mmrm": tabulate_mmrm,
    "tipping point": tabulate_tipping_point,
    "reference-based imputation": tabulate_reference_based,
    "multiplicity graph": tabulate_graph,
    "within-arm change": tabulate_comparison,
    "rank-sum": tabulate_comparison,
    "t test": tabulate_comparison,
    "kaplan-meier": tabulate_kaplan_meier,
    "cox": tabulate_cox,
    "categorical": tabulate_categorical,
    "adverse events": tabulate_adverse_events,
    "lab shifts": tabulate_lab_shifts,
    "deaths": tabulate_deaths,
    "protocol deviations": tabulate_deviations,
}


def tabulate_analysis(lookup: Lookup, labels: Labels) -> list[Table]:
    """Make the tables of one analysis."""
    return FAMILIES[lookup.result.spec.method](lookup, labels)
