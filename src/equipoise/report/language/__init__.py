"""The words of a report: fixed phrases, what things are called, the answer in sentences."""

from .labels import Labels
from .phrases import LANGUAGES, Phrases

__all__ = ["LANGUAGES", "Labels", "Phrases"]
