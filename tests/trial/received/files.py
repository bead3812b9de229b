"""ODM files as other systems send them, in both versions."""

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from equipoise.datasets.odm import NAMESPACES, Version

Said = str | tuple[str, str] | None
"""A value, a value with its unit, or nothing; a code of why there is none is written as `!REFUSED`."""


def form(
    name: str,
    items: Mapping[str, Said],
    version: Version = "1.3.2",
    *,
    repeat: int | None = None,
    on: str | None = None,
    extra: str = "",
) -> str:
    """Write a form, its day among its items where it is given."""
    of_form = "".join(_item(version, f"IT.{name}.{item}", said) for item, said in items.items())
    groups = [f'<ItemGroupData ItemGroupOID="IG.{name}">{of_form}</ItemGroupData>']
    if on is not None:
        day = _item(version, "IT.EQ.RECORD.on", on)
        groups.append(f'<ItemGroupData ItemGroupOID="IG.EQ.RECORD">{day}</ItemGroupData>')
    tag, oid = ("FormData", "Form") if version == "1.3.2" else ("ItemGroupData", "ItemGroup")
    key = "" if repeat is None else f' {oid}RepeatKey="{repeat}"'
    return f'<{tag} {oid}OID="FO.{name}"{key}>{"".join(groups)}{extra}</{tag}>'


def visit(key: str, *forms: str) -> str:
    """Write a study event: of a visit, or of no visit where its key is empty."""
    return f'<StudyEventData StudyEventOID="SE.{key or "ANYTIME"}">{"".join(forms)}</StudyEventData>'


def file(
    protocol: str,
    people: Mapping[str, str],
    version: Version = "1.3.2",
) -> bytes:
    """Write a file with the study events of participants; `protocol` is the hash of the version."""
    subjects = "".join(f'<SubjectData SubjectKey="{who}">{said}</SubjectData>' for who, said in people.items())
    of_study = f'StudyOID="scripted" MetaDataVersionOID="MDV.{protocol[:12]}"'
    of_file = f'ODMVersion="{version}" FileType="Snapshot" FileOID="F" CreationDateTime="2026-03-02T12:00:00"'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ODM xmlns="{NAMESPACES[version]}" {of_file}>'
        f"<ClinicalData {of_study}>{subjects}</ClinicalData></ODM>"
    ).encode()


def _item(version: Version, oid: str, said: Said) -> str:
    value, unit = said if isinstance(said, tuple) else (said, "")
    if value is None or value.startswith("!"):
        flag = "" if value is None else _flag(value[1:])
        return f'<ItemData ItemOID="{oid}" IsNull="Yes">{flag}</ItemData>'
    if version == "1.3.2":
        inner = f'<MeasurementUnitRef MeasurementUnitOID="MU.{unit}"/>' if unit else ""
        return f'<ItemData ItemOID="{oid}" Value={quoteattr(value)}>{inner}</ItemData>'
    own = f'<ItemData ItemOID="{oid}"><Value>{escape(value)}</Value></ItemData>'
    of_unit = f'<ItemData ItemOID="UN.{oid.removeprefix("IT.")}"><Value>{unit}</Value></ItemData>'
    return own + (of_unit if unit else "")


def _flag(code: str) -> str:
    flag = f'<FlagValue CodeListOID="CL.EQ.MISSING">{code}</FlagValue>'
    return f'<Annotation SeqNum="1"><Flag>{flag}</Flag></Annotation>'
