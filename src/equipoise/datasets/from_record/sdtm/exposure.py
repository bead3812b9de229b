"""EC and EX: infusions as they were collected, and what was in them (SDTMIG 3.4, 6.1.3).

EC comes from the forms and names the product without telling the arm. EX needs the codes: a row an infusion that
was given, EXDOSE the cells that went in. That is the content of the bag whose number the form holds, else of the
one prepared for the visit; where less than its volume was given, that part of it. A bag of placebo holds 0 cells.
EXLOT is the lot of the kit, where doses come from kits.
"""

from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from ....protocol import Protocol
from ....protocol.model import Intervention
from ...dataset import Dataset
from ..opened import PreparedDose
from .infusions import Administration, intervention_of
from .records import write_records
from .study import Course, Entry, Study
from .variables import Kind, Row, make_dataset

CELLS = "Therapeutic Cells"
"""The unit of EXDOSE, in the words of CDISC's list UNIT."""


def write_collected(study: Study) -> list[Dataset]:
    """Return EC, and SUPPEC where there is any."""
    units = {
        item.sdtm: item.unit
        for form in study.forms_of("EC").values()
        for item in form.items.values()
        if item.sdtm == "ECDOSE"
    }

    def fill(course: Course, entry: Entry, row: Row) -> Row:
        found = intervention_of(course, entry.visit)
        given = row.get("ECDOSE") is not None
        return {
            "ECTRT": entry.form.label.say() if found is None else masked_name(study.protocol, *found),
            "ECPRESP": "Y",
            "ECDOSU": units.get("ECDOSE") if given else None,
            "ECROUTE": None if found is None else found[1].route.upper(),
        }

    text = ("ECTRT", "ECPRESP", "ECDOSU", "ECROUTE")
    return write_records(study, "EC", fill=fill, filled=dict.fromkeys(text, pl.String))


def write_given(study: Study) -> list[Dataset]:
    """Return EX from the doses that the vault has prepared and the infusions that were given."""
    opened = study.opened
    doses = () if opened is None else opened.doses
    by_bag = {dose.bag: dose for dose in doses}
    by_visit = {(dose.participant, dose.visit): dose for dose in doses}
    rows: list[Row] = []
    for course in study.courses:
        for one in course.given:
            planned = by_visit.get((course.participant.id, one.entry.visit or ""))
            rows.append(_row(course, one, by_bag.get(one.bag or "", planned)))
    text = ("STUDYID", "DOMAIN", "USUBJID", "VISIT", "EPOCH")
    own = ("REFID", "SPID", "TRT", "DOSU", "DOSRGM", "ROUTE", "STDTC", "ENDTC")
    kinds: dict[str, Kind] = dict.fromkeys((*text, *(f"EX{name}" for name in own)), pl.String)
    if any(dose.lot for dose in doses):
        kinds["EXLOT"] = pl.String
    kinds |= dict.fromkeys(("EXDOSE", "VISITNUM"), pl.Float64)
    kinds |= dict.fromkeys(("EXSEQ", "VISITDY", "EXSTDY", "EXENDY"), pl.Int64)
    return [make_dataset("EX", rows, kinds)]


def masked_name(protocol: Protocol, name: str, plan: Intervention) -> str:
    """Return what an infusion is called for those who may not know the arm: every product that it could be."""
    without = [
        arm.label.say() for arm in protocol.arms.values() if name in arm.doses and not arm.doses[name].value
    ]
    return " or ".join([plan.label.say(), *without])


def _row(course: Course, one: Administration, dose: PreparedDose | None) -> Row:
    found = intervention_of(course, one.entry.visit)
    protocol, arm = course.study.protocol, course.arm
    planned = None if found is None or arm is None else protocol.arms[arm].doses.get(found[0])
    cells = None if dose is None else _cells(dose, one.volume)
    empty = cells == 0 if cells is not None else planned is not None and not planned.value
    return {
        **course.head,
        "DOMAIN": "EX",
        "EXREFID": one.bag if dose is None else dose.bag,
        "EXSPID": None if dose is None else dose.order,
        "EXTRT": _product(course, found, empty=empty),
        "EXDOSE": None if cells is None else float(cells),
        "EXDOSU": None if cells is None else CELLS,
        "EXDOSRGM": None if planned is None else f"{planned.value:f} {planned.unit}".strip(),
        "EXROUTE": None if found is None else found[1].route.upper(),
        "EXLOT": None if dose is None else dose.lot or None,
        **course.visit(one.entry.visit),
        "EPOCH": course.epoch(one.start),
        "EXSTDTC": one.start,
        "EXENDTC": one.end or one.start[:10],
        "EXSTDY": course.day(one.start),
        "EXENDY": course.day(one.end or one.start),
    }


def _cells(dose: PreparedDose, volume: Decimal | None) -> Decimal:
    """Return the cells that went in, to a cell; all of the bag where no smaller volume was recorded."""
    if volume is None or volume >= dose.volume_ml:
        return dose.amount
    return (dose.amount * volume / dose.volume_ml).quantize(Decimal(1), ROUND_HALF_UP)


def _product(course: Course, found: tuple[str, Intervention] | None, *, empty: bool) -> str:
    """Return EXTRT: the product, or what the arms without cells are called."""
    if found is None:
        return "Infusion"
    name, plan = found
    arms = course.study.protocol.arms.values()
    without = [arm.label.say() for arm in arms if name in arm.doses and not arm.doses[name].value]
    return without[0] if empty and without else plan.label.say()
