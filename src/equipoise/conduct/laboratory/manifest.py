"""What a laboratory says of a file of results, and the rows of the file as plain data.

The manifest says how the file is to be read, so that nothing is guessed: whose it is, which codes stand for which
tests and units, what a result below the limit of the assay is recorded as. It goes with every file.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from .units import System

Censored = Literal["refuse", "limit", "half"]
"""What a result such as `<20` is recorded as: it is refused, or the limit counts, or half of it."""

COLUMNS = ("participant", "visit", "collected", "test", "value", "unit", "accession", "status")
"""Columns of a file; `visit`, `unit`, `accession` and `status` may be absent."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a laboratory says of its file.

    file: its name. sha256: of its bytes. rows: how many results it holds. code_list: the version of the protocol
    whose test codes it uses, at least the first 8 digits. created_at: with the offset from UTC. columns: name in
    the file by our name (`COLUMNS`). unit_system: whether units are UCUM codes or spelled as in the protocol;
    units: what other spellings stand for. tests: test code, or id of the item, by the code of the laboratory.
    visits: key of the visit by its name in the file. codes: what a result in words is recorded as. leave_out:
    codes of tests that the trial does not record. below, above: the rule for `<20` and `>1000`. reason: why values
    that stand there from elsewhere are changed.
    """

    laboratory: str
    file: str
    sha256: str
    rows: int
    code_list: str
    created_at: datetime
    columns: Mapping[str, str] = {}
    unit_system: System = "protocol"
    units: Mapping[str, str] = {}
    tests: Mapping[str, str] = {}
    visits: Mapping[str, str] = {}
    codes: Mapping[str, str] = {}
    leave_out: tuple[str, ...] = ()
    below: Censored = "refuse"
    above: Literal["refuse", "limit"] = "refuse"
    reason: str = ""


class ResultRow(msgspec.Struct, frozen=True, array_like=True):
    """A result as it stands in a line of the file, every field as text; `status` says why there is no value."""

    line: int
    participant: str
    collected: str
    test: str
    value: str
    unit: str = ""
    accession: str = ""
    visit: str = ""
    status: str = ""


class Problem(msgspec.Struct, frozen=True, order=True):
    """What is wrong with a line of the file; `field` is empty where it is the record that the line leads to."""

    line: int
    field: str
    what: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.field}" if self.field else f"line {self.line}"
        return f"{where}: {self.what}"
