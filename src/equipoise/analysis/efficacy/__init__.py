"""Analyses of estimands: comparisons of arms, and estimates within an arm."""
