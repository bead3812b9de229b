"""What holds for tests of tables whatever the counts, and what is refused."""

import itertools
from math import factorial, prod
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.categorical import (
    chi_square,
    cochran_armitage,
    cochran_mantel_haenszel,
    fisher_exact,
    mcnemar,
)


def tables(rows: int, columns: int, most: int = 6) -> st.SearchStrategy[Any]:
    row = st.lists(st.integers(0, most), min_size=columns, max_size=columns)
    return (
        st.lists(row, min_size=rows, max_size=rows)
        .map(np.array)
        .filter(lambda t: bool((t.sum(axis=0) > 0).all() and (t.sum(axis=1) > 0).all()))
    )


def every_table(rows: list[int], columns: list[int]) -> Any:
    """All tables of whole numbers with these margins."""
    if len(rows) == 1:
        yield [tuple(columns)]
        return
    for first in itertools.product(*(range(min(rows[0], c) + 1) for c in columns)):
        if sum(first) == rows[0]:
            for rest in every_table(rows[1:], [c - f for c, f in zip(columns, first, strict=True)]):
                yield [first, *rest]


def weight(table: Any) -> float:
    return 1.0 / prod(factorial(int(cell)) for row in table for cell in row)


@settings(deadline=None)
@given(st.sampled_from([(2, 2), (2, 3), (3, 2), (3, 3), (2, 5), (4, 2)]).flatmap(lambda s: tables(*s, most=4)))
def test_fisher_is_the_sum_over_all_tables(table: Any) -> None:
    everything = list(every_table(table.sum(axis=1).tolist(), table.sum(axis=0).tolist()))
    weights = np.array([weight(other) for other in everything])
    expected = weights[weights <= weight(table) * (1 + 1e-7)].sum() / weights.sum()
    assert fisher_exact(table).p == pytest.approx(expected, rel=1e-9)


@settings(deadline=None)
@given(tables(2, 3, most=3))
def test_fishers_probabilities_add_up_to_1(table: Any) -> None:
    # the most probable table keeps all others
    everything = [np.array(t) for t in every_table(table.sum(axis=1).tolist(), table.sum(axis=0).tolist())]
    assert max(fisher_exact(other).p for other in everything) == pytest.approx(1.0, rel=1e-12)


@settings(deadline=None)
@given(tables(3, 4), st.permutations(range(3)), st.permutations(range(4)))
def test_the_order_of_arms_and_levels_does_not_matter(table: Any, rows: list[int], columns: list[int]) -> None:
    other = table[np.ix_(rows, columns)]
    assert fisher_exact(other).p == pytest.approx(fisher_exact(table).p, rel=1e-9)
    assert fisher_exact(table.T).p == pytest.approx(fisher_exact(table).p, rel=1e-9)
    assert chi_square(other).chi2 == pytest.approx(chi_square(table).chi2, rel=1e-9, abs=1e-12)
    one, two = (cochran_mantel_haenszel([t], scores="table") for t in (table, table[rows]))
    assert two.chi2 == pytest.approx(one.chi2, rel=1e-7, abs=1e-9)
    assert two.tests["chi2"][1] == pytest.approx(one.tests["chi2"][1], rel=1e-7, abs=1e-9)


@given(tables(2, 2))
def test_fisher_two_by_two_is_fisher_r_by_c(table: Any) -> None:
    from equipoise.statistics.categorical.fisher import exact_p

    assert fisher_exact(table).p == pytest.approx(exact_p(table.astype(float)), rel=1e-9)


@given(tables(2, 2))
def test_exact_limits_exclude_1_where_a_tail_is_small(table: Any) -> None:
    found = fisher_exact(table, level=0.9)
    assert found.lower is not None
    assert found.upper is not None
    assert found.odds_ratio is not None
    assert found.lower <= found.odds_ratio <= found.upper
    if found.lower > 1 or found.upper < 1:
        assert found.p <= 0.1 + 1e-9


@given(tables(3, 3))
def test_one_stratum_is_pearsons_chi_square(table: Any) -> None:
    n = table.sum()
    found = cochran_mantel_haenszel([table])
    pearson = chi_square(table)
    assert found.chi2 == pytest.approx(pearson.chi2 * (n - 1) / n, rel=1e-7, abs=1e-9)
    assert found.df == pearson.df


@given(st.lists(tables(2, 2), min_size=1, max_size=4))
def test_two_by_two_tables_have_one_alternative(strata: list[Any]) -> None:
    chi2 = cochran_mantel_haenszel(strata).tests["chi2"].to_numpy()
    np.testing.assert_allclose(chi2, chi2[0], rtol=1e-7, atol=1e-9)


@given(st.lists(tables(2, 4), min_size=1, max_size=3))
def test_with_two_arms_row_means_are_the_correlation(strata: list[Any]) -> None:
    for scores in ("table", "rank"):
        tests = cochran_mantel_haenszel(strata, scores=scores).tests  # type: ignore[arg-type]
        if scores == "table" or len(strata) == 1:
            assert tests["chi2"][1] == pytest.approx(tests["chi2"][2], rel=1e-7, abs=1e-9)


@given(tables(3, 2), st.floats(-5, 5), st.floats(0.1, 9))
def test_a_trend_does_not_depend_on_the_unit_of_scores(table: Any, start: float, step: float) -> None:
    found = cochran_armitage(table, scores=[start + step * place for place in range(3)])
    assert found.z == pytest.approx(cochran_armitage(table).z, rel=1e-7, abs=1e-9)
    n = table.sum()
    assert cochran_mantel_haenszel([table]).tests["chi2"][2] == pytest.approx(
        found.chi2 * (n - 1) / n, rel=1e-7, abs=1e-9
    )


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 9), st.integers(0, 9))
def test_mcnemar_looks_at_those_who_differ(both: int, neither: int, b: int, c: int) -> None:
    assume(b + c > 0)
    assume(both + b > 0)
    found = mcnemar([[both, b], [c, neither + 1]])
    assert (found.first_only, found.second_only) == (b, c)
    rows = [(1, 1)] * both + [(1, 0)] * b + [(0, 1)] * c + [(0, 0)] * (neither + 1)
    data = pl.DataFrame(rows, schema=["first", "second"], orient="row")
    assert mcnemar(data, "first", "second") == found


def test_the_common_odds_ratio_turns_with_the_arms() -> None:
    strata = [[[4, 9], [7, 3]], [[5, 6], [8, 2]]]
    one, other = cochran_mantel_haenszel(strata), cochran_mantel_haenszel(strata, versus=1)
    assert one.odds_ratio is not None
    assert other.odds_ratio == pytest.approx(1 / one.odds_ratio)
    assert other.lower == pytest.approx(1 / (one.upper or 0))


def test_levels_and_arms_without_anybody_are_left_out() -> None:
    assert fisher_exact([[3, 0, 5], [6, 0, 1], [0, 0, 0]]).p == pytest.approx(fisher_exact([[3, 5], [6, 1]]).p)
    assert chi_square([[3, 0, 5], [6, 0, 1]]).df == 1


def test_a_table_too_large_for_exact_work_is_refused() -> None:
    with pytest.raises(EstimationFailed, match="or use chi_square"):
        fisher_exact(np.full((6, 6), 40))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fisher_exact([[3, 4]]), DataError, "two or more arms and two or more levels"),
        (lambda: chi_square([[3, 0], [4, 0]]), DataError, "two or more arms and two or more levels"),
        (lambda: chi_square([[3, 1, 2], [4, 2, 2]], method="yates"), DataError, "yates corrects 2 x 2"),
        (lambda: chi_square([[3, 1], [4, 2]], method="exact"), DataError, "method must be one of"),  # type: ignore[arg-type]
        (lambda: cochran_mantel_haenszel([[[3, 0], [4, 0]]]), EstimationFailed, "two arms and two levels"),
        (lambda: cochran_mantel_haenszel([[3, 1], [4, 2]], scores="logit"), DataError, "scores must be one of"),  # type: ignore[arg-type]
        (lambda: cochran_mantel_haenszel([[3, 1, 1], [4, 2, 1]], continuity=True), DataError, "for 2 x 2 tables"),
        (lambda: cochran_armitage([[0, 3], [0, 4]]), EstimationFailed, "some with and some without"),
        (lambda: cochran_armitage([[1, 3], [2, 4]], scores=[1, 1]), DataError, "not all equal"),
        (lambda: mcnemar([[3, 0], [0, 4]]), EstimationFailed, "two responses differ"),
        (lambda: fisher_exact(pl.DataFrame({"a": [1]}), "b", "a"), DataError, "must have a column b"),
    ],
)
def test_wrong_input_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
