"""From results to tables: one module a family of methods."""

from .lookup import Lookup, Numbers
from .table import Cell, Column, Reference, Row, Spanner, Table

__all__ = ["Cell", "Column", "Lookup", "Numbers", "Reference", "Row", "Spanner", "Table"]
