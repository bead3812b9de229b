"""Files for what opens an arm or tells one: new, for their owner alone, and made before anything is opened.

A path that cannot be written to is refused while the vault is still shut, so that nothing is opened for nothing.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from ...errors import DataError


@contextmanager
def private_files(paths: Sequence[Path], what: str) -> Iterator[Sequence[IO[bytes]]]:
    """Open new files that only their owner may read, all before anything is done; gone again where it fails.

    what: what is written to them, for the refusal. Raises DataError for one that is there already, or cannot be.
    """
    with ExitStack() as opened:
        made: list[Path] = []
        files: list[IO[bytes]] = []
        try:
            for path in paths:
                files.append(opened.enter_context(_open_new(path, what)))
                made.append(path)
            yield files
        except BaseException:
            for path in made:
                path.unlink()
            raise


def _open_new(path: Path, what: str) -> IO[bytes]:
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as error:
        raise DataError(
            f"{what} must be written to a new file, in a folder that is there ({error.strerror}). Got {path}"
        ) from error
