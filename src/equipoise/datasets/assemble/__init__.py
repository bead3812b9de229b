"""From the files of a trial to the words of its protocol: what analyses and report work on."""

from .assembly import assemble
from .derived.records import qualifier
from .participants import require_comparison

__all__ = ["assemble", "qualifier", "require_comparison"]
