"""The fonts that come with Equipoise (Latin and Chinese), so that a page is set the same on any machine."""

from pathlib import Path

FONT_FOLDER = Path(__file__).parent
