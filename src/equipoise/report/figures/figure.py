"""A figure of a report: its drawing and the words around it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A drawing as SVG text; `alt` says what it shows to those who cannot see it.

    name: unique in the report, fit for a file name. analysis: whose results it shows, empty for the flow diagram.
    """

    name: str
    analysis: str
    title: str
    population: str
    svg: str
    alt: str
    footnotes: tuple[str, ...] = ()
