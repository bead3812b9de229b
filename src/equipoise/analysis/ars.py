"""The results as CDISC Analysis Results Standard 1.0 (ARS), the same rows as `results.csv`.

One ARS analysis for each analysis of the protocol; an operation for each statistic of its method; arm, compared
arm, parameter, visit and each further level are groupings. Values are `rawValue`, the shortest decimal that gives
the same number back; rounding belongs to displays, which ARS keeps apart. An analysis set whose rule is a flag
of ADSL has a condition, any other rule stands in the description. Checked against the JSON schema of ARS 1.0.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..protocol import Protocol
from .context import TOTAL
from .result import AnalysisResult, TrialResults
from .rows import read_group

Json = dict[str, Any]

LABELS: Mapping[str, str] = {
    "n": "Number of participants",
    "mean": "Mean",
    "sd": "Standard deviation",
    "se": "Standard error",
    "median": "Median",
    "q1": "First quartile",
    "q3": "Third quartile",
    "min": "Minimum",
    "max": "Maximum",
    "count": "Count",
    "percent": "Percentage",
    "estimate": "Estimate",
    "lower": "Lower confidence limit",
    "upper": "Upper confidence limit",
    "df": "Degrees of freedom",
    "t": "t statistic",
    "z": "z statistic",
    "f": "F statistic",
    "chi2": "Chi-square statistic",
    "p": "p-value",
    "hazard_ratio": "Hazard ratio",
    "odds_ratio": "Odds ratio",
    "risk_difference": "Difference of proportions",
    "survival": "Survival probability",
    "events": "Number of events",
    "at_risk": "Number at risk",
    "df_residual": "Denominator degrees of freedom",
    "observations": "Number of measurements",
    "parameters": "Number of parameters of the covariance",
    "log_likelihood": "Log-likelihood",
    "aic": "Akaike information criterion",
    "bic": "Bayesian information criterion",
    "fraction_missing": "Fraction of missing information",
    "weight": "Share of the familywise error rate",
    "adjusted_p": "Adjusted p-value",
    "rejected": "Rejected (1) or not (0)",
    "level": "Significance level of the comparison",
    "delta": "Delta at which the conclusion changes",
    "covariance": "Covariance",
    "correlation": "Correlation",
}
_PLACES = {"arm": "Arm", "versus": "Compared arm", "parameter": "Parameter", "visit": "Visit"}
_ADSL_VARIABLE = {"arm": ("ADSL", "TRT01P"), "parameter": (None, "PARAMCD"), "visit": (None, "AVISIT")}
_FLAG = re.compile(r"\s*(\w+)\s*=\s*'([^']*)'\s*")
_PURPOSE = {
    "primary": "PRIMARY OUTCOME MEASURE",
    "secondary": "SECONDARY OUTCOME MEASURE",
    "exploratory": "EXPLORATORY OUTCOME MEASURE",
}


def results_ars(protocol: Protocol, results: TrialResults) -> Json:
    """Return the results of a trial as one ARS reporting event, ready for `json.dumps`."""
    title = protocol.trial.title.say()
    arms = _arms(results.done.values())
    analyses = [_analysis(protocol, result, arms) for result in results.done.values()]
    return {
        "id": _id("RE", protocol.trial.id),
        "name": title,
        "version": 1,
        "description": f"Analyses of {protocol.trial.id}; {len(results.not_done)} could not be done."
        + "".join(f" {name}: {why}" for name, why in results.not_done.items()),
        "mainListOfContents": {
            "name": "Analyses",
            "contentsList": {
                "listItems": [
                    {"name": a["name"], "level": 1, "order": i, "analysisId": a["id"]}
                    for i, a in enumerate(analyses, start=1)
                ]
            },
        },
        "analysisSets": [_set(protocol, name, i) for i, name in enumerate(protocol.analysis_sets, start=1)],
        "dataSubsets": _subsets(results.done.values()),
        "analysisGroupings": _groupings(results.done.values(), arms),
        "methods": _methods(results.done.values()),
        "analyses": analyses,
    }


def _id(kind: str, *parts: str) -> str:
    return "_".join([kind, *(re.sub(r"[^A-Za-z0-9]+", "_", part).strip("_") for part in parts)])


def _set(protocol: Protocol, name: str, order: int) -> Json:
    plan = protocol.analysis_sets[name]
    label = name if plan.label is None else plan.label.say()
    found: Json = {
        "id": _id("AS", name),
        "name": name,
        "label": label,
        "description": plan.rule,
        "level": 1,
        "order": order,
    }
    flag = _FLAG.fullmatch(plan.rule)
    variable = protocol.variables.get(flag.group(1)) if flag else None
    if flag and variable is not None and variable.adam:
        found["condition"] = {
            "dataset": "ADSL",
            "variable": variable.adam[0],
            "comparator": "EQ",
            "value": [flag.group(2)],
        }
    return found


def _rule(result: AnalysisResult) -> str | None:
    """Return the rule by which an analysis takes part of the data: of participants, of adverse events, or both."""
    rules = [r for r in (getattr(result.spec, "where", None), getattr(result.spec, "events", None)) if r]
    return " AND ".join(f"({rule})" for rule in rules) or None


def _subsets(done: Iterable[AnalysisResult]) -> list[Json]:
    ruled = [(result, rule) for result in done if (rule := _rule(result))]
    return [
        {
            "id": _id("DS", result.name),
            "name": f"Data of {result.name}",
            "description": rule,
            "level": 1,
            "order": i,
        }
        for i, (result, rule) in enumerate(ruled, start=1)
    ]


def _groupings(done: Iterable[AnalysisResult], arms: Sequence[str]) -> list[Json]:
    """Return arm with its groups, and every other grouping with the values found in the data."""
    found = []
    used: dict[str, None] = {}
    for result in done:
        used |= dict.fromkeys(_keys(result))
    for key in used:
        dataset, variable = _ADSL_VARIABLE.get(key, (None, None))
        grouping: Json = {
            "id": _id("GF", key),
            "name": _PLACES.get(key, key),
            "dataDriven": key not in ("arm", "versus"),
        }
        if variable is not None:
            grouping["groupingVariable"] = variable
        if dataset is not None:
            grouping["groupingDataset"] = dataset
        if key == "arm":
            grouping["groups"] = [
                {
                    "id": _id("GF", "arm", arm),
                    "name": arm,
                    "level": 1,
                    "order": i,
                    "condition": {"dataset": "ADSL", "variable": "TRT01P", "comparator": "EQ", "value": [arm]},
                }
                for i, arm in enumerate(arms, start=1)
            ]
        found.append(grouping)
    return found


def _arms(done: Iterable[AnalysisResult]) -> list[str]:
    """List the labels of the arms as the results have them, in the order in which they come."""
    seen: dict[str, None] = {}
    for result in done:
        seen |= dict.fromkeys(result.results["arm"].unique(maintain_order=True).to_list())
    return [arm for arm in seen if arm and arm != TOTAL]


def _keys(result: AnalysisResult) -> list[str]:
    """List the groupings that the rows of an analysis use: places first, then further levels as they come."""
    places = [name for name in _PLACES if (result.results[name] != "").any()]
    texts = result.results["group"].unique(maintain_order=True)
    return [*places, *dict.fromkeys(key for text in texts for key in read_group(text))]


def _methods(done: Iterable[AnalysisResult]) -> list[Json]:
    statistics: dict[str, dict[str, None]] = {}
    for result in done:
        own = statistics.setdefault(result.spec.method, {})
        own |= dict.fromkeys(result.results["statistic"].unique(maintain_order=True).to_list())
    return [
        {
            "id": _id("MTH", method),
            "name": method,
            "operations": [
                {"id": _operation(method, name), "name": name, "label": LABELS[name], "order": i}
                for i, name in enumerate(names, start=1)
            ],
        }
        for method, names in statistics.items()
    ]


def _operation(method: str, statistic: str) -> str:
    return _id("OP", method, statistic)


def _analysis(protocol: Protocol, result: AnalysisResult, arms: Sequence[str]) -> Json:
    title = result.name if result.spec.title is None else result.spec.title.say()
    keys = _keys(result)
    found: Json = {
        "id": _id("AN", result.name),
        "name": title,
        "description": " ".join(result.account),
        "reason": {"controlledTerm": "SPECIFIED IN PROTOCOL"},
        "purpose": {"controlledTerm": _purpose(protocol, result)},
        "methodId": _id("MTH", result.spec.method),
        "orderedGroupings": [
            {"order": i, "groupingId": _id("GF", key), "resultsByGroup": True}
            for i, key in enumerate(keys, start=1)
        ],
        "results": [_result(result.spec.method, row, arms) for row in result.results.iter_rows(named=True)],
    }
    if result.analysis_set:
        found["analysisSetId"] = _id("AS", result.analysis_set)
    if _rule(result):
        found["dataSubsetId"] = _id("DS", result.name)
    return found


def _result(method: str, row: Mapping[str, Any], arms: Sequence[str]) -> Json:
    levels = {place: row[place] for place in _PLACES if row[place]} | read_group(row["group"])
    groups = []
    for key, value in levels.items():
        group = {"groupingId": _id("GF", key), "groupValue": value}
        if key == "arm" and value in arms:
            group["groupId"] = _id("GF", "arm", value)
        groups.append(group)
    found: Json = {"operationId": _operation(method, row["statistic"]), "resultGroups": groups}
    if row["value"] is not None:
        found["rawValue"] = _raw(row["value"])
    return found


def _raw(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _purpose(protocol: Protocol, result: AnalysisResult) -> str:
    """Return what the protocol's objectives make of the analysis's estimand; exploratory where none names it."""
    if protocol.report is not None and protocol.report.primary == result.name:
        return _PURPOSE["primary"]
    estimand = getattr(result.spec, "estimand", None)
    for objective in protocol.objectives.values():
        if estimand is not None and estimand in objective.estimands:
            return _PURPOSE[objective.level]
    return _PURPOSE["exploratory"]
