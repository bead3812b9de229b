"""The words of the pages of data quality in Simplified Chinese, by their English."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {}
