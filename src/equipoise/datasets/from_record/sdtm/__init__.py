"""The record written as SDTM."""

from .variables import label_of, shorten
from .write import write_sdtm

__all__ = ["label_of", "shorten", "write_sdtm"]
