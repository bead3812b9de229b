"""A whole trial walked through from its first day to its last, by virtual people at the real doors.

Everything that is recorded comes through the door of conduct and the two doors of the vault; only the clock is
moved. The same protocol, seed and scenario give the same record: clock, request keys, list and numbers are drawn
from the seed.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Self

import numpy as np

from ...conduct.door.state import Trial
from ...protocol import Protocol, names_in
from ...trial.ceremony import seal_list
from ...trial.opened import Disclosed
from ...trial.running import RunningTrial, begin_trial
from ..example import FIRST_DAY
from ..population import Streams, require_assumptions
from .amending import AFTER, amend
from .calendar import Calendar, Script, at_site
from .clinic import Clinic, Depot, Going, Infusions, Mishaps, Paperwork, Pharmacy, enter
from .closing import Closing
from .desk import Desk
from .laboratory import CentralLaboratory
from .nature import Person
from .nature.persons import criteria_of
from .practising import practise
from .safety import Board, Cases, Watch
from .setting_up import activate, begins_at, organise
from .staff import ADMINISTRATOR, SPONSOR, full_name, make_sites
from .vault_side import HOLDERS, ComingVault, Drawn, VaultSide

Progress = Callable[[str, int, int], object]
"""Told the stage, how much of it is done, and how much it has."""

STAGES = ("setting up", "participants", "closing")
DOCUMENTS = "documents"
_AMENDED_AT = 0.6
_QUIET_BEFORE_EMERGENCY = 60


@dataclass
class Walked:
    """A trial that was walked to its end; a context manager that ends the vault and closes the trial.

    disclosed: None where the walk was ended before the codes were opened. counts: what happened, as the staff have
    counted it. refusals: the words of the first refusal of each kind. documents:
    folders of what was written on the way, on either side of the wall.
    """

    running: RunningTrial
    vault: VaultSide
    disclosed: Disclosed | None
    counts: dict[str, int]
    refusals: dict[str, str]
    documents: tuple[Path, Path]
    _closing: ExitStack = field(repr=False)

    @property
    def trial(self) -> Trial:
        """The state of the trial."""
        return self.running.door.trial

    def close(self) -> None:
        """End the vault's process, close the connection, stop the embedded server."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def walk_trial(
    source: str,
    folder: Path,
    *,
    seed: int = 1,
    scenario: str | None = None,
    opening: date = FIRST_DAY,
    mishaps: Mishaps | None = None,
    until: datetime | None = None,
    language: str = "en",
    drill: bool = False,
    progress: Progress = lambda *_: None,
) -> Walked:
    """Walk a trial from its set-up to the opening of all codes, in a new folder; or only to a moment on the way.

    source: path or name of the protocol. scenario: by default the last of the protocol. opening: first day of
    recruitment. mishaps: how often what goes wrong. language: of what is written on the way. drill: whether a
    restore is practised. Raises ProtocolError for a protocol that cannot be drawn or filled in, RecordCorrupt
    where a step that must be refused was not.
    """
    streams = Streams(np.random.SeedSequence(seed, spawn_key=(1,)))
    begins = begins_at(opening)

    def prepare(participant: str, factors: Mapping[str, str], _: str) -> None:
        plan = desk.protocol.randomisation
        if plan is None or plan.method != "minimisation":
            return
        site = desk.site_of(participant)
        stamp = desk.stamp(site.person("investigator"), "investigator", site.zone)
        vault.blinded.call("prepare_slot", None, stamp=stamp, participant=participant, factors=dict(factors))

    with ExitStack() as opened:
        coming = opened.enter_context(ComingVault(folder, Drawn(source, seed, opening, scenario)))
        names = {person: full_name(person) for person in (SPONSOR, ADMINISTRATOR)}
        running = opened.enter_context(
            begin_trial(
                folder,
                source,
                sponsor=SPONSOR,
                administrator=ADMINISTRATOR,
                names=names,
                mode="rehearsal",
                at=begins,
                prepare=prepare,
                flush=False,
            )
        )
        given = require_assumptions(running.protocol)
        calendar = Calendar(begins)
        sites = make_sites(given.sites.count if given.sites else 1)
        desk = Desk(running, calendar, sites)
        progress(STAGES[0], 0, 2)
        calendar.begin(organise(desk, opening))
        calendar.run(desk.flush)
        random = streams("ceremony").bytes
        seal_list(running, "custodian.1", HOLDERS, at=calendar.later(30), cost="minimal", random=random)
        progress(STAGES[0], 1, 2)
        vault = opened.enter_context(coming.wait())  # ends before the trial is closed
        vault.unblinded.call("announce", None, stamp=desk.stamp("custodian.1", "list custodian"))
        progress(STAGES[0], 2, 2)
        calendar.begin(activate(desk, opening))
        documents = (folder / DOCUMENTS, vault.documents)
        watch = Watch(desk, vault, Cases(desk, vault, *documents, language))
        desk.followers += [watch.follow, Board(desk, vault, *documents, language).follow]
        calendar.begin(watch.keep(), at_site("UTC", opening, 12), standing=True)
        if drill:
            calendar.begin(practise(desk, vault, opening, documents[0]))
        depot, laboratory = Depot(desk, vault), CentralLaboratory(desk, opening, documents[0])
        calendar.begin(depot.open(opening))
        calendar.begin(laboratory.keep())
        _let_everybody_come(desk, vault, depot, laboratory, streams, mishaps or Mishaps(), opening, progress)
        calendar.run(desk.flush, until)
        watch.count()
        if until is not None:
            counts = dict(desk.counts)
            return Walked(running, vault, None, counts, desk.refusals, documents, opened.pop_all())
        closing = Closing(desk, vault, depot, folder / "exports")
        calendar.begin(closing.close())
        progress(STAGES[2], 0, 1)
        calendar.run(desk.flush)
        progress(STAGES[2], 1, 1)
        assert closing.disclosed is not None
        counts = dict(desk.counts)
        return Walked(running, vault, closing.disclosed, counts, desk.refusals, documents, opened.pop_all())


def _let_everybody_come(
    desk: Desk,
    vault: VaultSide,
    depot: Depot,
    laboratory: CentralLaboratory,
    streams: Streams,
    mishaps: Mishaps,
    opening: date,
    progress: Progress,
) -> None:
    """Begin the way of every person, the amendment, and an emergency if none has come by itself."""
    persons: list[Person] = vault.blinded.call("persons", list[Person])
    entry, dosing = _items_of_entry(desk.protocol), _items_of_doses(desk.protocol)
    paperwork = Paperwork(desk, vault, mishaps, entry, dosing, laboratory)
    infusions = Infusions(desk, vault, paperwork, Pharmacy(desk, vault, depot, mishaps, streams))
    clinic = Clinic(desk, vault, mishaps, paperwork, infusions)
    ended = 0

    def counted(script: Script) -> Script:
        nonlocal ended
        yield from script
        ended += 1
        progress(STAGES[1], ended, len(persons))

    languages = desk.protocol.trial.languages
    goings = []
    for person in persons:
        rng = streams(f"staff for person {person.index}")
        language = languages[int(rng.integers(0, len(languages)))]
        going = Going(person, desk.sites[person.site], language, rng)
        goings.append(going)
        desk.calendar.begin(counted(enter(clinic, going)), at_site(going.site.zone, person.comes_on, 7))
    most_have_come = persons[min(int(len(persons) * _AMENDED_AT), len(persons) - 1)].comes_on
    desk.calendar.begin(amend(desk, min(opening + AFTER, most_have_come)))
    last = max(max(person.visits.values()) for person in persons)
    desk.calendar.begin(_emergency(desk, infusions, goings), at_site("UTC", last, 12))


def _emergency(desk: Desk, infusions: Infusions, goings: list[Going]) -> Script:
    """Break the code of one participant some weeks after the last entry, where none has been broken yet."""
    yield desk.calendar.later(_QUIET_BEFORE_EMERGENCY * 24 * 60)
    for going in reversed(goings):
        participant = desk.trial.participants.get(going.id)
        if participant is not None and participant.allocation is not None and not participant.ended:
            infusions.break_code(going, "the treating hospital has to know what was given")
            return


def _items_of_entry(protocol: Protocol) -> set[str]:
    """Return the items that decide on entry: those of the criteria, and those that strata follow from."""
    rules = [criterion.rule for criterion, _ in criteria_of(protocol).values() if criterion.rule]
    strata = protocol.randomisation.strata if protocol.randomisation is not None else ()
    pending, found = [*strata, *(name for rule in rules for name in names_in(rule))], set[str]()
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            variable = protocol.variables.get(name)
            if variable is not None and variable.item:
                pending.append(variable.item)
            elif variable is not None and variable.rule:
                pending += names_in(variable.rule)
    return found


def _items_of_doses(protocol: Protocol) -> set[str]:
    """Return the items that doses are computed from."""
    return {given.weight.item for given in protocol.interventions.values() if given.weight is not None}
