"""The pages are complete in English and in Simplified Chinese: all that they say, and nothing else, is there."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

import equipoise
from equipoise.conduct.access.questions import MEANINGS
from equipoise.conduct.closing.exports import BlindLevel
from equipoise.conduct.closing.signatures import signature_state
from equipoise.conduct.door.chapters import FACTS
from equipoise.conduct.door.chapters import ROLES as STEPS
from equipoise.conduct.enrolment.ending import Why
from equipoise.conduct.follow_up.deviations import MAJOR, MINOR
from equipoise.conduct.follow_up.matrix import State
from equipoise.conduct.follow_up.worklist import What
from equipoise.conduct.forms.reading import MISSING
from equipoise.conduct.organisation.amendments import Kind
from equipoise.conduct.organisation.standing import Alarm
from equipoise.conduct.organisation.wall import ROLES
from equipoise.conduct.quality.queries import Waiting
from equipoise.conduct.quality.revision import Effect
from equipoise.conduct.safety.clocks import SAID
from equipoise.conduct.safety.events import CRITERIA
from equipoise.conduct.safety.watch import Standing
from equipoise.conduct.supply.pending import Standing as Preparing
from equipoise.report.language.chinese import CHINESE as OF_REPORTS
from equipoise.web.words import CHAPTERS, in_words

PROGRAM = Path(equipoise.__file__).parent
WEB = PROGRAM / "web"
TAG = re.compile(r"""\{%-?\s*say\s+(?:"([^"]*)"|'([^']*)')""")
CHINESE: Mapping[str, str] = {phrase: said for chapter in CHAPTERS for phrase, said in chapter.CHINESE.items()}


def _listed(path: str, name: str) -> list[str]:
    """Return the texts of a constant of a page, which cannot be imported here without a portal; a dict's keys."""
    for node in ast.parse((WEB / path).read_text(encoding="utf-8")).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == name:
            value = node.value  # type: ignore[attr-defined]
            parts = value.keys if isinstance(value, ast.Dict) else [value]
            texts = [one.value for part in parts for one in ast.walk(part) if isinstance(one, ast.Constant)]
            return [text for text in texts if isinstance(text, str)]
    raise AssertionError(f"{path} has no {name}")


CHOICES: Mapping[str, Iterable[str]] = {
    "roles": ROLES,
    "steps": [in_words(intent.__name__) for intent in STEPS],
    "kinds of events": [in_words(kind) for kind in FACTS],
    "questions of the record": MEANINGS.values(),
    "kinds of work": get_args(What),
    "states of a form": get_args(State),
    "states of a signature": get_args(signature_state.__annotations__["return"]),
    "codes of missing values": MISSING,
    "why somebody does not enter": get_args(Why),
    "weights of a deviation": (MINOR, MAJOR),
    "who a query waits for": get_args(Waiting),
    "ages of queries": _listed("pages/quality/queries.py", "AGES"),
    "what forms are counted by": _listed("pages/quality/dashboard.py", "WHATS"),
    "what a new dictionary does": get_args(Effect),
    "clocks": SAID.values(),
    "standings of a clock": get_args(Standing),
    "what makes an event serious": CRITERIA.values(),
    "alarms": get_args(Alarm),
    "what an amendment means": get_args(Kind),
    "what a change does": ("added", "removed", "changed"),
    "blind of an export": get_args(BlindLevel),
    "standings of a preparation": get_args(Preparing),
    "where a carton is": ("depot", "on the way", "stock", "used"),
    "states of work": _listed("beside/background.py", "Standing"),
    "stages of a report": _listed("vault_pages/safety/making.py", "STAGES"),
    "reasons of a code break": _listed("vault_pages/code_break.py", "REASONS"),
    "days of the week": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
"""What a page says that it is given: a word from a list of the program."""


def phrases(root: Path) -> dict[str, set[str]]:
    """Return where each phrase is said, of those that stand in a module or a template as they are."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("say", "_say"):
                for text in _constants(node.args[0]):
                    found[text].add(f"{path.relative_to(root)}:{node.lineno}")
    for path in root.rglob("*.html"):
        for double, single in TAG.findall(path.read_text(encoding="utf-8")):
            found[double or single].add(str(path.relative_to(root)))
    return found


def _constants(said: ast.expr) -> list[str]:
    if isinstance(said, ast.IfExp):
        return [*_constants(said.body), *_constants(said.orelse)]
    return [said.value] if isinstance(said, ast.Constant) and isinstance(said.value, str) else []


def _values(phrase: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


def test_every_phrase_has_its_chinese() -> None:
    missing = {text: places for text, places in phrases(WEB).items() if text not in {**OF_REPORTS, **CHINESE}}
    assert not missing


@pytest.mark.parametrize("of", CHOICES)
def test_every_choice_has_its_chinese(of: str) -> None:
    assert not [choice for choice in CHOICES[of] if choice not in {**OF_REPORTS, **CHINESE}]


def test_every_chinese_phrase_is_said() -> None:
    """A phrase counts as said where its English stands anywhere in the program, or is one of the choices."""
    said = {choice for choices in CHOICES.values() for choice in choices} | phrases(WEB).keys()
    for path in PROGRAM.rglob("*.py"):
        if WEB / "words" not in path.parents:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            said |= {
                one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    said |= {f"{place}, in quarantine" for place in CHOICES["where a carton is"]}
    templates = "\n".join(path.read_text(encoding="utf-8") for path in WEB.rglob("*.html"))
    listed = {one for text in re.findall(r'"([^"]*)"\|split', templates) for one in text.split(",")}
    assert not CHINESE.keys() - said - listed


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.__name__.rpartition(".")[2])
def test_the_values_of_both_languages_agree(chapter: object) -> None:
    pairs: Mapping[str, str] = chapter.CHINESE  # type: ignore[attr-defined]
    assert not {english: said for english, said in pairs.items() if _values(english) != _values(said)}


def test_no_phrase_has_two_meanings() -> None:
    said: dict[str, set[str]] = defaultdict(set)
    for chapter in CHAPTERS:
        for english, chinese in chapter.CHINESE.items():
            said[english].add(chinese)
    assert not {english: ways for english, ways in said.items() if len(ways) > 1}


def test_a_phrase_without_chinese_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text(
        'title = say("Something new" if new else "Something else")\n', encoding="utf-8"
    )
    (tmp_path / "page.html").write_text('<p>{% say "Newer still" %}</p>\n', encoding="utf-8")
    found = phrases(tmp_path).keys()
    assert found == {"Something new", "Something else", "Newer still"}
    assert not found & CHINESE.keys()
