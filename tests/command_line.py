"""The command line as a user meets it, in this process: a process of its own would take seconds to begin."""

import signal
from typing import NamedTuple

import pytest

from equipoise import cli


class Ended(NamedTuple):
    """How a command ended: its exit status, and what it wrote on either stream, without white space around."""

    status: object
    said: str
    error: str


def equipoise(capsys: pytest.CaptureFixture[str], *arguments: object) -> Ended:
    """Run a command; whoever waits for signals waits for them again afterwards."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
            patch.setattr("sys.argv", ["equipoise", *map(str, arguments)])
            cli.main()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    streams = capsys.readouterr()
    return Ended(ended.value.code or 0, streams.out.strip(), streams.err.strip())
