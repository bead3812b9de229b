"""What a value usually is, where nothing but its item is known, and what it could be at most.

Numbers of the assumptions have their own spread. Others take after one assumed in the same unit and range, or
after the main item in its unit, or lie two fifths up their believable range, in proportion, which is near the
usual value of most things measured (pulse, height, temperature). Codes and answers are mostly those that nobody
has to explain. Where a rule asks for something else, proposals reach further with each attempt: numbers near and
ever wider around the usual one, codes all alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ....protocol import Protocol
from ....protocol.model import Form, Item
from ....protocol.model.planning.assumptions import RepeatedMeasurements
from .columns import Column, has_value, places_of

UNREMARKABLE = frozenset(
    {"NORMAL", "NEGATIVE", "NONE", "N", "MINOR", "NOT RELATED", "UNLIKELY RELATED", "DOSE NOT CHANGED",
     "RECOVERED/RESOLVED", "COMPLETED", "1"}
)  # fmt: skip
"""Submission values of CDISC's code lists that stand for nothing out of the ordinary."""

_WORDS = {
    "TRT": ("Paracetamol", "Ibuprofen", "Cotrimoxazole", "Omeprazole", "Amlodipine", "Loratadine"),
    "INDC": ("Headache", "Prophylaxis", "Hypertension", "Allergy", "Pain"),
    "TERM": ("Hypertension", "Seasonal allergy", "Gastritis", "Dyslipidaemia", "Herpes zoster"),
    "DOSTXT": ("500 mg", "200 mg", "20 mg", "10 mg"),
}
"""Words by the end of the SDTM variable that a text goes to; a treatment beside its indication is a drug."""

_USUAL, _CODE, _KEPT = 0.92, 0.88, 0.9
_FURTHER = 1.4
_FIRST_HOUR = 11 * 60


@dataclass(frozen=True)
class Usual:
    """The spread of a number: between persons, and within one from visit to visit; low and high are believable."""

    mean: float
    between: float
    within: float
    low: float
    high: float


class Habits:
    """What the values of a protocol's items usually are."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        given = protocol.assumptions
        self.shares: Mapping[str, Mapping[str, float]] = given.shares if given is not None else {}
        self._usual: dict[str, Usual] = {}

    def usual(self, name: str) -> Usual:
        """Return the spread of a number."""
        if name not in self._usual:
            self._usual[name] = self._assumed.get(name) or self._guess(self.protocol.items[name])
        return self._usual[name]

    def propose(
        self,
        name: str,
        rng: np.random.Generator,
        at: Column,
        *,
        reach: int = 0,
        own: Column | None = None,
        history: bool = False,
    ) -> Column:
        """Draw a value of an item for every row.

        at: day of the record, a row a person. reach: how often before the rules refused what was drawn. own: what
        the same person had before. history: whether its dates lie before that day.
        """
        item, rows = self.protocol.items[name], len(at)
        if item.is_number:
            return self._number(name, item, rng, rows, reach, own)
        if item.type == "date":
            days = rng.integers(365, 3650, rows) if history else -rng.integers(0, 60 if reach else 15, rows)
            return np.asarray(at.astype("datetime64[D]") - days)
        if item.type == "date and time":
            minutes = _FIRST_HOUR + 60 * self._place(name) + rng.integers(0, 240 if reach else 20, rows)
            return np.asarray(at.astype("datetime64[D]").astype("datetime64[m]") + minutes)
        if item.type == "time":
            minutes = _FIRST_HOUR + rng.integers(0, 240, rows)
            return np.array([f"{m // 60:02d}:{m % 60:02d}" for m in minutes], dtype=object)
        if item.type == "text":
            words = self._words(name, item)
            return np.array([words[k] for k in rng.integers(0, len(words), rows)], dtype=object)
        codes, chances = self._answers(name, item)
        chances = np.full(len(codes), 1 / len(codes)) if reach else chances
        drawn = np.array(codes, dtype=object)[rng.choice(len(codes), size=rows, p=chances)]
        keep = rng.random(rows) < _KEPT
        if own is None or reach:
            return np.asarray(drawn)
        return np.where(keep & has_value(own), own, drawn)

    def _number(
        self, name: str, item: Item, rng: np.random.Generator, rows: int, reach: int, own: Column | None
    ) -> Column:
        usual, places = self.usual(name), places_of(item)
        scores, chance, even = rng.standard_normal(rows), rng.random(rows), rng.random(rows)
        level = usual.mean + usual.between * scores
        if own is not None:
            level = np.where(np.isnan(own), level, own + usual.within * scores)
        if not reach:
            return np.round(np.clip(level, usual.low, usual.high), places)
        width = usual.high - usual.low
        centre = usual.mean if own is None else np.where(np.isnan(own) | (chance < 0.3), usual.mean, own)
        level = centre + np.minimum(usual.between * _FURTHER ** (reach * rng.random(rows)), width) * scores
        inside = (level >= usual.low) & (level <= usual.high)
        level = np.where(inside, level, usual.low + even * width)
        step = 10.0 ** np.floor(np.log10(width / 10))
        coarse = np.round(level / step) * step
        whole = (chance * 10 % 1 < 0.5) & (coarse >= usual.low) & (coarse <= usual.high)
        return np.round(np.where(whole, coarse, level), places)

    @cached_property
    def _assumed(self) -> dict[str, Usual]:
        given, found = self.protocol.assumptions, {}
        if given is None:
            return {}
        for name, spec in given.background.items():
            if (item := self.protocol.items.get(name)) is not None:
                low, high = item.range or (spec.mean - 6 * spec.sd, spec.mean + 6 * spec.sd)
                found[name] = Usual(spec.mean, spec.sd, spec.within_sd, low, high)
        model = given.participant
        if model is not None and (item := self.protocol.items.get(model.item)) is not None:
            if isinstance(model, RepeatedMeasurements):
                mean, spread = next(iter(model.means.values())), float(model.covariance[0][0]) ** 0.5
            else:
                mean, spread = model.level.mean, model.level.sd
            low, high = item.range or (mean - 6 * spread, mean + 6 * spread)
            found[model.item] = Usual(mean, spread, spread / 3, low, high)
        return found

    def _guess(self, item: Item) -> Usual:
        for name, usual in self._assumed.items():
            other = self.protocol.items[name]
            like = other.unit == item.unit and (other.range == item.range or name == self._main)
            low, high = item.range or (usual.low, usual.high)
            if item.unit is not None and like and low < usual.mean < high:
                return Usual(usual.mean, usual.between, usual.within, low, high)
        if item.range is None:
            return Usual(10.0, 1.0, 0.3, 1.0, 100.0)
        low, high = item.range
        if low < 0:
            mean = (low + high) / 2
        else:
            start = max(low, 10.0 ** -places_of(item))
            mean = start * (high / start) ** 0.4
        between = min(0.08 * abs(mean), 0.05 * (high - low)) or 0.05 * (high - low)
        return Usual(mean, between, between / 3, low, high)

    @property
    def _main(self) -> str | None:
        given = self.protocol.assumptions
        return None if given is None or given.participant is None else given.participant.item

    def _answers(self, name: str, item: Item) -> tuple[list[str], Column]:
        if item.type == "yes or no":
            usual = _USUAL if self._usually_yes(name) else 1 - _USUAL
            return ["Y", "N"], np.array([usual, 1 - usual])
        codes = list(item.codes)
        if shares := self.shares.get(name):
            chances = np.array([shares.get(code, 0.0) for code in codes])
            return codes, chances / chances.sum()
        plain = np.array([code in UNREMARKABLE for code in codes])
        if not plain.any() or plain.all():
            return codes, np.full(len(codes), 1 / len(codes))
        return codes, np.where(plain, _CODE / plain.sum(), (1 - _CODE) / (~plain).sum())

    def _usually_yes(self, name: str) -> bool:
        """Return whether Yes needs no explanation: something is asked where the answer is No, such as why."""
        asked = [other for other in self._form_of(name).items.values() if other.required_when is not None]
        where_no = [other for other in asked if f"{name} = 'N'" in (other.required_when or "")]
        where_yes = [other for other in asked if f"{name} = 'Y'" in (other.required_when or "")]
        return bool(where_no) and (not where_yes or any(other.type in ("text", "code") for other in where_no))

    def _words(self, name: str, item: Item) -> tuple[str, ...]:
        variable = item.sdtm or ""
        if variable.endswith("TRT") and not any(
            (other.sdtm or "").endswith("INDC") for other in self._form_of(name).items.values()
        ):
            variable = ""
        words = next((words for end, words in _WORDS.items() if variable.endswith(end)), None)
        return words or (f"{item.label.say()} (virtual)",)

    def _place(self, name: str) -> int:
        form = self._form_of(name)
        return [n for n, item in form.items.items() if item.type == "date and time"].index(name)

    def _form_of(self, name: str) -> Form:
        return next(form for form in self.protocol.forms.values() if name in form.items)
