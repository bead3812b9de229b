"""Items without an SDTM variable, as supplemental qualifiers (SDTMIG 3.4, 8.4).

QNAM is the name under which the analysis looks for an item (`datasets.assemble.qualifier`); where two items of a
domain would share it, the later one gets a number in place of its last letter.
"""

from collections.abc import Iterator

from ...assemble import qualifier
from .study import Entry, Study, say_value
from .variables import Row, shorten


def qualify(study: Study, domain: str, row: Row, entry: Entry, *, recorded_as: str = "CRF") -> Iterator[Row]:
    """Give the qualifiers of a record: of each item that has neither test code nor variable, but a value."""
    names = qualifier_names(study, domain)
    for item_name, item in entry.form.items.items():
        recorded = entry.values.get(item_name)
        if item.testcd is None and item.sdtm is None and recorded is not None and recorded.value is not None:
            yield make_qualifier(
                domain, row, names[item_name], item.label.say(), say_value(recorded.value), origin=recorded_as
            )


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
        "QLABEL": shorten(label),
        "QVAL": value,
        "QORIG": origin,
    }


def qualifier_names(study: Study, domain: str) -> dict[str, str]:
    """Return the QNAM by item of a domain, each of them once."""
    names: dict[str, str] = {}
    for form in study.forms_of(domain).values():
        for item_name, item in form.items.items():
            if item.testcd is None and item.sdtm is None and item_name not in names:
                plain = qualifier(item_name, item)
                others = (f"{plain[:7]}{number}" for number in range(2, 10))
                taken = set(names.values())
                names[item_name] = next(name for name in (plain, *others) if name not in taken)
    return names
