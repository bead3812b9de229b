"""Outcomes measured at visits and how their missing values are imputed."""
