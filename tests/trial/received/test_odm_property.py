"""Forms in an ODM file: what it says is what is saved, in either version; all else is refused as a whole."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.datasets.odm.records import full_record
from tests.trial.received.files import file, form, visit

from equipoise.datasets.odm import NAMESPACES, Version
from equipoise.errors import DataError
from equipoise.trial.received.odm import MOST_SAID, Receiving, read_forms

RECORD = full_record()
WHO = "01-001"
TODAY = date(2026, 3, 9)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "age": st.integers(0, 99).map(str),
        "sex": st.sampled_from(["M", "F", "!REFUSED"]),
        "remark": TEXTS.filter(lambda text: not text.startswith("!")) | st.none(),
        "ratio": st.floats(allow_nan=False).map(str),
    },
)


def receiving(site: str | None = "01") -> Receiving:
    return Receiving(RECORD.trial, site, lambda _: RECORD.protocol, TODAY, "corrected")


def read(content: bytes) -> list[dict[str, object]]:
    return [
        {"values": dict(one.values), "missing": dict(one.missing)}
        for one in read_forms("f.xml", content, receiving())
    ]


@pytest.mark.parametrize("version", NAMESPACES)
def test_whatever_a_file_says_of_the_items_is_what_is_to_be_saved(version: Version) -> None:
    @given(st.lists(VALUES, min_size=1, max_size=3))
    def holds(forms: list[dict[str, str | None]]) -> None:
        said = visit("SCR", *(form("demography", one, version) for one in forms))
        assert read(file(RECORD.version, {WHO: said}, version)) == [
            {
                "values": {item: one for item, one in said.items() if one != "!REFUSED"},
                "missing": {item: "REFUSED" for item, one in said.items() if one == "!REFUSED"},
            }
            for said in forms
        ]

    holds()


@pytest.mark.parametrize("version", NAMESPACES)
def test_day_record_visit_unit_and_reason_come_from_their_places(version: Version) -> None:
    said = (
        visit("W4", form("vitals", {"weight": ("61300", "g"), "pulse": ("70", "/min")}, version))
        + visit("SCR", form("immunology", {"cd4": "210"}, version), form("vitals", {"pulse": "70"}, version))
        + visit("", form("adverse_event", {"ae_term": "Cough"}, version, repeat=3, on="2026-03-05"))
    )
    first, immunology, vitals, event = read_forms("f.xml", file(RECORD.version, {WHO: said}, version), receiving())
    assert (first.values, first.visit, first.on) == ({"weight": "61300 g", "pulse": "70"}, "W4", TODAY)
    assert immunology.on == vitals.on == date(2026, 3, 2)  # that of the visit and of the record
    assert (event.form, event.visit, event.repeat, event.on) == ("adverse_event", "", 3, date(2026, 3, 5))
    assert {one.reason for one in (first, immunology, vitals, event)} == {"corrected"}
    assert {one.participant for one in (first, event)} == {WHO}


def test_a_typed_item_is_read_as_any_other() -> None:
    text = file(RECORD.version, {WHO: visit("SCR", form("demography", {"age": "41"}))}).decode()
    typed = '<ItemDataInteger ItemOID="IT.demography.age">41</ItemDataInteger>'
    changed = text.replace('<ItemData ItemOID="IT.demography.age" Value="41"></ItemData>', typed)
    assert changed != text
    assert read(changed.encode()) == [{"values": {"age": "41"}, "missing": {}}]


WHOLE = {
    version: file(
        RECORD.version,
        {
            WHO: visit(
                "SCR",
                form("demography", {"age": "41", "sex": "!REFUSED"}, version),
                form("vitals", {"weight": ("61", "kg")}, version, on="2026-03-02"),
            )
        },
        version,
    )
    for version in NAMESPACES
}


@pytest.mark.parametrize("version", NAMESPACES)
def test_any_other_bytes_are_forms_or_a_sentence_and_nothing_else(version: Version) -> None:
    whole = WHOLE[version]

    @given(st.integers(0, len(whole) - 1), st.integers(0, 40), st.binary(max_size=8))
    def holds(at: int, length: int, instead: bytes) -> None:
        try:
            assert read(whole[:at] + instead + whole[at + length :])
        except DataError as error:
            assert all(line.startswith("f.xml: ") for line in str(error).splitlines())

    holds()


def test_so_many_problems_are_named_and_the_others_counted() -> None:
    said = visit("SCR", *(form("demography", {"age": "4"}).replace("IG.", "XX.") for _ in range(MOST_SAID + 7)))
    with pytest.raises(DataError) as caught:
        read(file(RECORD.version, {WHO: said}))
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(
        "f.xml: participant 01-001, SE.SCR, FO.demography: ItemGroupOID must begin with IG."
    )
    assert lines[-1] == "f.xml: and 7 more such places"
    assert len(lines) == MOST_SAID + 1
