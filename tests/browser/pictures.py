"""Copies chosen pictures into the documents, made small where pngquant is at hand.

EQUIPOISE_PICTURES=pictures uv run pytest tests/browser/test_story.py tests/browser/test_pictures.py
uv run python tests/browser/pictures.py pictures
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

IMAGES = Path(__file__).parents[2] / "docs" / "images"
CHOSEN = {
    "coordinator-participant-en-1280": "participant",
    "coordinator-form-refused-en-1280": "form",
    "conflict-zh": "conflict-zh",
    "randomise-zh": "randomise-zh",
    "code-break-en": "code-break",
    "auditor-oversight-en-1280": "auditor",
    "coordinator-form-refused-zh-820": "form-zh",
    "data-manager-quality-en-1280": "data-manager",
    "data-manager-query-en-1280": "query",
    "laboratory-form-en-1280": "laboratory",
    "list-custodian-list-en-1280": "list-custodian",
    "medical-monitor-case-en-1280": "medical-monitor",
    "monitor-verify-en-820": "monitor",
    "pharmacist-dose-en-1280": "dose",
    "pharmacist-preparations-en-1280": "pharmacist",
    "safety-board-statistician-report-made-en-1280": "safety-board",
    "safety-unblinder-rules-en-1280": "safety-unblinder",
    "sponsor-standing-en-1280": "sponsor",
    "administrator-people-en-1280": "administrator",
    "trial-statistician-figures-en-1280": "trial-statistician",
    "unblinded-monitor-verification-en-1280": "unblinded-monitor",
}
"""What each chosen picture is called in the documents, by what the tests call it."""
HIGHEST = 1000
"""Height in pixels at which the picture of a long page ends."""
SMALLER = ("pngquant", "--force", "--skip-if-larger", "--ext", ".png", "32")


def copy(folder: Path) -> Iterator[Path]:
    """Copy the chosen pictures that are in a folder; give where each is now."""
    IMAGES.mkdir(exist_ok=True)
    for name, called in CHOSEN.items():
        picture, target = folder / f"{name}.png", IMAGES / f"portal-{called}.png"
        if picture.exists():
            with Image.open(picture) as whole:
                whole.crop((0, 0, whole.width, min(whole.height, HIGHEST))).save(target)
            if shutil.which(SMALLER[0]):
                subprocess.run([*SMALLER, str(target)], check=False)
            yield target


if __name__ == "__main__":
    for one in copy(Path(sys.argv[1])):
        print(one)  # noqa: T201
