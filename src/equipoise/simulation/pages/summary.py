"""What the simulation answers, in sentences: power, errors, bias, coverage, choice of an arm, course."""

import math
from dataclasses import dataclass

from ...report.rounding import format_number
from .characteristics import LEVEL, Quantity, Z
from .tables.course import TRIAL
from .words import Words

BEYOND = 3.0
"""A bias is called one from so many Monte Carlo errors on: chance alone passes that in 1 of 370."""


@dataclass(frozen=True)
class Answer:
    """A question that a reader of the design asks, and what the simulation says."""

    question: str
    said: tuple[str, ...]


def answer_questions(words: Words) -> tuple[Answer, ...]:
    """Answer what can be answered from the planned analysis and the course of the trial."""
    say = words.say
    found = [
        Answer(say("Can this trial find the planned effect?"), tuple(_power(words))),
        Answer(say("What does it conclude when nothing works?"), tuple(_errors(words))),
        Answer(say("Is the estimate biased?"), tuple(_bias(words))),
        Answer(say("Do the intervals cover the truth?"), tuple(_coverage(words))),
        Answer(say("Which arm would be chosen, and how often rightly?"), tuple(_choice(words))),
        Answer(say("How long does it take, and how many are screened?"), tuple(_course(words))),
    ]
    return tuple(answer for answer in found if answer.said)


def _power(words: Words) -> list[str]:
    say, name, scenario, found = words.say, words.planned, words.planned_scenario, words.found
    if name is None or scenario is None:
        return []
    shown, each = list[str](), list[Quantity]()
    for place in found.against_control(name):
        power = found.at(scenario, place, "success", "adjusted_rejected", "rejected")
        if power is None:
            continue
        if place.arm in words.acting(scenario):
            each.append(power)
        shown.append(_power_of(words, words.arm(place.arm), power))
    if not shown:
        return []
    together: dict[str, Quantity] = {}
    for family in found.families(name):
        some = found.at(scenario, family, "any_success", "any_rejected")
        every = found.at(scenario, family, "all_success", "all_rejected")
        if some is not None and every is not None and len(shown) > 1:
            together = {"any": some, "all": every}
            shown += [_power_of(words, say("at least one arm"), some), _power_of(words, say("every arm"), every)]
    head = say(
        "Under “{scenario}” the analysis “{analysis}” finds an arm better than {control} in this share of trials "
        "(Monte Carlo error in percentage points): {list}.",
        scenario=words.scenario(scenario),
        analysis=words.analysis(name),
        control=words.arm(found.against_control(name)[0].versus),
        list=say("; ").join(shown),
    )
    return [head, *_held_against_plan(words, each, together)]


def _power_of(words: Words, who: str, power: Quantity) -> str:
    return words.say("{who} {share}", who=who, share=words.share(power))


def _held_against_plan(words: Words, each: list[Quantity], together: dict[str, Quantity]) -> list[str]:
    """Say whether the power is what the protocol asks for."""
    say, plan = words.say, words.protocol.design
    if plan is None or not each or plan.analysis != words.planned or plan.scenario != words.planned_scenario:
        return []
    power = together.get(plan.claim, min(each, key=lambda quantity: quantity.value))
    lower, upper = power.share_limits
    claim = say({"each": "each arm by itself", "any": "at least one arm", "all": "all arms together"}[plan.claim])
    verdict = (
        "The protocol asks for {power} for {claim}: the trial does not reach it."
        if upper < plan.power
        else "The protocol asks for {power} for {claim}: the trial reaches it."
        if lower >= plan.power
        else "The protocol asks for {power} for {claim}: that lies within the Monte Carlo interval ({interval})."
    )
    return [say(verdict, power=words.level(plan.power), claim=claim, interval=words.between((lower, upper)))]


def _errors(words: Words) -> list[str]:
    say, name, found = words.say, words.planned, words.found
    said = list[str]()
    if name is None:
        return said
    for scenario in found.scenarios:
        for family in found.families(name):
            wrong = found.at(scenario, family, "any_true_null_rejected")
            if wrong is None and words.is_null(scenario):
                wrong = found.at(scenario, family, "any_rejected")
            if wrong is None:
                continue
            pattern = (
                "Under “{scenario}” it finds a difference, though there is none, in {share} of trials (95% Monte "
                "Carlo interval {interval}). {verdict}"
                if words.is_null(scenario)
                else "Under “{scenario}” it finds a difference where there is none in {share} of trials (95% "
                "Monte Carlo interval {interval}). {verdict}"
            )
            said.append(
                say(
                    pattern,
                    scenario=words.scenario(scenario),
                    share=words.percent(wrong.value),
                    interval=words.between(wrong.share_limits),
                    verdict=_against_alpha(words, wrong),
                )
            )
    return [*said, *_errors_of_others(words)]


def _against_alpha(words: Words, wrong: Quantity) -> str:
    lower, upper = wrong.share_limits
    verdict = (
        "That is more than the significance level of {alpha}."
        if lower > words.alpha
        else "That is less than the significance level of {alpha}."
        if upper < words.alpha
        else "That is compatible with the significance level of {alpha}."
    )
    return words.say(verdict, alpha=words.level(words.alpha))


def _errors_of_others(words: Words) -> list[str]:
    """Say how often the other analyses find something where there is nothing."""
    say, found = words.say, words.found
    said = []
    for scenario in words.null_scenarios:
        errors = [
            (share.value, words.analysis(name))
            for name in words.analyses.names
            if name != words.planned
            for family in found.families(name)
            if (share := found.at(scenario, family, "any_rejected")) is not None
        ]
        if len(errors) > 1:
            (low, least), (high, most) = min(errors), max(errors)
            said.append(
                say(
                    "Under “{scenario}” the other analyses find at least one difference in {low} (“{least}”) to "
                    "{high} (“{most}”); each is one more chance to find something where there is nothing.",
                    scenario=words.scenario(scenario),
                    low=words.percent(low),
                    least=least,
                    high=words.percent(high),
                    most=most,
                )
            )
    return said


def _bias(words: Words) -> list[str]:
    say, name, found, scenario = words.say, words.planned, words.found, words.planned_scenario
    if name is None:
        return []
    measure, said, beyond, seen = words.measure(name), list[str](), list[str](), 0
    for place in found.against_control(name):
        for each in found.scenarios:
            bias = found.at(each, place, "bias")
            if bias is None:
                continue
            seen += 1
            limits = say(
                "{lower} to {upper}",
                lower=measure.write(bias.limits[0], 1),
                upper=measure.write(bias.limits[1], 1),
            )
            mean, truth = found.at(each, place, "mean_estimate"), found.at(each, place, "truth")
            if each == scenario and mean is not None and truth is not None:
                said.append(
                    say(
                        "Under “{scenario}” the true difference of {who}, after all that happens to "
                        "participants, is {truth}; the mean estimate is {mean}, a bias of {bias} (95% Monte "
                        "Carlo interval {limits}).",
                        scenario=words.scenario(each),
                        who=words.comparison(place),
                        truth=words.with_unit(measure.write(truth.value), measure.unit),
                        mean=measure.write(mean.value),
                        bias=measure.write(bias.value, 1),
                        limits=limits,
                    )
                )
            if _is_biased(bias):
                beyond.append(
                    say(
                        "{who} under “{scenario}” by {bias}",
                        who=words.comparison(place),
                        scenario=words.scenario(each),
                        bias=words.with_unit(measure.write(bias.value, 1), measure.unit),
                    )
                )
    if beyond:
        said.append(say("Beyond three Monte Carlo errors it is biased: {list}.", list=say("; ").join(beyond)))
    elif seen:
        said.append(say("No bias of its comparisons with the control exceeds three Monte Carlo errors."))
    others = [
        f"“{words.analysis(other)}”"
        for other in words.analyses.names
        if other != name and any(_is_biased(bias) for _, _, bias in found.having(other, "bias"))
    ]
    if others:
        pattern = (
            "Of the other analyses, these are biased beyond three Monte Carlo errors under some scenario: {list}."
        )
        said.append(say(pattern, list=say.listing(others)))
    return said


def _is_biased(bias: Quantity) -> bool:
    return abs(bias.value) > BEYOND * bias.error


def _coverage(words: Words) -> list[str]:
    say, name, found = words.say, words.planned, words.found
    if name is None:
        return []
    covered = [
        (quantity, words.comparison(place), scenario)
        for place in found.against_control(name)
        for scenario in found.scenarios
        if (quantity := found.at(scenario, place, "coverage")) is not None
    ]
    if not covered:
        return []
    values = [quantity.value for quantity, _, _ in covered]
    trials = min(quantity.trials for quantity, _, _ in covered)
    half = Z * math.sqrt(LEVEL * (1 - LEVEL) / trials)
    low = [
        say("{who} under “{scenario}”: {share}", who=who, scenario=words.scenario(s), share=words.percent(q.value))
        for q, who, s in covered
        if q.value < LEVEL - BEYOND / Z * half
    ]
    said = [
        say(
            "The {level} intervals cover the truth in {range} of trials, over the comparisons with the "
            "control and all scenarios; by chance alone a true coverage of {level} shows as {band}.",
            level=words.level(LEVEL),
            range=words.range_of(values),
            band=words.between((LEVEL - half, LEVEL + half)),
        )
    ]
    if low:
        said.append(say("Too low by more than three Monte Carlo errors: {list}.", list=say("; ").join(low)))
    scenario = words.planned_scenario or found.scenarios[0]
    for place in found.against_control(name)[:1]:
        se, spread = found.at(scenario, place, "mean_se"), found.at(scenario, place, "empirical_se")
        if se is not None and spread is not None:
            measure = words.measure(name)
            said.append(
                say(
                    "For {who} a trial reports a standard error of {se} on average, and the estimates of "
                    "different trials have a standard deviation of {spread}.",
                    who=words.comparison(place),
                    se=measure.write(se.value, 1),
                    spread=words.with_unit(measure.write(spread.value, 1), measure.unit),
                )
            )
    return said


def _choice(words: Words) -> list[str]:
    say, name, found = words.say, words.planned, words.found
    if name is None or len(found.against_control(name)) < 2:
        return []
    said = []
    for family in found.families(name):
        for scenario in dict.fromkeys((*words.null_scenarios, words.planned_scenario or found.scenarios[-1])):
            right, some = found.at(scenario, family, "right_arm"), found.at(scenario, family, "any_success")
            if right is None or some is None:
                continue
            pattern = (
                "Under “{scenario}” no arm is declared better in {right} of trials, which is right."
                if words.is_null(scenario)
                else "Under “{scenario}” an arm is declared better in {some} of trials, and the one chosen is "
                "right in {right} of all trials."
            )
            said.append(
                say(
                    pattern,
                    scenario=words.scenario(scenario),
                    some=words.percent(some.value),
                    right=words.percent(right.value),
                )
            )
    if said:
        said.insert(
            0, say("Chosen is, of the arms declared better than the control, that with the best estimate.")
        )
    return said


def _course(words: Words) -> list[str]:
    say, found = words.say, words.found
    scenario = words.planned_scenario or found.scenarios[0]
    known = {name: found.at(scenario, TRIAL, name) for name in found.statistics(TRIAL)}
    said = []
    size, screened = known.get("participants"), known.get("screened")
    if size is not None and screened is not None:
        said.append(
            say(
                "For {size} participants {screened} are screened on average (standard deviation between trials "
                "{sd}).",
                size=format_number(size.value, 0),
                screened=format_number(screened.value, 0),
                sd=format_number(screened.spread, 0),
            )
        )
    entry, outcome, last = (
        known.get(f"months_to_{name}") for name in ("last_entry", "planned_outcome", "last_visit")
    )
    if entry is not None and last is not None:
        said.append(
            say(
                "The last participant enters after {entry} months on average (standard deviation {sd}); the last "
                "visit of all falls after {last} months.",
                entry=format_number(entry.value, 1),
                sd=format_number(entry.spread, 1),
                last=format_number(last.value, 1),
            )
        )
    visit = words.analyses.planned_visit
    if outcome is not None and visit is not None:
        said.append(
            say(
                "All outcomes at {visit} are there after {months} months.",
                visit=words.visit(visit),
                months=format_number(outcome.value, 1),
            )
        )
    left, seen = known.get("left"), known.get("seen_at_planned_visit")
    if left is not None and seen is not None and visit is not None:
        said.append(
            say(
                "On average {left} leave before the end, and {seen} have a value at {visit}.",
                left=words.percent(left.value),
                seen=words.percent(seen.value),
                visit=words.visit(visit),
            )
        )
    return said
