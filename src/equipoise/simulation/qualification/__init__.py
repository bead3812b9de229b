"""Qualification of an installation: installation, operation and performance, each requirement really tried.

ICH E6(R3) 4.3.4 asks that systems are validated by the risk that they bear, and 21 CFR 11.10(a) that they are
accurate, reliable, perform as intended, and show what was altered. Whoever runs a trial has to show it for the
installation that the trial runs on; the tests of the program say nothing about that.
"""

from .qualifying import qualify

__all__ = ["qualify"]
