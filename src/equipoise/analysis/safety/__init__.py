"""Analyses of safety: adverse events, laboratory shifts, deaths."""
