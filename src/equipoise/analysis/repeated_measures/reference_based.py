"""Reference-based imputation: what the answer is if missing values took after the arm compared with.

Strategies (Carpenter, Roger and Kenward, J Biopharm Stat 2013;23:1352-71) hold from the first visit after the last
one at which the participant was seen; a gap before it is taken as missing at random.
"""

import polars as pl

from ...protocol.model import ReferenceBasedImputation
from ..context import Context
from ..efficacy.ancova import in_arm_order
from ..result import AnalysisResult
from ..rows import Place, ResultRows
from .imputation import POOLED, add_counts, impute, read_incomplete, say_imputation

SHORT = {
    "missing at random": "MAR",
    "jump to reference": "J2R",
    "copy reference": "CR",
    "copy increments in reference": "CIR",
    "last mean carried forward": "LMCF",
}
"""How `statistics.missing` calls each strategy."""


def estimate_reference_based(context: Context, name: str, spec: ReferenceBasedImputation) -> AnalysisResult:
    """Impute and analyse under each strategy of the protocol.

    Raises EstimationFailed where the data cannot give the imputation, such as a last mean for a participant never
    seen after day 1.
    """
    incomplete = read_incomplete(context, spec)
    measures, frame = incomplete.measures, incomplete.measures.frame
    rows = ResultRows(name, frame.estimand.set)
    imputed = {strategy: impute(incomplete, spec, SHORT[strategy]) for strategy in spec.strategies}
    for visit in measures.asked:
        place = Place(parameter=frame.parameter, visit=measures.labels[visit])
        add_counts(rows, incomplete, visit, place)
        here = pl.col("visit").cast(pl.String) == visit
        for strategy, found in imputed.items():
            group = {"strategy": strategy}
            for row in in_arm_order(found.means.filter(here), frame):
                statistics = {
                    key: row[key] for key in ("estimate", "se", "lower", "upper", "df", "fraction_missing")
                }
                rows.add(statistics, arm=row["arm"], group=group, **place)
            for row in in_arm_order(found.contrasts.filter(here), frame):
                statistics = {key: row[key] for key in POOLED}
                rows.add(statistics, arm=row["arm"], versus=row["versus"], group=group, **place)
    said = (
        *say_imputation(incomplete, spec),
        f"The reference is {incomplete.versus}. A strategy holds from the first visit after the last one at which "
        "a participant was seen; gaps before it are missing at random.",
    )
    records = frame.trace(incomplete.people, incomplete.model.columns)
    return AnalysisResult(name, spec, frame.estimand.set, rows.frame(), records, said)
