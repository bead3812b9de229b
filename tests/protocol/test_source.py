"""A file is read with the line of every field; what is no protocol file is refused with its line."""

from pathlib import Path

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol.source import dotted, parse_source, read_source


def refusal(text: str) -> str:
    with pytest.raises(ProtocolError) as caught:
        parse_source(text, "p.yaml")
    return str(caught.value)


def test_every_field_knows_its_line() -> None:
    source = parse_source("trial:\n  id: a\n  languages: [en,\n    zh]\narms:\n  x: {ratio: 1}\n", "p.yaml")
    assert source.lines[("trial",)] == 1
    assert source.lines[("trial", "id")] == 2
    assert source.lines[("trial", "languages", 0)] == 3
    assert source.lines[("trial", "languages", 1)] == 4
    assert source.lines[("arms", "x", "ratio")] == 6
    assert source.tree == {"trial": {"id": "a", "languages": ["en", "zh"]}, "arms": {"x": {"ratio": 1}}}


def test_a_field_that_is_not_there_has_the_line_of_the_section_around_it() -> None:
    source = parse_source("equipoise: 1\ntrial:\n  id: a\n", "p.yaml")
    assert source.at(("trial", "phase")) == "p.yaml:2 trial.phase"
    assert source.at(("arms",)) == "p.yaml:1 arms"
    assert source.at(()) == "p.yaml:1"


def test_a_path_is_spoken_with_positions_from_one() -> None:
    assert dotted(("schedule", "activities", "vitals", 2)) == "schedule.activities.vitals[3]"


def test_a_list_that_stands_once_may_be_used_twice() -> None:
    source = parse_source("a: &visits [W0, W4]\nb: *visits\n", "p.yaml")
    assert source.tree == {"a": ["W0", "W4"], "b": ["W0", "W4"]}


def test_words_that_other_versions_of_yaml_take_for_truth_stay_words() -> None:
    assert parse_source("a: {Y: yes, N: no, on: off}\n", "p.yaml").tree == {
        "a": {"Y": "yes", "N": "no", "on": "off"}
    }


def test_a_name_that_stands_twice_is_refused_with_both_lines() -> None:
    said = refusal("trial:\n  id: a\n  phase: II\n  id: b\n")
    assert said == "p.yaml:4 trial.id stands twice, first in line 2; keep one of them"


@pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert (
        refusal(text)
        == "p.yaml:1 must hold the sections of a protocol (trial, population, arms, ...); it is empty"
    )


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n"])
def test_a_file_without_sections_is_refused(text: str) -> None:
    assert (
        refusal(text)
        == "p.yaml:1 must hold the sections of a protocol (trial, population, arms, ...); there are none"
    )


def test_a_name_that_is_no_text_is_refused() -> None:
    said = refusal("arms:\n  true: {ratio: 1}\n")
    assert said == "p.yaml:2 arms has a name that YAML reads as True; put it in quotes. Got true"


def test_text_that_is_not_yaml_is_refused_with_its_line() -> None:
    assert refusal("trial:\n  id: [a\narms: b\n").startswith("p.yaml:3 is not YAML: ")


def test_a_tab_is_refused_with_the_remedy() -> None:
    assert refusal("trial:\n\tid: a\n").endswith("; indent with spaces")


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes("trial:\n  title: Überleben\n".encode("latin-1"))
    with pytest.raises(ProtocolError) as caught:
        read_source(path)
    assert str(caught.value) == f"{path}:2 is not UTF-8 text; save the file as UTF-8"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes("trial:\n  id: a\n".encode("utf-8-sig"))
    assert read_source(path).tree == {"trial": {"id": "a"}}


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_source(tmp_path / "p.yaml")
    assert str(caught.value) == (
        f"{tmp_path / 'p.yaml'} cannot be read: No such file or directory; give the path of a protocol file"
    )


def test_a_section_may_be_merged_into_others_and_what_they_say_themselves_holds() -> None:
    source = parse_source("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 5}\n", "p.yaml")
    assert source.tree["c"] == {"x": 5, "y": 2, "z": 4}
    assert refusal("a: {<<: 5}\n").startswith("p.yaml:1 a adds with << what is no section")


def test_aliases_without_end_are_refused() -> None:
    assert "nested more than" in refusal("a: &a {b: *a}\n")
    doubled = "".join(f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9)}]\n" for i in range(1, 10))
    assert "more than 100000 fields" in refusal(f"x0: &x0 [1, 2]\n{doubled}")
    assert "nested too deeply" in refusal("[" * 3000)


@pytest.mark.parametrize(
    "value", ["!!python/object:os.system x", "!!int x", "2026-02-30", '"\\ud800"', "9" * 5000]
)
def test_a_value_that_cannot_be_read_is_refused_with_its_line(value: str) -> None:
    assert refusal(f"trial:\n  id: {value}\n").startswith("p.yaml:2 trial.id cannot be read as YAML")


def test_a_name_is_one_word() -> None:
    assert refusal("? [a, b]\n: 1\n").startswith("p.yaml:1 has a list or a section for a name")
