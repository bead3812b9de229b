"""The page of a simulation: what a design can find out, in words, tables and figures."""

from .write import write_pages

__all__ = ["write_pages"]
