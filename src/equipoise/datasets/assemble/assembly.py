"""Assembles the data of a trial in the words of its protocol.

Participants come from ADSL, else from DM and its neighbours in SDTM, else from the file that the protocol's
section `data` names. Each further thing (measurements, times, adverse events, deviations) is taken from ADaM where
the folder has it and derived from SDTM where it has not. What only some analyses need and the folder lacks is said
in `absent`; the participants are always needed. Nothing is read that no analysis uses.
"""

from collections import defaultdict

import polars as pl

from ...errors import DataError
from ...protocol import Protocol
from ..analysis_data import AnalysisData
from ..dataset import Dataset
from ..folder import DataFolder
from . import events as ae
from . import measurements as bds
from . import times as tte
from .brought import assemble_brought
from .derived import (
    derive_adae,
    derive_measured,
    derive_participants,
    derive_recorded,
    dose_counts,
    with_dates_of_death,
    with_grades,
)
from .needs import Needs, find_needs
from .participants import build_participants, count_doses, drop_untold, with_deaths
from .screening import count_screened
from .shelf import Shelf
from .variables import add_variables

_NAMES = (
    *("participant", "arm", "arm_label", "site", "randomised", "treated", "doses"),
    *("first_dose_day", "last_dose_day", "last_seen_day", "death_day"),
)


def assemble(protocol: Protocol, folder: DataFolder) -> AnalysisData:
    """Return the data of `folder` in the words of `protocol`.

    Raises DataError, one sentence with file, dataset, variable and rows, where there is no dataset of
    participants, a variable is absent or of the wrong kind, a participant stands twice, an arm is unknown to the
    protocol, nobody is in an arm, or a file is damaged.
    """
    shelf = Shelf(folder)
    if "adsl" in shelf or "dm" in shelf:
        return _Assembly(protocol, shelf, find_needs(protocol)).run()
    if protocol.data is not None:
        return assemble_brought(protocol, folder)
    place = folder.path(folder.names[0]).parent
    raise DataError(
        f"{place} must hold the participants, in a dataset adsl (ADaM) or dm (SDTM); "
        f"name the file so, or say in the protocol's section `data` where they are. Got {', '.join(folder.names)}"
    )


class _Assembly:
    """The steps of one assembly, with what they have found so far."""

    def __init__(self, protocol: Protocol, shelf: Shelf, needs: Needs) -> None:
        self.protocol, self.shelf, self.needs = protocol, shelf, needs
        self.origin: dict[str, str] = {}
        self.absent: dict[str, str] = {}
        self.adsl = self._adsl()
        self.people = build_participants(self.adsl, protocol)

    def run(self) -> AnalysisData:
        """Take each kind of record in turn, each resting on those before it."""
        measured, labels = self._measured()
        self._variables(measured)
        events = self._adverse_events()
        deaths = None if events is None else ae.fatal_days(events)
        self.people, said = with_deaths(with_dates_of_death(self.shelf, self.people), deaths)
        if said is not None:
            self.origin["death_day"] = said
        times = self._times(measured, events)
        deviations = self._deviations()
        screened, failures = count_screened(self.shelf, self.adsl, self.people)
        people, untold = drop_untold(self.people)
        names = dict.fromkeys(n for n in (*_NAMES, *self.protocol.variables) if n in people.columns)
        self.absent |= untold
        return AnalysisData(
            participants=people.select(*names),
            measurements=measured,
            parameters=labels,
            times=times,
            adverse_events=events,
            deviations=deviations,
            screened=screened,
            screen_failures=failures,
            origin=self.origin,
            absent=self.absent,
        )

    def _adsl(self) -> Dataset:
        if "adsl" in self.shelf:
            adsl = self.shelf.read("adsl")
            self.origin["participants"] = adsl.file
            return adsl
        adsl = derive_participants(self.shelf, self.protocol)
        self.origin["participants"] = f"ADSL derived from {self.shelf.folder.path('dm').name} (dm)"
        return adsl

    def _measured(self) -> tuple[dict[str, pl.DataFrame], dict[str, str]]:
        """Read the items that analyses need, dataset by dataset, and derive those that are only in SDTM."""
        items = self.protocol.items
        by_dataset: dict[str, list[bds.Wanted]] = defaultdict(list)
        elsewhere: list[str] = []
        for name in dict.fromkeys([*self.needs.items, *self._baseline_items()]):
            code = items[name].testcd
            found = None if code is None else self.shelf.find(code)
            if code is None:
                self.absent[name] = f"item {name} has no testcd, by which it would be found in the data"
            elif found is None:
                elsewhere.append(name)
            else:
                by_dataset[found].append(bds.Wanted(name, code, items[name].timepoint))
        if self.needs.ranges:
            self._add_ranged(by_dataset)
        measured: dict[str, pl.DataFrame] = {}
        labels: dict[str, str] = {}
        for file, wanted in by_dataset.items():
            self._take(self.shelf.read(file, bds.VARIABLES), wanted, measured, labels)
        derived = derive_measured(self.shelf, self.adsl, self.protocol, elsewhere, ranges=self.needs.ranges)
        for dataset in derived:
            self._take(dataset, self._wanted_of(dataset, measured), measured, labels)
        for name in elsewhere:
            if name not in measured:
                self.absent[name] = (
                    f"no dataset holds {items[name].testcd}, the values of {name}; "
                    f"there are {', '.join(self.shelf.folder.names)}"
                )
        return measured, labels

    def _baseline_items(self) -> list[str]:
        """Return the items whose baseline value a participant variable takes, because ADSL does not have it."""
        given = self.adsl.frame.columns
        return [
            variable.item
            for name, variable in self.protocol.variables.items()
            if name in self.needs.variables and variable.item and not any(n in given for n in variable.adam)
        ]

    def _take(
        self,
        dataset: Dataset,
        wanted: list[bds.Wanted],
        measured: dict[str, pl.DataFrame],
        labels: dict[str, str],
    ) -> None:
        safety = self.protocol.safety
        if self.needs.grades and safety is not None and safety.grading.laboratory is not None:
            dataset = with_grades(dataset, self.adsl.frame, safety.grading.laboratory)
        frames, named = bds.read_measurements(dataset, wanted, self.protocol)
        measured |= frames
        labels |= named
        self.origin |= dict.fromkeys(frames, dataset.file)

    def _wanted_of(self, dataset: Dataset, measured: dict[str, pl.DataFrame]) -> list[bds.Wanted]:
        """Return the parameters of a derived dataset that are not there yet, by the item that declares them."""
        codes = dataset.frame["PARAMCD"].unique(maintain_order=True).drop_nulls()
        return [one for one in map(self._declared, codes) if one.item not in measured]

    def _declared(self, code: str) -> bds.Wanted:
        """Return the item that declares a parameter; one that no item declares goes by its PARAMCD."""
        for name, item in self.protocol.items.items():
            if item.testcd == code:
                return bds.Wanted(name, code, item.timepoint)
        return bds.Wanted(code, code)

    def _add_ranged(self, by_dataset: dict[str, list[bds.Wanted]]) -> None:
        """Add every parameter with reference ranges."""
        taken = {one.parameter for wanted in by_dataset.values() for one in wanted}
        for dataset in self.shelf.measured:
            if not {*bds.RANGES, "ANRIND"} & set(self.shelf.folder.variables(dataset)):
                continue
            ranged = bds.has_ranges(self.shelf.read(dataset, ["PARAMCD", "ANRIND", *bds.RANGES]))
            for code in ranged:
                if code not in taken and self.shelf.find(code) == dataset:
                    by_dataset[dataset].append(self._declared(code))

    def _variables(self, measured: dict[str, pl.DataFrame]) -> None:
        if self.needs.doses:
            counts = dose_counts(self.shelf, self.people, self.protocol)
            if counts is not None:
                self.people = count_doses(self.people, counts)
        recorded, unrecorded = derive_recorded(self.shelf, self.protocol, self.people)
        self.people, absent = add_variables(
            self.people,
            self.protocol,
            self.adsl,
            needed=self.needs.variables,
            baselines=bds.find_baselines(measured),
            recorded=recorded,
            derived="adsl" not in self.shelf,
        )
        self.absent |= {name: unrecorded.get(name, reason) for name, reason in absent.items()}

    def _adverse_events(self) -> pl.DataFrame | None:
        if not self.needs.adverse_events:
            return None
        if "adae" in self.shelf:
            dataset = self.shelf.read("adae", ae.VARIABLES)
        elif "ae" in self.shelf:
            dataset = derive_adae(self.shelf, self.adsl, self.protocol)
        else:
            self.absent["adverse_events"] = (
                f"no dataset adae or ae holds adverse events; there are {', '.join(self.shelf.folder.names)}"
            )
            return None
        self.origin["adverse_events"] = dataset.file
        return ae.read_adverse_events(dataset, self.people, self.protocol)

    def _times(self, measured: dict[str, pl.DataFrame], events: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
        times = {}
        for name in self.needs.timed:
            estimand = self.protocol.estimands[name]
            parameter = estimand.variable.parameter
            found = None if parameter is None else self.shelf.find(parameter, timed=True)
            key = parameter or name
            if found is not None:
                dataset = self.shelf.read(found, tte.VARIABLES)
                times[key] = tte.read_times(dataset, estimand.variable)
                self.origin[key] = dataset.file
            elif estimand.variable.rule is None:
                self.absent[key] = (
                    f"no dataset holds times to {parameter}; there are {', '.join(self.shelf.folder.names)}"
                )
            else:
                derived = tte.derive_times(estimand, self.people, measured, events, self.protocol)
                if isinstance(derived, str):
                    self.absent[key] = derived
                else:
                    times[key] = derived
                    self.origin[key] = f"derived by the rule of estimand {name}"
        return times

    def _deviations(self) -> pl.DataFrame | None:
        if not self.needs.deviations:
            return None
        name = next((n for n in ("addv", "dv") if n in self.shelf), None)
        if name is None:
            self.absent["deviations"] = (
                f"no dataset dv holds protocol deviations; there are {', '.join(self.shelf.folder.names)}"
            )
            return None
        dataset = self.shelf.read(name)
        self.origin["deviations"] = dataset.file
        return ae.read_deviations(dataset, self.people)
