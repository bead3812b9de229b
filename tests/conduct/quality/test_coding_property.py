"""Medical coding: exact and synonym match, the rest by hand; one version counts; a changed term is coded again."""

from typing import Any

import pytest
from tests.conduct.forms.desk import EVENT, WHO, Desk, noon

from equipoise.conduct.closing.checklist import checklist
from equipoise.conduct.door.chapters import DECISIONS
from equipoise.conduct.door.door import GUARDS
from equipoise.conduct.door.fact import By, Fact, Intent, Setting
from equipoise.conduct.door.services import Services
from equipoise.conduct.quality.coding import CodeTerm, CodeTerms, LoadDictionary, coding_of, list_uncoded
from equipoise.conduct.quality.dictionary import parse_dictionary
from equipoise.conduct.quality.revision import compare_codings
from equipoise.datasets.from_record.sdtm.write import write_sdtm
from equipoise.errors import DataError, DecisionRefused

RECORD = "/adverse_event/1"
OLD = b"""term,code,decoded,decoded_code,body_system,synonym_of
Fever,10016558,Pyrexia,10037660,General disorders,
Feeling hot,10016334,Feeling hot,10016334,General disorders,
Running a temperature,,,,,Fever
"""
NEW = OLD.replace(b"Pyrexia", b"Body temperature raised").replace(b"Feeling hot,1", b"Felt hot,1", 1)
BOOKS = {one.hash: one for one in map(parse_dictionary, (OLD, NEW))}
OLD_HASH, NEW_HASH = BOOKS


class Coder:
    """Takes the steps of coding, with the guard that looks into the dictionary."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def do(self, intent: Intent, services: Services | None = None) -> list[Fact]:
        setting = Setting(self.desk.protocol, By("zhao", "medical monitor", noon(self.desk.today)))
        outcomes = DECISIONS[type(intent)](setting, self.desk.trial, intent)
        turn: Any = None
        known = services or Services(dictionary=BOOKS.get)
        done = GUARDS[type(intent)](turn, known, self.desk.trial, intent, outcomes, "key")
        for outcome in done:
            self.desk.record(outcome.fact, person="zhao", role="medical monitor")
        return [outcome.fact for outcome in done]

    def load(self, name: str = OLD_HASH, edition: str = "26.1") -> None:
        self.do(LoadDictionary(dictionary="events", name="MedDRA", edition=edition, hash=name))

    def code(self, edition: str = "26.1") -> list[Fact]:
        return self.do(CodeTerms(dictionary="events", edition=edition))

    def choose(self, chosen: str, edition: str = "26.1") -> list[Fact]:
        return self.do(CodeTerm(participant=WHO, record=RECORD, item="ae_term", chosen=chosen, edition=edition))

    def meaning(self) -> str | None:
        coding = coding_of(self.desk.participant, RECORD, "ae_term")
        return None if coding is None else coding.decoded

    def waiting(self) -> int:
        return checklist(self.desk.protocol, self.desk.trial, self.desk.today)["terms not coded"]


@pytest.fixture
def coder(desk: Desk) -> Coder:
    return Coder(desk)


def report(desk: Desk, term: str) -> None:
    known = RECORD in desk.participant.forms
    more = {"repeat": 1, "reason": "as the source"} if known else {}
    desk.save("adverse_event", "", {**EVENT, "ae_term": term}, **more)


@pytest.mark.parametrize(
    ("term", "meaning", "how"),
    [
        ("Fever", "Pyrexia", "exact"),
        (" FEVER", "Pyrexia", "exact"),
        ("Ｆever", "Pyrexia", "exact"),
        ("running a  temperature", "Pyrexia", "synonym"),
    ],
)
def test_what_the_dictionary_has_is_coded_by_itself(coder: Coder, term: str, meaning: str, how: str) -> None:
    report(coder.desk, term)
    assert coder.waiting() == 0
    coder.load()
    assert coder.waiting() == 1
    (fact,) = coder.code()
    assert (fact.decoded, fact.body_system, fact.how) == (meaning, "General disorders", how)  # type: ignore[attr-defined]
    assert coder.waiting() == 0
    with pytest.raises(DecisionRefused, match=r"every term is coded with MedDRA 26\.1"):
        coder.code()


def test_the_rest_is_coded_by_hand_as_a_term_that_there_is(coder: Coder) -> None:
    report(coder.desk, "Heat in the evening")
    coder.load()
    with pytest.raises(DecisionRefused, match="code them by hand"):
        coder.code()
    with pytest.raises(DecisionRefused, match="no term Feeling hat; did you mean feeling hot"):
        coder.choose("Feeling hat")
    coder.choose("feeling hot")
    assert coder.meaning() == "Feeling hot"


def test_a_term_that_changes_is_coded_again(coder: Coder) -> None:
    report(coder.desk, "Fever")
    coder.load()
    coder.code()
    report(coder.desk, "Feeling hot")
    assert (coder.meaning(), coder.waiting()) == (None, 1)
    coder.code()
    assert coder.meaning() == "Feeling hot"


def test_a_new_version_says_first_what_it_changes_and_codes_again(coder: Coder) -> None:
    report(coder.desk, "Heat in the evening")
    coder.desk.save("adverse_event", "", {**EVENT, "ae_term": "Fever"})
    coder.load()
    coder.choose("Feeling hot")
    coder.code()
    found = [
        (one.term, one.effect, one.after) for one in compare_codings(coder.desk.trial, "events", BOOKS[NEW_HASH])
    ]
    assert found == [
        ("Heat in the evening", "gone", ""),
        ("Fever", "changed", "Body temperature raised (General disorders)"),
    ]
    coder.load(NEW_HASH, "27.0")
    assert coder.waiting() == 2
    coder.code("27.0")
    (left,) = list_uncoded(coder.desk.protocol, coder.desk.trial)
    assert left.former is not None
    assert (left.term, left.former.chosen) == ("Heat in the evening", "Feeling hot")


def test_the_dictionary_of_another_version_is_refused(coder: Coder) -> None:
    report(coder.desk, "Fever")
    with pytest.raises(DecisionRefused, match="no dictionary of events is loaded"):
        coder.code()
    coder.load()
    with pytest.raises(DecisionRefused, match=r"coded with MedDRA 26\.1\. Got version 27\.0"):
        coder.code("27.0")
    with pytest.raises(DecisionRefused, match=r"in force with another content"):
        coder.load(NEW_HASH)
    with pytest.raises(DecisionRefused, match="in force with this very content"):
        coder.load(OLD_HASH, "27.0")
    with pytest.raises(DecisionRefused, match=r"not in the trial's folder"):
        coder.do(LoadDictionary(dictionary="drugs", name="X", edition="1", hash="0" * 64))
    assert len(coder.desk.events) and coder.meaning() is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "names its columns"),
        (b"term,meaning\na,b\n", "names its columns"),
        (b"term,decoded\nFever,Pyrexia\nfever,Heat\n", "row 3 of the dictionary repeats a term. Got fever"),
        (b"term,decoded\nFever,\n", "row 2 of the dictionary does not say what it decodes to. Got Fever"),
        (b"term,decoded\n,Pyrexia\n", "row 2 of the dictionary needs a term"),
        (b"term,decoded\nFever,Pyrexia,more\n", "row 2 of the dictionary needs a term, and no more fields"),
        (b"term,decoded,synonym_of\nHeat,,Fever\n", "synonym heat is of a term that the dictionary does not have"),
        ("term,decoded\nFieber,Fieber\u00fc\n".encode("latin-1"), "must be text in UTF-8"),
    ],
)
def test_a_damaged_dictionary_is_refused_with_its_row(content: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        parse_dictionary(content)


def test_codings_go_into_the_datasets(coder: Coder) -> None:
    report(coder.desk, "Fever")
    coder.load()
    coder.code()
    (row,) = write_sdtm(coder.desk.protocol, coder.desk.trial)["ae"].frame.to_dicts()
    coded = ("AETERM", "AELLT", "AELLTCD", "AEDECOD", "AEPTCD", "AEBODSYS")
    assert [row[name] for name in coded] == ["Fever", "Fever", 10016558, "Pyrexia", 10037660, "General disorders"]
