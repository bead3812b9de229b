"""The numbers of a plan as tables of text, which page and terminal lay out alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from ...design.options import Option
from ...design.sensitivity import Sensible
from ..rounding import format_number
from .paragraph import per_arm_text
from .words import PlanWords


@dataclass(frozen=True)
class PlanTable:
    """A table: its title, the heads of its columns, rows of texts of which the first is the label, and notes."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def tabulate_size(words: PlanWords) -> PlanTable:
    """Tabulate the size that the power asks for, and the smallest effect that the protocol's size can show."""
    say, result = words.say, words.result
    rows = []
    for one in result.required:
        if one.arm and len(result.arms) == 1:
            continue
        label = words.arm(one.arm) if one.arm else say("For the claim: {claim}", claim=words.claim)
        if len(result.arms) == 1:
            label = words.arm(result.arms[0])
        effect = words.effect(result.planned.effects[one.arm]) if one.arm else ""
        detectable = words.effect(result.detectable[one.arm]) if one.arm else ""
        if len(result.arms) == 1:
            effect = words.effect(result.planned.effects[result.arms[0]])
            detectable = words.effect(result.detectable[result.arms[0]])
        total = "–" if one.per_arm is None else str(sum(one.per_arm))
        shares = "–" if one.per_arm is None else per_arm_text(words, one.per_arm)
        rows.append((label, effect, words.total(one.complete), total, shares, detectable))
    head = (
        say("Power for"),
        words.measure,
        say("If everyone is seen"),
        say("With missing values"),
        say("An arm"),
        say("Smallest found with {n}", n=result.participants),
    )
    notes = [
        say(
            "Participants to be randomised for a power of {power}; the scenario is {scenario}.",
            power=words.percent(result.power),
            scenario=words.scenario(result.scenario),
        ),
        say("Effects are those in what is analysed, with waning, events and missing values as the estimand says."),
    ]
    if any(one.per_arm is None for one in result.required):
        notes.append(say("–: no size in reach; the arm has no effect, or one on the wrong side."))
    return PlanTable("size", say("Size"), head, tuple(rows), tuple(notes))


def tabulate_scenarios(words: PlanWords) -> PlanTable:
    """Tabulate the power of the protocol's size under every scenario."""
    say, result = words.say, words.result
    several = len(result.arms) > 1
    rows = []
    for one in result.scenarios:
        for place, arm in enumerate(result.arms):
            first = place == 0
            nominal = one.assumed.get(arm)
            row = [
                words.scenario(one.scenario) if first else "",
                words.arm(arm),
                "–" if nominal is None else format_number(nominal, 1),
                words.effect(one.effects[arm]),
                words.power(one.power.each[place]),
                words.power(one.power.either_side[place]),
            ]
            if several:
                has_effect = one.power.any_arm > 0
                row += (
                    [words.power(one.power.any_arm), words.power(one.power.all_arms)]
                    if first and has_effect
                    else ["", ""]
                )
                row.append(words.power(one.power.familywise) if first and one.power.familywise else "")
            rows.append(tuple(row))
    head = [
        say("Scenario"),
        say("Arm"),
        say("Effect assumed"),
        words.measure,
        say("Power"),
        say("Null rejected"),
    ]
    if several:
        head += [say("Any arm shown"), say("All arms shown"), say("Familywise error")]
    notes = (
        say("With {n} participants in all.", n=result.participants),
        say(
            "Effect assumed: as the scenario states it, in the unit of the main item. Power counts the arms shown "
            "to be better; null rejected counts rejections on either side."
        ),
        say("Familywise error: probability to reject the null hypothesis of an arm that has no effect."),
    )
    return PlanTable(
        "scenarios", say("Power under each scenario"), tuple(head), tuple(rows), notes[: 3 if several else 2]
    )


def tabulate_looks(words: PlanWords) -> PlanTable:
    """Tabulate the designs with looks: participants at most and on average, and when they end."""
    say, result = words.say, words.result
    rows = []
    for option in result.options:
        label = words.option(option.looks)
        if option.own:
            label += say(" (the protocol's)")
        rows.append(
            (
                label,
                say(option.claim),
                words.total(option.maximum),
                words.number(option.expected_null),
                words.number(option.expected_planned),
                _stops(option, option.stop_null),
                _stops(option, option.stop_planned),
                words.power(option.power),
            )
        )
    head = (
        say("Design"),
        say("Claim"),
        say("Participants at most"),
        say("On average, no effect"),
        say("On average, planned effect"),
        say("Ends at each look, no effect"),
        say("Ends at each look, planned effect"),
        say("Power with {n}", n=result.participants),
    )
    drawn = any(option.method == "drawn" for option in result.options)
    notes = [
        say(
            "Sizes for a power of {power}. Looks are at shares of the participants with the planned outcome, and "
            "count only those; participants who entered while the outcomes ripened come on top.",
            power=words.percent(result.power),
        ),
        say("An arm shown to be better, or dropped, takes no more participants.") if drawn else "",
        say(
            "Looks at several arms combine the stages by inverse normal in a closed test, which is step-down: "
            "without looks it would need fewer participants than a test in a single step. Probabilities from "
            "16,000 drawn trials, always the same."
        )
        if drawn
        else say("Probabilities by recursive integration."),
    ]
    return PlanTable(
        "looks", say("Looks before the end"), head, tuple(rows), tuple(note for note in notes if note)
    )


def _stops(option: Option, stops: Sequence[float]) -> str:
    if option.looks is None or not stops:
        return "–"
    return " / ".join(format_number(100 * one, 0) + "%" for one in stops)


def tabulate_reestimation(words: PlanWords) -> PlanTable | None:
    """Tabulate blinded re-estimation of the standard deviation."""
    say, found = words.say, words.result.reestimated
    if not found:
        return None
    rows = tuple(
        (
            format_number(one.sd, 1),
            words.power(one.fixed_power),
            words.number(one.expected),
            words.power(one.power),
        )
        for one in found
    )
    head = (
        say("True standard deviation"),
        say("Power with {n}", n=words.number(found[0].planned)),
        say("Participants on average"),
        say("Power"),
    )
    notes = (
        say(
            "Half way through, the standard deviation is estimated without the arms and the size found again: "
            "never below the planned one, at most {maximum}.",
            maximum=words.number(found[0].maximum),
        ),
    )
    return PlanTable("reestimation", say("Blinded re-estimation of the standard deviation"), head, rows, notes)


def tabulate_calendar(words: PlanWords) -> PlanTable | None:
    """Tabulate when each step is to be expected."""
    say, calendar = words.say, words.result.calendar
    if calendar is None:
        return None
    rows = []
    for step in calendar.milestones:
        label = say("Look {number}", number=step.look) if step.look else say(step.name)
        rows.append((label, words.months(step.month), format_number(step.enrolled, 0)))
    notes = [
        say(
            "{rate} participants a month: all sites are open from the start and enrol evenly; visits on their "
            "target day. Cleaning the data and deciding take time on top.",
            rate=format_number(calendar.rate, 1),
        ),
    ]
    if calendar.screened is not None:
        notes.append(say("About {number} people are to be screened.", number=words.number(calendar.screened)))
    notes += late_looks(words)
    head = (say("Step"), say("Month"), say("Participants in"))
    return PlanTable("calendar", say("Calendar"), head, tuple(rows), tuple(notes))


def late_looks(words: PlanWords) -> list[str]:
    """Say where a look comes when all, or most, have entered and so saves little."""
    say, calendar = words.say, words.result.calendar
    if calendar is None:
        return []
    said = []
    for step in calendar.milestones:
        if not step.look:
            continue
        share = step.enrolled / calendar.participants
        if step.look in calendar.too_late:
            said.append(
                say(
                    "Look {number} comes when everyone has entered: it can save follow-up and time, but no "
                    "participants.",
                    number=step.look,
                )
            )
        elif share > 0.8:
            said.append(
                say(
                    "At look {number} {share} have entered already: it saves few participants.",
                    number=step.look,
                    share=words.percent(round(share, 2)),
                )
            )
    return said


def tabulate_sensitivity(words: PlanWords) -> tuple[PlanTable, ...]:
    """Tabulate size and power over the grid: a row for effect and standard deviation, a column for dropout."""
    say, grid = words.say, words.result.grid
    if not grid:
        return ()
    effects = list(dict.fromkeys(cell.assumed.effect for cell in grid))
    deviations = list(dict.fromkeys(cell.assumed.sd for cell in grid))
    leaving = list(dict.fromkeys(cell.assumed.dropout for cell in grid))
    known = {(cell.assumed.effect, cell.assumed.sd, cell.assumed.dropout): cell for cell in grid}
    head = [words.measure, say("Standard deviation")]
    head += [
        say("Dropout {share}", share=words.percent(one)) if one is not None else say("As planned")
        for one in leaving
    ]
    tables = []
    shown: tuple[tuple[str, str, Callable[[Sensible], str]], ...] = (
        ("sensitivity-size", say("Participants to be randomised"), lambda cell: words.total(cell.participants)),
        (
            "sensitivity-power",
            say("Power with {n}", n=words.result.participants),
            lambda cell: words.power(cell.power),
        ),
    )
    for name, title, show in shown:
        rows = []
        for effect, sd in product(effects, deviations):
            label = say("as planned") if effect is None else words.effect(effect)
            spread = say("as planned") if sd is None else format_number(sd, 1)
            cells: list[Sensible] = [known[effect, sd, share] for share in leaving]
            rows.append((label, spread, *(show(cell) for cell in cells)))
        notes = (say("Every arm has this effect; the standard deviation is that given the covariates."),)
        tables.append(PlanTable(name, title, tuple(head), tuple(rows), notes))
    return tuple(tables)


def tabulate_others(words: PlanWords) -> PlanTable | None:
    """Tabulate the power of the other analyses of the protocol."""
    say, result = words.say, words.result
    if not result.others:
        return None
    rows = []
    for other in result.others:
        title = words.analysis(other.analysis)
        if other.reason:
            continue
        for place, arm in enumerate(other.power):
            rows.append(
                (
                    title if place == 0 else "",
                    words.method_of(other.method) if place == 0 else "",
                    words.arm(arm),
                    f"{say(_SHORT[other.measure])} {words.effect(other.effects[arm], other.measure)}",
                    words.power(other.power[arm]),
                )
            )
    if not rows:
        return None
    head = (say("Analysis"), say("Method"), say("Arm"), say("Effect"), say("Power"))
    notes = [
        say(
            "With {n} participants, scenario: {scenario}. Items that no treatment changes by assumption have the "
            "power of a test without an effect.",
            n=result.participants,
            scenario=words.scenario(result.scenario),
        ),
    ]
    left = list(dict.fromkeys(words.analysis(other.analysis) for other in result.others if other.reason))
    if left:
        notes.append(
            say(
                "Not planned, as the virtual participants cannot give their outcome: {names}.",
                names=say.listing(left),
            )
        )
    return PlanTable("others", say("Other analyses"), head, tuple(rows), tuple(notes))


_SHORT = {
    "difference in means": "difference",
    "difference in proportions": "percentage points",
    "log hazard ratio": "hazard ratio",
}
