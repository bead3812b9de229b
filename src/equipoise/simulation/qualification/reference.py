"""Values that others have published, computed anew: the data stand here, each with its source.

- Sleep: additional hours of sleep of ten patients under two drugs. Student (1908), Biometrika 6, 1-25; the tests
  as in the manual of R, `t.test` and `sleep`.
- Remission: weeks of remission of 42 children with leukaemia under 6-mercaptopurine or placebo. Freireich et al.
  (1963), Blood 21, 699-716; log-rank test, medians and survival in Kalbfleisch and Prentice (2002) 1.1 and Collett
  (2015) 2; Cox's coefficient with Efron's treatment of ties as in Therneau's package survival for R.
- Tea: eight cups tasted by a lady. Fisher (1935), The Design of Experiments II.
- Admissions: 4,526 applications to Berkeley, 1973. Bickel et al. (1975), Science 187, 398-404; Cochran-
  Mantel-Haenszel test with continuity correction as in the manual of R, `mantelhaen.test` and `UCBAdmissions`.
- Growth: a distance in the face of 27 children at four ages. Potthoff and Roy (1964), Biometrika 51, 313-326; the
  likelihood of model 1 in Jennrich and Schluchter (1986), Biometrics 42, 805-820.
- Bounds: O'Brien-Fleming and Pocock, five looks, 5 percent two-sided: Jennison and Turnbull (2000) 2.3, 2.4.
- Size: two groups, difference of one standard deviation, power 0.9: the manual of R, `power.t.test`.
"""

from collections.abc import Callable, Mapping
from math import isclose, sqrt

import polars as pl

from ...report.evidence import CheckFailed
from ...statistics.categorical import cochran_mantel_haenszel, fisher_exact
from ...statistics.linear import t_test, t_test_paired
from ...statistics.repeated_measures import mmrm
from ...statistics.sample_size import power_t_test
from ...statistics.sequential import WangTsiatis, group_sequential
from ...statistics.survival import cox, kaplan_meier, log_rank

SLEEP = (
    (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0),
    (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4),
)
TREATED = (
    *((6, 1), (6, 1), (6, 1), (6, 0), (7, 1), (9, 0), (10, 1), (10, 0), (11, 0), (13, 1), (16, 1)),
    *((17, 0), (19, 0), (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0)),
)
PLACEBO = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
ADMISSIONS = (  # department: men admitted and rejected, women admitted and rejected
    *((512, 313, 89, 19), (353, 207, 17, 8), (120, 205, 202, 391)),
    *((138, 279, 131, 244), (53, 138, 94, 299), (22, 351, 24, 317)),
)
GIRLS = (
    *((21, 20, 21.5, 23), (21, 21.5, 24, 25.5), (20.5, 24, 24.5, 26), (23.5, 24.5, 25, 26.5)),
    *((21.5, 23, 22.5, 23.5), (20, 21, 21, 22.5), (21.5, 22.5, 23, 25), (23, 23, 23.5, 24)),
    *((20, 21, 22, 21.5), (16.5, 19, 19, 19.5), (24.5, 25, 28, 28)),
)
BOYS = (
    *((26, 25, 29, 31), (21.5, 22.5, 23, 26.5), (23, 22.5, 24, 27.5), (25.5, 27.5, 26.5, 27)),
    *((20, 23.5, 22.5, 26), (24.5, 25.5, 27, 28.5), (22, 22, 24.5, 26.5), (24, 21.5, 24.5, 25.5)),
    *((23, 20.5, 31, 26), (27.5, 28, 31, 31.5), (23, 23, 23.5, 25), (21.5, 23.5, 24, 28)),
    *((17, 24.5, 26, 29.5), (22.5, 25.5, 25.5, 26), (23, 24.5, 26, 30), (22, 21.5, 23.5, 25)),
)


def check_means() -> Mapping[str, object]:
    """Compute t tests and the size of a trial from published data, and compare with the published values."""
    first, second = SLEEP
    paired = t_test_paired(pl.DataFrame({"a": first, "b": second}), "a", "b")
    both = pl.DataFrame({"extra": first + second, "drug": ["1"] * 10 + ["2"] * 10})
    welch = t_test(both, "extra", "drug", versus="2")
    return _compare(
        ("sleep, paired t", paired.t, -4.0621, 1e-4),
        ("sleep, paired p", paired.p, 0.002833, 1e-6),
        ("sleep, Welch t", welch.t, -1.8608, 1e-4),
        ("sleep, Welch degrees of freedom", welch.df, 17.776, 1e-3),
        ("sleep, Welch p", welch.p, 0.07939, 1e-5),
        ("size of a group", power_t_test(1.0, power=0.9).per_arm[0], 22.02110, 1e-4),
    )


def check_survival() -> Mapping[str, object]:
    """Compute survival, log-rank test and Cox regression from published data, and compare."""
    data = pl.DataFrame(
        {
            "weeks": [time for time, _ in TREATED] + list(PLACEBO),
            "event": [event for _, event in TREATED] + [1] * len(PLACEBO),
            "arm": ["6-MP"] * len(TREATED) + ["placebo"] * len(PLACEBO),
        }
    )
    curves = kaplan_meier(data, "weeks", "event", "arm")
    medians = dict(curves.quantiles(0.5).select("arm", "estimate").iter_rows())
    at = {row["time"]: row["survival"] for row in curves.at([10, 23]).filter(pl.col("arm") == "6-MP").to_dicts()}
    fitted = cox("arm", data, time="weeks", event="event", reference={"arm": "6-MP"}).coefficients
    return _compare(
        ("remission, median with 6-MP", medians["6-MP"], 23, 1e-9),
        ("remission, median with placebo", medians["placebo"], 8, 1e-9),
        ("remission, survival at 10 weeks", at[10.0], 0.753, 5e-4),
        ("remission, survival at 23 weeks", at[23.0], 0.448, 5e-4),
        ("remission, log-rank chi-square", log_rank(data, "weeks", "event", "arm").chi2, 16.79, 5e-3),
        ("remission, Cox's coefficient", fitted["estimate"][0], 1.5721, 1e-4),
        ("remission, its standard error", fitted["se"][0], 0.4124, 1e-4),
    )


def check_tables() -> Mapping[str, object]:
    """Compute exact and stratified tests of published tables, and compare."""
    tea = fisher_exact([[3, 1], [1, 3]])
    rows = [
        {"department": department, "sex": sex, "admitted": admitted, "count": count}
        for department, counts in zip("ABCDEF", ADMISSIONS, strict=True)
        for (sex, admitted), count in zip(
            (("male", 1), ("male", 0), ("female", 1), ("female", 0)), counts, strict=True
        )
    ]
    tested = cochran_mantel_haenszel(
        pl.DataFrame(rows), "admitted", "sex", strata="department", count="count", continuity=True
    )
    return _compare(
        ("tea, Fisher's exact p", tea.p, 34 / 70, 1e-12),
        ("admissions, chi-square", tested.chi2, 1.4269, 1e-4),
        ("admissions, common odds ratio", tested.odds_ratio or 0.0, 0.9046968, 1e-6),
    )


def check_repeated_measures() -> Mapping[str, object]:
    """Fit a mixed model for repeated measures to published data, and compare its likelihood."""
    rows = [
        {"child": f"{sex}{number}", "sex": sex, "age": age, "distance": float(distance)}
        for sex, children in (("F", GIRLS), ("M", BOYS))
        for number, distances in enumerate(children)
        for age, distance in zip((8, 10, 12, 14), distances, strict=True)
    ]
    fit = mmrm(
        "distance ~ sex*age",
        pl.DataFrame(rows).with_columns(pl.col("age").cast(pl.String)),
        subject="child",
        visit="age",
        reml=False,
        df="residual",
    )
    return _compare(("growth, -2 log likelihood", -2 * fit.log_likelihood, 416.509, 1e-3))


def check_boundaries() -> Mapping[str, object]:
    """Compute the bounds of two group sequential designs, and compare with published tables."""
    fleming = group_sequential(5, alpha=0.05, sides=2, bounds=WangTsiatis(0.0))
    pocock = group_sequential(5, alpha=0.05, sides=2, bounds=WangTsiatis(0.5))
    return _compare(
        ("O'Brien-Fleming, last look", fleming.upper[4], 2.040, 5e-4),
        ("O'Brien-Fleming, first look", fleming.upper[0], 2.040 * sqrt(5), 2e-3),
        ("Pocock, each look", pocock.upper[2], 2.413, 5e-4),
    )


CHECKS: Mapping[str, Callable[[], Mapping[str, object]]] = {
    "Means and sizes": check_means,
    "Survival": check_survival,
    "Tables of counts": check_tables,
    "Repeated measures": check_repeated_measures,
    "Group sequential bounds": check_boundaries,
}


def _compare(*values: tuple[str, float, float, float]) -> Mapping[str, object]:
    """Compare each value found with the published one, to an absolute tolerance."""
    for what, found, published, tolerance in values:
        if not isclose(found, published, rel_tol=0, abs_tol=tolerance):
            raise CheckFailed(f"{what} is published as {published}. Got {found}")
    return {what: f"{found:.6g} (published {published:.6g})" for what, found, published, _ in values}
