"""What things are called in the plan of a trial, and how its numbers are written; rounding happens here."""

import math
from collections.abc import Sequence

from ...design import DesignResult
from ...design.options import Looks
from ...design.size import whole_arms
from ...protocol import Protocol
from ..language import Phrases
from ..language.labels import unit_sign
from ..rounding import format_number, format_percent
from .chinese import CHINESE


class PlanPhrases(Phrases):
    """Says phrases of a plan, and those that all reports share."""

    def __call__(self, phrase: str, **values: object) -> str:
        """Return the phrase in the language, filled in."""
        if self.language == "zh" and phrase in CHINESE:
            text = CHINESE[phrase]
            return text.format(**values) if values else text
        return super().__call__(phrase, **values)


class PlanWords:
    """Names and numbers of one plan in one language."""

    def __init__(self, protocol: Protocol, result: DesignResult, language: str = "en") -> None:
        self.protocol, self.result = protocol, result
        self.say = PlanPhrases(language)
        self.language = self.say.language

    @property
    def space(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "zh" else " "

    def arm(self, name: str) -> str:
        """Return how an arm is called."""
        return self.protocol.arms[name].label.say(self.language)

    def scenario(self, name: str) -> str:
        """Return how a scenario is called."""
        given = self.protocol.assumptions
        effect = given.scenarios.get(name) if given is not None else None
        return name if effect is None or effect.label is None else effect.label.say(self.language)

    def analysis(self, name: str) -> str:
        """Return the title of an analysis, or the question of its estimand."""
        spec = self.protocol.analyses[name]
        if spec.title is not None:
            return spec.title.say(self.language)
        estimand = self.protocol.estimands.get(getattr(spec, "estimand", ""))
        return name if estimand is None else estimand.question.say(self.language)

    @property
    def visit(self) -> str:
        """The visit planned for, empty for a time to an event."""
        return self.protocol.visit_label(self.result.visit, self.language) if self.result.visit else ""

    @property
    def outcome(self) -> str:
        """What is measured, such as `change from baseline of CD4 count`."""
        spec = self.protocol.analyses[self.result.analysis]
        estimand = self.protocol.estimands[spec.estimand]  # type: ignore[union-attr]
        variable = estimand.variable
        item = self.protocol.items.get(variable.item or "")
        label = estimand.question.say(self.language) if item is None else item.label.say(self.language)
        if self.result.measure == "difference in proportions":
            return self.say("response by {item}", item=label)
        if self.result.measure == "log hazard ratio":
            return self.say("time to the event ({question})", question=estimand.question.say(self.language))
        if variable.summary == "value":
            return label
        return self.say("{summary} of {item}", summary=self.say(variable.summary), item=label)

    @property
    def unit(self) -> str:
        """The unit of the effect as it is printed."""
        return self.say(unit_sign(self.result.unit)) if self.result.unit else ""

    @property
    def measure(self) -> str:
        """What an effect is called at the head of a column."""
        name = {
            "difference in means": "Difference",
            "difference in proportions": "Difference (percentage points)",
            "log hazard ratio": "Hazard ratio",
        }[self.result.measure]
        return f"{self.say(name)} ({self.unit})" if self.unit else self.say(name)

    def effect(self, value: float | None, measure: str | None = None) -> str:
        """Write an effect without its unit."""
        measure = measure or self.result.measure
        if value is None:
            return "–"
        if measure == "log hazard ratio":
            return format_number(math.exp(value), 2)
        if measure == "difference in proportions":
            return format_number(100 * value, 1)
        return format_number(value, 1 if abs(value) >= 1 or value == 0 else 3)

    def effect_with_unit(self, value: float | None) -> str:
        """Write an effect with its unit."""
        text = self.effect(value)
        if self.result.measure == "difference in proportions":
            return self.say("{value} percentage points", value=text)
        return f"{text} {self.unit}".strip()

    def power(self, value: float) -> str:
        """Write a probability as a percentage; what rounds to all or nothing as beyond the last that does not."""
        if 0 < value < 0.0005:
            return "<0.1%"
        if 0.9995 <= value < 1:
            return ">99.9%"
        return format_percent(100 * value)

    def percent(self, value: float) -> str:
        """Write a share as it stands in a protocol: 5%, 2.5%."""
        return f"{100 * value:.6g}%"

    def number(self, value: float | None) -> str:
        """Write a number of participants, rounded up."""
        return "–" if value is None else f"{math.ceil(value - 1e-9)}"

    def total(self, participants: float | None) -> str:
        """Write the participants of all arms, each arm rounded up."""
        if participants is None:
            return "–"
        return str(sum(whole_arms(participants, self.result.allocation)))

    def months(self, value: float) -> str:
        """Write months."""
        return format_number(value, 1)

    def option(self, looks: Looks | None) -> str:
        """Describe a design with looks."""
        if looks is None:
            return self.say("No look before the end")
        shares = self.say.listing([f"{100 * share:.3g}%" for share in looks.at])
        spending = {
            "obrien-fleming": "O'Brien-Fleming bounds",
            "pocock": "Pocock bounds",
            "none": "No bounds for efficacy",
        }[looks.spending]
        parts = [self.say("{bounds}, look at {shares}", bounds=self.say(spending), shares=shares)]
        if looks.futility is not None:
            parts.append(self.say("an arm dropped if z < {z}", z=f"{looks.futility:g}"))
        if looks.best:
            parts.append(self.say("the best arm goes on"))
        return self.say("; ").join(parts)

    @property
    def claim(self) -> str:
        """What the power is for."""
        return self.say(
            {"each": "each arm by itself", "any": "at least one arm", "all": "all arms together"}[
                self.result.claim
            ]
        )

    @property
    def multiplicity(self) -> str:
        """How the comparisons are adjusted for their number."""
        return self.say(
            {
                "none": "each comparison at this level",
                "bonferroni": "Bonferroni's method",
                "holm": "Holm's method",
                "hochberg": "Hochberg's method",
                "hommel": "Hommel's method",
                "fixed sequence": "a fixed sequence",
                "dunnett": "Dunnett's test",
                "step-down dunnett": "Dunnett's step-down test",
            }[self.result.multiplicity]
        )

    @property
    def method(self) -> str:
        """The method of the planned analysis, in running text."""
        return self.say(METHODS[self.result.method])

    def method_of(self, name: str) -> str:
        """Return the name of a method as it stands in a table."""
        return self.say({"ancova": "analysis of covariance", "mmrm": "mixed model"}.get(name, name))

    def arms(self, names: Sequence[str]) -> str:
        """List arms in running text."""
        return self.say.listing([self.arm(name) for name in names])


METHODS = {
    "mmrm": "a mixed model for repeated measures",
    "ancova": "analysis of covariance",
    "Student's t test": "Student's t test",
    "Welch's t test": "Welch's t test",
    "rank-sum test": "Wilcoxon's rank-sum test",
    "chi-square test": "the chi-square test",
    "Fisher's exact test": "Fisher's exact test",
    "Cochran-Mantel-Haenszel test": "the Cochran-Mantel-Haenszel test",
    "log-rank test": "the log-rank test",
    "Cox regression": "Cox regression",
}
