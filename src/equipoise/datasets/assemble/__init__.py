"""From the files of a trial to the words of its protocol: what analyses and report work on."""

from .assembly import assemble

__all__ = ["assemble"]
