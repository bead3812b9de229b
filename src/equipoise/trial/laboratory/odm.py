"""Results in a file of ODM 1.3.2 or 2.0 (CDISC, ClinicalData), each with its line in the file.

An ItemGroupData is one result where it holds the item that names the test (by default `LBTESTCD`), as files of
laboratories are laid out; else every item of it that the manifest calls a test (`tests`) is a result. The subject
key is the participant, the study event the visit; a unit is its own item or the MeasurementUnitRef of the value.
Groups within a group (ODM 2.0) are results each for itself, by their own items.

The file is read by Python's expat as a stream, since models of the whole document know no lines. Declarations
of entities, and of the document's type, are refused: nothing is expanded, nothing fetched.
"""

from typing import NoReturn
from xml.parsers import expat

from ...conduct.laboratory.manifest import COLUMNS, Manifest, ResultRow
from ...datasets.odm import NAMESPACES, require_encoding
from ...errors import DataError

ITEMS = {
    "collected": "LBDTC",
    "test": "LBTESTCD",
    "value": "LBORRES",
    "unit": "LBORRESU",
    "accession": "LBREFID",
    "status": "LBREASND",
}
"""OIDs of the items where the manifest names no others."""

_SEPARATOR = " "


def read_rows(name: str, content: bytes, manifest: Manifest) -> tuple[ResultRow, ...]:
    """Return the results of an ODM file. Raises DataError, which names file and line."""
    require_encoding(f"{name}:1", content)
    reader = _Reader(name, manifest)
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        what = expat.errors.messages.get(error.code, "an error") if isinstance(error.code, int) else "an error"
        raise DataError(f"{name}:{error.lineno} is no well-formed XML ({what})") from error
    if not reader.is_odm:
        known = " or ".join(NAMESPACES.values())
        raise DataError(f"{name} must be ODM 1.3.2 or 2.0, whose root is ODM of {known}")
    return tuple(reader.rows)


class _Reader:
    """Takes in the elements of a file, one after the other."""

    def __init__(self, name: str, manifest: Manifest) -> None:
        self._name = name
        self._oids = {one: manifest.columns.get(one, ITEMS.get(one, "")) for one in COLUMNS}
        self._tests = manifest.tests
        self._subject = self._event = ""
        self._groups: list[tuple[int, dict[str, tuple[str, str, int]]]] = []
        self._line, self._items = 0, dict[str, tuple[str, str, int]]()
        self._item: str | None = None
        self._text: list[str] = []
        self._in_value = self._in_query = False
        self._unit = ""
        self.rows: list[ResultRow] = []
        self.is_odm = False
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._take
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse

    def _refuse(self, *_: object) -> NoReturn:
        raise DataError(
            f"{self._name}:{self.parser.CurrentLineNumber} declares a type or entities, which a file of results "
            "does not need; ask the laboratory for one without"
        )

    def _start(self, tag: str, given: dict[str, str]) -> None:
        namespace, _, element = tag.rpartition(_SEPARATOR)
        self._in_value = False
        if namespace not in NAMESPACES.values():
            return
        match element:
            case "ODM":
                self.is_odm = True
            case "SubjectData":
                self._subject = given.get("SubjectKey", "")
            case "StudyEventData":
                self._event = given.get("StudyEventOID", "")
            case "ItemGroupData":
                self._groups.append((self._line, self._items))
                self._line, self._items = self.parser.CurrentLineNumber, {}
            case "MeasurementUnitRef":
                self._unit = given.get("MeasurementUnitOID", "")
            case _ if element.startswith("ItemData"):
                self._item, self._unit = given.get("ItemOID", ""), ""
                self._text.clear()
                if "Value" in given:
                    self._text.append(given["Value"])
                self._in_value = True
            case "Value" | "Query":  # a query of ODM 2.0 has a Value too
                self._in_value = element == "Value" and not self._in_query
                self._in_query = self._in_query or element == "Query"
                if self._in_value and "".join(self._text).strip():
                    line = self.parser.CurrentLineNumber
                    raise DataError(f"{self._name}:{line} must have one value an item. Got more for {self._item}")

    def _take(self, text: str) -> None:
        """Keep the text of a value; that of an audit record or a comment of it is none."""
        if self._in_value:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        namespace, _, element = tag.rpartition(_SEPARATOR)
        self._in_value = False
        if namespace not in NAMESPACES.values():
            return
        if element == "Query":
            self._in_query = False
        elif element == "ItemGroupData":
            self._results()
            self._line, self._items = self._groups.pop()
        elif element.startswith("ItemData") and self._item is not None:
            line = self.parser.CurrentLineNumber
            self._items[self._item] = ("".join(self._text).strip(), self._unit, line)
            self._item = None

    def _results(self) -> None:
        """Give the results of an item group that has come to its end."""
        if self._oids["test"] in self._items:
            value, unit, _ = self._items.get(self._oids["value"], ("", "", 0))
            self._give(self._line, self._get("test"), value, self._get("unit") or unit)
            return
        for oid, (value, unit, line) in self._items.items():
            if oid in self._tests:
                self._give(line, oid, value, unit)

    def _give(self, line: int, test: str, value: str, unit: str) -> None:
        collected, accession, status = (self._get(one) for one in ("collected", "accession", "status"))
        self.rows.append(
            ResultRow(line, self._subject, collected, test, value, unit, accession, self._event, status)
        )

    def _get(self, name: str) -> str:
        return self._items.get(self._oids[name], ("", "", 0))[0]
