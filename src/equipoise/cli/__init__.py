"""The command line: each command imports its chapter only when it is called, so that help comes at once.

Exit status: 0 done, 1 the work failed, 2 the input is wrong.
"""

from . import amend, analyse, conduct, rehearse, safety, serve, sign, supply, vault
from .app import app, main
from .blind import audit, envelope, masked
from .data import laboratory, paper, quality
from .keeping import drill, qualify, safekeeping, site_archive
from .people import access, identity, roles
from .planning import plan, simulate

__all__ = [
    "access",
    "amend",
    "analyse",
    "app",
    "audit",
    "conduct",
    "drill",
    "envelope",
    "identity",
    "laboratory",
    "main",
    "masked",
    "paper",
    "plan",
    "qualify",
    "quality",
    "rehearse",
    "roles",
    "safekeeping",
    "safety",
    "serve",
    "sign",
    "simulate",
    "site_archive",
    "supply",
    "vault",
]
