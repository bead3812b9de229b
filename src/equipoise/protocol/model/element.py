"""What every section of a protocol file is made of: frozen elements, labels, and marks on fields.

A mark says what a plain string in the file stands for (`Refers("visit")`: the id of a visit;
`Scope("form")`: an SQL expression over the items of a form; `Measures("[time]")`: a quantity of that
dimension). The checks in `protocol.checks` walk over all marks, so that a new field needs no new check.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_origin

from pydantic import BaseModel, ConfigDict, RootModel, StringConstraints, model_validator

from ..quantity import Quantity

ScopeName = Literal["screening", "form", "participant", "measurement", "adverse_event", "data"]
"""Where an expression is evaluated; `protocol.checks.expressions` lists the names that each scope knows."""


@dataclass(frozen=True)
class Refers:
    """Marks a string as the id of something of `kind` that the file declares elsewhere."""

    kind: str


@dataclass(frozen=True)
class Scope:
    """Marks a string as an SQL expression over the names of the scope."""

    name: ScopeName


@dataclass(frozen=True)
class Measures:
    """Marks a quantity by its physical dimension in pint's notation, such as `[time]`."""

    dimension: str


@dataclass(frozen=True)
class UnitName:
    """Marks a string as the name of a unit that pint knows."""


class Element(BaseModel):
    """A frozen part of a protocol; a field that the section does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _one_stands_for_a_list_of_one(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        single = [
            name
            for name, field in cls.model_fields.items()
            if isinstance(value.get(name), str) and get_origin(field.annotation) is tuple
        ]
        return {**value, **{name: [value[name]] for name in single}} if single else value


class Text(RootModel[Mapping[str, str]]):
    """A text in one or more languages, by language code; a plain string is English."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "type": ["string", "object"],
            "additionalProperties": {"type": "string"},
            "description": "A text: a plain string (English) or one string a language.",
        },
    )

    @model_validator(mode="before")
    @classmethod
    def _plain_string_is_english(cls, value: Any) -> Any:
        return {"en": value} if isinstance(value, str) else value

    def say(self, language: str = "en") -> str:
        """Return the text in `language`, else in English, else in the first language given."""
        texts = self.root
        return texts.get(language) or texts.get("en") or next(iter(texts.values()))


Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,7}$")]
"""The name of a CDISC variable or test code: at most eight capitals, digits and underscores."""

ScreeningRule = Annotated[str, Scope("screening")]
FormRule = Annotated[str, Scope("form")]
ParticipantRule = Annotated[str, Scope("participant")]
MeasurementRule = Annotated[str, Scope("measurement")]
AdverseEventRule = Annotated[str, Scope("adverse_event")]
DataRule = Annotated[str, Scope("data")]
Unit = Annotated[str, UnitName()]
Duration = Annotated[Quantity, Measures("[time]")]
