"""Arms, doses, randomisation and blinding agree with one another."""

from collections.abc import Iterator
from math import gcd

from ..finding import Finding
from ..model import Protocol, Text
from ..walk import walk


def check_design(protocol: Protocol) -> Iterator[Finding]:
    """Yield a finding for each contradiction between arms, interventions, randomisation and blinding."""
    yield from _arms(protocol)
    yield from _randomisation(protocol)
    yield from _languages(protocol)
    yield from _items(protocol)


def _arms(protocol: Protocol) -> Iterator[Finding]:
    controls = [name for name, arm in protocol.arms.items() if arm.control]
    if len(controls) > 1:
        yield Finding(("arms", controls[1], "control"), f"is the second control; {controls[0]} is one already")
    for name, intervention in protocol.interventions.items():
        doses = {arm.doses[name].unit for arm in protocol.arms.values() if name in arm.doses}
        if any(unit.startswith("/kg") or unit.endswith("/kg") for unit in doses) and intervention.weight is None:
            problem = "is dosed by body weight: say under `weight` which item, how old it may be, and its cap"
            yield Finding(("interventions", name), problem)
        if len(doses) > 1:
            yield Finding(
                ("interventions", name), f"is dosed in one unit in all arms. Got {', '.join(sorted(doses))}"
            )


def _randomisation(protocol: Protocol) -> Iterator[Finding]:
    plan = protocol.randomisation
    if plan is None:
        if protocol.enrolment is None:
            problem = "needs `randomisation`, or `enrolment` where participants are not randomised"
            yield Finding((), problem)
        return
    if protocol.enrolment is not None:
        yield Finding(("enrolment",), "belongs to a trial without randomisation; give one of the two")
    if len(protocol.arms) < 2:
        yield Finding(("randomisation",), "needs two arms or more; a single arm is planned under `enrolment`")
    elif plan.size < len(protocol.arms):
        problem = f"must be at least {len(protocol.arms)}, a participant for each arm"
        yield Finding(("randomisation", "size"), problem, plan.size)
    ratios = [arm.ratio for arm in protocol.arms.values()]
    whole = sum(ratios) // gcd(*ratios)
    for i, size in enumerate(plan.block_sizes):
        if plan.method == "permuted blocks" and (size < 1 or size % whole):
            problem = f"must be a multiple of {whole}, the sum of the ratios of the arms"
            yield Finding(("randomisation", "block_sizes", i), problem, size)


def _languages(protocol: Protocol) -> Iterator[Finding]:
    spoken = protocol.trial.languages
    for place in walk(protocol):
        if isinstance(place.value, Text):
            for language in place.value.root:
                if language not in spoken:
                    problem = f"speaks a language that trial.languages does not list ({', '.join(spoken)})"
                    yield Finding((*place.path, language), problem, language)


def _items(protocol: Protocol) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for form_name, form in protocol.forms.items():
        for name, item in form.items.items():
            if item.testcd is not None and item.testcd in seen:
                problem = f"is the test code of {seen[item.testcd]} too; each code belongs to one item"
                yield Finding(("forms", form_name, "items", name, "testcd"), problem, item.testcd)
            elif item.testcd is not None:
                seen[item.testcd] = f"{form_name}.{name}"
