"""What the definitions of a response, and changes within arms, show; in sentences."""

from ...report.rounding import format_percent
from ..analyses import Place
from .characteristics import Quantity
from .figures.definitions import nothing_first
from .words import Words


def describe_responses(words: Words) -> tuple[str, ...]:
    """Say who responds without any effect, what was published, and how often a trial gives that."""
    return (*_noise(words), *_tests(words), *_published(words), *_as_reported(words))


def _noise(words: Words) -> list[str]:
    say, control, found = words.say, words.protocol.control, words.found
    said = []
    for scenario in words.null_scenarios:
        shares = [
            (share.value, words.analysis(name))
            for name in words.analyses.definitions
            for place in found.of(name)
            if place.arm == control
            and not place.versus
            and (share := found.at(scenario, place, "mean_estimate")) is not None
        ]
        if not shares:
            continue
        (low, least), (high, most) = min(shares), max(shares)
        said.append(
            say(
                "Under “{scenario}” {high} of the participants of {arm} respond by the definition “{most}” and "
                "{low} by “{least}”: by noise, drift and selection alone.",
                scenario=words.scenario(scenario),
                arm=words.arm(control or ""),
                high=words.percent(high),
                most=most,
                low=words.percent(low),
                least=least,
            )
        )
    return said


def _tests(words: Words) -> list[str]:
    """Say between which shares the test of a definition is significant, without and with the planned effect."""
    say, found = words.say, words.found
    said = []
    scenarios = [*words.null_scenarios[:1], *([words.planned_scenario] if words.planned_scenario else [])]
    for scenario in dict.fromkeys(scenarios):
        shares = [
            share.value
            for name in words.analyses.definitions
            for place in found.comparisons(name)
            if (share := found.at(scenario, place, "rejected")) is not None
        ]
        if shares:
            said.append(
                say(
                    "Under “{scenario}” the test of one arm against the control has p < {alpha} in {range} of "
                    "trials, depending on the definition and the arm.",
                    scenario=words.scenario(scenario),
                    alpha=f"{words.alpha:g}",
                    range=words.range_of(shares),
                )
            )
    return said


def _published(words: Words) -> list[str]:
    say, plan = words.say, words.protocol.design
    if plan is None or plan.reported is None:
        return []
    shares = [
        say("{share} in {arm}", share=words.percent(share), arm=words.arm(arm))
        for arm, share in plan.reported.shares.items()
    ]
    tests = [
        say("{arm} against the control p = {p}", arm=words.arm(arm), p=f"{p:g}")
        for arm, p in plan.reported.p.items()
    ]
    return [
        say(
            "Published, not simulated: {list}; the definition is not known.",
            list=say.listing([*shares, *tests]),
        )
    ]


def _as_reported(words: Words) -> list[str]:
    """Say how often all that was published comes about at once, by the definition that gives it most often."""
    say, found, said = words.say, words.found, list[str]()
    never: list[tuple[str, Quantity]] = []
    for scenario in nothing_first(words):
        shares = [
            (quantity, words.analysis(name))
            for name in words.analyses.definitions
            for s, _, quantity in found.having(name, "all_as_reported")
            if s == scenario
        ]
        if not shares:
            continue
        most, definition = max(shares, key=lambda pair: pair[0].value)
        if most.value == 0:
            never.append((f"“{words.scenario(scenario)}”", most))
            continue
        lower, upper = most.share_limits
        said.append(
            say(
                "Under “{scenario}” shares and p as extreme as published come about in {share} of trials at most "
                "(95% Monte Carlo interval {interval}), by the definition “{definition}”.",
                scenario=words.scenario(scenario),
                share=_fine(most.value),
                interval=say("{lower} to {upper}", lower=_fine(lower), upper=_fine(upper)),
                definition=definition,
            )
        )
    if never:
        fewest = min((quantity for _, quantity in never), key=lambda quantity: quantity.trials)
        said.insert(
            0,
            say(
                "Under {scenarios} shares and p as extreme as published come about in none of {trials} trials, "
                "whatever the definition (95% Monte Carlo interval up to {upper}).",
                scenarios=say.listing([name for name, _ in never]),
                trials=words.count(fewest.trials),
                upper=_fine(fewest.share_limits[1]),
            ),
        )
    return said


def _fine(share: float) -> str:
    """Write a rare share with two decimals."""
    return format_percent(100 * share, 2)


def describe_within_arms(words: Words, name: str) -> tuple[str, ...]:
    """Say how often arms change significantly from their own baseline though nothing works."""
    say, found, said = words.say, words.found, list[str]()
    for scenario in (*words.null_scenarios[:1], *([words.planned_scenario] if words.planned_scenario else [])):
        for visit in dict.fromkeys(place.visit for place in found.of(name)):
            inside = [p for p in found.of(name) if p.visit == visit and p.arm and not p.versus]
            usual = [q.value for p in inside if (q := found.at(scenario, p, "rejected")) is not None]
            strict = [q.value for p in inside if (q := found.at(scenario, p, "p_below_0.001")) is not None]
            if not usual or not strict:
                continue
            said.append(
                say(
                    "Under “{scenario}” the change of an arm from its own baseline at {visit} has p < {alpha} in "
                    "{usual} of trials and p < 0.001 in {strict}.",
                    scenario=words.scenario(scenario),
                    visit=words.visit(visit),
                    alpha=f"{words.alpha:g}",
                    usual=words.range_of(usual),
                    strict=words.range_of(strict),
                )
            )
            together = Place(name, visit)
            some = found.at(scenario, together, "any_active_arm")
            every = found.at(scenario, together, "all_active_arms_and_not_control")
            if some is not None and every is not None:
                said.append(
                    say(
                        "Under “{scenario}” at least one active arm has p < 0.001 in {some} of trials; every "
                        "active arm has it while the control has p ≥ 0.05 in {every} (95% Monte Carlo interval "
                        "{interval}).",
                        scenario=words.scenario(scenario),
                        some=words.percent(some.value),
                        every=words.percent(every.value),
                        interval=words.between(every.share_limits),
                    )
                )
    if said:
        said.append(
            say(
                "The change of an arm holds drift and regression to the mean beside any effect, and a test "
                "inside the arm finds those too: it does not compare arms."
            )
        )
    return tuple(said)
