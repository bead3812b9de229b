"""The whole protocol: the one object that everything else derives from."""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from pydantic import Field

from .allocation import Blinding, Enrolment, Randomisation
from .analyses import Analyses, Report
from .data import BroughtData
from .element import Element, Identifier
from .estimands import AnalysisSet, Estimand, IntercurrentEvent
from .forms import Form, Item, ParticipantVariable, Quality
from .interventions import Arms, Interventions
from .planning.assumptions import Assumptions
from .planning.design import Design
from .safety import Safety
from .schedule import Schedule
from .trial import Objectives, Population, Trial


class Protocol(Element):
    """A trial as one frozen value; read it with `equipoise.protocol.read_protocol`."""

    equipoise: Literal[1] = Field(description="Version of the protocol language.")
    trial: Trial
    sources: Mapping[Identifier, str] = Field({}, description="What `provenance` may cite.")
    objectives: Objectives = {}
    population: Population
    interventions: Interventions = {}
    arms: Arms = Field(min_length=1)
    randomisation: Randomisation | None = None
    enrolment: Enrolment | None = None
    blinding: Blinding
    schedule: Schedule
    forms: Mapping[Identifier, Form] = {}
    variables: Mapping[Identifier, ParticipantVariable] = {}
    safety: Safety | None = None
    quality: Quality | None = None
    analysis_sets: Mapping[Identifier, AnalysisSet]
    intercurrent_events: Mapping[Identifier, IntercurrentEvent] = {}
    estimands: Mapping[Identifier, Estimand]
    analyses: Analyses = {}
    report: Report | None = None
    data: BroughtData | None = None
    assumptions: Assumptions | None = None
    design: Design | None = None
    provenance: Mapping[str, str] = Field(
        {}, description="Where each decision comes from: a source, or `assumed; the reason`."
    )

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every item by its id; ids are unique among items that carry a test code."""
        found: dict[str, Item] = {}
        for form in self.forms.values():
            for name, item in form.items.items():
                found.setdefault(name, item)
        return found

    @cached_property
    def control(self) -> str | None:
        """Id of the control arm, if the trial has one."""
        return next((name for name, arm in self.arms.items() if arm.control), None)

    @property
    def size(self) -> int | None:
        """Planned number of participants."""
        plan = self.randomisation or self.enrolment
        return None if plan is None else plan.size

    def visit_label(self, visit: str, language: str = "en") -> str:
        """Return the label of a visit as it stands in tables; the id where it has none."""
        label = self.schedule.visits[visit].label
        return visit if label is None else label.say(language)
