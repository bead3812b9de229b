"""The portals as processes of their own: of a scripted trial by the clock of its script, or of a demonstration."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.invariants.scripted import Scripted

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
PATIENCE = 180
"""Seconds within which a portal has to answer."""
REHEARSED = 900
"""Seconds within which a demonstration has to be rehearsed and served."""


@dataclass(frozen=True)
class Addresses:
    """Where the two portals listen."""

    blinded: str
    unblinded: str


@contextlib.contextmanager
def served(script: "Scripted", *, days: int = 0) -> Iterator[Addresses]:
    """Serve a trial so many days after the clock of its script, with the vault beside; end both at the end."""
    give_passwords(script)
    assert script.clock is not None
    seconds = str(int((script.clock - datetime.now(UTC)).total_seconds()) + days * 86400)
    ports = free_ports()
    commands = [["vault", str(script.folder)]]
    commands += [[side, str(script.folder), str(port), seconds] for side, port in ports.items()]
    started = [
        subprocess.Popen([sys.executable, "-m", "tests.browser.served", *command], cwd=ROOT, env=dict(os.environ))
        for command in commands
    ]
    try:
        addresses = Addresses(**{side: f"http://127.0.0.1:{port}" for side, port in ports.items()})
        for address in (addresses.blinded, addresses.unblinded):
            wait_for(address, started)
        wait_for_doors(script.folder)
        yield addresses
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


@contextlib.contextmanager
def demonstrated(source: str, folder: Path) -> Iterator[Addresses]:
    """Let the command itself serve a demonstration of a protocol in a new folder."""
    ports = free_ports()
    command = [sys.executable, "-m", "equipoise.cli", "serve", source, "--demo", "--dir", str(folder)]
    command += ["--port", str(ports["blinded"]), "--vault-port", str(ports["unblinded"])]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        addresses = Addresses(**{side: f"http://127.0.0.1:{port}" for side, port in ports.items()})
        for address in (addresses.blinded, addresses.unblinded):
            wait_for(address, [process], REHEARSED)
        wait_for_doors(folder)
        yield addresses
    finally:
        process.terminate()
        process.wait()
    assert list(folder.rglob("postmaster.pid")) == [], "the server of the database was left behind"


def give_passwords(script: "Scripted") -> None:
    """Give everybody of the trial the same password."""
    from equipoise.trial.signing.credentials import has_password, put_password

    file = script.running.folder.credentials
    for person in script.trial.people:
        if not has_password(file, person):
            put_password(file, person, PASSWORD, datetime.now(UTC), cost="minimal")


def free_ports() -> dict[str, int]:
    """Return a port for each side that nobody listens at."""
    with contextlib.ExitStack() as closing:
        sockets = [closing.enter_context(socket.socket()) for _ in range(2)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return dict(zip(("blinded", "unblinded"), (one.getsockname()[1] for one in sockets), strict=True))


def wait_for(address: str, started: list[subprocess.Popen[bytes]], patience: int = PATIENCE) -> None:
    """Wait until a portal answers."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        assert all(process.poll() is None for process in started), "a process that serves has ended"
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/accounts/login/", timeout=5).close()
            return
        time.sleep(0.2)
    raise AssertionError(f"nobody answers at {address}")


def wait_for_doors(folder: Path) -> None:
    """Wait until the vault lets callers in."""
    from equipoise.trial.folder import find_door

    until = time.monotonic() + PATIENCE
    while find_door(folder, unblinded=True) is None:
        assert time.monotonic() < until, "the vault opens no door"
        time.sleep(0.1)


def run(side: str, folder: str, port: str, seconds: str) -> None:
    """Serve a side from this process, by a clock that goes so many seconds after the machine's."""
    from equipoise.web import serving
    from equipoise.web.shell.settings import BLINDED, UNBLINDED, Serving

    start = serving.serve

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.fromtimestamp(time.time() + int(seconds), tz)

    def by_the_script(host: str, at: int, *, behind_tls: bool = False) -> None:
        from equipoise.web.accounts.models import Account
        from equipoise.web.shell import here
        from equipoise.web.shell.trial import running

        here.datetime = Shifted  # type: ignore[misc]
        for person in running().door.refresh().people:
            Account.objects.of(person)
        start(host, at, behind_tls=behind_tls)

    serving.serve = by_the_script
    portal = BLINDED if side == "blinded" else UNBLINDED
    plain = Serving(secure=False, second_factor=False)
    serving.run_portal(portal, Path(folder), plain, serving.Listening("127.0.0.1", int(port)))


def run_vault(folder: str) -> None:
    """Serve the vault from this process."""
    from tests.invariants.scripted import SECRETS

    from equipoise.trial.vault_process import serve_vault

    serve_vault(Path(folder), SECRETS)


if __name__ == "__main__":
    if sys.argv[1] == "vault":
        run_vault(*sys.argv[2:])
    else:
        run(*sys.argv[1:])
