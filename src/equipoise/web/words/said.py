"""Sentences that the program has said in English, said in the language of who looks.

The core refuses, and tells the audit trail, in English sentences with values in them; it knows of no language. A
page finds the template whose fixed text a sentence has, takes the values out of it, and says the Chinese of
`refusals` with them. What no template fits stays as it is: better English than nothing.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ...conduct.organisation.wall import ROLES
from .refusals import CHINESE, PREDICATES
from .terms import PLACES, REASONS, TERMS

Names = Mapping[str, str]

_VALUE = re.compile(r"\{(\d+)\}")
_LISTS = (("; ", "；"), (", ", "，"), (": ", "："), (" and ", "和"), (" or ", "或"))
_IN_BRACKETS = re.compile(r"([^()]+) \(([^()]*)\)")
_SAVED = re.compile(r"(?:^|(?<=, ))([A-Za-z]\w*)( = |: )([A-Z][A-Z /-]*(?=, |$))?")
"""The name of an item before what was saved of it, and a code: `cd4 = 210, lungs = NORMAL, pulse: UNKNOWN`."""
_SPECIMEN = re.compile(r"(?<=, )accession .+? of laboratory [^,;]+")
_RECORD = re.compile(r"(\w*)/([A-Za-z]\w*)/(\d+)(?: ([A-Za-z]\w*(?:, [A-Za-z]\w*)*))?")
"""A record as conduct names it, and items of it: `W0/vitals/1 weight, pulse`."""


class Template(NamedTuple):
    """A sentence of the program: its English and its Chinese, how it is known, and its longest fixed text."""

    english: str
    chinese: str
    shape: re.Pattern[str]
    values: int
    longest: str
    fixed: int


class _Value(str):
    """A value in a sentence, said in Chinese itself where that is known.

    With the format `said` it is a name, a known word, or a part of a sentence; with `text` all of it is a text of
    the protocol, or stays as somebody has typed it.
    """

    names: Names

    def __format__(self, how: str) -> str:
        if how == "text":
            return self.names.get(str(self), str(self))
        return _word(str(self), self.names) if how == "said" else str(self)


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


def name_in_chinese(text: str, names: Names) -> str:
    """Return what conduct names on its own, such as a record or a stratum, in Chinese."""
    return _word(text, names)


def reason_in_language(reason: str, language: str, names: Names | None = None) -> str:
    """Return a reason in a language, `en` or `zh`; as it was typed where it is not of program or protocol."""
    if language != "zh":
        return reason
    known = (names or {}).get(reason) or _said(reason, names or {}, _REASONS)
    return reason if known is None else known


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
    value.names = names
    return value


def _word(text: str, names: Names) -> str:
    """Say a value: a name of the protocol, a known word, a part of a sentence, or several of these in a list."""
    if (known := names.get(text, TERMS.get(text))) is not None:
        return known
    if (said := _said(text, names, _SENTENCES)) is not None:
        return said
    if (match := _SAVED.match(text)) is not None and (match[2] == " = " or match[3]):
        return _saved(text, names)
    if (match := _RECORD.match(text)) is not None and match[2] in names:
        return _RECORD.sub(lambda found: _record(found, names), text).replace("; ", "；")
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


def _saved(text: str, names: Names) -> str:
    """Say what was saved of a form: its items by their labels, their values as they are, and the notes behind."""
    values, *notes = text.split("; ")
    while notes and _said(notes[0], names, _SENTENCES) is None:
        values = f"{values}; {notes.pop(0)}"

    def item(found: re.Match[str]) -> str:
        name, sign, code = found.groups()
        missing = TERMS.get(code or "", code or "") if sign == ": " else code or ""
        return names.get(found[0], f"{names.get(name, name)}{sign}{missing}")

    values = _SPECIMEN.sub(lambda found: _word(found[0], names), _SAVED.sub(item, values))
    return "；".join([values, *(_word(one, names) for one in notes)])


def _record(found: re.Match[str], names: Names) -> str:
    """Say a record by its visit, the label of its form and its number, where that is not 1; then the items."""
    visit, form, number, items = found.groups()
    said = f"{visit} {names.get(form, form)}{f' {number}' if number != '1' else ''}".strip()
    return f"{said}：{'、'.join(names.get(item, item) for item in items.split(', '))}" if items else said


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
_REASONS = _in_order(REASONS.items())
_PARTS = _in_order((english, said) for english, said in TERMS.items() if _VALUE.search(english))
