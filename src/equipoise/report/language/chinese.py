"""The fixed words of a report in Simplified Chinese, by their English."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {}
