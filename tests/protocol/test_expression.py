"""Expressions are SQL over named columns, read by polars; nothing of Python is ever evaluated."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from equipoise.protocol import names_in, parse_expression
from equipoise.protocol.expression import previous_name, result_type

ROWS = pl.DataFrame(
    {
        "cd4": [180.0, 240.0, None],
        previous_name("cd4"): [200.0, None, 210.0],
        "sex": ["F", "M", None],
        "started": [date(2014, 3, 5), date(2014, 3, 9), None],
        "ended": [date(2014, 3, 4), None, date(2014, 4, 1)],
    }
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("cd4 > 50 AND cd4 <= 200", [True, False, None]),
        ("sex = 'F' OR cd4 > 200", [True, True, None]),
        ("abs(cd4 - previous(cd4)) <= 30", [True, None, None]),
        ("cd4 >= 0.5 * previous( cd4 )", [True, None, None]),
        ("ended >= started", [False, None, None]),
        ("ended IS NOT NULL", [True, False, True]),
        ("CASE WHEN cd4 <= 200 THEN 'low' WHEN cd4 > 200 THEN 'high' END", ["low", "high", None]),
        ("COALESCE(sex, 'unknown')", ["F", "M", "unknown"]),
        ("sex IN ('F', 'X')", [True, False, None]),
        ("cd4 % 100 = 80", [True, False, None]),
    ],
)
def test_what_protocols_say(text: str, values: list[Any]) -> None:
    assert ROWS.select(parse_expression(text).alias("r"))["r"].to_list() == values


def test_names_come_once_each_in_order() -> None:
    assert names_in("b > 1 AND a < 2 AND b < 9") == ("b", "a")


def test_the_value_before_has_a_name_of_its_own() -> None:
    assert set(names_in("cd4 - previous(cd4) > 3")) == {"cd4", previous_name("cd4")}


@pytest.mark.parametrize("text", ["cd4 <= <= 250", "", "cd4 >", "SELECT 1; DROP TABLE x", "(cd4"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an SQL expression"):
        parse_expression(text)


@pytest.mark.parametrize("text", ["__import__('os').system('true')", "open('x')", "exec('1')"])
def test_python_is_not_evaluated(text: str) -> None:
    with pytest.raises(ValueError, match="is not an SQL expression"):
        parse_expression(text)


def test_the_type_of_a_result_follows_from_the_types_of_the_names() -> None:
    types = {"cd4": pl.Float64(), "sex": pl.String()}
    assert result_type("cd4 <= 250", types) == pl.Boolean()
    assert result_type("cd4 / 2", types) == pl.Float64()
    assert result_type("CASE WHEN cd4 > 2 THEN sex END", types) == pl.String()


def test_types_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="does not fit the types of its variables"):
        result_type("cd4 <= 'low'", {"cd4": pl.Float64()})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("days / 7.0", 335 / 7),
        ("days / 365.25 * 12", 335 / 365.25 * 12),
        ("1.0 / 3", 1 / 3),
        ("days * .5", 167.5),
        ("ROUND(days / 7.0, 2)", 47.86),
        ("2.5e-1 * days", 83.75),
    ],
)
def test_numbers_with_a_decimal_point_keep_every_digit(text: str, value: float) -> None:
    """SQL's exact decimals would give 335 / 7.0 as 47.857143."""
    found = pl.DataFrame({"days": [335]}).select(parse_expression(text).alias("r"))["r"]
    assert found.dtype == pl.Float64
    assert found[0] == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("said", ["version 2.0", "it''s 1.5", "1.5", 'a "3.5" b'])
def test_numbers_inside_words_stay_as_they_are(said: str) -> None:
    rows = pl.DataFrame({"word": [said.replace("''", "'"), "else"], "dose 1.5": [2.0, 4.0]})
    assert rows.select(parse_expression(f"word = '{said}'").alias("r"))["r"].to_list() == [True, False]
    assert rows.select(parse_expression('"dose 1.5" * 1.5').alias("r"))["r"].to_list() == [3.0, 6.0]


def test_an_expression_without_end_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="longer than 4000 characters"):
        parse_expression("cd4 <= 250 AND " * 5000 + "TRUE")


@pytest.mark.parametrize(
    "text", ["SUM(cd4) > 1", "COUNT(*) > 3", "cd4 > AVG(cd4)", "ROW_NUMBER() OVER () > 1", "max (cd4) > 2"]
)
def test_a_rule_on_one_participant_may_not_hang_on_the_others(text: str) -> None:
    with pytest.raises(ValueError, match="takes several rows together"):
        result_type(text, {"cd4": pl.Float64()})


@pytest.mark.parametrize("text", ["GREATEST(cd4, cd8) > 2", "word = 'count(1)'", "TRUE", "cd4 > 1 AND cd8 > 2"])
def test_a_rule_on_several_values_of_one_participant_is_fine(text: str) -> None:
    assert result_type(text, {"cd4": pl.Float64(), "cd8": pl.Float64(), "word": pl.String()}) == pl.Boolean()
