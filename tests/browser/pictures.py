"""Copies the main pictures of the story into the documents, made small where pngquant is at hand.

EQUIPOISE_PICTURES=pictures uv run pytest tests/browser/test_story.py
uv run python tests/browser/pictures.py pictures
"""

import shutil
import subprocess
import sys
from pathlib import Path

IMAGES = Path(__file__).parents[2] / "docs" / "images"
MAIN = ("participant-en", "participant-zh", "form-en", "conflict-zh", "randomise-zh", "dose-en", "code-break-en")


def copy(folder: Path) -> list[Path]:
    """Copy the main pictures that are in a folder; return where they are now."""
    IMAGES.mkdir(exist_ok=True)
    copied = []
    for name in MAIN:
        picture, target = folder / f"{name}.png", IMAGES / f"portal-{name}.png"
        if not picture.exists():
            continue
        shutil.copyfile(picture, target)
        if shutil.which("pngquant"):
            command = ["pngquant", "--force", "--skip-if-larger", "--ext", ".png", "64", str(target)]
            subprocess.run(command, check=False)
        copied.append(target)
    return copied


if __name__ == "__main__":
    for one in copy(Path(sys.argv[1])):
        print(one)  # noqa: T201
