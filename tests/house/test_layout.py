"""The house is in order: sizes, names, and what no tracked file may say."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "equipoise"
MODULES = sorted(SOURCE.rglob("*.py"))
PACKAGES = sorted({module.parent for module in MODULES})

LONGEST_MODULE = 600
LARGEST_PACKAGE = 12
NAMES_THAT_SAY_NOTHING = re.compile(r"(^|_)(utils?|helpers?|common|core|base|managers?)($|_|\.)")
CLASSES_THAT_SAY_NOTHING = re.compile(r"^class \w*(Manager|Helper|Util)", re.MULTILINE)

HOSTS = ("py" + "pi.org", "python" + "hosted", "registry.npm" + "js", "deb.deb" + "ian")
MACHINE_PATH = re.compile(r"(^|[\s\"'(=])/(work|root|home|tmp)/")


def tracked_files() -> list[Path]:
    """Files that git knows, without those that were deleted."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(SOURCE)))
def test_a_module_is_short_enough_to_be_one_subject(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_package_holds_at_most_twelve_modules(package: Path) -> None:
    modules = [m for m in package.glob("*.py") if m.name != "__init__.py"]
    assert len(modules) <= LARGEST_PACKAGE, "split it into subpackages by subject"


def test_names_say_what_a_thing_is() -> None:
    vague = [m for m in [*MODULES, *PACKAGES] if NAMES_THAT_SAY_NOTHING.search(m.stem)]
    classes = [m for m in MODULES if CLASSES_THAT_SAY_NOTHING.search(m.read_text(encoding="utf-8"))]
    assert not vague
    assert not classes


def test_every_module_says_its_subject() -> None:
    silent = [m for m in MODULES if not re.match(r'(r?""")', m.read_text(encoding="utf-8").lstrip())]
    assert not silent


def test_no_tracked_file_names_a_registry_or_a_path_of_a_machine() -> None:
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {host}" for host in HOSTS if host in text]
        if path.suffix != ".svg" and MACHINE_PATH.search(text) and path != Path(__file__):
            found.append(f"{path.relative_to(ROOT)}: a path of a machine")
    assert not found


def test_no_lock_file_is_tracked() -> None:
    assert not [p for p in tracked_files() if p.name in ("uv.lock", "pylock.toml", "poetry.lock")]
