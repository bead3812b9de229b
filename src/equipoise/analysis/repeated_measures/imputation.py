"""Multiple imputation of what an mmrm of the protocol leaves to its model.

The imputation model is that of the mmrm: its terms, its visits, the covariance that it came to. Each completed
data set is analysed at the estimand's visit by analysis of covariance on the same terms without the visit, and
the answers are pooled by Rubin's rules. Everyone of the analysis set with the terms known is imputed, also who has
not a single value after day 1. Source and checks: `statistics.missing`.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ...errors import DataError, EstimationFailed
from ...protocol.model import Mmrm, ReferenceBasedImputation, TippingPoint
from ...statistics.missing import MultipleImputation, multiple_imputation
from ...statistics.repeated_measures import MmrmFit
from ..context import Context, by_arm, count_of
from ..efficacy.model_terms import ModelFrame, build_model_frame, factors_of
from ..rows import Place, ResultRows
from .mmrm import STRUCTURES, fit_mmrm
from .visits import RepeatedMeasures, build_repeated_measures

POOLED = ("estimate", "se", "lower", "upper", "df", "t", "p", "fraction_missing")


@dataclass(frozen=True)
class Incomplete:
    """The data of an mmrm with its missing values, and the fit that imputations start from.

    people: a row a participant and visit, `outcome` null where it is missing. versus: label of the arm compared
    with, the reference.
    """

    measures: RepeatedMeasures
    model: ModelFrame
    fit: MmrmFit
    spec: Mmrm
    versus: str

    @property
    def people(self) -> pl.DataFrame:
        """The rows to complete."""
        return self.model.rows

    def missing_at(self, visit: str) -> pl.DataFrame:
        """Return the rows of a visit without an outcome."""
        return self.people.filter((pl.col("visit").cast(pl.String) == visit) & pl.col("outcome").is_null())


def read_incomplete(context: Context, spec: TippingPoint | ReferenceBasedImputation) -> Incomplete:
    """Read the data of the mmrm that `spec` is of, with every missing value.

    Raises EstimationFailed where the mmrm cannot be had or its estimand compares no arms.
    """
    of = context.protocol.analyses[spec.of]
    assert isinstance(of, Mmrm)
    measures = build_repeated_measures(context, of)
    frame = measures.frame
    if frame.versus is None:
        raise EstimationFailed(
            f"estimand {spec.estimand} compares no arms, so there is no reference to impute from"
        )
    everyone = pl.concat([frame.records, frame.unobserved.select(frame.records.columns)])
    model = build_model_frame(context, frame, everyone, of.terms)
    return Incomplete(measures, model, fit_mmrm(measures, of), of, frame.versus)


def impute(
    incomplete: Incomplete, spec: TippingPoint | ReferenceBasedImputation, strategy: str = "MAR"
) -> MultipleImputation:
    """Impute under a strategy from the seed of the protocol; EstimationFailed where the data cannot give it."""
    structure = incomplete.fit.structure
    try:
        return multiple_imputation(
            f"outcome ~ {incomplete.model.right}",
            incomplete.people,
            subject="participant",
            visit="visit",
            arm="arm",
            reference=incomplete.versus,
            analysis=f"outcome ~ {' + '.join(terms_at_a_visit(incomplete.spec))}",
            rng=np.random.default_rng(spec.seed),
            strategy=strategy,
            imputations=spec.imputations,
            method="posterior" if structure == "us" else "bootstrap",
            covariance=structure,
            by_arm=incomplete.spec.covariance_by is not None,
            level=spec.confidence,
        )
    except DataError as error:
        raise EstimationFailed(str(error)) from error


def terms_at_a_visit(spec: Mmrm) -> list[str]:
    """Return the terms of an mmrm as they stand at one visit: `arm * visit` is arm."""
    terms = []
    for term in spec.terms:
        kept = [name for name in factors_of(term) if name != "visit"]
        if kept:
            terms.append((" * " if "*" in term else ":").join(kept))
    return list(dict.fromkeys(terms))


def say_imputation(incomplete: Incomplete, spec: TippingPoint | ReferenceBasedImputation) -> list[str]:
    """Say what was imputed how often, by which model, from which seed, and how it was analysed."""
    structure = incomplete.fit.structure
    how = "drawn from their posterior" if structure == "us" else "refitted to bootstrap samples"
    at = "; ".join(
        f"{incomplete.measures.labels[visit]} {incomplete.missing_at(visit).height}"
        for visit in incomplete.measures.labels
    )
    return [
        *incomplete.measures.said,
        f"Missing values imputed {spec.imputations} times by the model of {spec.of} "
        f"({', '.join(incomplete.spec.terms)}; covariance {STRUCTURES[structure]}), its parameters "
        f"{how}; seed {spec.seed}.",
        f"{count_of(incomplete.people['participant'].n_unique(), 'participant')}; values imputed: {at}.",
        f"Each completed data set analysed by analysis of covariance on "
        f"{', '.join(terms_at_a_visit(incomplete.spec))}, pooled by Rubin's rules with the degrees of freedom of "
        "Barnard and Rubin.",
    ]


def add_counts(rows: ResultRows, incomplete: Incomplete, visit: str, place: Place) -> None:
    """Add the participants of each arm, and how many of their values at a visit are imputed."""
    arms = incomplete.measures.frame.arms
    here = incomplete.people.filter(pl.col("visit").cast(pl.String) == visit)
    missing = by_arm(incomplete.missing_at(visit), arms)
    for arm, part in by_arm(here, arms).items():
        rows.add({"n": part.height}, arm=arm, **place)
        rows.add({"count": missing[arm].height}, arm=arm, group={"status": "imputed"}, **place)
