"""The numbers of a trial: arrays and data frames in, frozen results out, a method a module.

Every method is importable from its subpackage and from here. Names are looked up when they are first used, so
that importing one method does not pay for the others.
"""

from importlib import import_module

_HOMES = {
    "anova_one_way": "linear",
    "ancova": "linear",
    "chi_square": "categorical",
    "cochran_mantel_haenszel": "categorical",
    "counts": "descriptive",
    "cox": "survival",
    "fisher_exact": "categorical",
    "geometric_summary": "descriptive",
    "hodges_lehmann": "ranks",
    "hodges_lehmann_one_sample": "ranks",
    "kaplan_meier": "survival",
    "kruskal_wallis": "ranks",
    "log_rank": "survival",
    "mean_interval": "descriptive",
    "odds_ratio": "categorical",
    "proportion": "categorical",
    "quantile": "descriptive",
    "rank_sum": "ranks",
    "restricted_mean": "survival",
    "risk_difference": "categorical",
    "signed_rank": "ranks",
    "summarise": "descriptive",
    "t_test": "linear",
    "t_test_one_sample": "linear",
    "t_test_paired": "linear",
    "van_elteren": "ranks",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> object:
    """Import a method from its subpackage on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Name the methods."""
    return sorted(_HOMES)
