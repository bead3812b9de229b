"""Says what a protocol holds, and what of it is not yet translated."""

from collections.abc import Iterator

from .model import Protocol, Text
from .source import dotted
from .walk import walk


def describe_protocol(protocol: Protocol) -> str:
    """Return one line: arms, participants, visits, forms, items, estimands, analyses."""
    counts = (
        (len(protocol.arms), "arm"),
        (protocol.size or 0, "participant"),
        (len(protocol.schedule.visits), "visit"),
        (len(protocol.forms), "form"),
        (sum(len(form.items) for form in protocol.forms.values()), "item"),
        (len(protocol.estimands), "estimand"),
        (len(protocol.analyses), "analysis"),
    )
    return ", ".join(f"{n} {noun if n == 1 else _plural(noun)}" for n, noun in counts)


def _plural(noun: str) -> str:
    return "analyses" if noun == "analysis" else noun + "s"


def untranslated_labels(protocol: Protocol) -> tuple[str, ...]:
    """Return the fields whose text is missing in a language of the trial, as `forms.vitals.label (zh)`."""
    return tuple(_untranslated(protocol))


def _untranslated(protocol: Protocol) -> Iterator[str]:
    for place in walk(protocol):
        if isinstance(place.value, Text):
            for language in protocol.trial.languages:
                if not place.value.root.get(language):
                    yield f"{dotted(place.path)} ({language})"
