"""Sheets for what is done once: consent, eligibility, why nobody is randomised on paper, a dose made by two."""

from collections.abc import Iterator

from ...protocol import Protocol, names_in
from ...protocol.model import Criterion as Rule
from ...protocol.model import Intervention
from ..language import Phrases
from .clocks import say_duration
from .items import number_boxes, say_unit
from .sheets import (
    Criteria,
    Criterion,
    Entry,
    Field,
    FormGrid,
    Heading,
    Lines,
    Paragraph,
    Sheet,
    Signatures,
    Steps,
    Ticks,
    Warn,
)


def duty_sheets(protocol: Protocol, say: Phrases) -> Iterator[Sheet]:
    """Give the sheets of consent, eligibility, randomisation and of every product that is dosed by weight."""
    yield _consent(say)
    yield _eligibility(protocol, say)
    if protocol.randomisation is not None:
        yield _randomisation(protocol, say)
    for product in protocol.interventions.values():
        if product.weight is not None and not product.daily:
            yield _preparation(protocol, product, say)


def _consent(say: Phrases) -> Sheet:
    ticks = (
        say("The consent form is the version that is approved at this site and in force today."),
        say("It is in a language that the person reads well."),
        say("There was time to read it, and every question was answered."),
        say("The person was told that participation is voluntary and can end at any time without harm."),
        say("The person signed and wrote the date with the own hand, before any examination of the trial."),
        say("Whoever explained the trial signed too, on the same day."),
        say("The person was given a copy."),
    )
    return Sheet(
        title=say("Consent"),
        group=say("Entry"),
        head="participant",
        blocks=(
            Paragraph(say("Tick off each point; if one is not true, stop and do nothing of the trial.")),
            Ticks(ticks),
            Lines(
                (say("Version of the consent form"), say("Language"), say("Date of the signature"), say("Time"))
            ),
            Signatures((say("Who explained the trial"),)),
            Paragraph(
                say(
                    "The signed consent form stays at the site. The name of the person is written on no other "
                    "sheet of this pack."
                )
            ),
        ),
    )


def _eligibility(protocol: Protocol, say: Phrases) -> Sheet:
    def rows(criteria: dict[str, Rule]) -> tuple[Criterion, ...]:
        return tuple(
            Criterion(name, rule.text.say(say.language), _source(protocol, rule, say))
            for name, rule in criteria.items()
        )

    population = protocol.population
    groups = [
        Criteria(title=say("Inclusion: all must be yes"), wanted="yes", rows=rows(dict(population.inclusion)))
    ]
    if population.exclusion:
        exclusion = rows(dict(population.exclusion))
        groups.append(Criteria(title=say("Exclusion: all must be no"), wanted="no", rows=exclusion))
    return Sheet(
        title=say("Screening and eligibility"),
        head="participant",
        blocks=(
            *groups,
            Warn(
                say("This sheet does not let anybody into the trial."),
                say(
                    "Eligible is who the system finds eligible from the values entered; it computes every "
                    "criterion that has a rule, and keeps what it looked at."
                ),
            ),
            Signatures((say("Investigator"),)),
        ),
    )


def _source(protocol: Protocol, rule: Rule, say: Phrases) -> str:
    if rule.rule is None:
        return say("judged by the investigator")
    labels = [
        known.label.say(say.language)
        for name in names_in(rule.rule)
        if (known := protocol.items.get(name) or protocol.variables.get(name)) is not None
    ]
    return say(", ").join(dict.fromkeys(labels))


def _randomisation(protocol: Protocol, say: Phrases) -> Sheet:
    assert protocol.randomisation is not None
    strata = [
        variable.label.say(say.language)
        for name in protocol.randomisation.strata
        if (variable := protocol.variables.get(name)) is not None
    ]
    return Sheet(
        title=say("Randomisation: why it waits"),
        head="participant",
        blocks=(
            Warn(
                say("Nobody is randomised on paper, by telephone list or by drawing lots."),
                say(
                    "A number that is given out twice or out of order cannot be put right. The next number comes "
                    "from the sealed list alone, and the list answers only through the system."
                ),
            ),
            Heading(say("What to do instead")),
            Steps(
                (
                    say("Finish the screening on paper, and keep it ready on this sheet."),
                    say("Call the randomisation contact on the contact sheet and say since when nothing answers."),
                    say("Wait. Tell the person that the visit may move within the window of screening."),
                    say(
                        "When the system answers, enter the forms of screening first, then eligibility, then "
                        "randomise there; the number is written below only after it was given."
                    ),
                    say("Where the window of screening runs out, screen anew; do not allocate by other means."),
                )
            ),
            Heading(say("Kept ready for the system")),
            Lines(
                (
                    *strata,
                    say("All criteria checked on"),
                    say("Randomisation contact called at"),
                    say("Who answered"),
                    say("Randomised in the system at"),
                    say("Randomisation number as given"),
                )
            ),
            Signatures((say("Investigator"),)),
        ),
    )


def _preparation(protocol: Protocol, product: Intervention, say: Phrases) -> Sheet:
    assert product.weight is not None
    item = protocol.items[product.weight.item]
    oldest = say_duration(product.weight.max_age, say)
    limits = [say("not older than {age} at the visit", age=oldest)]
    if product.weight.cap is not None:
        cap = f"{product.weight.cap.value.normalize():f} {say_unit(product.weight.cap.unit, say)}"
        limits.append(say("above {cap} the dose is that of {cap}", cap=cap))
    ordered = (
        Entry(label=say("Order"), hint=say("participant/visit"), field=Field(kind="text")),
        Entry(label=item.label.say(say.language), hint=" · ".join(limits), field=number_boxes(item, say)),
        Entry(label=say("Weighed on"), field=Field(kind="date")),
    )
    prepared: list[Entry] = []
    if product.supply is not None:
        prepared += [
            Entry(label=say("Carton"), field=Field(kind="text")),
            Entry(label=say("Kit named by the vault"), field=Field(kind="text")),
            Entry(label=say("Use by"), field=Field(kind="date")),
        ]
    prepared += [
        Entry(label=say("Number of the bag, as the vault gave it"), field=Field(kind="text")),
        Entry(label=say("Volume"), hint=_volume(product, say), field=Field(kind="text")),
        Entry(label=say("Prepared at"), field=Field(kind="date and time")),
        Entry(label=say("Given out at"), field=Field(kind="date and time")),
    ]
    label = product.label.say(say.language)
    return Sheet(
        title=say("Preparation: {product}", product=label),
        about=say("for the pharmacy; the same sheet for every participant"),
        head="participant",
        blocks=(
            Warn(
                say("Write no dose, no count and no lot on this sheet."),
                say(
                    "They are in the vault, which shows them to who prepares. Without the vault nothing is "
                    "prepared: what a participant is to be given is known nowhere else."
                ),
            ),
            FormGrid(title=say("Order"), name="", version="", entries=ordered),
            Heading(say("Steps")),
            Steps(tuple(_steps(product, say))),
            FormGrid(title=say("What was prepared"), name="", version="", entries=tuple(prepared)),
            Signatures((say("Prepared by"), say("Checked by, another person"))),
        ),
    )


def _volume(product: Intervention, say: Phrases) -> str:
    return "" if product.volume is None else say("{volume}, the same for everybody", volume=product.volume)


def _steps(product: Intervention, say: Phrases) -> Iterator[str]:
    yield say("Read order, participant and weight against the record; an order without a recent weight goes back.")
    if product.supply is not None:
        if product.storage is not None:
            low, high = product.storage.temperature
            degrees = {"low": f"{low:g}", "high": f"{high:g}"}
            yield say("Leave the kit at {low} to {high} °C until it is prepared.", **degrees)
        yield say(
            "Take the carton and the kit that the system names, no other; check the date on it and its seal."
        )
        if product.supply.viability is not None:
            yield say("Stop where the vault's page tells you to, and set the kit aside.")
    yield say("Prepare as the vault's page says, step by step, and tick off each step there.")
    if product.volume is not None:
        yield say("Fill up to {volume}; the bag looks the same from outside for everybody.", volume=product.volume)
    yield say("A second person reads the label against the order, and signs; nobody checks the own work.")
    if product.storage is not None and product.storage.in_use is not None:
        yield say("Give it out within {time} of its preparation.", time=say_duration(product.storage.in_use, say))
