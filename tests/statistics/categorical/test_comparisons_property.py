"""What holds for proportions and their comparisons whatever the counts, and what is refused."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import DataError, EstimationFailed
from equipoise.statistics.categorical import chi_square, odds_ratio, proportion, risk_difference, risk_ratio
from equipoise.statistics.categorical.score_limits import difference_score, odds_score, ratio_score


@st.composite
def two_arms(draw: st.DrawFn, least: int = 0) -> list[list[int]]:
    return [[draw(st.integers(least, 40)), draw(st.integers(max(least, 1), 40))] for _ in range(2)]


METHODS = {
    risk_difference: ("wald", "newcombe", "miettinen-nurminen", "score", "mantel-haenszel"),
    risk_ratio: ("wald", "miettinen-nurminen", "score", "mantel-haenszel"),
    odds_ratio: ("wald", "exact", "miettinen-nurminen", "score", "mantel-haenszel"),
}
CASES = [(compare, method) for compare, methods in METHODS.items() for method in methods]


@pytest.mark.parametrize(("compare", "method"), CASES)
@given(counts=two_arms(least=1))
def test_limits_hold_the_estimate_and_turn_with_the_arms(
    compare: Any, method: str, counts: list[list[int]]
) -> None:
    one = compare(counts, method=method).estimates.row(0, named=True)
    other = compare(counts, method=method, versus=1).estimates.row(0, named=True)
    assert one["lower"] <= one["estimate"] * (1 + 1e-9) + 1e-12
    assert one["upper"] >= one["estimate"] * (1 - 1e-9) - 1e-12
    if compare is risk_difference:
        turned = (-other["estimate"], -other["upper"], -other["lower"])
    else:
        turned = (1 / other["estimate"], 1 / other["upper"], 1 / other["lower"])
    assert (one["estimate"], one["lower"], one["upper"]) == pytest.approx(turned, rel=1e-7, abs=1e-9)


@given(two_arms(), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_score_limits_are_where_the_score_test_just_rejects(counts: list[list[int]], level: float) -> None:
    from equipoise.statistics.distributions import normal_quantile

    (x0, y0), (x1, y1) = counts
    four = (float(x1), float(x1 + y1), float(x0), float(x0 + y0))
    z = normal_quantile(0.5 + level / 2)
    row = risk_difference(counts, method="miettinen-nurminen", level=level).estimates.row(0, named=True)
    for limit, sign in ((row["lower"], 1.0), (row["upper"], -1.0)):
        if abs(limit) < 1 - 1e-9:
            assert difference_score(limit, four) == pytest.approx(sign * z, rel=1e-6)
    if x1 + x0 == 0:
        return
    for compare, score in ((risk_ratio, ratio_score), (odds_ratio, odds_score)):
        if compare is odds_ratio and y1 + y0 == 0:
            continue
        row = compare(counts, method="miettinen-nurminen", level=level).estimates.row(0, named=True)  # type: ignore[operator]
        for limit, sign in ((row["lower"], 1.0), (row["upper"], -1.0)):
            if 0 < limit < np.inf:
                assert score(float(np.log(limit)), four) == pytest.approx(sign * z, rel=1e-6)


@given(two_arms(least=1))
def test_the_score_at_no_difference_is_pearsons_chi_square(counts: list[list[int]]) -> None:
    (x0, y0), (x1, y1) = counts
    four = (float(x1), float(x1 + y1), float(x0), float(x0 + y0))
    n = four[1] + four[3]
    chi2 = chi_square(counts).chi2 * (n - 1) / n
    assert difference_score(0.0, four) ** 2 == pytest.approx(chi2, rel=1e-7, abs=1e-9)
    assert ratio_score(0.0, four) ** 2 == pytest.approx(chi2, rel=1e-7, abs=1e-9)
    assert odds_score(0.0, four) ** 2 == pytest.approx(chi2, rel=1e-7, abs=1e-9)


@given(two_arms(least=1), st.integers(2, 4))
def test_equal_strata_give_the_common_value(counts: list[list[int]], strata: int) -> None:
    table = [counts] * strata
    for compare in (risk_difference, risk_ratio, odds_ratio):
        single = compare(counts).estimates["estimate"][0]  # type: ignore[operator]
        assert compare(table).estimates["estimate"][0] == pytest.approx(single, rel=1e-9, abs=1e-12)  # type: ignore[operator]


@given(st.integers(0, 30), st.integers(1, 30), st.sampled_from(["clopper-pearson", "wilson", "wald"]))
def test_proportions_turn_with_the_response(x: int, y: int, method: Any) -> None:
    one, other = (proportion(pair, method=method).estimates.row(0, named=True) for pair in ([x, y], [y, x]))
    assert one["lower"] == pytest.approx(1 - other["upper"], abs=1e-12)
    assert 0 <= one["lower"] <= one["estimate"] <= one["upper"] <= 1


def test_exact_intervals_hold_the_truth_at_least_as_often_as_they_say() -> None:
    n = 17
    table = proportion([[x, n - x] for x in range(n + 1)]).estimates
    for truth in (0.02, 0.2, 0.5, 0.77):
        weight = np.array([truth**x * (1 - truth) ** (n - x) for x in range(n + 1)])
        ways = np.array([float(np.prod(np.arange(n - x + 1, n + 1) / np.arange(1, x + 1))) for x in range(n + 1)])
        inside = ((table["lower"] <= truth) & (table["upper"] >= truth)).to_numpy()
        assert (weight * ways)[inside].sum() >= 0.95


@given(two_arms(least=1), st.randoms())
def test_a_frame_gives_what_its_counts_give(counts: list[list[int]], random: Any) -> None:
    rows = [
        (arm, 1 - place)
        for arm, row in zip("PX", counts, strict=True)
        for place in (0, 1)
        for _ in range(row[place])
    ]
    random.shuffle(rows)
    data = pl.DataFrame(rows, schema=["ARM", "RESPONSE"], orient="row")
    ours = risk_difference(data, "RESPONSE", "ARM").estimates.row(0)
    assert ours[2:] == pytest.approx(risk_difference(counts).estimates.row(0)[2:])
    counted = data.group_by("ARM", "RESPONSE").len("n")
    assert risk_difference(counted, "RESPONSE", "ARM", count="n").estimates.row(0) == pytest.approx(ours)


def test_empty_cells() -> None:
    none = [[10, 10], [0, 20]]
    assert risk_ratio(none, method="miettinen-nurminen").estimates["lower"][0] == 0
    assert odds_ratio(none, method="exact").estimates.row(0)[-4:][0] == 0
    all_of_them = risk_difference([[0, 9], [9, 0]], method="miettinen-nurminen").estimates.row(0, named=True)
    assert (all_of_them["estimate"], all_of_them["upper"]) == (1, 1)
    assert odds_ratio([[0, 20], [10, 10]], method="miettinen-nurminen").estimates["upper"][0] == np.inf


def test_arms_are_compared_with_the_one_named() -> None:
    data = pl.DataFrame({"ARM": ["A", "B", "C"] * 4, "Y": [1, 0, 1, 1, 1, 0] * 2})
    table = risk_difference(data, "Y", "ARM", versus="B").estimates
    assert (table["arm"].to_list(), table["versus"].to_list()) == (["A", "C"], ["B", "B"])
    assert table["estimate"].to_list() == [0.5, 0.0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: risk_ratio([[0, 5], [0, 7]], method="score"),
            EstimationFailed,
            "needs a response in one",
        ),
        (lambda: risk_ratio([[0, 5], [3, 7]]), EstimationFailed, "use miettinen-nurminen"),
        (lambda: odds_ratio([[0, 5], [3, 7]]), EstimationFailed, "use method exact"),
        (lambda: odds_ratio([[5, 0], [7, 0]], method="exact"), EstimationFailed, "margins must leave room"),
        (lambda: risk_difference([[1, 5], [0, 0]]), DataError, "every arm must have participants"),
        (lambda: risk_difference([[1, 5]]), DataError, "two or more arms"),
        (lambda: risk_difference([[1, 5], [2, -2]]), DataError, "whole numbers from 0 on. Got -2"),
        (lambda: risk_difference([[1, 5], [2, 0.5]]), DataError, "whole numbers from 0 on"),
        (lambda: risk_difference([[1, 5, 2], [2, 3, 4]]), DataError, "two columns"),
        (lambda: risk_difference([[1, 5], [2]]), DataError, "rows of equal length"),
        (lambda: risk_difference([[0, 0], [0, 0]]), DataError, "at least one participant"),
        (lambda: risk_difference([[1, 5], [2, 3]], method="exact"), DataError, "method must be wald"),  # type: ignore[arg-type]
        (lambda: risk_difference([[[1, 5], [2, 3]]] * 2, method="wald"), DataError, "with strata. Got wald"),
        (
            lambda: risk_difference([[[1, 5], [0, 0]], [[0, 0], [2, 3]]]),
            EstimationFailed,
            "with both arms",
        ),
        (lambda: risk_difference([[1, 5], [2, 3]], "Y"), DataError, "names of columns go with a data frame"),
        (lambda: risk_difference([[1, 5], [2, 3]], versus="P"), DataError, "no level of that name"),
        (lambda: proportion(pl.DataFrame({"Y": [1, 0]})), DataError, "needs the names of its columns"),
        (lambda: proportion(pl.DataFrame({"Y": [1, 2]}), "Y"), DataError, "must hold 1 or True.*Got 2"),
        (lambda: proportion(pl.DataFrame({"Y": ["Y", "N"]}), "Y"), DataError, "must hold 1 or True"),
        (lambda: proportion([1, 2], level=95), DataError, "level must lie"),
        (lambda: proportion([1, 2], method="exact"), DataError, "method must be one of clopper-pearson"),  # type: ignore[arg-type]
    ],
)
def test_wrong_input_is_refused(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
