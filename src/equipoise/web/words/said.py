"""Sentences that the program has said in English, said in the language of who looks.

The core refuses, and tells the audit trail, in English sentences with values in them; it knows of no language. A
page finds the template whose fixed text a sentence has, takes the values out of it, and says the Chinese of
`refusals` with them. What no template fits stays as it is: better English than nothing.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ...conduct.organisation.wall import ROLES
from .refusals import CHINESE, PREDICATES
from .terms import PLACES, TERMS

Names = Mapping[str, str]
Word = Callable[[str], str]

_VALUE = re.compile(r"\{(\d+)\}")
_LISTS = (("; ", "；"), (", ", "，"), (": ", "："), (" and ", "和"), (" or ", "或"))
_IN_BRACKETS = re.compile(r"([^()]+) \(([^()]*)\)")


class Template(NamedTuple):
    """A sentence of the program: its English and its Chinese, how it is known, and its longest fixed text."""

    english: str
    chinese: str
    shape: re.Pattern[str]
    values: int
    longest: str
    fixed: int


class _Value(str):
    """A value in a sentence; with the format `said` it is said in Chinese itself, where that is known."""

    word: Word

    def __format__(self, how: str) -> str:
        return self.word(str(self)) if how == "said" else str(self)


def in_language(sentence: str, language: str, names: Names | None = None) -> str:
    """Return a sentence of the door or of the audit trail in a language, `en` or `zh`.

    names: the Chinese of names that the protocol gives, by their English. A sentence of several lines is said line
    by line, unless it is one with a value of several lines; what no template fits stays English.
    """
    if language != "zh":
        return sentence
    called = names or {}
    lines = sentence.split("\n")
    said = [_said(line, called, _SENTENCES) for line in lines]
    if None in said and (whole := _said(sentence, called, _SENTENCES)) is not None:
        return whole
    return "\n".join(line if known is None else known for line, known in zip(lines, said, strict=True))


def _said(sentence: str, names: Names, templates: tuple[Template, ...]) -> str | None:
    """Say a sentence by the template that fits it; None where none does."""
    found = _fitting(sentence, _PLACES) or _fitting(sentence, templates)
    if found is None:
        return None
    template, parts = found
    values = [_value(parts[f"v{number}"], names) for number in range(1, template.values + 1)]
    chinese = template.chinese.format("", *values).replace("？；", "？")
    of, got = parts.get("of"), parts.get("got")
    if of:
        named = _word(of, names)
        chinese = f"{named} {chinese}" if named[-1].isascii() else f"{named}{chinese}"
    return chinese if got is None else f"{chinese}（当前值：{got}）"


def _fitting(sentence: str, templates: tuple[Template, ...]) -> tuple[Template, dict[str, str | None]] | None:
    """Return the template with the most fixed text among those that fit, with the values by their place."""
    for template in templates:
        if template.longest in sentence and (match := template.shape.fullmatch(sentence)) is not None:
            return template, match.groupdict()
    return None


def _value(text: str | None, names: Names) -> _Value:
    value = _Value(text or "")
    value.word = lambda said: _word(said, names)
    return value


def _word(text: str, names: Names) -> str:
    """Say a value: a name of the protocol, a known word, a part of a sentence, or several of these in a list."""
    if (known := names.get(text, TERMS.get(text))) is not None:
        return known
    if (said := _said(text, names, _SENTENCES)) is not None:
        return said
    if (match := _IN_BRACKETS.fullmatch(text)) is not None:
        before, inside = (_word(part, names) for part in match.groups())
        if (before, inside) != match.groups():
            return f"{before}（{inside}）"
    for sign, chinese in _LISTS:
        if sign in text:
            parts = text.split(sign)
            words = [_word(part, names) for part in parts]
            if words != parts:
                plain = sign == ", " and all(part in TERMS or part in names for part in parts)
                return ("、" if plain else chinese).join(words)
    if (said := _said(text, names, _PARTS)) is not None:
        return said
    return text


def _template(english: str, chinese: str) -> Template:
    pieces = [piece.replace("{{", "{").replace("}}", "}") for piece in _VALUE.split(english)[::2]]
    body = re.escape(pieces[0])
    # right after another value only a known tail of a sentence can be told from it
    for number, piece in enumerate(pieces[1:], start=1):
        follows = number > 1 and not pieces[number - 1]
        value = _TAIL if follows else _NAME if english in PLACES and piece else _WORD if piece == " " else ".*?"
        body += f"(?P<v{number}>{value}){re.escape(piece)}"
    if english in PREDICATES:
        body = rf"(?:(?P<of>(?:(?!: ).)+?) )?{body}(?:\. Got (?P<got>.*))?"
    shape = re.compile(body, re.DOTALL)
    return Template(english, chinese, shape, len(pieces) - 1, max(pieces, key=len), sum(map(len, pieces)))


def _in_order(sentences: Iterable[tuple[str, str]]) -> tuple[Template, ...]:
    """Return templates, those with the most fixed text first."""
    return tuple(sorted((_template(*one) for one in sentences), key=lambda one: -one.fixed))


_NAME = "[^:,]*?"
_WORD = "|".join([*map(re.escape, sorted(ROLES, key=len, reverse=True)), ".*?"])
_TAIL = "(?:{})?".format(
    "|".join(
        ".*?".join(re.escape(piece) for piece in _VALUE.split(english)[::2])
        for english in CHINESE
        if english.startswith((" ", ", ", "; "))
    )
)
_PLACES = _in_order(PLACES.items())
_SENTENCES = _in_order(CHINESE.items())
_PARTS = _in_order((english, said) for english, said in TERMS.items() if _VALUE.search(english))
