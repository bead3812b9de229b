"""Analyses that take every visit of a participant together: mixed models, and imputation of what is missing."""
