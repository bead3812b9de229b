"""A pack of paper as plain data: sheets, and the blocks that stand on them, before anything is set in type.

A sheet begins on a page of its own and repeats its head on every page that follows, so that a page which gets lost
can be told where it belongs.
"""

from typing import Literal

import msgspec

FieldKind = Literal["number", "date", "time", "date and time", "choices", "text"]
Head = Literal["visit", "event", "participant", "site", "none"]
"""What the head of a page asks for: participant and day of a visit; of something else; participant; nothing."""


class Choice(msgspec.Struct, frozen=True):
    """A tick box: its label, and the code under which it is entered where the label is not that."""

    label: str
    code: str = ""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """Where a value is written: boxes for `whole` digits and `decimals`, tick boxes, or lines."""

    kind: FieldKind
    whole: int = 0
    decimals: int = 0
    signed: bool = False
    unit: str = ""
    other_units: str = ""
    choices: tuple[Choice, ...] = ()
    lines: int = 1


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An item of a form: label, hints in small type, its field, whether results or safety hang on it."""

    label: str
    hint: str = ""
    field: Field
    critical: bool = False


class FormGrid(msgspec.Struct, frozen=True, kw_only=True, tag="form"):
    """A blank form: `version` is that of its definition; `numbered` asks for the number of the record."""

    title: str
    name: str
    version: str
    entries: tuple[Entry, ...]
    numbered: bool = False
    checks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Heading(msgspec.Struct, frozen=True, tag="heading"):
    """A heading inside a sheet."""

    text: str


class Paragraph(msgspec.Struct, frozen=True, tag="text"):
    """Running text."""

    text: str


class Warn(msgspec.Struct, frozen=True, tag="warn"):
    """What must not be overlooked, in a frame."""

    title: str
    text: str = ""


class Steps(msgspec.Struct, frozen=True, tag="steps"):
    """What to do, one step after the other."""

    steps: tuple[str, ...]


class Ticks(msgspec.Struct, frozen=True, tag="ticks"):
    """Things to tick off."""

    texts: tuple[str, ...]


class Criterion(msgspec.Struct, frozen=True):
    """A criterion to be answered yes or no: id, text, and what it is answered from."""

    id: str
    text: str
    source: str


class Criteria(msgspec.Struct, frozen=True, kw_only=True, tag="criteria"):
    """Criteria of one kind; `wanted` is the answer that lets a person in."""

    title: str
    wanted: Literal["yes", "no"]
    rows: tuple[Criterion, ...]


class Lines(msgspec.Struct, frozen=True, tag="lines"):
    """Labels with a line to write on, two in a row."""

    labels: tuple[str, ...]


class Grid(msgspec.Struct, frozen=True, kw_only=True, tag="grid"):
    """A table: shares of the width by column, rows as printed, and empty rows to write in."""

    columns: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    empty: int = 0


class Signatures(msgspec.Struct, frozen=True, tag="signatures"):
    """Lines to sign on: name, signature, date and time by role."""

    roles: tuple[str, ...]


Block = FormGrid | Heading | Paragraph | Warn | Steps | Ticks | Criteria | Lines | Grid | Signatures


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet of one page or more: what it is, what its head asks for, and its blocks.

    group: the part of the pack it begins, empty where it goes on with the part before.
    """

    title: str
    about: str = ""
    group: str = ""
    head: Head
    blocks: tuple[Block, ...]


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """A document of sheets: `facts` on its first page, `date` (ISO) in its metadata, `words` of every page."""

    title: str
    about: str
    language: str
    trial: str
    site: str = ""
    version: str
    date: str
    facts: tuple[tuple[str, str], ...]
    words: dict[str, str]
    sheets: tuple[Sheet, ...]
    cover: bool = True
