"""The processes that serve a trial's pages: the blinded portal, and on another port the pages of the vault.

The process of the blinded portal refuses to import anything of the vault (`without_vault`): what is not there
cannot be shown by mistake.
"""

import gc
import multiprocessing
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import ModuleType

from ..errors import DataError
from ..trial.running import attach_trial
from .shell.process import serve, set_up_portal
from .shell.settings import BLINDED, Portal, Serving

_LOOKED_AFTER = 0.2
"""Seconds between two looks at whether a portal answers."""
FORBIDDEN = ("equipoise.vault", "equipoise.web.vault_pages")


@dataclass(frozen=True)
class Listening:
    """Where a portal listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"http://{'localhost' if self.host in ('127.0.0.1', '::1') else self.host}:{self.port}/"


def start_portal(
    portal: Portal, folder: Path, serving: Serving, listening: Listening
) -> multiprocessing.process.BaseProcess:
    """Start a portal of a trial's folder as a process of its own."""
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=run_portal, args=(portal, folder, serving, listening), daemon=True)
    process.start()
    return process


def require_free(listening: Sequence[Listening]) -> None:
    """Raise DataError where another program listens already at one of the places, or two are the same."""
    with ExitStack() as closing:
        for where in listening:
            tried = closing.enter_context(socket.socket(socket.AF_INET6 if ":" in where.host else socket.AF_INET))
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((where.host, where.port))
                tried.listen()
            except OSError as error:
                raise DataError(
                    f"nothing can listen at port {where.port} of {where.host}: {error.strerror}; "
                    "say others by --port and --vault-port"
                ) from error


def await_pages(process: multiprocessing.process.BaseProcess, listening: Listening) -> None:
    """Wait until a portal answers; DataError where its process ends before it does."""
    while process.is_alive():
        try:
            socket.create_connection((listening.host, listening.port), timeout=1).close()
        except OSError:
            time.sleep(_LOOKED_AFTER)
        else:
            return
    raise DataError(f"the pages at {listening} do not start; what is wrong stands above")


class _Wall(MetaPathFinder):
    """Finds no module of the vault, whoever asks."""

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> None:
        """Refuse the modules of the vault; others are found elsewhere."""
        if name.startswith(FORBIDDEN):
            raise ImportError(f"{name} is on the other side of the blind")


def without_vault() -> None:
    """Keep this process from importing anything of the vault; RuntimeError where something is there already."""
    there = [name for name in sys.modules if name.startswith(FORBIDDEN)]
    if there:
        raise RuntimeError(f"the process of the blinded portal holds modules of the vault: {', '.join(there)}")
    sys.meta_path.insert(0, _Wall())


def run_portal(portal: Portal, folder: Path, serving: Serving, listening: Listening) -> None:
    """Serve a portal from this process until it is asked to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    if portal == BLINDED:
        without_vault()
    with attach_trial(folder) as running:
        set_up_portal(portal, running, serving)
        if portal != BLINDED:
            serve(listening.host, listening.port, behind_tls=serving.secure)
            return
        from .pages.beforehand import answering  # needs Django to be set up

        with answering(running):
            gc.freeze()  # a collector that goes through a large state again and again holds every page up
            serve(listening.host, listening.port, behind_tls=serving.secure)
