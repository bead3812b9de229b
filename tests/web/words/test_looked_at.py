"""Every page of both portals is said in Chinese: also words that it is given, and those inside its sentences.

Each text of the protocol of this trial has a Chinese form here, so what stays in Latin letters is known (`KNOWN`),
typed by somebody, or forgotten.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import Scripted
from tests.invariants.work import prepared_work
from tests.web.holding.conftest import serve_for_all
from tests.web.holding.exercise import addresses
from tests.web.holding.pages import filling, pages_of
from tests.web.holding.people import person_of, roles_at
from tests.web.holding.test_matrix import SIDES, expected
from tests.web.portals import Portals

from equipoise.conduct.quality.queries import RaiseQuery
from equipoise.protocol.model.element import Text
from equipoise.report.language.chinese import CHINESE as OF_REPORTS
from equipoise.report.language.phrases import Phrases
from equipoise.web.shell.settings import BLINDED, UNBLINDED, Portal

from .latin import latin_words, texts

SEEN_BY = 2
"""Roles that look at a page: two may be shown other forms on it; more tell little new."""

KNOWN: Mapping[str, set[str]] = {
    "the program and the trial": {"Equipoise", "scripted"},
    "visits, as the protocol names them": {"SCR"},
    "units and clocks": {"kg", "mL", "min", "cells", "uL", "year", "UTC"},
    "formats and standards": {
        *("CSV", "csv", "xpt", "parquet", "dataset-json", "yaml", "PDF"),
        *("SDTM", "MedDRA", "OpenAPI"),
    },
    "columns of files": {
        *("participant", "term", "started", "ended", "outcome", "causality", "record", "decoded", "code"),
        *("body", "system", "synonym", "of"),
    },
    "codes beside their labels, in the casebook": {"COMPLETED"},
}
"""What a Chinese page says in Latin letters too."""


def world(trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch) -> Portals:
    """Serve a trial at work, with somebody in every role, an open query, and a protocol in both languages."""
    name, folder, _ = prepared_work("wheel")
    script = trial_at.copy(name, folder)
    who = next(iter(script.trial.participants))
    question = RaiseQuery(participant=who, record="W0/vitals/1", item="weight", question="As on the chart?")
    script.do(question, "monitor")
    portals = serve_for_all(script, monkeypatch)
    monkeypatch.setattr("equipoise.web.shell.parts.mark_parts", lambda page, _of: page)
    translate(monkeypatch)
    return portals


def translate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each text of a protocol a Chinese form."""
    made: dict[str, str] = {}

    def chinese(english: str) -> str:
        return made.setdefault(english, f"文{len(made)}")

    def say(self: Text, language: str = "en") -> str:
        return chinese(self.root["en"]) if language == "zh" else self.root["en"]

    def both(part: Any) -> Iterator[tuple[str, str]]:
        if isinstance(part, Mapping):
            if isinstance(part.get("en"), str):
                yield part["en"], chinese(part["en"])
            for inner in part.values():
                yield from both(inner)
        elif isinstance(part, list | tuple):
            for inner in part:
                yield from both(inner)

    monkeypatch.setattr(Text, "say", say)
    monkeypatch.setattr("equipoise.web.words.called._texts", both)


def look(portals: Portals, side: Portal) -> Iterator[tuple[str, str]]:
    """Give the pages of a portal as some roles see them, with the address of each."""
    fill, table = filling(portals.script), expected(next(name for name, one in SIDES.items() if one == side))
    roles = {role: portals.client(person_of(role), side=side, language="zh") for role in roles_at(side)}
    for page in pages_of(side):
        for name, address in addresses(page, fill).items():
            for role in table.get(name, {}).get("look", [])[:SEEN_BY]:
                answer = roles[role].get(address)
                if answer.headers["Content-Type"].startswith("text/html"):
                    yield address, answer.content.decode()


def typed_in(script: Scripted) -> set[str]:
    """Return the names of people and sites, and all that somebody has typed into the record, the longest first."""
    trial = script.trial
    known = {*trial.people, *(person.name for person in trial.people.values())}
    known |= {part for site in trial.sites.values() for part in (site.name, site.country, site.zone)}
    for event in script.running.book.read():
        known |= {event.reason or "", *re.findall(r'"([^"]* [^"]*)"', event.payload)}
        known |= set(re.findall(r'"(?:ae_term|why)":"([^"]*)"', event.payload))
    return known - {""}


@pytest.mark.parametrize("side", [BLINDED, UNBLINDED], ids=lambda side: str(side.name))
def test_what_pages_say_is_chinese(trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch, side: Portal) -> None:
    portals = world(trial_at, monkeypatch)
    asked, unknown, say = set[str](), set[str](), Phrases.__call__

    def listened(self: Phrases, phrase: str, **values: object) -> str:
        if self.language == "zh":
            asked.add(phrase)
            if phrase not in {**OF_REPORTS, **self._chinese} and re.search("[a-z]{2}", phrase):
                unknown.add(phrase)
        return say(self, phrase, **values)

    monkeypatch.setattr(Phrases, "__call__", listened)
    typed, left = sorted(typed_in(portals.script), key=len, reverse=True), defaultdict[str, set[str]](set)
    known = set[str]().union(*KNOWN.values())
    for address, page in look(portals, side):
        assert 'lang="zh' in page[:200] or "<html" not in page
        for text in texts(page):
            for word in latin_words(text, typed):
                if word not in known:
                    left[word].add(f"{address}: {text[:120]}")
    assert len(asked) > 100
    assert unknown == set()
    assert {word: min(places) for word, places in left.items()} == {}
