"""Which analyses are done: one model a method, each with the options that the method has.

`method` tells them apart. A method stands here when `equipoise.analysis` has a file for it.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .element import AdverseEventRule, Element, Identifier, ParticipantRule, Refers, Text

SetName = Annotated[str, Refers("set")]
EstimandName = Annotated[str, Refers("estimand")]
VariableName = Annotated[str, Refers("variable")]
ItemName = Annotated[str, Refers("item")]
VisitName = Annotated[str, Refers("visit")]
ArmName = Annotated[str, Refers("arm")]
Term = Annotated[str, Refers("term")]
Confidence = Annotated[float, Field(gt=0.5, lt=1, description="Level of confidence intervals.")]
Structure = Literal["us", "toep", "toeph", "ar1", "ar1h", "ad", "adh", "cs", "csh"]
Adjustment = Literal[
    "none",
    "bonferroni",
    "holm",
    "hochberg",
    "hommel",
    "fixed sequence",
    "dunnett",
    "step-down dunnett",
]


class _Analysis(Element):
    title: Text | None = None
    note: Text | None = Field(None, description="Printed below the table, such as a caution on how to read it.")


class _OfSet(_Analysis):
    set: SetName
    where: ParticipantRule | None = Field(None, description="Narrows the analysis set.")


class _OfEstimand(_Analysis):
    estimand: EstimandName
    confidence: Confidence = 0.95


class Disposition(_Analysis):
    """Participants screened, randomised, treated, and how each ended (CONSORT 2025 item 22)."""

    method: Literal["disposition"]
    milestones: tuple[VariableName, ...] = Field((), description="Yes-or-no variables counted in this order.")
    reason: VariableName | None = Field(None, description="Variable with the reason for leaving early.")


class Demographics(_OfSet):
    """Characteristics at baseline by arm (CONSORT 2025 item 23)."""

    method: Literal["demographics"]
    variables: tuple[VariableName, ...]
    tests: bool = Field(False, description="Print p: one-way analysis of variance, Pearson chi-square.")


class Exposure(_OfSet):
    """How much was given and for how long."""

    method: Literal["exposure"]
    variables: tuple[VariableName, ...]


class ByVisit(_OfSet):
    """Value and change from baseline by visit and arm."""

    method: Literal["continuous by visit"]
    items: tuple[ItemName, ...]
    visits: tuple[VisitName, ...] = Field((), description="By default every visit that has data.")


class _OfArms(_OfEstimand):
    """A linear model whose least-squares means compare the arms."""

    margins: Literal["equal", "observed"] = "equal"
    pairwise: bool = Field(False, description="Compare the active arms with each other too.")
    multiplicity: Adjustment = Field(
        "none", description="How p and limits of several arms against one are adjusted, at each visit asked for."
    )
    sequence: tuple[ArmName, ...] = Field((), description="Order in which a fixed sequence tests the arms.")

    @model_validator(mode="after")
    def _sequence_of_a_fixed_sequence(self) -> Self:
        if (self.multiplicity == "fixed sequence") != bool(self.sequence):
            raise ValueError(
                "must list its arms under `sequence` if multiplicity is fixed sequence, and only then"
            )
        return self


class Ancova(_OfArms):
    """Analysis of covariance with least-squares means and contrasts."""

    method: Literal["ancova"]
    terms: tuple[Term, ...] = Field(description="Such as [baseline, site, arm].")
    trend: Mapping[ArmName, float] = Field({}, description="Dose of each arm, for a test of dose response.")
    subgroups: tuple[VariableName, ...] = ()


class Mmrm(_OfArms):
    """Mixed model for repeated measures: every visit in one model, missing values left to it."""

    method: Literal["mmrm"]
    terms: tuple[Term, ...] = Field(description="Such as [baseline * visit, site, arm * visit].")
    visits: tuple[VisitName, ...] = Field(
        (), description="By default every scheduled visit of the item after day 1, up to the estimand's last."
    )
    average: bool = Field(False, description="Add means and contrasts averaged over the visits of the model.")
    covariance: tuple[Structure, ...] = Field(
        ("us", "toeph", "ar1h", "csh"),
        min_length=1,
        description="Structure between visits; of several, the first that the data can give.",
    )
    covariance_by: Term | None = Field(None, description="Arm or variable with a covariance for each level.")
    df: Literal["kenward-roger", "kenward-roger-second-order", "satterthwaite", "residual", "between-within"] = (
        "kenward-roger"
    )
    variance: Literal["model", "CR0", "CR1", "CR2", "CR3"] = Field(
        "model", description="Of the estimates: the model's, or the empirical (sandwich) one."
    )

    @model_validator(mode="after")
    def _df_suits_variance(self) -> Self:
        if self.variance != "model" and self.df.startswith("kenward-roger"):
            raise ValueError(
                f"needs df satterthwaite, residual or between-within with an empirical variance. Got {self.df}"
            )
        return self


class _Imputed(_OfEstimand):
    """Multiple imputation of what an mmrm leaves to its model."""

    of: Annotated[str, Refers("analysis")] = Field(description="The mmrm whose missing values are imputed.")
    imputations: int = Field(100, ge=2, le=10_000)
    seed: int = Field(1, ge=0, description="Of the random draws; the same seed gives the same results.")


class TippingPoint(_Imputed):
    """How far missing values of an arm must change before the conclusion does."""

    method: Literal["tipping point"]
    deltas: tuple[float, float] = Field(
        description="Range added to imputed values of the arm compared, in units of the outcome, the lower first."
    )
    points: int = Field(21, ge=2, le=401, description="Deltas at which the comparison is printed.")

    @model_validator(mode="after")
    def _from_lower_to_higher(self) -> Self:
        low, high = self.deltas
        if not low < high:
            raise ValueError(f"needs its deltas from the lower to the higher. Got {low:g} to {high:g}")
        return self


class ReferenceBasedImputation(_Imputed):
    """Missing values imputed as if the participant had changed to the reference arm's course."""

    method: Literal["reference-based imputation"]
    strategies: tuple[
        Literal[
            "missing at random",
            "jump to reference",
            "copy reference",
            "copy increments in reference",
            "last mean carried forward",
        ],
        ...,
    ] = Field(min_length=1)


class Hypothesis(Element):
    """That an arm does not differ from the one it is compared with, in one analysis."""

    label: Text | None = None
    of: Annotated[str, Refers("analysis")]
    arm: ArmName
    weight: float = Field(0, ge=0, le=1, description="Share of alpha at the start.")
    passes: Mapping[Identifier, float] = Field(
        {}, description="Shares of its weight that go to other hypotheses when it is rejected."
    )


class GraphOfHypotheses(_Analysis):
    """Familywise error over several analyses and arms, by a graph that passes alpha on."""

    method: Literal["multiplicity graph"]
    hypotheses: Mapping[Identifier, Hypothesis] = Field(min_length=2, max_length=12)
    alpha: float = Field(0.05, gt=0, lt=0.5, description="Familywise error rate.")

    @model_validator(mode="after")
    def _shares(self) -> Self:
        for name, hypothesis in self.hypotheses.items():
            for other in hypothesis.passes:
                if other not in self.hypotheses or other == name:
                    known = ", ".join(one for one in self.hypotheses if one != name)
                    raise ValueError(f"passes weight to its other hypotheses, here {known}. Got {name} to {other}")
            if not all(share >= 0 for share in hypothesis.passes.values()) or sum(hypothesis.passes.values()) > 1:
                raise ValueError(f"passes on shares that sum to 1 at most. Got those of {name}")
        if not 0 < sum(hypothesis.weight for hypothesis in self.hypotheses.values()) <= 1:
            raise ValueError("needs weights of its hypotheses that sum to 1 at most, one of them above 0")
        return self


class WithinArm(_OfEstimand):
    """Change from baseline inside each arm; not a comparison of arms."""

    method: Literal["within-arm change"]
    test: Literal["t", "signed-rank"] = "t"


class RankSum(_OfEstimand):
    """Wilcoxon rank-sum test with the Hodges-Lehmann shift."""

    method: Literal["rank-sum"]
    strata: tuple[VariableName, ...] = ()


class TTest(_OfEstimand):
    """Two-sample t test of each arm against the comparator."""

    method: Literal["t test"]
    variances: Literal["equal", "unequal"] = "unequal"


class KaplanMeier(_OfEstimand):
    """Kaplan-Meier curves, quantiles and the log-rank family of tests."""

    method: Literal["kaplan-meier"]
    interval: Literal["log-log", "log", "plain"] = "log-log"
    test: Literal["log-rank", "gehan-breslow", "fleming-harrington", "none"] = "log-rank"
    rho: float = Field(0, ge=0, description="First exponent of the Fleming-Harrington weight.")
    gamma: float = Field(0, ge=0, description="Second exponent of the Fleming-Harrington weight.")
    strata: tuple[VariableName, ...] = ()
    at: tuple[float, ...] = Field((), description="Times at which survival and numbers at risk are printed.")
    restricted_to: float | None = Field(None, gt=0, description="Horizon of the restricted mean.")


class Cox(_OfEstimand):
    """Proportional hazards regression."""

    method: Literal["cox"]
    terms: tuple[Term, ...] = ("arm",)
    ties: Literal["efron", "breslow", "exact"] = "efron"
    strata: tuple[VariableName, ...] = ()
    subgroups: tuple[VariableName, ...] = ()


class Categorical(_OfEstimand):
    """Proportions by arm with differences, and a test of association."""

    method: Literal["categorical"]
    test: Literal["fisher", "chi-square", "cochran-mantel-haenszel", "none"] = "chi-square"
    association: Literal["general", "mean scores", "correlation"] = "general"
    strata: tuple[VariableName, ...] = ()
    interval: Literal["newcombe", "miettinen-nurminen", "wald"] = "newcombe"


class AdverseEvents(_OfSet):
    """Adverse events by system organ class and preferred term: participants and events."""

    method: Literal["adverse events"]
    events: AdverseEventRule | None = Field(None, description="Which events; by default treatment-emergent ones.")
    test: Literal["fisher", "none"] = "none"
    at_least: float = Field(0, ge=0, lt=1, description="Show terms seen in at least this share of some arm.")


class LabShifts(_OfSet):
    """Shifts of laboratory values against their reference range or grade, baseline to worst."""

    method: Literal["lab shifts"]
    items: tuple[ItemName, ...] = Field((), description="By default every laboratory parameter in the data.")
    by: Literal["range", "grade"] = "range"


class Deaths(_OfSet):
    """Deaths by arm, with their day and cause where recorded."""

    method: Literal["deaths"]


class Deviations(_OfSet):
    """Protocol deviations by category and arm."""

    method: Literal["protocol deviations"]


Analysis = Annotated[
    Disposition
    | Demographics
    | Exposure
    | ByVisit
    | Ancova
    | Mmrm
    | TippingPoint
    | ReferenceBasedImputation
    | GraphOfHypotheses
    | WithinArm
    | RankSum
    | TTest
    | KaplanMeier
    | Cox
    | Categorical
    | AdverseEvents
    | LabShifts
    | Deaths
    | Deviations,
    Field(discriminator="method"),
]
Analyses = Mapping[Identifier, Analysis]


class Figure(Element):
    """A figure drawn from the results of an analysis."""

    kind: Literal[
        "kaplan-meier",
        "trajectory",
        "forest",
        "adverse event dot plot",
        "waterfall",
        "tipping point",
        "multiplicity graph",
    ]
    of: Annotated[str, Refers("analysis")]
    title: Text | None = None
    item: ItemName | None = Field(None, description="Item to draw, where the analysis has several.")


class Report(Element):
    """What the report shows, in this order; `flow` is the CONSORT flow diagram."""

    sections: tuple[Annotated[str, Refers("section")], ...]
    primary: Annotated[str, Refers("analysis")] | None = Field(
        None, description="Analysis whose result the summary page puts into words."
    )
    figures: Mapping[Identifier, Figure] = {}
