"""The values of a form as people read them: labels, units, codes in words, and the history of each value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...conduct.door.scope import name_person
from ...conduct.door.state import FormEntry, Scalar, Trial
from ...conduct.forms.history import PastValue
from ...conduct.organisation.joined import join_versions
from ...protocol import Protocol
from ...protocol.model import Item
from ...record.event import Event
from ...report.language import Phrases
from .document import Grid, moment

WIDTHS = (3.2, 3.4, 2.6, 3.5, 3.0)

Histories = Mapping[tuple[str, str], tuple[PastValue, ...]]


class Values:
    """Shows values of records, each by the version of the protocol under which its record was begun."""

    def __init__(self, trial: Trial, versions: Mapping[str, Protocol], say: Phrases) -> None:
        self.trial, self.say = trial, say
        self._versions = versions
        self._newest = versions[trial.versions[-1]]
        self._joined: dict[str, Protocol] = {}

    def protocol_of(self, version: str) -> Protocol:
        """Return a version of the protocol with what only the others have."""
        if version not in self._joined:
            others = [one for name, one in self._versions.items() if name != version]
            own = self._versions.get(version, self._newest)
            self._joined[version] = join_versions([*others, own])
        return self._joined[version]

    def grid(self, key: str, entry: FormEntry, histories: Histories) -> Grid:
        """Return the values of a record: of each item the first value, then every change of it."""
        say, form = self.say, self.protocol_of(entry.protocol).forms[entry.form]
        head = (say("Item"), say("Value"), say("Recorded by"), say("When"), say("Why"))
        rows: list[tuple[str, ...]] = []
        for name, item in form.items.items():
            past = [one for one in histories.get((key, name), ()) if not one.removed]
            rows += self._rows(item, past)
        return Grid(head, WIDTHS, tuple(rows))

    def _rows(self, item: Item, past: Sequence[PastValue]) -> Iterator[tuple[str, ...]]:
        label = item.label.say(self.say.language)
        if item.derive is not None:
            label += f"\n({self.say('computed')})"
        before = ""
        for place, one in enumerate(past):
            now = self.shown(item, one)
            yield (
                "" if place else label,
                f"{before} → {now}" if place else now,
                self.who(one.actor, one.role),
                moment(one.at, one.zone),
                one.reason or "",
            )
            before = now

    def shown(self, item: Item, value: PastValue) -> str:
        """Return a value with its unit, a code with its label, what was typed, or why there is none."""
        say = self.say
        if value.missing is not None:
            return f"{say('no value')}: {say(value.missing)} ({value.missing})"
        if value.value is None:
            return say("no value")
        typed = "" if value.entered is None else f"\n({say('typed as')} {value.entered})"
        return f"{self._plain(item, value.value)}{typed}"

    def _plain(self, item: Item, value: Scalar) -> str:
        if item.codes:
            label = item.codes.get(str(value))
            return str(value) if label is None else f"{label.say(self.say.language)} ({value})"
        if item.type == "yes or no":
            return f"{self.say('yes') if value == 'Y' else self.say('no')} ({value})"
        return f"{value} {item.unit}" if item.unit else str(value)

    def named(self, entry: FormEntry, variable: str) -> str:
        """Return the present value of the item of this SDTM variable; empty where the form has none."""
        for name, item in self.protocol_of(entry.protocol).forms[entry.form].items.items():
            if item.sdtm == variable and name in entry.values and entry.values[name].value is not None:
                return self._plain(item, entry.values[name].value)
        return ""

    def who(self, person: str, role: str) -> str:
        """Return a person by name, with the role in which they acted."""
        return f"{name_person(self.trial, person)}\n({self.say(role)})"

    def by(self, event: Event) -> str:
        """Return who recorded an event."""
        return self.who(event.actor, event.role)


def of_kind(events: Iterable[Event], *kinds: str) -> list[Event]:
    """Return the events of some kinds, in their order."""
    return [event for event in events if event.kind in kinds]
