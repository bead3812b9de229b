"""Items without an SDTM variable, as supplemental qualifiers (SDTMIG 3.4, 8.4).

QNAM is the name under which the analysis looks for an item (`datasets.assemble.qualifier`); where two items of a
domain would share it, the later one gets a number in place of its last letter. A label that is taken is preceded
by that of the form.
"""

from collections.abc import Iterator

from ...assemble import qualifier
from .study import Entry, Study, say_value
from .variables import Row, shorten


def qualify(study: Study, domain: str, row: Row, entry: Entry) -> Iterator[Row]:
    """Give the qualifiers of a record: of each item that has neither test code nor variable, but a value."""
    named = name_qualifiers(study, domain)
    for item_name, item in entry.form.items.items():
        recorded = entry.values.get(item_name)
        if item.testcd is None and item.sdtm is None and recorded is not None and recorded.value is not None:
            name, label = named[item_name]
            yield make_qualifier(domain, row, name, label, say_value(recorded.value), origin="CRF")


def make_qualifier(domain: str, row: Row, name: str, label: str, value: str, *, origin: str) -> Row:
    """Return one qualifier of a record; in DM it qualifies the participant."""
    sequence = f"{domain}SEQ"
    of_record = {} if domain == "DM" else {"IDVAR": sequence, "IDVARVAL": str(row[sequence])}
    return {
        "STUDYID": row["STUDYID"],
        "RDOMAIN": domain,
        "USUBJID": row["USUBJID"],
        **of_record,
        "QNAM": name,
        "QLABEL": label,
        "QVAL": value,
        "QORIG": origin,
    }


def name_qualifiers(study: Study, domain: str) -> dict[str, tuple[str, str]]:
    """Return QNAM and QLABEL by item of a domain; no two items share either of them."""
    named: dict[str, tuple[str, str]] = {}
    names: set[str] = set()
    labels: set[str] = set()
    for form in study.forms_of(domain).values():
        for item_name, item in form.items.items():
            if item.testcd is None and item.sdtm is None and item_name not in named:
                plain, label = qualifier(item_name, item), item.label.say()
                others = (f"{plain[:7]}{number}" for number in range(2, 10))
                name = next(one for one in (plain, *others) if one not in names)
                said = (label, f"{form.label.say()}: {label}", f"{name}: {label}")
                label = next(one for one in map(shorten, said) if one not in labels)
                named[item_name] = (name, label)
                names.add(name)
                labels.add(label)
    return named
