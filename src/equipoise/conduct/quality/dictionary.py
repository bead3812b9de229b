"""A dictionary for medical coding, as the user brings it: terms with what they decode to, and synonyms.

Dictionaries are licensed, so none comes with Equipoise. The file is CSV (UTF-8) with a header: `term`, `decoded`,
and where the dictionary has them `code`, `decoded_code`, `body_system`, `body_system_code`; a row with
`synonym_of` names a term of the same file in its place. The hash of the file stands for its content.
"""

import csv
import hashlib
import io
import unicodedata
from collections.abc import Mapping
from typing import Literal

import msgspec

from ...errors import DataError, suggest

Kind = Literal["events", "drugs"]
How = Literal["exact", "synonym", "by hand"]

TOPICS: Mapping[Kind, tuple[str, ...]] = {"events": ("AETERM", "MHTERM"), "drugs": ("CMTRT",)}
"""SDTM variables of the items that are coded, by kind of dictionary."""

_COLUMNS = ("term", "code", "decoded", "decoded_code", "body_system", "body_system_code", "synonym_of")


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """A term of a dictionary with what it decodes to (in MedDRA: lowest level, preferred term, organ class)."""

    term: str
    code: str = ""
    decoded: str
    decoded_code: str = ""
    body_system: str = ""
    body_system_code: str = ""


class Dictionary(msgspec.Struct, frozen=True):
    """Terms and synonyms, each by its text without differences of case, width and blanks."""

    hash: str
    terms: Mapping[str, Term]
    synonyms: Mapping[str, str]

    def find(self, text: str) -> tuple[Term, How] | None:
        """Return the term that a reported text is, or is a synonym of; None where it is neither."""
        key = plain(text)
        if key in self.terms:
            return self.terms[key], "exact"
        return (self.terms[self.synonyms[key]], "synonym") if key in self.synonyms else None

    def near(self, text: str) -> str:
        """Return the end of a sentence that names terms like a text."""
        return suggest(plain(text), self.terms)


def plain(text: str) -> str:
    """Return a text without differences of case, width of characters, and blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def parse_dictionary(content: bytes) -> Dictionary:
    """Read a dictionary; DataError names the first row that is wrong, and what it must be."""
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise DataError(f"the dictionary must be text in UTF-8: {error.reason} at byte {error.start}") from error
    names = rows.fieldnames or ()
    if not {"term", "decoded"} <= set(names) <= set(_COLUMNS):
        raise DataError(
            f"the first line of a dictionary names its columns: term, decoded, and of {', '.join(_COLUMNS)} what "
            f"there is. Got {', '.join(names) if names else 'nothing'}"
        )
    terms: dict[str, Term] = {}
    synonyms: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        given = {name: (row.get(name) or "").strip() for name in _COLUMNS}
        key, other = plain(given["term"]), plain(given.pop("synonym_of"))
        if not key or None in row:
            raise DataError(f"row {number} of the dictionary needs a term, and no more fields than columns")
        if key in terms or key in synonyms:
            raise DataError(f"row {number} of the dictionary repeats a term. Got {given['term']}")
        if other:
            synonyms[key] = other
        elif not given["decoded"]:
            raise DataError(f"row {number} of the dictionary does not say what it decodes to. Got {given['term']}")
        else:
            terms[key] = Term(**given)
    for key, other in synonyms.items():
        if other not in terms:
            raise DataError(f"synonym {key} is of a term that the dictionary does not have. Got {other}")
    return Dictionary(hashlib.sha256(content).hexdigest(), terms, synonyms)
