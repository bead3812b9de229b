"""Eligibility: each criterion with what the forms say of it, and the investigator's word where it has no rule."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .....conduct.door.chapters import read_fact
from .....conduct.door.state import Participant, Scalar, Value
from .....conduct.enrolment.criteria import Assessment, assess_criteria, hash_rules
from .....conduct.enrolment.screening import AssessEligibility, EligibilityAssessed
from .....conduct.enrolment.source_values import SourceValues, source_for_eligibility
from .....errors import DecisionRefused
from .....protocol.model import Criterion
from ....shell.requests import here, may, participant_here, shown_to, submit
from ....words import language, say
from .head import head_of
from .signing import said_value


@dataclass(frozen=True)
class Line:
    """A criterion as it is shown: whether it is so, what that rests on, whether it keeps the person out.

    so: None where that is not known. lacking: that a value is missing on which its rule hangs.
    """

    name: str
    criterion: Criterion
    so: bool | None
    rests_on: tuple[tuple[str, str], ...]
    keeps_out: bool
    lacking: bool


@require_http_methods(["GET", "POST"])
@shown_to("forms")
def page(request: HttpRequest, number: str) -> HttpResponse:
    """Show how the criteria stand, and assess them for good."""
    person, looking = participant_here(request, number), here(request)
    protocol = looking.running.door.protocol_of(number)
    source, refusal = source_for_eligibility(protocol, person), ""
    judged = _judged_before(request, person)
    if request.method == "POST":
        if not may(request, AssessEligibility):
            raise PermissionDenied
        said = {
            name.removeprefix("judged-"): so for name, so in request.POST.items() if name.startswith("judged-")
        }
        judged = {name: so == "Y" for name, so in said.items() if so in ("Y", "N")}
        try:
            submit(request, AssessEligibility(participant=number, judged=judged))
        except DecisionRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, say("Eligibility was assessed: {verdict}", verdict=_verdict(person)))
            return redirect("participant", number=number)
    known = set(judged) & {name for name, one in _criteria(source).items() if one.judged}
    assessment = assess_criteria(source, {name: judged[name] for name in known})
    context = {
        "title": say("Eligibility of participant {number}", number=number),
        "kinds": [
            (say("Inclusion criteria"), _lines(source, assessment, protocol.population.inclusion, wanted=True)),
            (say("Exclusion criteria"), _lines(source, assessment, protocol.population.exclusion, wanted=False)),
        ],
        "lacking": "" if refusal else _lacking(source, assessment),
        "eligibility": person.eligibility,
        "changed": person.eligibility is not None and person.eligibility.rules != hash_rules(protocol),
        "may_assess": may(request, AssessEligibility) and person.allocation is None,
        "refusal": refusal,
        **head_of(request, person),
    }
    return render(request, "site/eligibility.html", context, status=422 if refusal else 200)


def _criteria(source: SourceValues) -> dict[str, Criterion]:
    population = source.protocol.population
    return {**population.inclusion, **population.exclusion}


def _lines(
    source: SourceValues, assessment: Assessment, criteria: Mapping[str, Criterion], *, wanted: bool
) -> list[Line]:
    lines = []
    for name, criterion in criteria.items():
        verdict = assessment.verdicts.get(name)
        rests_on = () if verdict is None else tuple(_in_words(source, *one) for one in verdict.inputs.items())
        lines.append(
            Line(
                name=name,
                criterion=criterion,
                so=None if verdict is None else verdict.met,
                rests_on=rests_on,
                keeps_out=verdict is not None and verdict.met != wanted,
                lacking=verdict is None and criterion.rule is not None,
            )
        )
    return lines


def _lacking(source: SourceValues, assessment: Assessment) -> str:
    """Name what has to be filled in before everything can be decided."""
    if not assessment.lacking:
        return ""
    if language() == "en":
        return source.name_forms(assessment.lacking)
    items = source.protocol.items
    return "、".join(items[one].label.say("zh") if one in items else one for one in assessment.lacking)


def _in_words(source: SourceValues, name: str, value: Scalar) -> tuple[str, str]:
    """Return what a value is called, and the value as it is read."""
    item, variable = source.protocol.items.get(name), source.protocol.variables.get(name)
    known = item or variable
    label = name if known is None else known.label.say(language())
    if item is None and variable is not None and str(value) in variable.codes:
        return label, variable.codes[str(value)].say(language())
    return label, said_value(item, Value(value=value))


def _judged_before(request: HttpRequest, person: Participant) -> dict[str, bool]:
    """Return the investigator's word as it was last given."""
    if person.eligibility is None:
        return {}
    kinds = [EligibilityAssessed.__name__]
    events = list(here(request).running.book.read(participant=person.id, kinds=kinds))
    fact = read_fact(events[-1])
    said = msgspec.structs.asdict(fact)["criteria"]
    return {name: verdict.met for name, verdict in said.items() if verdict.judged}


def _verdict(person: Participant) -> str:
    assert person.eligibility is not None
    if person.eligibility.eligible:
        return say("eligible")
    return f"{say('not eligible')} ({', '.join(person.eligibility.not_met)})"
