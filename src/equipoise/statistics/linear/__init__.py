"""Linear models: analysis of covariance, one-way analysis of variance, t tests."""

from equipoise.statistics.linear.ancova import LinearFit, ancova
from equipoise.statistics.linear.one_way import OneWayAnova, anova_one_way
from equipoise.statistics.linear.t_test import TTest, t_test, t_test_one_sample, t_test_paired

__all__ = [
    "LinearFit",
    "OneWayAnova",
    "TTest",
    "ancova",
    "anova_one_way",
    "t_test",
    "t_test_one_sample",
    "t_test_paired",
]
