"""The numbers of a trial: arrays and data frames in, frozen results out, a method a module.

Every method is importable from its subpackage and from here. Names are looked up when they are first used, so
that importing one method does not pay for the others.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from equipoise.statistics.categorical import chi_square as chi_square
    from equipoise.statistics.categorical import cochran_armitage as cochran_armitage
    from equipoise.statistics.categorical import cochran_mantel_haenszel as cochran_mantel_haenszel
    from equipoise.statistics.categorical import fisher_exact as fisher_exact
    from equipoise.statistics.categorical import mcnemar as mcnemar
    from equipoise.statistics.categorical import odds_ratio as odds_ratio
    from equipoise.statistics.categorical import proportion as proportion
    from equipoise.statistics.categorical import risk_difference as risk_difference
    from equipoise.statistics.categorical import risk_ratio as risk_ratio
    from equipoise.statistics.descriptive import counts as counts
    from equipoise.statistics.descriptive import geometric_summary as geometric_summary
    from equipoise.statistics.descriptive import mean_interval as mean_interval
    from equipoise.statistics.descriptive import quantile as quantile
    from equipoise.statistics.descriptive import summarise as summarise
    from equipoise.statistics.dose_finding import DoseEstimates as DoseEstimates
    from equipoise.statistics.dose_finding import average_by_bootstrap as average_by_bootstrap
    from equipoise.statistics.dose_finding import average_fits as average_fits
    from equipoise.statistics.dose_finding import candidate_models as candidate_models
    from equipoise.statistics.dose_finding import contrast_test_power as contrast_test_power
    from equipoise.statistics.dose_finding import contrast_test_sample_size as contrast_test_sample_size
    from equipoise.statistics.dose_finding import dose_means as dose_means
    from equipoise.statistics.dose_finding import fit_dose_estimates as fit_dose_estimates
    from equipoise.statistics.dose_finding import fit_dose_response as fit_dose_response
    from equipoise.statistics.dose_finding import guess_parameters as guess_parameters
    from equipoise.statistics.dose_finding import mcp_mod as mcp_mod
    from equipoise.statistics.dose_finding import mcp_mod_estimates as mcp_mod_estimates
    from equipoise.statistics.dose_finding import multiple_contrast_test as multiple_contrast_test
    from equipoise.statistics.dose_finding import optimal_contrasts as optimal_contrasts
    from equipoise.statistics.dose_finding import plot_dose_response as plot_dose_response
    from equipoise.statistics.dose_finding import williams as williams
    from equipoise.statistics.dose_finding import williams_contrasts as williams_contrasts
    from equipoise.statistics.dose_finding import williams_critical_value as williams_critical_value
    from equipoise.statistics.generalised import gee as gee
    from equipoise.statistics.generalised import logistic as logistic
    from equipoise.statistics.generalised import negative_binomial as negative_binomial
    from equipoise.statistics.generalised import poisson as poisson
    from equipoise.statistics.generalised import proportional_odds as proportional_odds
    from equipoise.statistics.linear import ancova as ancova
    from equipoise.statistics.linear import anova_one_way as anova_one_way
    from equipoise.statistics.linear import t_test as t_test
    from equipoise.statistics.linear import t_test_one_sample as t_test_one_sample
    from equipoise.statistics.linear import t_test_paired as t_test_paired
    from equipoise.statistics.missing import Delta as Delta
    from equipoise.statistics.missing import conditional_mean_imputation as conditional_mean_imputation
    from equipoise.statistics.missing import multiple_imputation as multiple_imputation
    from equipoise.statistics.missing import plot_tipping_point as plot_tipping_point
    from equipoise.statistics.missing import pool as pool
    from equipoise.statistics.missing import pool_test as pool_test
    from equipoise.statistics.missing import tipping_point as tipping_point
    from equipoise.statistics.multiplicity import adjust_p as adjust_p
    from equipoise.statistics.multiplicity import closed_test as closed_test
    from equipoise.statistics.multiplicity import dunnett as dunnett
    from equipoise.statistics.multiplicity import dunnett_contrasts as dunnett_contrasts
    from equipoise.statistics.multiplicity import dunnett_test as dunnett_test
    from equipoise.statistics.multiplicity import fallback_graph as fallback_graph
    from equipoise.statistics.multiplicity import fixed_sequence_graph as fixed_sequence_graph
    from equipoise.statistics.multiplicity import graph_closed_test as graph_closed_test
    from equipoise.statistics.multiplicity import graph_test as graph_test
    from equipoise.statistics.multiplicity import holm_graph as holm_graph
    from equipoise.statistics.multiplicity import multiplicity_graph as multiplicity_graph
    from equipoise.statistics.multiplicity import plot_graph as plot_graph
    from equipoise.statistics.multivariate import normal_rectangle as normal_rectangle
    from equipoise.statistics.multivariate import t_equicoordinate_quantile as t_equicoordinate_quantile
    from equipoise.statistics.multivariate import t_maximum_p as t_maximum_p
    from equipoise.statistics.multivariate import t_rectangle as t_rectangle
    from equipoise.statistics.permutation import compare_arms as compare_arms
    from equipoise.statistics.permutation import enumerate_allocations as enumerate_allocations
    from equipoise.statistics.permutation import log_rank_scores as log_rank_scores
    from equipoise.statistics.permutation import mean_scores as mean_scores
    from equipoise.statistics.permutation import permutation_test as permutation_test
    from equipoise.statistics.permutation import permute_within as permute_within
    from equipoise.statistics.permutation import rank_scores as rank_scores
    from equipoise.statistics.permutation import residual_scores as residual_scores
    from equipoise.statistics.ranks import hodges_lehmann as hodges_lehmann
    from equipoise.statistics.ranks import hodges_lehmann_one_sample as hodges_lehmann_one_sample
    from equipoise.statistics.ranks import jonckheere as jonckheere
    from equipoise.statistics.ranks import kruskal_wallis as kruskal_wallis
    from equipoise.statistics.ranks import rank_sum as rank_sum
    from equipoise.statistics.ranks import signed_rank as signed_rank
    from equipoise.statistics.ranks import van_elteren as van_elteren
    from equipoise.statistics.repeated_measures import mmrm as mmrm
    from equipoise.statistics.sample_size import ar1_covariance as ar1_covariance
    from equipoise.statistics.sample_size import compound_symmetry as compound_symmetry
    from equipoise.statistics.sample_size import drift_an_event as drift_an_event
    from equipoise.statistics.sample_size import event_probability as event_probability
    from equipoise.statistics.sample_size import expected_events as expected_events
    from equipoise.statistics.sample_size import hazard_from_median as hazard_from_median
    from equipoise.statistics.sample_size import hazard_from_share as hazard_from_share
    from equipoise.statistics.sample_size import inflate_for_dropout as inflate_for_dropout
    from equipoise.statistics.sample_size import plot_power_curve as plot_power_curve
    from equipoise.statistics.sample_size import power_ancova as power_ancova
    from equipoise.statistics.sample_size import power_cochran_armitage as power_cochran_armitage
    from equipoise.statistics.sample_size import power_correlation as power_correlation
    from equipoise.statistics.sample_size import power_dose_contrast as power_dose_contrast
    from equipoise.statistics.sample_size import power_dunnett as power_dunnett
    from equipoise.statistics.sample_size import power_equivalence as power_equivalence
    from equipoise.statistics.sample_size import power_exact_proportions as power_exact_proportions
    from equipoise.statistics.sample_size import power_log_rank as power_log_rank
    from equipoise.statistics.sample_size import power_mcnemar as power_mcnemar
    from equipoise.statistics.sample_size import power_mean_ratio as power_mean_ratio
    from equipoise.statistics.sample_size import power_mmrm as power_mmrm
    from equipoise.statistics.sample_size import power_negative_binomial as power_negative_binomial
    from equipoise.statistics.sample_size import power_of_events as power_of_events
    from equipoise.statistics.sample_size import power_one_mean as power_one_mean
    from equipoise.statistics.sample_size import power_one_proportion as power_one_proportion
    from equipoise.statistics.sample_size import power_ordinal as power_ordinal
    from equipoise.statistics.sample_size import power_proportions as power_proportions
    from equipoise.statistics.sample_size import power_rank_sum as power_rank_sum
    from equipoise.statistics.sample_size import power_t_test as power_t_test
    from equipoise.statistics.sample_size import relative_effect_of_shift as relative_effect_of_shift
    from equipoise.statistics.sample_size import required_events as required_events
    from equipoise.statistics.sample_size import sd_of_differences as sd_of_differences
    from equipoise.statistics.sample_size import size_by_efficiency as size_by_efficiency
    from equipoise.statistics.sample_size import size_for_mean_interval as size_for_mean_interval
    from equipoise.statistics.sample_size import size_for_proportion_interval as size_for_proportion_interval
    from equipoise.statistics.sequential import BetaSpending as BetaSpending
    from equipoise.statistics.sequential import FutilityConditionalPower as FutilityConditionalPower
    from equipoise.statistics.sequential import FutilityZ as FutilityZ
    from equipoise.statistics.sequential import HarmSpending as HarmSpending
    from equipoise.statistics.sequential import HaybittlePeto as HaybittlePeto
    from equipoise.statistics.sequential import HwangShihDeCani as HwangShihDeCani
    from equipoise.statistics.sequential import KimDeMets as KimDeMets
    from equipoise.statistics.sequential import WangTsiatis as WangTsiatis
    from equipoise.statistics.sequential import closed_combination as closed_combination
    from equipoise.statistics.sequential import conditional_error as conditional_error
    from equipoise.statistics.sequential import conditional_power as conditional_power
    from equipoise.statistics.sequential import exit_probabilities as exit_probabilities
    from equipoise.statistics.sequential import final_analysis as final_analysis
    from equipoise.statistics.sequential import fisher_combination as fisher_combination
    from equipoise.statistics.sequential import group_sequential as group_sequential
    from equipoise.statistics.sequential import inverse_normal as inverse_normal
    from equipoise.statistics.sequential import optimal_wang_tsiatis as optimal_wang_tsiatis
    from equipoise.statistics.sequential import plot_boundaries as plot_boundaries
    from equipoise.statistics.sequential import predictive_power as predictive_power
    from equipoise.statistics.sequential import promising_zone as promising_zone
    from equipoise.statistics.sequential import reestimate_means as reestimate_means
    from equipoise.statistics.sequential import reestimate_proportions as reestimate_proportions
    from equipoise.statistics.sequential import repeated_interval as repeated_interval
    from equipoise.statistics.sequential import repeated_p as repeated_p
    from equipoise.statistics.sequential import sequential_log_rank as sequential_log_rank
    from equipoise.statistics.sequential import sequential_size as sequential_size
    from equipoise.statistics.sequential import update_looks as update_looks
    from equipoise.statistics.survival import cox as cox
    from equipoise.statistics.survival import kaplan_meier as kaplan_meier
    from equipoise.statistics.survival import log_rank as log_rank
    from equipoise.statistics.survival import restricted_mean as restricted_mean

_HOMES = {
    "adjust_p": "multiplicity",
    "ancova": "linear",
    "anova_one_way": "linear",
    "ar1_covariance": "sample_size",
    "average_by_bootstrap": "dose_finding",
    "average_fits": "dose_finding",
    "BetaSpending": "sequential",
    "candidate_models": "dose_finding",
    "chi_square": "categorical",
    "closed_combination": "sequential",
    "closed_test": "multiplicity",
    "cochran_armitage": "categorical",
    "cochran_mantel_haenszel": "categorical",
    "compare_arms": "permutation",
    "compound_symmetry": "sample_size",
    "conditional_error": "sequential",
    "conditional_mean_imputation": "missing",
    "conditional_power": "sequential",
    "contrast_test_power": "dose_finding",
    "contrast_test_sample_size": "dose_finding",
    "counts": "descriptive",
    "cox": "survival",
    "Delta": "missing",
    "dose_means": "dose_finding",
    "DoseEstimates": "dose_finding",
    "drift_an_event": "sample_size",
    "dunnett": "multiplicity",
    "dunnett_contrasts": "multiplicity",
    "dunnett_test": "multiplicity",
    "enumerate_allocations": "permutation",
    "event_probability": "sample_size",
    "exit_probabilities": "sequential",
    "expected_events": "sample_size",
    "fallback_graph": "multiplicity",
    "final_analysis": "sequential",
    "fisher_combination": "sequential",
    "fisher_exact": "categorical",
    "fit_dose_estimates": "dose_finding",
    "fit_dose_response": "dose_finding",
    "fixed_sequence_graph": "multiplicity",
    "FutilityConditionalPower": "sequential",
    "FutilityZ": "sequential",
    "gee": "generalised",
    "geometric_summary": "descriptive",
    "graph_closed_test": "multiplicity",
    "graph_test": "multiplicity",
    "group_sequential": "sequential",
    "guess_parameters": "dose_finding",
    "HarmSpending": "sequential",
    "HaybittlePeto": "sequential",
    "hazard_from_median": "sample_size",
    "hazard_from_share": "sample_size",
    "hodges_lehmann": "ranks",
    "hodges_lehmann_one_sample": "ranks",
    "holm_graph": "multiplicity",
    "HwangShihDeCani": "sequential",
    "inflate_for_dropout": "sample_size",
    "inverse_normal": "sequential",
    "jonckheere": "ranks",
    "kaplan_meier": "survival",
    "KimDeMets": "sequential",
    "kruskal_wallis": "ranks",
    "log_rank": "survival",
    "log_rank_scores": "permutation",
    "logistic": "generalised",
    "mcnemar": "categorical",
    "mcp_mod": "dose_finding",
    "mcp_mod_estimates": "dose_finding",
    "mean_interval": "descriptive",
    "mean_scores": "permutation",
    "mmrm": "repeated_measures",
    "multiple_contrast_test": "dose_finding",
    "multiple_imputation": "missing",
    "multiplicity_graph": "multiplicity",
    "negative_binomial": "generalised",
    "normal_rectangle": "multivariate",
    "odds_ratio": "categorical",
    "optimal_contrasts": "dose_finding",
    "optimal_wang_tsiatis": "sequential",
    "permutation_test": "permutation",
    "permute_within": "permutation",
    "plot_boundaries": "sequential",
    "plot_dose_response": "dose_finding",
    "plot_graph": "multiplicity",
    "plot_power_curve": "sample_size",
    "plot_tipping_point": "missing",
    "poisson": "generalised",
    "pool": "missing",
    "pool_test": "missing",
    "power_ancova": "sample_size",
    "power_cochran_armitage": "sample_size",
    "power_correlation": "sample_size",
    "power_dose_contrast": "sample_size",
    "power_dunnett": "sample_size",
    "power_equivalence": "sample_size",
    "power_exact_proportions": "sample_size",
    "power_log_rank": "sample_size",
    "power_mcnemar": "sample_size",
    "power_mean_ratio": "sample_size",
    "power_mmrm": "sample_size",
    "power_negative_binomial": "sample_size",
    "power_of_events": "sample_size",
    "power_one_mean": "sample_size",
    "power_one_proportion": "sample_size",
    "power_ordinal": "sample_size",
    "power_proportions": "sample_size",
    "power_rank_sum": "sample_size",
    "power_t_test": "sample_size",
    "predictive_power": "sequential",
    "promising_zone": "sequential",
    "proportion": "categorical",
    "proportional_odds": "generalised",
    "quantile": "descriptive",
    "rank_scores": "permutation",
    "rank_sum": "ranks",
    "reestimate_means": "sequential",
    "reestimate_proportions": "sequential",
    "relative_effect_of_shift": "sample_size",
    "repeated_interval": "sequential",
    "repeated_p": "sequential",
    "required_events": "sample_size",
    "residual_scores": "permutation",
    "restricted_mean": "survival",
    "risk_difference": "categorical",
    "risk_ratio": "categorical",
    "sd_of_differences": "sample_size",
    "sequential_log_rank": "sequential",
    "sequential_size": "sequential",
    "signed_rank": "ranks",
    "size_by_efficiency": "sample_size",
    "size_for_mean_interval": "sample_size",
    "size_for_proportion_interval": "sample_size",
    "summarise": "descriptive",
    "t_equicoordinate_quantile": "multivariate",
    "t_maximum_p": "multivariate",
    "t_rectangle": "multivariate",
    "t_test": "linear",
    "t_test_one_sample": "linear",
    "t_test_paired": "linear",
    "tipping_point": "missing",
    "update_looks": "sequential",
    "van_elteren": "ranks",
    "WangTsiatis": "sequential",
    "williams": "dose_finding",
    "williams_contrasts": "dose_finding",
    "williams_critical_value": "dose_finding",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Import a method from its subpackage on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Name the methods."""
    return sorted(_HOMES)
