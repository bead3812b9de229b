"""The protocol as ODM metadata: study events, forms, item groups, items, units, ranges, code lists, methods.

Each version of the protocol is a MetaDataVersion, complete in itself; what only an older version has is kept in
it, as a record that was begun under the older one may still be corrected. Labels stand in every language of the
protocol.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ...conduct.forms.planned import belongs_to_no_visit, visits_planned_for
from ...conduct.forms.reading import MISSING as MISSING_CODES
from ...conduct.forms.typed import LONGEST, decimals_of
from ...protocol import Protocol
from ...protocol.model import Form, Item, Text
from . import facts
from .names import (
    ANY_TIME,
    AS_TYPED,
    CONDUCT,
    FACT,
    MISSING,
    NOTE,
    RECORD,
    UNSCHEDULED,
    YES_NO,
    unit_oid,
    version_oid,
)
from .text import number_to_xml, to_xml

if TYPE_CHECKING:
    from odmlib.odm_1_3_2 import model

DATA_TYPES: Mapping[str, str] = {
    "number": "float",
    "integer": "integer",
    "count": "integer",
    "text": "text",
    "date": "date",
    "time": "partialTime",
    "date and time": "partialDatetime",
    "code": "text",
    "yes or no": "text",
}
"""Data type of ODM by the type of an item; times are recorded without seconds where none were given."""

NUMBERS = ("float", "integer")
_DIGITS = 15
"""Digits of the largest number that can be recorded."""


def study_element(protocol: Protocol, versions: Mapping[str, Protocol], kinds: Sequence[str]) -> "model.Study":
    """Return the study with its metadata: `versions` by hash, in the order of their issue, `protocol` the newest.

    kinds: the kinds of facts about participants that the file holds, each of which gets a form of its own.
    """
    from odmlib.odm_1_3_2 import model

    units = dict.fromkeys(
        item.unit
        for version in versions.values()
        for form in version.forms.values()
        for item in form.items.values()
        if item.unit
    )
    return model.Study(
        OID=protocol.trial.id,
        GlobalVariables=model.GlobalVariables(
            StudyName=model.StudyName(_content=to_xml(protocol.trial.acronym or protocol.trial.id)),
            StudyDescription=model.StudyDescription(_content=to_xml(protocol.trial.title.say())),
            ProtocolName=model.ProtocolName(_content=to_xml(protocol.trial.registry or protocol.trial.id)),
        ),
        BasicDefinitions=model.BasicDefinitions(MeasurementUnit=[_unit(unit) for unit in units]),
        MetaDataVersion=[
            _Version(version, kinds).element(name, number)
            for number, (name, version) in enumerate(versions.items(), start=1)
        ],
    )


def form_type(form: Form) -> str:
    """Say whether a form may be filled in more than once, as ODM says it."""
    return "Yes" if form.repeats else "No"


def _unit(unit: str) -> "model.MeasurementUnit":
    from odmlib.odm_1_3_2 import model

    return model.MeasurementUnit(
        OID=unit_oid(unit), Name=unit, Symbol=model.Symbol(TranslatedText=_texts(Text({"en": unit})))
    )


def _texts(text: Text) -> "list[model.TranslatedText]":
    from odmlib.odm_1_3_2 import model

    return [model.TranslatedText(lang=name, _content=to_xml(said)) for name, said in text.root.items()]


class _Version:
    """Writes one version of the protocol."""

    def __init__(self, protocol: Protocol, kinds: Sequence[str]) -> None:
        from odmlib.odm_1_3_2 import model

        self.m, self.protocol, self.kinds = model, protocol, kinds

    def element(self, name: str, number: int) -> "model.MetaDataVersion":
        m, items = self.m, list(self._items())
        events = list(self._study_events())
        made: model.MetaDataVersion = m.MetaDataVersion(
            OID=version_oid(name),
            Name=f"Protocol version {number}",
            Description=f"Content hash {name}",
            Protocol=m.Protocol(
                StudyEventRef=[
                    m.StudyEventRef(StudyEventOID=event.OID, OrderNumber=place, Mandatory="No")
                    for place, event in enumerate(events, start=1)
                ]
            ),
            StudyEventDef=events,
            FormDef=list(self._forms()),
            ItemGroupDef=list(self._item_groups()),
            ItemDef=items,
            CodeList=list(self._code_lists()),
            MethodDef=list(self._methods()),
        )
        return made

    def _described(self, text: Text) -> "model.Description":
        return self.m.Description(TranslatedText=_texts(text))

    def _english(self, text: str) -> "model.Description":
        return self._described(Text({"en": text}))

    def _study_events(self) -> "Iterator[model.StudyEventDef]":
        scheduled = [name for name in self.protocol.forms if visits_planned_for(self.protocol, name)]
        for visit, planned in self.protocol.schedule.visits.items():
            forms = [name for name in scheduled if visit in visits_planned_for(self.protocol, name)]
            label = planned.label or Text({"en": visit})
            yield self._study_event(f"SE.{visit}", label, "Scheduled", forms)
        text = Text({"en": "Unscheduled visit", "zh": "计划外访视"})
        yield self._study_event(UNSCHEDULED, text, "Unscheduled", scheduled, repeating=True)
        common = [name for name in self.protocol.forms if belongs_to_no_visit(self.protocol, name)]
        yield self._study_event(ANY_TIME, Text({"en": "At any time", "zh": "任何时间"}), "Common", common)
        told = [f"{FACT}{kind}" for kind in self.kinds]
        yield self._study_event(CONDUCT, Text({"en": "Conduct of the trial", "zh": "试验实施"}), "Common", told)

    def _study_event(
        self, oid: str, label: Text, kind: str, forms: Iterable[str], *, repeating: bool = False
    ) -> "model.StudyEventDef":
        return self.m.StudyEventDef(
            OID=oid,
            Name=to_xml(label.say()),
            Repeating="Yes" if repeating else "No",
            Type=kind,
            Description=self._described(label),
            FormRef=[
                self.m.FormRef(FormOID=f"FO.{form}", OrderNumber=place, Mandatory="No")
                for place, form in enumerate(forms, start=1)
            ],
        )

    def _forms(self) -> "Iterator[model.FormDef]":
        for name, form in self.protocol.forms.items():
            yield self._form(name, form.label, form_type(form), (f"IG.{name}", f"IG.{RECORD}"))
        for kind in self.kinds:
            label = Text({"en": facts.describe(kind)})
            yield self._form(f"{FACT}{kind}", label, "Yes", (f"IG.{FACT}{kind}",))

    def _form(self, name: str, label: Text, repeating: str, groups: Iterable[str]) -> "model.FormDef":
        return self.m.FormDef(
            OID=f"FO.{name}",
            Name=name,
            Repeating=repeating,
            Description=self._described(label),
            ItemGroupRef=[
                self.m.ItemGroupRef(ItemGroupOID=group, OrderNumber=place, Mandatory="No")
                for place, group in enumerate(groups, start=1)
            ],
        )

    def _item_groups(self) -> "Iterator[model.ItemGroupDef]":
        for name, form in self.protocol.forms.items():
            refs = [(f"IT.{name}.{item}", one) for item, one in form.items.items()]
            yield self._item_group(name, refs, form.sdtm)
        yield self._item_group(RECORD, [(oid, None) for oid, _ in facts.record_fields()])
        for kind in self.kinds:
            yield self._item_group(f"{FACT}{kind}", [(oid, None) for oid, _ in facts.fields_of(kind)])

    def _item_group(
        self, name: str, items: Sequence[tuple[str, Item | None]], domain: str | None = None
    ) -> "model.ItemGroupDef":
        refs = []
        for place, (oid, item) in enumerate(items, start=1):
            ref = self.m.ItemRef(
                ItemOID=oid, OrderNumber=place, Mandatory="Yes" if item is not None and item.required else "No"
            )
            if item is not None and item.derive is not None:
                ref.MethodOID = f"MT{oid.removeprefix('IT')}"
            refs.append(ref)
        group = self.m.ItemGroupDef(OID=f"IG.{name}", Name=name, Repeating="No", ItemRef=refs)
        if domain is not None:
            group.Domain = domain
        return group

    def _items(self) -> "Iterator[model.ItemDef]":
        for name, form in self.protocol.forms.items():
            for item, one in form.items.items():
                yield self._item(f"IT.{name}.{item}", item, one)
        for oid, data_type in facts.record_fields():
            yield self._plain(oid, data_type, f"Record: {oid.rpartition('.')[2]}")
        for kind in self.kinds:
            for oid, data_type in facts.fields_of(kind):
                yield self._plain(oid, data_type, f"{kind}: {oid.rpartition('.')[2]}")

    def _plain(self, oid: str, data_type: str, label: str) -> "model.ItemDef":
        item = self.m.ItemDef(
            OID=oid, Name=oid.removeprefix("IT."), DataType=data_type, Description=self._english(label)
        )
        if data_type in ("text", *NUMBERS):
            item.Length = LONGEST if data_type == "text" else _DIGITS
        return item

    def _item(self, oid: str, name: str, item: Item) -> "model.ItemDef":
        m, data_type = self.m, DATA_TYPES[item.type]
        made: model.ItemDef = m.ItemDef(
            OID=oid, Name=name, DataType=data_type, Question=m.Question(TranslatedText=_texts(item.label))
        )
        if data_type == "float":
            decimals = decimals_of(item)
            made.SignificantDigits = _DIGITS if decimals is None else decimals
        if data_type == "text" or data_type in NUMBERS:
            made.Length = _length(item)
        if item.sdtm or item.testcd:
            made.Alias = [m.Alias(Context="SDTM", Name=str(item.sdtm or item.testcd))]
        if item.unit:
            made.MeasurementUnitRef = [m.MeasurementUnitRef(MeasurementUnitOID=unit_oid(item.unit))]
        if item.range is not None:
            made.RangeCheck = [
                self._bound(item, comparator, bound)
                for comparator, bound in zip(("GE", "LE"), item.range, strict=True)
            ]
        if item.codes or item.type == "yes or no":
            made.CodeListRef = m.CodeListRef(CodeListOID=f"CL{oid.removeprefix('IT')}" if item.codes else YES_NO)
        return made

    def _bound(self, item: Item, comparator: str, bound: float) -> "model.RangeCheck":
        check = self.m.RangeCheck(
            Comparator=comparator, SoftHard="Hard", CheckValue=[self.m.CheckValue(_content=number_to_xml(bound))]
        )
        if item.unit:
            check.MeasurementUnitRef = self.m.MeasurementUnitRef(MeasurementUnitOID=unit_oid(item.unit))
        return check

    def _code_lists(self) -> "Iterator[model.CodeList]":
        for name, form in self.protocol.forms.items():
            for item, one in form.items.items():
                if one.codes:
                    yield self._code_list(f"CL.{name}.{item}", item, one.codes)
        yield self._code_list(
            YES_NO, "Yes or no", {"Y": Text({"en": "Yes", "zh": "是"}), "N": Text({"en": "No", "zh": "否"})}
        )
        missing = {code: Text({"en": code.capitalize()}) for code in MISSING_CODES}
        yield self._code_list(MISSING, "Why there is no value", missing)
        note = {AS_TYPED: Text({"en": "As typed, in another unit"})}
        yield self._code_list(NOTE, "What an annotation holds", note)

    def _code_list(self, oid: str, name: str, codes: Mapping[str, Text]) -> "model.CodeList":
        m = self.m
        made: model.CodeList = m.CodeList(
            OID=oid,
            Name=name,
            DataType="text",
            CodeListItem=[
                m.CodeListItem(
                    CodedValue=to_xml(code), OrderNumber=place, Decode=m.Decode(TranslatedText=_texts(label))
                )
                for place, (code, label) in enumerate(codes.items(), start=1)
            ],
        )
        return made

    def _methods(self) -> "Iterator[model.MethodDef]":
        for name, form in self.protocol.forms.items():
            for item, one in form.items.items():
                if one.derive is not None:
                    yield self.m.MethodDef(
                        OID=f"MT.{name}.{item}",
                        Name=f"{name}.{item}",
                        Type="Computation",
                        Description=self._described(one.label),
                        FormalExpression=[self.m.FormalExpression(Context="SQL", _content=to_xml(one.derive))],
                    )


def _length(item: Item) -> int:
    if item.codes:
        return max(map(len, item.codes))
    if item.type == "yes or no":
        return 1
    return LONGEST if item.type == "text" else _DIGITS
