"""The two spellings of one content: what is laid out as ODM 1.3.2 said in the words of ODM 2.0, and back.

In ODM 2.0 (CDISC, 2023) a form is an item group that holds item groups; the unit of a value is an item of its own
beside it, which the reference to the item names; a value is an element; a text names its type; what the study is
called stands in attributes; study events are listed in a group; a method has a signature. All else is the same.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from typing import Literal

from .names import UNIT_ITEM, item_of_unit, unit_item, unit_oid

Version = Literal["1.3.2", "2.0"]
NAMESPACES: Mapping[Version, str] = {
    "1.3.2": "http://www.cdisc.org/ns/odm/v1.3",
    "2.0": "http://www.cdisc.org/ns/odm/v2.0",
}
"""The versions, each with the namespace of its elements."""

_TAGS = {
    "FormDef": "ItemGroupDef",
    "FormRef": "ItemGroupRef",
    "FormData": "ItemGroupData",
    "LoginName": "UserName",
}
_ATTRIBUTES = {"FormOID": "ItemGroupOID", "FormRepeatKey": "ItemGroupRepeatKey", "LocationType": "Role"}
_AS_IN_1_3_2 = {new: old for old, new in _ATTRIBUTES.items()}
_WITHOUT_PLACE = ("MeasurementUnitRef", "DisplayName")
"""Left out: units are items of their own, and the role of a user stands in the OID."""
_OF_DATA = ("Value", "ItemGroupData", "ItemData", "AuditRecord", "Signature", "Annotation")
"""What data hold, in the order of ODM 2.0."""
_OF_VERSION = (
    *("Description", "Protocol", "StudyEventGroupDef", "StudyEventDef", "ItemGroupDef", "ItemDef", "CodeList"),
    "MethodDef",
)
"""What the metadata of a version hold, in the order of ODM 2.0."""
_ALL_EVENTS = "SG.ALL"
_PLAIN = {"Type": "text/plain"}


def spell(element: ET.Element, version: Version) -> ET.Element:
    """Return an element that is laid out as ODM 1.3.2, all without namespaces, in the words of a version."""
    return element if version == "1.3.2" else _spell(element)


def unspell(subject: ET.Element, version: Version) -> ET.Element:
    """Lay out SubjectData that were read as ODM 1.3.2 does, without its namespace; they are changed in place.

    Raises ValueError for what has no counterpart there, such as an item of several values.
    """
    for element in subject.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACES[version]}}}")
    if version == "1.3.2":
        return subject
    if subject.find("StudyEventData/FormData") is not None:
        raise ValueError("FormData, which ODM 2.0 has no more")
    for item in subject.iter("ItemData"):
        values = item.findall("Value")
        if len(values) > 1:
            raise ValueError(f"{item.get('ItemOID')} with more than one value")
        for value in values:
            item.set("Value", value.text or "")
            item.remove(value)
    for comment in subject.iter("Comment"):
        comment.text = "".join(comment.itertext())
        comment[:] = []
    for form in subject.iterfind("StudyEventData/ItemGroupData"):
        form.tag = "FormData"
        form.attrib = {_AS_IN_1_3_2.get(name, name): value for name, value in form.items()}
        for group in (form, *form.iter("ItemGroupData")):
            _give_units(group)
    return subject


def _spell(element: ET.Element) -> ET.Element:
    return _RULES.get(element.tag, _reword)(element)


def _reword(element: ET.Element, **more: str) -> ET.Element:
    """Return an element with the names of ODM 2.0, and what it holds in its words."""
    said = {_ATTRIBUTES.get(name, name): value for name, value in element.items()}
    made = ET.Element(_TAGS.get(element.tag, element.tag), said | more)
    made.text = element.text
    made.extend(_spell(child) for child in element if child.tag not in _WITHOUT_PLACE)
    return made


def _text(parent: ET.Element, said: str | None) -> None:
    ET.SubElement(parent, "TranslatedText", _PLAIN).text = said


def _root(root: ET.Element) -> ET.Element:
    said = dict(root.items()) | {"xmlns": NAMESPACES["2.0"], "ODMVersion": "2.0", "Context": "Archive"}
    del said["Archival"]
    description = said.pop("Description")
    made = ET.Element("ODM", said)
    _text(ET.SubElement(made, "Description"), description)
    return made


def _study(study: ET.Element) -> ET.Element:
    called = {part.tag: part.text or "" for part in study.iterfind("GlobalVariables/*")}
    names = {name: called[name] for name in ("StudyName", "ProtocolName")}
    made = ET.Element("Study", {**study.attrib, **names})
    _text(ET.SubElement(made, "Description"), called["StudyDescription"])
    made.extend(_version(version) for version in study.iterfind("MetaDataVersion"))
    return made


def _version(version: ET.Element) -> ET.Element:
    """Return the metadata of a version, with an item for the unit of each item that has one."""
    made = ET.Element("MetaDataVersion", {name: version.attrib[name] for name in ("OID", "Name")})
    _text(ET.SubElement(made, "Description"), version.get("Description"))
    made.extend(_spell(child) for child in version)
    events = ET.SubElement(made, "StudyEventGroupDef", OID=_ALL_EVENTS, Name="Study events")
    events.extend(_spell(one) for one in version.iterfind("Protocol/StudyEventRef"))
    units = {
        item.attrib["OID"]: unit.attrib["MeasurementUnitOID"]
        for item in version.iterfind("ItemDef")
        if (unit := item.find("MeasurementUnitRef")) is not None
    }
    for group in made.iterfind("ItemGroupDef"):
        _refer_to_units(group, units)
    made.extend(_unit_item(item, unit) for item, unit in units.items())
    made.extend(_unit_list(unit) for unit in dict.fromkeys(units.values()))
    made[:] = sorted(made, key=lambda one: _OF_VERSION.index(one.tag))
    return made


def _protocol(_: ET.Element) -> ET.Element:
    made = ET.Element("Protocol")
    ET.SubElement(made, "StudyEventGroupRef", StudyEventGroupOID=_ALL_EVENTS, OrderNumber="1", Mandatory="Yes")
    return made


def _form(form: ET.Element) -> ET.Element:
    return _reword(form, Type="Form", Repeating="Simple" if form.get("Repeating") == "Yes" else "No")


def _section(group: ET.Element) -> ET.Element:
    return _reword(group, Type="Section")


def _refer_to_units(group: ET.Element, units: Mapping[str, str]) -> None:
    refs = []
    for ref in group.iterfind("ItemRef"):
        refs.append(ref)
        if (oid := ref.attrib["ItemOID"]) in units:
            ref.set("UnitsItemOID", unit_item(oid))
            refs.append(ET.Element("ItemRef", ItemOID=unit_item(oid), Mandatory="No"))
    for place, ref in enumerate(refs, start=1):
        ref.set("OrderNumber", str(place))
    group[:] = [one for one in group if one.tag != "ItemRef"] + refs


def _unit_item(item: str, unit: str) -> ET.Element:
    oid = unit_item(item)
    made = ET.Element("ItemDef", OID=oid, Name=oid, DataType="text", Length=str(len(unit)))
    _text(ET.SubElement(made, "Description"), "Unit")
    ET.SubElement(made, "CodeListRef", CodeListOID=unit)
    return made


def _unit_list(oid: str) -> ET.Element:
    unit = oid.removeprefix(unit_oid(""))
    made = ET.Element("CodeList", OID=oid, Name=unit, DataType="text")
    item = ET.SubElement(made, "CodeListItem", CodedValue=unit)
    _text(ET.SubElement(item, "Decode"), unit)
    return made


def _item(item: ET.Element) -> ET.Element:
    made = _reword(item)
    if (decimals := made.attrib.pop("SignificantDigits", None)) is not None:
        made.set("DisplayFormat", f"{made.get('Length')}.{decimals}")
    return made


def _method(method: ET.Element) -> ET.Element:
    made = _reword(method)
    made.insert(1, ET.Element("MethodSignature"))
    return made


def _expression(expression: ET.Element) -> ET.Element:
    made = ET.Element("FormalExpression", expression.attrib)
    ET.SubElement(made, "Code").text = expression.text
    return made


def _translated(text: ET.Element) -> ET.Element:
    return _reword(text, **_PLAIN)


def _comment(comment: ET.Element) -> ET.Element:
    made = ET.Element("Comment", comment.attrib)
    _text(made, comment.text)
    return made


def _group(group: ET.Element) -> ET.Element:
    """Return a group of data, with the units of its values as items after them."""
    made = _reword(group)
    for item in group.iterfind("ItemData"):
        if (unit := item.find("MeasurementUnitRef")) is not None:
            made.append(_unit_value(item, unit.attrib["MeasurementUnitOID"]))
    return _in_order(made)


def _value(item: ET.Element) -> ET.Element:
    made = _reword(item)
    if (value := made.attrib.pop("Value", None)) is not None:
        ET.SubElement(made, "Value").text = value
    return _in_order(made)


def _in_order(data: ET.Element) -> ET.Element:
    data[:] = sorted(data, key=lambda one: _OF_DATA.index(one.tag))
    return data


def _unit_value(item: ET.Element, unit: str) -> ET.Element:
    made = ET.Element("ItemData", ItemOID=unit_item(item.attrib["ItemOID"]))
    made.set("TransactionType", item.attrib["TransactionType"])
    ET.SubElement(made, "Value").text = unit.removeprefix(unit_oid(""))
    return made


def _give_units(group: ET.Element) -> None:
    """Put the units that stand as items of a group back to the values that they belong to."""
    items = {item.get("ItemOID", ""): item for item in group.iterfind("ItemData")}
    for oid, unit in items.items():
        if oid.startswith(UNIT_ITEM):
            if (item := items.get(item_of_unit(oid))) is None:
                raise ValueError(f"{oid} without the value that it is the unit of")
            ET.SubElement(item, "MeasurementUnitRef", MeasurementUnitOID=unit_oid(unit.get("Value", "")))
            group.remove(unit)


_RULES: Mapping[str, Callable[[ET.Element], ET.Element]] = {
    "ODM": _root,
    "Study": _study,
    "Protocol": _protocol,
    "FormDef": _form,
    "ItemGroupDef": _section,
    "ItemDef": _item,
    "MethodDef": _method,
    "FormalExpression": _expression,
    "TranslatedText": _translated,
    "Comment": _comment,
    "FormData": _group,
    "ItemGroupData": _group,
    "ItemData": _value,
}
