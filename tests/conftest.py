"""What every test may ask for."""

import gc
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

# workers run side by side: more threads of linear algebra than cores would only wait for each other
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# the same examples on every run; `--hypothesis-profile=default` looks for new ones
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("repeatable")

MEMORY, ROOM = Path("/dev/shm"), (os.cpu_count() or 1) << 31
if "TMPDIR" not in os.environ and MEMORY.is_dir():
    # databases and folders in memory, where there is room: nothing here needs a disk, and to wait for one is long
    about = os.statvfs(MEMORY)
    if about.f_bavail * about.f_frsize >= ROOM and not about.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def pytest_collection_finish() -> None:
    """Leave what was collected to itself: the collector of cycles would go through ten thousand tests in each."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with data of real trials, beside the checkout; skips where there is none."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the data of real trials are not beside this checkout (../shared/data)")
    return SHARED


@pytest.fixture(scope="session")
def references() -> Path:
    """Values that others computed, with the programs that made them."""
    return Path(__file__).parent / "references"
