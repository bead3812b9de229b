"""A protocol file is read whole: everything that is wrong is said at once, each with file, line, field and remedy."""

# Messages stand whole, each on its line.
# ruff: noqa: E501

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from equipoise.errors import ProtocolError
from equipoise.protocol import (
    Protocol,
    locate_protocol,
    parse_protocol,
    protocol_version,
    read_protocol,
    shipped_protocols,
)

Refused = Callable[..., tuple[str, ...]]
PLACE = re.compile(r"^p\.yaml:\d+ \S")

UNKNOWN_FIELD = ("  phase: II", "  phase: II\n  sponsr: nobody")
BAD_UNIT = ("unit: cells/uL", "unit: cels/uL")
OVERLAP = ("week: 12, window: 9 d", "week: 5, window: 9 d")
MISSPELT_ITEM = ("rule: cd4 <= 250", "rule: cd44 <= 250")
NO_VARIABLE = ("terms: [baseline, arm]", "terms: [baseline, centre, arm]")
WRONG_TYPE = ("size: 40", "size: forty")


def test_everything_wrong_is_said_at_once_in_the_order_of_the_file(refused: Refused) -> None:
    assert refused(NO_VARIABLE, BAD_UNIT, OVERLAP, WRONG_TYPE, MISSPELT_ITEM, UNKNOWN_FIELD) == (
        "p.yaml:6 trial.sponsr is no field of this section; did you mean sponsor?",
        "p.yaml:13 population.inclusion.I2.rule names cd44, which is not known here; did you mean cd4? "
        "Got cd44 <= 250",
        "p.yaml:29 randomisation.size must be a whole number. Got forty",
        "p.yaml:43 schedule.visits.W12 allows days 27 to 45, which overlap days 22 to 36 of W4; "
        "narrow one of the windows so that each day belongs to one visit",
        "p.yaml:62 forms.immunology.items.cd4.unit is a unit that pint does not know; "
        "write it as in cells/uL, mg/dL, 10^9/L, kg/m^2. Got cels/uL",
        "p.yaml:78 analyses.cd4.terms[2] names neither a word of models nor a participant variable "
        "of this protocol; there are: arm, baseline, dose, site, visit. Got centre",
    )


@pytest.mark.parametrize(
    "edit", [UNKNOWN_FIELD, BAD_UNIT, OVERLAP, MISSPELT_ITEM, NO_VARIABLE, WRONG_TYPE], ids=lambda e: str(e[1])
)
def test_each_sentence_names_file_line_and_field(refused: Refused, edit: tuple[str, str]) -> None:
    (said,) = refused(edit)
    assert PLACE.match(said)
    assert "\n" not in said


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("analyses:\n", "analysis:\n"), "p.yaml:76 analysis is no field of this section; did you mean analyses?"),
        (
            ("label: {en: CD4+ T cells, zh: CD4+ T细胞}, type: count", "label: 4, type: count"),
            "p.yaml:61 forms.immunology.items.cd4.label must be a text, or one text a language: "
            "{en: ..., zh: ...}. Got 4",
        ),
        (
            (
                "W12: {label: {en: Week 12, zh: 第12周}, week: 12",
                "W12: {label: {en: Week 12, zh: 第12周}, week: x",
            ),
            "p.yaml:42 schedule.visits.W12.week must be a whole number. Got x",
        ),
    ],
)
def test_a_fault_is_said_once_and_not_echoed_by_what_refers_to_it(
    refused: Refused, edit: tuple[str, str], said: str
) -> None:
    assert refused(edit) == (said,)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("size: 40", "size: 40.5"), "p.yaml:28 randomisation.size must be a whole number. Got 40.5"),
        (("size: 40", "size: 0"), "p.yaml:28 randomisation.size must be at least 1. Got 0"),
        (("control: true", "control: maybe"), "p.yaml:26 arms.placebo.control must be true or false. Got maybe"),
        (
            ("method: ancova", "method: ancova, confidence: 1"),
            "p.yaml:77 analyses.cd4.confidence must be above 0.5 and below 1. Got 1",
        ),
        (
            ("terms: [baseline, arm]", "terms: {a: b}"),
            "p.yaml:77 analyses.cd4.terms must be a list, such as [a, b]",
        ),
        (
            ("range: [0, 3000]", "range: zero to ten"),
            "p.yaml:61 forms.immunology.items.cd4.range must be a list, such as [a, b]. Got zero to ten",
        ),
        (
            ("range: [0, 3000]", "range: [0]"),
            "p.yaml:61 forms.immunology.items.cd4.range must hold 2 values or more",
        ),
        (
            ("range: [0, 3000]", "range: [3000, 0]"),
            "p.yaml:61 forms.immunology.items.cd4 needs a range from the lower to the higher value. Got 3000 to 0",
        ),
        (
            ("  id: minimal", "  id: 1st"),
            "p.yaml:4 trial.id must be an id: a letter, then letters, digits or underscores. Got 1st",
        ),
        (
            ("testcd: CD8", "testcd: CD8LYMPHO"),
            "p.yaml:62 forms.immunology.items.cd8.testcd must be a CDISC name: "
            "a capital, then at most seven capitals, digits or underscores. Got CD8LYMPHO",
        ),
        (
            ("sdtm: LB", "sdtm: LX"),
            "p.yaml:59 forms.immunology.sdtm must be one of AE, CE, CM, DM, DS, DV, EC, EG, EX, FA, IE, IS, LB, MB, "
            "MH, PC, PE, PR, QS, RP, RS, SC, SU, VS. Got LX",
        ),
        (("equipoise: 1", "equipoise: 2"), "p.yaml:1 equipoise must be 1. Got 2"),
        (
            ("day_1: first infusion", "day_1:"),
            "p.yaml:37 schedule.day_1 must be a text; put it in quotes if it looks like a number. Got nothing",
        ),
        (
            ("volume: 100 mL", "volume: lots"),
            "p.yaml:20 interventions.cells.volume must be a number with its unit, such as 100 mL. Got lots",
        ),
        (
            ("day: -30 to -1", "day: -1 to -30"),
            "p.yaml:39 schedule.visits.SCR.day must be a study day, such as 29, or days from the earlier to the later, "
            "such as -30 to -1. Got -1 to -30",
        ),
        (
            ("window: 7 d", "window: 7 x"),
            "p.yaml:41 schedule.visits.W4.window must be a window, such as 7 d (before and after) or -3 to 7 d. Got 7 x",
        ),
        (
            ("day: 1}", "day: 0}"),
            "p.yaml:40 schedule.visits.W0 cannot be on study day 0, which does not exist; the day before day 1 is day -1",
        ),
        (
            ("day: 1}", "day: 1, week: 0}"),
            "p.yaml:40 schedule.visits.W0 needs its target by `day` or by `week`, one of them",
        ),
        (
            ("rule: cd4 <= 250}", "rule: cd4 <= 250, judged: true}"),
            "p.yaml:12 population.inclusion.I2 needs either a rule, or `judged: true` where only the investigator can tell",
        ),
        (
            ("type: yes or no", "type: code"),
            "p.yaml:55 forms.demography.items.pregnant must list `codes` if its type is code, and only then",
        ),
    ],
)
def test_wrong_types_and_values(refused: Refused, edit: tuple[str, str], said: str) -> None:
    assert refused(edit) == (said,)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("  phase: II\n", ""), "p.yaml:3 trial.phase is missing; it must be given"),
        (("route: intravenous\n    ", ""), "p.yaml:17 interventions.cells.route is missing; it must be given"),
    ],
)
def test_missing_fields(refused: Refused, edit: tuple[str, str], said: str) -> None:
    assert refused(edit) == (said,)


@pytest.mark.parametrize("section", ["blinding", "schedule", "population", "arms", "analysis_sets", "estimands"])
def test_missing_sections(minimal: str, section: str) -> None:
    without = re.sub(rf"^{section}:.*?(?=^\S)", "", minimal, count=1, flags=re.MULTILINE | re.DOTALL)
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(without, "p.yaml")
    assert caught.value.findings == (f"p.yaml:1 {section} is missing; every protocol needs it",)


def test_an_unknown_method_is_refused_with_those_that_there_are(refused: Refused) -> None:
    (said,) = refused(("method: ancova", "method: anova"))
    assert said.startswith("p.yaml:77 analyses.cd4.method must be one of disposition, demographics, exposure, ")
    assert said.endswith("; did you mean ancova? Got anova")


def test_an_analysis_without_a_method_is_refused(refused: Refused) -> None:
    assert refused(("method: ancova, ", "")) == ("p.yaml:77 analyses.cd4 needs the field method",)


def test_an_option_that_the_method_does_not_have_is_refused(refused: Refused) -> None:
    (said,) = refused(("method: ancova", "method: ancova, ties: efron"))
    assert said.startswith("p.yaml:77 analyses.cd4.ties is no field of this section")


def test_a_shipped_protocol_is_found_by_its_name_and_any_by_its_path(tmp_path: Path, minimal: str) -> None:
    assert read_protocol("hucmsc_inr").trial.id == "hucmsc_inr"
    path = tmp_path / "mine.yaml"
    path.write_text(minimal, encoding="utf-8")
    assert read_protocol(path).trial.id == "minimal"
    (tmp_path / "protocol.yaml").write_text(minimal, encoding="utf-8")
    assert locate_protocol(str(tmp_path)) == tmp_path / "protocol.yaml"


def test_a_name_that_is_no_protocol_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ProtocolError) as caught:
        read_protocol("hucmsc_inn")
    assert str(caught.value) == ("hucmsc_inn is neither a file nor a shipped protocol; did you mean hucmsc_inr?")
    assert "hucmsc_inr" in shipped_protocols()


def test_the_version_follows_the_content_and_not_the_layout(
    minimal: str, accepted: Callable[..., Protocol]
) -> None:
    version = protocol_version(parse_protocol(minimal))
    assert re.fullmatch("[0-9a-f]{64}", version)
    assert (
        protocol_version(parse_protocol("# a remark\n" + minimal.replace("  phase: II", "  phase:   II")))
        == version
    )
    assert protocol_version(accepted(("cd4 <= 250", "cd4 <= 249"))) != version


def test_what_a_field_means_without_being_given_does_not_count_for_the_version(
    minimal: str, accepted: Callable[..., Protocol]
) -> None:
    said = accepted(("pregnant: {label", "pregnant: {critical: false, label"))
    assert protocol_version(said) == protocol_version(parse_protocol(minimal))
    other = accepted(("pregnant: {label", "pregnant: {critical: true, label"))
    assert protocol_version(other) != protocol_version(parse_protocol(minimal))


def test_a_protocol_cannot_be_changed_once_it_is_read(accepted: Callable[..., Protocol]) -> None:
    with pytest.raises(ValueError, match="frozen"):
        accepted().trial.id = "other"
