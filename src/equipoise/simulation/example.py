"""A trial's data as if it had been run: virtual participants written down as SDTM datasets.

For trying out a protocol before there are data; nothing here is a result. Variables and their
names are those of SDTMIG 3.4.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from ..datasets.assemble import qualifier
from ..datasets.dataset import Dataset
from ..datasets.folder import DataFolder
from ..protocol import Protocol, parse_expression
from ..protocol.model import Form
from .population import Population, Streams, VirtualTrials, draw_trials, require_assumptions

FIRST_DAY = date(2026, 1, 5)
"""Study day 1 of the first virtual participant; a Monday, and of no meaning."""

_FINDINGS = ("LB", "MB", "VS", "RS", "QS", "EG", "SC")


def draw_trial(protocol: Protocol, seed: int) -> DataFolder:
    """Draw one trial under the protocol's last scenario and return it as SDTM datasets in memory.

    The same protocol and seed give the same data. Raises ProtocolError where the protocol assumes nothing.
    """
    given = require_assumptions(protocol)
    scenario = next(reversed(list(given.scenarios)), None)
    population = Population(protocol, scenario, items=tuple(given.background))
    streams = Streams(np.random.SeedSequence(seed))
    writer = _Writer(protocol, draw_trials(population, streams, 1), streams("records"))
    frames = {
        "dm": writer.demographics(),
        "ds": writer.disposition(),
        "sv": writer.visits(),
        "ex": writer.exposure(),
        "ae": writer.adverse_events(),
        **{domain.lower(): writer.findings(domain) for domain in _FINDINGS},
        **writer.records(),
    }
    return DataFolder.of(
        Dataset(name, frame, format="drawn", label=name.upper()) for name, frame in frames.items() if frame.height
    )


class _Writer:
    """Writes the first of some virtual trials as rows of SDTM domains."""

    def __init__(self, protocol: Protocol, trials: VirtualTrials, rng: np.random.Generator) -> None:
        self.protocol, self.trials, self.rng = protocol, trials, rng
        self.given = require_assumptions(protocol)
        self.study = protocol.trial.id.upper()
        self.visits_in_order = trials.visits
        self.days, self.seen, self.last_day = trials.days[0], trials.seen[0], trials.last_day[0]
        self.completed, self.entry = trials.completed[0], trials.entry[0]
        self.values = {item: array[0] for item, array in trials.values.items()}
        self.n = len(self.last_day)
        self.arm_ids = [trials.arms[a] for a in trials.arm[0]]
        self.subjects = [f"{site + 1:02d}-{i + 1:03d}" for i, site in enumerate(trials.site[0])]

    def _rows(self, domain: str, rows: list[dict[str, Any]], number: bool = True) -> pl.DataFrame:
        frame = pl.DataFrame(rows, infer_schema_length=None)
        if not rows:
            return frame
        head = [pl.lit(self.study).alias("STUDYID"), pl.lit(domain).alias("DOMAIN")]
        if number:
            head.append(pl.int_range(1, pl.len() + 1).over("USUBJID").alias(f"{domain}SEQ"))
        return frame.select(*head, pl.all())

    def _subject(self, i: int) -> str:
        return f"{self.study}-{self.subjects[i]}"

    def _date(self, i: int, day: int) -> str:
        """Return the calendar date of a study day; there is no day 0."""
        offset = int(day) - 1 if day > 0 else int(day)
        return (FIRST_DAY + timedelta(days=int(self.entry[i]) + offset)).isoformat()

    def demographics(self) -> pl.DataFrame:
        """Write DM: who was enrolled, and who failed screening."""
        ages = self.values.get("age")
        sexes = self._codes("sex")
        rows: list[dict[str, Any]] = []
        died = np.array([self._died(i) for i in range(self.n)])
        for i in range(self.n):
            label = self.protocol.arms[self.arm_ids[i]].label.say()
            rows.append(
                {
                    "USUBJID": self._subject(i),
                    "SUBJID": self.subjects[i],
                    "RFSTDTC": self._date(i, 1),
                    "RFENDTC": self._date(i, self.last_day[i]),
                    "RFXSTDTC": self._date(i, 1),
                    "SITEID": self.subjects[i][:2],
                    "AGE": None if ages is None else int(ages[i, 0]),
                    "AGEU": "YEARS",
                    "SEX": None if sexes is None else sexes[i],
                    **(self._death(i) if died.any() else {}),
                    "ARMCD": self.arm_ids[i].upper(),
                    "ARM": label,
                    "ACTARMCD": self.arm_ids[i].upper(),
                    "ACTARM": label,
                    "ARMNRS": None,
                }
            )
        for i in range(int(self.trials.screened[0]) - self.n):
            subject = f"S{i + 1:03d}"
            rows.append({"USUBJID": f"{self.study}-{subject}", "SUBJID": subject, "ARMNRS": "SCREEN FAILURE"})
        return self._rows("DM", rows, number=False)

    def _codes(self, item: str) -> list[str] | None:
        shares = self.given.shares.get(item)
        if shares is None:
            return None
        return [str(code) for code in self.rng.choice(list(shares), size=self.n, p=list(shares.values()))]

    def disposition(self) -> pl.DataFrame:
        """Write DS: entry, and how each participant ended."""
        rows = []
        for i in range(self.n):
            how = "RANDOMIZED" if self.protocol.randomisation else "ENROLLED"
            rows.append(self._disposed(i, how, "PROTOCOL MILESTONE", 1))
            end = "DEATH" if self._died(i) else "COMPLETED" if self.completed[i] else "LOST TO FOLLOW-UP"
            rows.append(self._disposed(i, end, "DISPOSITION EVENT", self.last_day[i]))
        return self._rows("DS", rows)

    def _disposed(self, i: int, term: str, category: str, day: int) -> dict[str, Any]:
        return {
            "USUBJID": self._subject(i),
            "DSTERM": term,
            "DSDECOD": term,
            "DSCAT": category,
            "DSSTDTC": self._date(i, day),
        }

    def _event_day(self, event: str, i: int) -> float:
        """Return the study day of an intercurrent event of a participant, infinite where there was none."""
        days = self.trials.events.get(event)
        return float("inf") if days is None or np.isnan(days[0, i]) else float(days[0, i])

    def _died(self, i: int) -> bool:
        return self._event_day("death", i) <= float(self.last_day[i])

    def _death(self, i: int) -> dict[str, str | None]:
        died = self._died(i)
        return {"DTHDTC": self._date(i, self.last_day[i]) if died else None, "DTHFL": "Y" if died else None}

    def _visit(self, i: int, v: int, prefix: str) -> dict[str, Any]:
        day = int(self.days[i, v])
        return {
            "USUBJID": self._subject(i),
            "VISITNUM": v + 1,
            "VISIT": self.protocol.visit_label(self.visits_in_order[v]),
            f"{prefix}DTC": self._date(i, day),
            f"{prefix}DY": day,
        }

    def _seen(self) -> Iterator[tuple[int, int]]:
        for i, v in zip(*np.nonzero(self.seen), strict=True):
            yield int(i), int(v)

    def visits(self) -> pl.DataFrame:
        """Write SV: the visits that took place."""
        return self._rows("SV", [self._visit(i, v, "SVST") for i, v in self._seen()], number=False)

    def exposure(self) -> pl.DataFrame:
        """Write EX: a dose at each visit at which the intervention is given."""
        rows = []
        for i, v in self._seen():
            if self.days[i, v] >= self._event_day("infusions_stopped", i):
                continue
            doses = self.protocol.arms[self.arm_ids[i]].doses
            for name, intervention in self.protocol.interventions.items():
                if name in doses and self.visits_in_order[v] in intervention.at:
                    rows.append(
                        {
                            **self._visit(i, v, "EXST"),
                            "EXTRT": intervention.label.say(),
                            "EXDOSE": float(doses[name].value),
                            "EXDOSU": doses[name].unit,
                            "EXROUTE": intervention.route.upper(),
                        }
                    )
        return self._rows("EX", rows)

    def findings(self, domain: str) -> pl.DataFrame:
        """Write a findings domain from the forms that go to it."""
        rows: list[dict[str, Any]] = []
        for name, form in self.protocol.forms.items():
            if form.sdtm == domain:
                visits = self.protocol.schedule.activities.get(name, ())
                rows += self._form_rows(form, domain, visits)
        return self._rows(domain, rows)

    def _form_rows(self, form: Form, domain: str, visits: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        values = self._form_values(form)
        for i, v in self._seen():
            if self.visits_in_order[v] not in visits:
                continue
            for item_name, column in values.items():
                item = form.items[item_name]
                decimals = item.decimals if item.decimals is not None else 0 if item.type == "count" else 1
                value = round(float(column[i, v]), decimals)
                yield {
                    **self._visit(i, v, domain),
                    f"{domain}TESTCD": item.testcd,
                    f"{domain}TEST": item.label.say(),
                    f"{domain}STRESN": value,
                    f"{domain}STRESU": item.unit or "",
                }

    def _form_values(self, form: Form) -> Mapping[str, Any]:
        """Return the values of the form's items that are drawn, and of those derived from them."""
        drawn = {name: self.values[name] for name in form.items if name in self.values}
        drawn = {name: column for name, column in drawn.items() if form.items[name].testcd}
        flat = pl.DataFrame({name: column.ravel() for name, column in drawn.items()})
        derived = {}
        for name, item in form.items.items():
            if item.derive and item.testcd:
                expression = parse_expression(item.derive)
                if set(expression.meta.root_names()) <= set(drawn):
                    column = flat.select(expression.alias(name))[name].to_numpy()
                    derived[name] = column.reshape(self.days.shape)
        return {**drawn, **derived}

    def adverse_events(self) -> pl.DataFrame:
        """Write AE: each expected event to the share of participants who have it."""
        rows = []
        for event in self.given.adverse_events.values():
            share = np.array([event.arms.get(arm, event.share) for arm in self.arm_ids])
            for i in np.nonzero(self.rng.random(self.n) < share)[0]:
                start = int(self.rng.integers(1, max(int(self.last_day[i]), 2)))
                rows.append(
                    {
                        "USUBJID": self._subject(int(i)),
                        "AETERM": event.term,
                        "AEDECOD": event.term,
                        "AEBODSYS": event.system_organ_class,
                        "AESER": "Y" if self.rng.random() < event.serious else "N",
                        "AETOXGR": str(self.rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1])),
                        "AEREL": str(self.rng.choice(["RELATED", "NOT RELATED"])),
                        "AEOUT": "RECOVERED/RESOLVED",
                        "AESTDTC": self._date(int(i), start),
                        "AEENDTC": self._date(int(i), start + int(self.rng.integers(0, 15))),
                        "AESTDY": start,
                    }
                )
        return self._rows("AE", rows)

    def records(self) -> dict[str, pl.DataFrame]:
        """Draw records of forms that may be filled in at any time: each item as its type has it, by chance."""
        rows: dict[str, list[dict[str, Any]]] = {}
        extra: dict[str, list[dict[str, Any]]] = {}
        for name, share in self.given.records.items():
            form = self.protocol.forms[name]
            domain = form.sdtm or "FA"
            for i in np.nonzero(self.rng.random(self.n) < share)[0]:
                own = rows.setdefault(domain, [])
                number = str(sum(row["USUBJID"] == self._subject(int(i)) for row in own) + 1)
                category = {f"{domain}CAT": form.category} if form.category else {}
                own.append({"USUBJID": self._subject(int(i)), **category, **self._record(int(i), form)})
                for item_name, item in form.items.items():
                    if item.sdtm is None and item.type == "yes or no":
                        where = {"RDOMAIN": domain, "IDVAR": f"{domain}SEQ", "IDVARVAL": number}
                        value = str(self.rng.choice(["N", "N", "N", "N", "Y"]))
                        said = {"QNAM": qualifier(item_name, item), "QLABEL": item.label.say()[:40], "QVAL": value}
                        extra.setdefault(domain, []).append({"USUBJID": self._subject(int(i)), **where, **said})
        supplements = {f"supp{d.lower()}": pl.DataFrame(found) for d, found in extra.items()}
        return {d.lower(): self._rows(d, found) for d, found in rows.items()} | supplements

    def _record(self, i: int, form: Form) -> dict[str, Any]:
        day = int(self.rng.integers(1, max(int(self.last_day[i]), 2)))
        record: dict[str, Any] = {}
        for item in form.items.values():
            if item.sdtm is None:
                continue
            if item.type == "date":
                record[item.sdtm] = self._date(i, day)
                day += int(self.rng.integers(0, 15))
            elif item.codes:
                record[item.sdtm] = str(self.rng.choice(list(item.codes)))
            elif item.type == "text":
                record[item.sdtm] = "DRAWN"
        return record
