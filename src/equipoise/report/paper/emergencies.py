"""What to do, step by step, when no machine answers: an outage, a code that must be broken, a product too warm."""

from collections.abc import Iterator

from ...protocol import Protocol
from ..language import Phrases
from .clocks import say_duration
from .sheets import Block, Heading, Lines, Paragraph, Sheet, Signatures, Steps, Ticks, Warn


def emergency_sheets(protocol: Protocol, say: Phrases) -> Iterator[Sheet]:
    """Give the sheets of what to do; a code break where there is a blind, an excursion where a product is kept."""
    yield _outage(protocol, say)
    if protocol.blinding.blinded:
        yield _code_break(say)
    if any(not product.daily for product in protocol.interventions.values()):
        yield _excursion(protocol, say)


def _outage(protocol: Protocol, say: Phrases) -> Sheet:
    quality = protocol.quality
    late = None if quality is None else quality.late_entry
    back = [
        say("Enter the oldest day first: visits, then forms, then infusions; adverse events before all else."),
        say(
            "With every form say that it was first written on paper, when, and why (field from_paper); its day "
            "is the "
            "day of the visit, not that of the entry."
        ),
    ]
    if late is not None:
        days = say_duration(late, say)
        back.append(
            say("A form entered more than {days} after its day needs the reason why it is late.", days=days)
        )
    back += [
        say("Somebody else reads the entry against the paper; write the number of the event on the paper."),
        say("Keep the paper: it is the source, and is never thrown away or written anew."),
    ]
    return Sheet(
        title=say("When the system does not answer"),
        group=say("What to do"),
        head="none",
        blocks=(
            Steps(
                (
                    say("Care for the participants goes on. Nothing here is a reason to put off treatment."),
                    say("Try a second machine and a second line; then call the administrator of the trial."),
                    say("Write down below since when nothing answers, and who was called."),
                    say(
                        "Hold visits as planned, and write on the forms of this pack, in ink, one sheet a person."
                    ),
                    say("Strike a mistake through once, leave it readable, put initials and date beside it."),
                    say("Nobody is randomised, and no dose is prepared, until the system and the vault answer."),
                    say("Report serious events by telephone; their clocks run on."),
                )
            ),
            Heading(say("When it answers again")),
            Steps(tuple(back)),
            Lines(
                (
                    say("Nothing answers since"),
                    say("Noticed by"),
                    say("Called, and who answered"),
                    say("Answers again since"),
                    say("All paper entered on"),
                    say("Read against the paper by"),
                )
            ),
            Signatures((say("Coordinator"), say("Investigator"))),
        ),
    )


def _code_break(say: Phrases) -> Sheet:
    blocks: tuple[Block, ...] = (
        Warn(
            say("Break a code only if the treatment must be known to care for this one participant."),
            say("Stopping the product and treating what is seen is nearly always enough, and needs no code."),
        ),
        Steps(
            (
                say("If the system answers: use it (equipoise unblind). It shows one participant, at any hour."),
                say("If it does not: call the contact for code breaks on the contact sheet."),
                say(
                    "If nobody answers either: take the sealed envelope of this participant, and of no other, "
                    "from "
                    "the place on the contact sheet."
                ),
                say("Check the number on it, open it, read it, and fill in its last third at once."),
                say("Tell only who treats the participant. Write the treatment on no form of this pack."),
                say("Put the open envelope into another, seal it, sign over the seal, and put it back."),
                say(
                    "As soon as a machine answers, report it: who, when, why (step ReportCodeBreak, "
                    "how=envelope). The sponsor is told within a day that a code was broken, not what it said."
                ),
                say("The participant stays in the trial and goes on with the visits, unless they wish otherwise."),
            )
        ),
        Heading(say("This code break")),
        Ticks(
            (say("The system did not answer"), say("The contact did not answer"), say("The envelope was sealed"))
        ),
        Lines(
            (
                say("Envelope opened at"),
                say("Opened by"),
                say("Why the treatment had to be known"),
                say("Reported in the system at"),
            )
        ),
        Signatures((say("Investigator"),)),
    )
    return Sheet(title=say("Code break in an emergency"), head="participant", blocks=blocks)


def _excursion(protocol: Protocol, say: Phrases) -> Sheet:
    ranges = [
        say(
            "{product}: {low} to {high} °C.",
            product=product.label.say(say.language),
            low=f"{product.storage.temperature[0]:g}",
            high=f"{product.storage.temperature[1]:g}",
        )
        for product in protocol.interventions.values()
        if product.storage is not None
    ]
    known: tuple[Block, ...] = (
        (Paragraph(" ".join(ranges)),)
        if ranges
        else (Paragraph(say("The protocol states no range of temperature; the label of the product does.")),)
    )
    return Sheet(
        title=say("Product stored too warm or too cold"),
        head="site",
        blocks=(
            *known,
            Steps(
                (
                    say(
                        "Leave the product where it is, or move it to a place within its range; throw nothing "
                        "away."
                    ),
                    say("Mark all of it as not to be used: whole cartons, never single kits."),
                    say("Write down since when, the lowest and the highest temperature, and the numbers below."),
                    say("Call the pharmacy of the trial; give nothing of it until it is released in writing."),
                    say(
                        "As soon as the system answers, put the cartons in quarantine there (step "
                        "QuarantineCartons)."
                    ),
                )
            ),
            Lines(
                (
                    say("Out of range since"),
                    say("Back in range at"),
                    say("Lowest temperature"),
                    say("Highest temperature"),
                    say("Numbers of the cartons"),
                    say("Pharmacy called at, and who answered"),
                )
            ),
            Signatures((say("Noticed by"),)),
        ),
    )
