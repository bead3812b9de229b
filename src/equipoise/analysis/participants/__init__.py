"""Analyses of who took part: flow, characteristics, exposure, measurements by visit, deviations."""
