"""Signs that no font of a page has are spelt out; all others stay as they were typed."""

import json

import pytest

from equipoise.standards.fonts.signs import spell_missing


@pytest.mark.parametrize(
    "text", ["fever, 39.5 °C", "≥ 200 cells/µL", "发热、乏力", "Müller", "a\tb\nc", "∞ ✓", ""]
)
def test_what_the_fonts_have_stays_as_it_is(text: str) -> None:
    assert spell_missing(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("well 😀", "well [grinning face]"),
        ("龘 and \u4dae", "[U+9F98] and [U+4DAE]"),
        ("\ue000", "[U+E000]"),
        ("one\u200dword\U000e0041", "oneword"),
    ],
)
def test_a_sign_that_they_have_not_is_named_or_numbered(text: str, said: str) -> None:
    assert spell_missing(text) == said


def test_text_within_json_stays_json() -> None:
    said = {"term": 'fell 😀 "at night" \\ 龘'}
    spelt = json.loads(spell_missing(json.dumps(said, ensure_ascii=False)))
    assert spelt == {"term": 'fell [grinning face] "at night" \\ [U+9F98]'}
