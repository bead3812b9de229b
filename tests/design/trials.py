"""Small protocols whose plan can be calculated by hand, and moments for them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from equipoise.design import MeasurementMoments, ResponseMoments, TimeMoments
from equipoise.protocol import Protocol, parse_protocol

TEXT = """
equipoise: 1
trial: {{id: small, phase: II, title: {{en: A small trial, zh: 小型试验}}, languages: [en, zh]}}
sources: {{pilot: 'A pilot trial'}}
population:
  inclusion:
    I1: {{text: Adults, judged: true}}
interventions:
  tablets: {{label: Tablets, route: oral, daily: true}}
arms:
  placebo: {{label: {{en: Placebo, zh: 安慰剂组}}, tablets: 0 mg, control: true{control_ratio}}}
{arms}
randomisation: {{size: {size}, method: permuted blocks, block_sizes: [{block}]{strata}}}
blinding: {{blinded: [participant], emergency: any investigator, unblinding: after lock}}
schedule:
  day_1: first tablet
  visits:
    BL: {{label: {{en: Baseline, zh: 基线}}, day: 1}}
    W4: {{label: {{en: Week 4, zh: 第4周}}, week: 4, window: 3 d}}
    W8: {{label: {{en: Week 8, zh: 第8周}}, week: 8, window: 3 d}}
    W12: {{label: {{en: Week 12, zh: 第12周}}, week: 12, window: 3 d}}
forms:
  blood:
    label: Blood
    sdtm: LB
    items:
      count: {{label: {{en: Cell count, zh: 细胞计数}}, type: count, unit: cells/uL, testcd: CNT}}
variables:
  sex: {{label: {{en: Sex, zh: 性别}}, type: code, codes: {{M: {{en: Male, zh: 男}}, F: {{en: Female, zh: 女}}}}}}
analysis_sets:
  full: {{label: {{en: All randomised, zh: 全部随机受试者}}, rule: randomised}}
estimands:
  primary:
    question: {{en: Effect on the cell count at week 12, zh: 对第12周细胞计数的影响}}
    variable: {{item: count, summary: change from baseline, at: W12, better: {better}}}
    set: full
    summary: difference in means
  response:
    question: {{en: Effect on response at week 12, zh: 对第12周应答的影响}}
    variable: {{item: count, at: W12, response: count > 120, better: higher}}
    set: full
    summary: difference in proportions
    missing: non-response
  relapse:
    question: {{en: Effect on the time to relapse, zh: 对复发时间的影响}}
    variable: {{item: count, time_to: first, rule: count < 50, unit: week, better: higher}}
    set: full
    summary: hazard ratio
analyses:
  ancova: {{method: ancova, estimand: primary, terms: [{terms}]{adjusted}}}
  mmrm: {{method: mmrm, estimand: primary, terms: [baseline * visit, arm * visit]{adjusted}}}
  student: {{method: t test, estimand: primary, variances: equal}}
  welch: {{method: t test, estimand: primary}}
  ranks: {{method: rank-sum, estimand: primary}}
  responders: {{method: categorical, estimand: response}}
  fisher: {{method: categorical, estimand: response, test: fisher}}
  relapses: {{method: kaplan-meier, estimand: relapse}}
assumptions:
  sites: {{count: 4, participants_per_month: 2}}
  screen_failure: 0.2
  participant:
    {{model: random_intercept, item: count, level: {{mean: 100, sd: 1}}, within_sd: 1}}
  dropout: {{by: W12, share: 0.2}}
  missed_visit: 0.05
  scenarios:
    none: {{label: {{en: No effect, zh: 无疗效}}}}
    planned: {{label: {{en: As hoped, zh: 预期疗效}}}}
design:
  analysis: {analysis}
  scenario: planned
  power: {power}
  alpha: {alpha}
  sides: {sides}
  claim: {claim}
{more}
"""


def small_trial(analysis: str = "ancova", **choices: Any) -> Protocol:
    """The protocol of `small_text`."""
    return parse_protocol(small_text(analysis, **choices))


def small_text(
    analysis: str = "ancova",
    *,
    doses: int = 1,
    size: int = 120,
    power: float = 0.9,
    alpha: float = 0.05,
    sides: int = 2,
    claim: str = "each",
    multiplicity: str = "none",
    sequence: Sequence[str] = (),
    terms: str = "arm",
    better: str = "higher",
    control_ratio: int = 1,
    strata: str = "",
    more: str = "",
) -> str:
    """A trial of placebo and one or more doses; `more`: further lines of its design."""
    arms = "\n".join(
        f"  dose_{k}: {{label: {{en: Dose {k}, zh: 剂量{k}组}}, tablets: {10 * k} mg}}"
        for k in range(1, doses + 1)
    )
    adjusted = f", multiplicity: {multiplicity}"
    if sequence:
        adjusted += f", sequence: [{', '.join(sequence)}]"
    values: dict[str, Any] = {
        "analysis": analysis,
        "arms": arms,
        "size": size,
        "power": power,
        "alpha": alpha,
        "sides": sides,
        "claim": claim,
        "terms": terms,
        "better": better,
        "adjusted": adjusted,
        "more": more,
        "control_ratio": f", ratio: {control_ratio}" if control_ratio != 1 else "",
        "block": 4 * (doses + control_ratio),
        "strata": f", strata: [{strata}]" if strata else "",
    }
    return TEXT.format(**values)


def arms_of(doses: int) -> tuple[str, ...]:
    return ("placebo", *(f"dose_{k}" for k in range(1, doses + 1)))


def one_visit(
    effects: Sequence[float], sd: float | Sequence[float] = 1.0, *, correlation: float = 0.0, seen: float = 1.0
) -> MeasurementMoments:
    """Baseline and outcome with this correlation at one visit; `sd` of the outcome, one or one an arm."""
    doses = len(effects)
    deviations = np.broadcast_to(np.asarray(sd, dtype=float), (doses + 1,))
    covariance = np.array([[[1.0, correlation * s], [correlation * s, s**2]] for s in deviations])
    patterns, shares = np.array([[1.0], [0.0]]), np.tile([seen, 1.0 - seen], (doses + 1, 1))
    means = np.array([0.0, *effects])[:, None]
    return MeasurementMoments(arms_of(doses), ("W12",), 100.0, means, covariance, patterns, shares)


def three_visits(
    effects: Sequence[float], *, sd: float = 1.0, correlation: float = 0.6, stay: Sequence[float] = (1.0, 1.0, 1.0)
) -> MeasurementMoments:
    """Baseline and three visits, autoregressive; `stay`: share that is still there at each visit."""
    doses = len(effects)
    distance = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    covariance = np.tile(sd**2 * correlation**distance, (doses + 1, 1, 1))
    patterns = np.vstack([np.zeros(3), np.tri(3)])
    shares = -np.diff([1.0, *stay, 0.0])
    ramp = np.array([0.3, 0.7, 1.0])
    means = np.array([0.0, *effects])[:, None] * ramp
    return MeasurementMoments(
        arms_of(doses), ("W4", "W8", "W12"), 100.0, means, covariance, patterns, np.tile(shares, (doses + 1, 1))
    )


def responding(shares: Sequence[float]) -> ResponseMoments:
    return ResponseMoments(arms_of(len(shares) - 1), np.array(shares))


def exponential(
    hazards: Sequence[float], *, until: float = 12.0, lost: float = 0.0, points: int = 2001
) -> TimeMoments:
    """Exponential times to event and to loss, everyone followed to the same time."""
    times = np.linspace(0.0, until, points)
    survival = np.exp(-np.outer(hazards, times))
    followed = np.tile(np.exp(-lost * times), (len(hazards), 1))
    return TimeMoments(arms_of(len(hazards) - 1), "week", times, survival, followed)
