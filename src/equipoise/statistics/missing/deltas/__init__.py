"""Deltas on imputed outcomes, and the tipping point."""
