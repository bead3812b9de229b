"""The fixed words of the pages in Simplified Chinese, by their English."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {}
