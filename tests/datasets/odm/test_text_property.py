"""Texts and numbers in XML: whatever a record can hold comes back as it was."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from equipoise.datasets.odm.text import from_xml, number_from_xml, number_to_xml, to_xml

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
HOSTILE = (
    r"\u{1}",
    r"\\u{",
    "\x00\x01\x1f\x7f\x85",
    "\ufffe\uffff",
    "\r\n\t",
    "]]>",
    "<!--&#x41;-->",
    " a ",
    "\U0001f600",
)


@given(TEXTS)
@pytest.mark.parametrize("place", ["attribute", "content"])
def test_every_text_comes_back(place: str, text: str) -> None:
    check(place, text)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["attribute", "content"])
def test_hostile_texts_come_back(place: str, text: str) -> None:
    check(place, text)


def check(place: str, text: str) -> None:
    """Write a text into XML, read it with the standard parser, and compare."""
    element = ET.Element("a")
    if place == "attribute":
        element.set("b", to_xml(text))
    else:
        element.text = to_xml(text)
    read = ET.fromstring(ET.tostring(element))
    found = read.get("b") if place == "attribute" else read.text
    assert from_xml(found or "") == text


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF, exclude_characters="\\\x7f")))
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert to_xml(text) == text


def test_without_the_escape_a_control_character_could_not_be_read() -> None:
    element = ET.Element("a", b="\x01")
    with pytest.raises(ET.ParseError):
        ET.fromstring(ET.tostring(element))


@given(st.one_of(st.integers(-(10**15), 10**15), st.floats(allow_nan=False, allow_infinity=False)))
@example(1e-30)
@example(62.0)
@example(1e22)
def test_every_number_comes_back_as_the_kind_that_it_was(number: float) -> None:
    text = number_to_xml(number)
    found = number_from_xml(text)
    assert (found, type(found)) == (number, type(number))
    assert "e" not in text.lower()
