"""The sections of a protocol file, one module a section."""

from .allocation import Blinding, Enrolment, Randomisation
from .analyses import (
    AdverseEvents,
    Analysis,
    Ancova,
    ByVisit,
    Categorical,
    Cox,
    Deaths,
    Demographics,
    Deviations,
    Disposition,
    Exposure,
    Figure,
    GraphOfHypotheses,
    Hypothesis,
    KaplanMeier,
    LabShifts,
    Mmrm,
    RankSum,
    ReferenceBasedImputation,
    Report,
    TippingPoint,
    TTest,
    WithinArm,
)
from .data import ArmColumn, BroughtData, Column, EventTime, Measurements, Participants
from .element import Element, Measures, Refers, Scope, Text, UnitName
from .estimands import AnalysisSet, Endpoint, Estimand, IntercurrentEvent
from .forms import EditCheck, Form, Item, ParticipantVariable, Quality
from .interventions import Arm, Intervention
from .planning.assumptions import (
    Assumptions,
    CD4OnTreatment,
    CD4Pools,
    Dropout,
    Effect,
    ExpectedIntercurrentEvent,
    NormalMeasurement,
    RepeatedMeasurements,
)
from .planning.design import Definition, Design, Interim, Reported, Sensitivity
from .protocol import Protocol
from .safety import Authority, ExpeditedReport, Safety
from .schedule import DayRange, Schedule, Visit
from .trial import Criterion, Objective, Population, Trial

__all__ = [
    "AdverseEvents", "Analysis", "AnalysisSet", "Ancova", "Arm", "ArmColumn", "Assumptions", "Authority",
    "Blinding", "BroughtData", "ByVisit", "CD4OnTreatment", "CD4Pools", "Categorical", "Column", "Cox",
    "Criterion", "DayRange", "Deaths", "Definition", "Demographics", "Design", "Deviations", "Disposition",
    "Dropout", "EditCheck", "Effect", "Element", "Endpoint", "Enrolment", "Estimand", "EventTime",
    "ExpectedIntercurrentEvent", "ExpeditedReport", "Exposure", "Figure", "Form", "GraphOfHypotheses",
    "Hypothesis", "IntercurrentEvent", "Interim", "Intervention", "Item", "KaplanMeier", "LabShifts",
    "Measurements", "Measures", "Mmrm", "NormalMeasurement", "Objective", "ParticipantVariable", "Participants",
    "Population", "Protocol", "Quality", "Randomisation", "RankSum", "ReferenceBasedImputation", "Refers",
    "RepeatedMeasurements", "Report", "Reported", "Safety", "Schedule", "Scope", "Sensitivity", "TTest", "Text",
    "TippingPoint", "Trial", "UnitName", "Visit", "WithinArm",
]  # fmt: skip
