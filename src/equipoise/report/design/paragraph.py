"""How the size of a trial is justified: a paragraph that could stand in its protocol, and its sources."""

from dataclasses import dataclass

from ...design import DesignResult
from ...protocol import Protocol
from ..rounding import format_number
from .words import PlanWords


@dataclass(frozen=True)
class Source:
    """Where an assumption comes from: the field of the protocol, the source, and what is said of it."""

    field: str
    source: str
    note: str


def describe_plan(protocol: Protocol, result: DesignResult, language: str = "en") -> str:
    """Say in one paragraph what is compared, assumed and asked for, and the size and power that follow."""
    words = PlanWords(protocol, result, language)
    parts = [*_question(words), *_assumptions(words), *_size(words), *_planned(words), *_calendar(words)]
    return words.space.join(part for part in parts if part)


def _question(words: PlanWords) -> list[str]:
    say, result = words.say, words.result
    at = say(", at {visit}", visit=words.visit) if words.visit else ""
    compared = say(
        "The planned analysis compares {arms} with {control} by {method}; the outcome is {outcome}{at}.",
        arms=words.arms(result.arms),
        control=words.arm(result.control),
        method=words.method,
        outcome=words.outcome,
        at=at,
    )
    sides = say("two-sided") if result.sides == 2 else say("one-sided")
    if len(result.arms) == 1:
        return [
            compared,
            say("Significance level {alpha}, {sides}.", alpha=words.percent(result.alpha), sides=sides),
        ]
    if result.multiplicity == "none":
        level = say(
            "Each comparison is tested at a level of {alpha}, {sides}, not adjusted for their number.",
            alpha=words.percent(result.alpha),
            sides=sides,
        )
    else:
        level = say(
            "Familywise error rate {alpha}, {sides}, held by {multiplicity}.",
            alpha=words.percent(result.alpha),
            sides=sides,
            multiplicity=words.multiplicity,
        )
    return [compared, level]


def _assumptions(words: PlanWords) -> list[str]:
    say, result, planned = words.say, words.result, words.result.planned
    effects = [
        say("{effect} with {arm}", effect=words.effect_with_unit(planned.effects[arm]), arm=words.arm(arm))
        for arm in result.arms
    ]
    name = {
        "difference in means": "Assumed (scenario: {scenario}), as differences of the means from {control}: "
        "{effects}.",
        "difference in proportions": "Assumed (scenario: {scenario}), as differences of the share from {control}: "
        "{effects}.",
        "log hazard ratio": "Assumed (scenario: {scenario}), as hazard ratios to {control}: {effects}.",
    }[result.measure]
    said = [
        say(
            name,
            scenario=words.scenario(result.scenario),
            control=words.arm(result.control),
            effects=say.listing(effects),
        )
    ]
    if result.model.sd is not None and result.model.seen is not None:
        adjusted = result.method in ("mmrm", "ancova")
        said.append(
            say(
                "The standard deviation of the outcome given the covariates is {sd}; {seen} of participants have "
                "a value then."
                if adjusted
                else "The standard deviation of the outcome is {sd}; {seen} of participants have a value then.",
                sd=f"{format_number(result.model.sd, 1)} {words.unit}".strip(),
                seen=words.power(result.model.seen),
            )
        )
    return said


def _size(words: PlanWords) -> list[str]:
    say, claimed = words.say, words.result.claimed
    assert claimed.per_arm is not None
    needed = say(
        "For a power of {power} for {claim}, {total} participants are to be randomised ({per_arm}).",
        power=words.percent(words.result.power),
        claim=words.claim if len(words.result.arms) > 1 else say("this comparison"),
        total=sum(claimed.per_arm),
        per_arm=per_arm_text(words, claimed.per_arm),
    )
    if claimed.complete is None:
        return [needed]
    return [
        needed,
        say("{total} would do if nobody's value were missing.", total=words.total(claimed.complete)),
    ]


def per_arm_text(words: PlanWords, sizes: tuple[int, ...]) -> str:
    """Write the sizes of the arms: one number where they are equal."""
    if len(set(sizes)) == 1:
        return words.say("{number} an arm", number=sizes[0])
    arms = (words.result.control, *words.result.arms)
    return words.say.listing([f"{words.arm(arm)} {number}" for arm, number in zip(arms, sizes, strict=True)])


def _planned(words: PlanWords) -> list[str]:
    say, result = words.say, words.result
    power = result.planned.power
    each = [
        say("{power} for {arm}", power=words.power(one), arm=words.arm(arm))
        for arm, one in zip(result.arms, power.each, strict=True)
    ]
    said = [
        say(
            "The {participants} participants that are planned have a power of {each}.",
            participants=result.participants,
            each=say.listing(each),
        )
    ]
    if len(result.arms) > 1:
        said.append(
            say(
                "At least one arm is shown to be better with a probability of {some}, all of them with {all}.",
                some=words.power(power.any_arm),
                all=words.power(power.all_arms),
            )
        )
    found = {arm: value for arm, value in result.detectable.items() if value is not None}
    texts = {words.effect_with_unit(value) for value in found.values()}
    if len(texts) == 1 and len(found) == len(result.arms):
        detected = texts.pop()
    else:
        detected = say.listing(
            [
                say("{effect} with {arm}", effect=words.effect_with_unit(value), arm=words.arm(arm))
                for arm, value in found.items()
            ]
        )
    if found:
        said.append(
            say(
                "The smallest effect that they show with a power of {power} is {effects}.",
                power=words.percent(result.power),
                effects=detected,
            )
        )
    return said


def _calendar(words: PlanWords) -> list[str]:
    calendar = words.result.calendar
    if calendar is None:
        return []
    at = {step.name: step.month for step in calendar.milestones}
    return [
        words.say(
            "At {rate} participants a month, all sites open from the start, the last enters after {entered} "
            "months and has the outcome after {ripe}.",
            rate=format_number(calendar.rate, 1),
            entered=words.months(at["last participant in"]),
            ripe=words.months(at["last outcome"]),
        )
    ]


_CITED = {
    "mmrm": (
        "Lu K, Luo X, Chen PY. Sample size estimation for repeated measures analysis in randomized clinical "
        "trials with missing data. Int J Biostat 2008;4(1):9",
        "Kenward MG, Roger JH. Small sample inference for fixed effects from restricted maximum likelihood. "
        "Biometrics 1997;53:983-97",
    ),
    "ancova": (
        "Borm GF, Fransen J, Lemmens WA. A simple sample size formula for analysis of covariance in randomized "
        "clinical trials. J Clin Epidemiol 2007;60:1234-8",
    ),
    "Welch's t test": (
        "Moser BK, Stevens GR, Watts CL. The two-sample t test versus Satterthwaite's approximate F test. Commun "
        "Stat Theory Methods 1989;18:3963-75",
    ),
    "rank-sum test": (
        "Noether GE. Sample size determination for some common nonparametric tests. JASA 1987;82:645-7",
    ),
    "log-rank test": (
        "Schoenfeld D. The asymptotic properties of nonparametric tests for comparing survival distributions. "
        "Biometrika 1981;68:316-9",
    ),
    "Cox regression": (
        "Schoenfeld D. The asymptotic properties of nonparametric tests for comparing survival distributions. "
        "Biometrika 1981;68:316-9",
    ),
}
_SHARES = ("Fleiss JL, Levin B, Paik MC. Statistical methods for rates and proportions. 3rd ed. Wiley, 2003",)
_ADJUSTED = {
    "dunnett": (
        "Dunnett CW. A multiple comparison procedure for comparing several treatments with a control. JASA "
        "1955;50:1096-121"
    ),
    "step-down dunnett": (
        "Dunnett CW, Tamhane AC. Step-down multiple tests for comparing treatments with a control in unbalanced "
        "one-way layouts. Stat Med 1991;10:939-47"
    ),
    "holm": "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 1979;6:65-70",
    "hochberg": (
        "Hochberg Y. A sharper Bonferroni procedure for multiple tests of significance. Biometrika 1988;75:800-2"
    ),
    "hommel": (
        "Hommel G. A stagewise rejective multiple test procedure based on a modified Bonferroni test. Biometrika "
        "1988;75:383-6"
    ),
}
_LOOKS = (
    "Lan KKG, DeMets DL. Discrete sequential boundaries for clinical trials. Biometrika 1983;70:659-63",
    "Lehmacher W, Wassmer G. Adaptive sample size calculations in group sequential trials. Biometrics "
    "1999;55:1286-90",
    "Kieser M, Friede T. Simple procedures for blinded sample size adjustment that do not affect the type I error "
    "rate. Stat Med 2003;22:3571-81",
)


def cite_methods(result: DesignResult) -> tuple[str, ...]:
    """List what the methods of a plan are taken from."""
    cited = list(_CITED.get(result.method, _SHARES if result.measure == "difference in proportions" else ()))
    if result.multiplicity in _ADJUSTED and len(result.arms) > 1:
        cited.append(_ADJUSTED[result.multiplicity])
    return (*cited, *_LOOKS)


def trace_assumptions(protocol: Protocol) -> tuple[Source, ...]:
    """List where the assumptions and decisions of the plan come from, as the protocol says."""
    kept = ("assumptions", "design", "randomisation", "arms")
    found = []
    for field, text in protocol.provenance.items():
        if field.split(".")[0] in kept:
            source, _, note = text.partition(";")
            found.append(Source(field, protocol.sources.get(source.strip(), source.strip()), note.strip()))
    return tuple(found)
