"""From results to figures: one module a kind."""

from .figure import Figure

__all__ = ["Figure"]
