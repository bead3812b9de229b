"""The answer to the primary question in plain sentences, and what the data do not tell.

The wording is careful on purpose: an estimate with its interval comes first; nothing is proved; a difference that
is not significant is not called absent (Altman and Bland, BMJ 1995;311:485). Which direction is better is taken
from the estimand; where it says nothing, neither do the sentences.
"""

from dataclasses import dataclass
from math import isfinite

from ...analysis.result import AnalysisResult, TrialResults
from ...protocol.model import Estimand
from ..rounding import format_number, format_p_equation, format_percent
from ..tables.layout import ADJUSTMENTS, adjusted_at, asked_visits, endpoint_label, outcome_decimals
from ..tables.lookup import Lookup, Numbers
from ..tables.table import Reference
from .labels import Labels
from .tipping import say_tipping_points

P_DECIMALS = 3


@dataclass(frozen=True)
class Answer:
    """The primary question, what was found, and cautions; `analysis` is empty where no primary was declared."""

    analysis: str
    question: str
    found: tuple[str, ...]
    cautions: tuple[str, ...]


def answer_primary(results: TrialResults, labels: Labels) -> Answer:
    """Put the result of the primary analysis into words."""
    say, protocol = labels.say, labels.context.protocol
    primary = None if protocol.report is None else protocol.report.primary
    if primary is None:
        return Answer("", "", (say("The protocol declares no primary analysis."),), ())
    name = getattr(protocol.analyses[primary], "estimand", None)
    estimand = None if name is None else protocol.estimands[name]
    question = "" if estimand is None else estimand.question.say(labels.language)
    result = results.done.get(primary)
    if result is None:
        reason = results.not_done.get(primary)
        said = (
            say("The primary analysis was not asked for in this run.")
            if reason is None
            else say("The primary analysis could not be done: {reason}", reason=_sentence(reason))
        )
        return Answer(primary, question, (said,), ())
    if estimand is None:
        return Answer(primary, question, (say("The primary analysis describes; it compares nothing."),), ())
    lookup = Lookup(result)
    found = [*_found(lookup, estimand, labels), *_tipping(results, primary, labels)]
    return Answer(primary, question, tuple(found), tuple(_cautions(lookup, estimand, labels)))


def _tipping(results: TrialResults, primary: str, labels: Labels) -> list[str]:
    """Say at which delta the conclusion of the primary analysis changes, where its tipping point was sought."""
    found = [result for result in results.done.values() if getattr(result.spec, "of", None) == primary]
    return [sentence for result in found for sentence in say_tipping_points(Lookup(result), labels)]


def _found(lookup: Lookup, estimand: Estimand, labels: Labels) -> list[str]:
    """Say the outcome, every comparison and overall test; the estimates of arms where none are compared."""
    say, result = labels.say, lookup.result
    asked = asked_visits(lookup, labels)
    at = say.listing([labels.visit(visit) for visit in asked if visit])
    outcome = endpoint_label(result, labels)
    head = say("Outcome: {outcome}, {visits}.", outcome=outcome, visits=at) if at else ""
    compared = [
        n
        for n in lookup
        if n.reference.versus and n.reference.visit in asked and (not n.reference.group or "measure" in n.group)
    ]
    several = len([visit for visit in asked if visit]) > 1
    sentences = [_comparison(n, lookup, estimand, labels, several=several) for n in compared]
    sentences = [sentence for sentence in sentences if sentence] + _over_all_arms(lookup, labels)
    if not sentences:
        sentences = _inside_arms(lookup, labels)
    return [head, *sentences] if head else sentences


def _comparison(numbers: Numbers, lookup: Lookup, estimand: Estimand, labels: Labels, *, several: bool) -> str:
    """Say one comparison: estimate, interval, p, and what the interval holds; nothing for a bare test.

    Limits and p are those adjusted for multiplicity where the analysis has them.
    """
    say, place, result = labels.say, numbers.reference, lookup.result
    statistic = next((name for name in (*_MEASURES, "estimate") if name in numbers), None)
    if statistic is None:
        return ""
    name, null, decimals = _MEASURES.get(statistic, (_DIFFERENCES.get(result.spec.method, "difference"), 0.0, -1))
    if decimals < 0:
        decimals = outcome_decimals(result, labels, place.parameter) + 1
    who = say("{arm} against {versus}", arm=labels.arm(place.arm), versus=labels.arm(place.versus))
    if several:
        who = say("At {visit}, {what}", visit=labels.visit(place.visit), what=who)
    adjusted = adjusted_at(lookup, place.parameter, place.visit, place.arm, place.versus)
    limits = adjusted if "lower" in adjusted else numbers
    value, lower, upper = numbers[statistic], limits["lower"], limits["upper"]
    if value is None:
        return say("{who}: the {name} could not be estimated.", who=who, name=say(name))
    shown = [_number(v, decimals, percent=statistic == "risk_difference") for v in (value, lower, upper)]
    pattern = (
        "{who}: {name} {value} ({interval} simultaneous confidence interval {lower} to {upper}{p})."
        if "lower" in adjusted
        else "{who}: {name} {value} ({interval} confidence interval {lower} to {upper}{p})."
    )
    sentence = say(
        pattern,
        who=who,
        name=say(name),
        value=shown[0],
        interval=f"{100 * getattr(result.spec, 'confidence', 0.95):g}%",
        lower=shown[1],
        upper=shown[2],
        p=_spoken_p(numbers, adjusted, labels),
    )
    if adjusted and "lower" not in adjusted:
        said = _direction_by_p(numbers, adjusted, result, estimand, labels)
    else:
        said = _direction(place, value, lower, upper, statistic, null, estimand, labels)
    return f"{sentence}{labels.space}{said}"


_MEASURES = {
    "hazard_ratio": ("hazard ratio", 1.0, 2),
    "odds_ratio": ("odds ratio", 1.0, 2),
    "risk_difference": ("difference of proportions", 0.0, 1),
}
_DIFFERENCES = {
    "ancova": "adjusted difference",
    "mmrm": "adjusted difference",
    "rank-sum": "shift (Hodges-Lehmann)",
}


def _number(value: float | None, decimals: int, *, percent: bool) -> str:
    if value is not None and percent:
        return format_percent(100 * value, decimals)
    return format_number(value, decimals)


def _p(numbers: Numbers) -> str:
    return format_p_equation(numbers["p"], P_DECIMALS)


def _spoken_p(numbers: Numbers, adjusted: Numbers, labels: Labels) -> str:
    """Say p, that adjusted for multiplicity where there is one; empty where there is neither."""
    if adjusted["p"] is not None:
        return labels.say("; adjusted {p}", p=_p(adjusted))
    return f"; {_p(numbers)}" if numbers["p"] is not None else ""


def _direction_by_p(
    numbers: Numbers, adjusted: Numbers, result: AnalysisResult, estimand: Estimand, labels: Labels
) -> str:
    """Say whom a difference favours where p alone is adjusted, the interval being that of one comparison."""
    say, place, value = labels.say, numbers.reference, numbers["estimate"]
    alpha = 1 - getattr(result.spec, "confidence", 0.95)
    held = (
        say(
            "The adjusted p is below {alpha}, so that no difference hardly agrees with the data.",
            alpha=f"{alpha:g}",
        )
        if adjusted["p"] is not None and adjusted["p"] < alpha
        else say(
            "The adjusted p is not below {alpha}: no difference agrees with the data too.", alpha=f"{alpha:g}"
        )
    )
    better = estimand.variable.better
    if better is None or value is None or value == 0:
        return held
    side = labels.arm(place.arm if (value > 0) == (better == "higher") else place.versus)
    leaning = say("The estimate favours {side}.", side=side)
    return f"{leaning}{labels.space}{held}"


def _direction(
    place: Reference,
    value: float | None,
    lower: float | None,
    upper: float | None,
    statistic: str,
    null: float,
    estimand: Estimand,
    labels: Labels,
) -> str:
    """Say whom the estimate favours and whether the interval leaves the question open."""
    say = labels.say
    if value is None or lower is None or upper is None:
        return say("The interval could not be estimated.")
    open_question = lower <= null <= upper
    better = estimand.variable.better
    if better is None or value == null:
        return (
            say("The interval includes no difference: one in either direction, or none, agrees with the data.")
            if open_question
            else say("The interval excludes no difference.")
        )
    # A later event means a lower hazard: where higher (later) is better, a ratio below one favours the arm.
    favours_arm = (value > null) == (better == "higher")
    if statistic == "hazard_ratio":
        favours_arm = not favours_arm
    side = labels.arm(place.arm if favours_arm else place.versus)
    if open_question:
        return say(
            "The estimate leans towards {side}, but the interval includes no difference: one in either direction, "
            "or none, agrees with the data.",
            side=side,
        )
    return say("The estimate favours {side}, and the interval excludes no difference.", side=side)


def _over_all_arms(lookup: Lookup, labels: Labels) -> list[str]:
    """Say medians, the test over all arms, and that of dose response, as far as the analysis has them."""
    say = labels.say
    said = []
    for numbers in lookup.select(group="quantile=0.5"):
        arm = labels.arm(numbers.reference.arm)
        if numbers["median"] is None:
            said.append(say("{arm}: median not reached.", arm=arm))
        else:
            said.append(say("{arm}: median {median}.", arm=arm, median=format_number(numbers["median"], 0)))
    overall = lookup.select(arm="", versus="", group="", having="p")
    trends = lookup.select(group="trend=dose")
    said += [say("Test over all arms: {p}.", p=_p(numbers)) for numbers in overall]
    return said + [say("Test of dose response over all arms: {p}.", p=_p(numbers)) for numbers in trends]


def _inside_arms(lookup: Lookup, labels: Labels) -> list[str]:
    """Say the estimates of each arm where the primary analysis compares none."""
    said = []
    for numbers in lookup.select(versus="", group="", having="estimate"):
        place = numbers.reference
        decimals = outcome_decimals(lookup.result, labels, place.parameter) + 1
        if place.arm and numbers["estimate"] is not None:
            said.append(_estimate(labels, numbers, decimals, getattr(lookup.result.spec, "confidence", 0.95)))
    return said


def _estimate(labels: Labels, numbers: Numbers, decimals: int, confidence: float) -> str:
    """Say an estimate inside an arm, with its interval where there are enough participants for one."""
    place = numbers.reference
    who = {"arm": labels.arm(place.arm), "visit": labels.visit(place.visit)}
    interval = f"{100 * confidence:g}%"
    value, lower, upper = (format_number(numbers[s], decimals) for s in ("estimate", "lower", "upper"))
    limits = [numbers["lower"], numbers["upper"]]
    if not all(limit is not None and isfinite(limit) for limit in limits):
        return labels.say(
            "{arm}, {visit}: {value}; there are too few participants for a {interval} confidence interval.",
            **who,
            value=value,
            interval=interval,
        )
    return labels.say(
        "{arm}, {visit}: {value} ({interval} confidence interval {lower} to {upper}).",
        **who,
        value=value,
        interval=interval,
        lower=lower,
        upper=upper,
    )


_FILLING = {
    "last observation carried forward": "Missing values were filled with the last one observed, as if nothing had "
    "changed since; the data cannot tell whether that is so.",
    "worst observation carried forward": "Missing values were filled with the worst one observed; this is an "
    "assumption that the data cannot check.",
    "non-response": "Participants with a missing value count as without response; this is an assumption that the "
    "data cannot check.",
    "observed only": "Participants with a missing value are left out, as if they did not differ from the others; "
    "the data cannot tell whether that is so.",
}


_LEFT_TO_MODEL = (
    "Missing values are taken to be like those of participants with the same course until then; the data cannot "
    "tell whether that is so."
)


def _cautions(lookup: Lookup, estimand: Estimand, labels: Labels) -> list[str]:
    """Say what the primary analysis leaves open: design, multiplicity, who is not in it, missing values."""
    say, protocol = labels.say, labels.context.protocol
    kind, better = estimand.variable.kind, estimand.variable.better
    said = []
    if better is not None and kind == "measurement":
        said.append(say("Higher values are better.") if better == "higher" else say("Lower values are better."))
    if better is not None and kind == "time to event":
        said.append(say("A later event is better.") if better == "higher" else say("An earlier event is better."))
    if protocol.randomisation is None:
        said.append(
            say("Participants were not randomised to arms: differences may have other causes than treatment.")
            if len(protocol.arms) > 1
            else say("There is no comparison group: a change cannot be put down to the treatment.")
        )
    adjusted = lookup.select(keys={"multiplicity", "comparisons"})
    if adjusted:
        method = say(ADJUSTMENTS[adjusted[0].group["multiplicity"]])
        said.append(
            say(
                "What is compared with {versus} is adjusted for the number of comparisons ({method}); the rest is "
                "not.",
                versus=labels.arm(adjusted[0].reference.versus),
                method=method,
            )
        )
    elif len(lookup.comparisons()) > 1:
        said.append(say("Several comparisons were made; p-values and intervals are not adjusted for that."))
    outside = _left_out(lookup, labels)
    if outside is not None:
        said.append(outside)
    if kind == "time to event":
        said.append(
            say("Censoring is taken to tell nothing about the time to the event, which cannot be checked.")
        )
    else:
        said.append(say(_LEFT_TO_MODEL if lookup.result.spec.method == "mmrm" else _FILLING[estimand.missing]))
    return said


def _left_out(lookup: Lookup, labels: Labels) -> str | None:
    """Say how many of all participants the analysis rests on, where it is not all of them."""
    everyone = labels.counts("")
    over_all = lookup.select(visit="", versus="", group="", having="n")
    found = over_all or lookup.select(versus="", group="", having="n")
    inside = {n.reference.arm: int(n["n"] or 0) for n in found}
    total, analysed = sum(everyone[arm] for arm in labels.arms), sum(inside.values())
    if (
        (len(lookup.visits()) > 1 and not over_all)
        or not set(inside) >= set(labels.arms)
        or not 0 < analysed < total
    ):
        return None
    return labels.say(
        "{analysed} of {total} participants are in this analysis; it does not tell about the others.",
        analysed=analysed,
        total=total,
    )


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
