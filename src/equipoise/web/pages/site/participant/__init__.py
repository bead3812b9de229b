"""The participants of a site: the list of them, and the pages of one."""

from .head import head_of

__all__ = ["head_of"]
