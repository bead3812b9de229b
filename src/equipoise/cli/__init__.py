"""The command line: each command imports its chapter only when it is called, so that help comes at once.

Exit status: 0 done, 1 the work failed, 2 the input is wrong.
"""

from . import amend, analyse, conduct, rehearse, safety, sign, supply, vault
from .app import app, main
from .data import paper, quality
from .keeping import safekeeping
from .planning import plan, simulate

__all__ = [
    "amend",
    "analyse",
    "app",
    "conduct",
    "main",
    "paper",
    "plan",
    "quality",
    "rehearse",
    "safekeeping",
    "safety",
    "sign",
    "simulate",
    "supply",
    "vault",
]
