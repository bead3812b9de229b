"""Number of events that a log-rank or Cox test needs: Schoenfeld, Freedman, Hsieh.

With r the size of treatment to control and power Phi(root(d) drift - z), the drift an event is
Schoenfeld (Biometrika 1981;68:316-9) root(r) / (1 + r) |log(HR / HR0)|,
Freedman (Statistics in Medicine 1982;1:121-9) root(r) |1 - HR| / (1 + r HR),
Hsieh (Statistics in Medicine 1992;11:185-94) 2 root(r) / (1 + r) |1 - HR| / (1 + HR).
Checked against rpact's `getSampleSizeSurvival`.
"""

from typing import Literal

import numpy as np

from equipoise.errors import DataError
from equipoise.statistics.distributions import normal_quantile
from equipoise.statistics.sample_size.noncentral import normal_power
from equipoise.statistics.sample_size.result import Question, require_one_of, require_positive

Formula = Literal["schoenfeld", "freedman", "hsieh-freedman"]


def drift_an_event(hazard_ratio: float, *, null: float = 1.0, ratio: float = 1.0, formula: Formula) -> float:
    """Mean of the test statistic divided by the square root of the number of events.

    `hazard_ratio` is that assumed, `null` the one tested (1 for Freedman and Hsieh), `ratio` treatment to control.
    """
    require_one_of("formula", formula, Formula)
    require_positive("hazard_ratio", hazard_ratio)
    require_positive("null", null)
    require_positive("ratio", ratio)
    if formula != "schoenfeld" and null != 1:
        raise DataError(f"formula {formula} tests a hazard ratio of 1; take schoenfeld. Got {null:g}")
    root = float(np.sqrt(ratio))
    if formula == "schoenfeld":
        return root / (1.0 + ratio) * abs(float(np.log(hazard_ratio / null)))
    if formula == "freedman":
        return root * abs(1.0 - hazard_ratio) / (1.0 + ratio * hazard_ratio)
    return 2.0 * root / (1.0 + ratio) * abs(1.0 - hazard_ratio) / (1.0 + hazard_ratio)


def required_events(
    hazard_ratio: float,
    *,
    power: float,
    null: float = 1.0,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    formula: Formula = "schoenfeld",
) -> float:
    """Find the number of events (not rounded) at which the test has the `power`.

    Arguments as in `drift_an_event`. Raises `DataError` for values out of range or a hazard ratio equal to `null`.
    """
    question = Question(None, power, hazard_ratio, alpha, sides)
    drift = drift_an_event(hazard_ratio, null=null, ratio=ratio, formula=formula)
    if drift == 0:
        raise DataError(f"hazard_ratio must differ from the one tested. Got {null:g} for both")
    return ((question.critical + normal_quantile(power)) / drift) ** 2


def power_of_events(
    hazard_ratio: float,
    events: float,
    *,
    null: float = 1.0,
    ratio: float = 1.0,
    alpha: float = 0.05,
    sides: int = 2,
    strict: bool = False,
    formula: Formula = "schoenfeld",
) -> float:
    """Find the power of the test with this number of `events`; arguments as in `required_events`.

    `strict` counts rejections on the wrong side of a two-sided test too.
    """
    require_positive("events", events)
    question = Question(events, None, hazard_ratio, alpha, sides)
    drift = drift_an_event(hazard_ratio, null=null, ratio=ratio, formula=formula)
    return normal_power(drift * float(np.sqrt(events)), question.critical, both=strict and sides == 2)
