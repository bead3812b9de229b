"""The command line as a user meets it, in this process: a process of its own would take seconds to begin."""

import signal

import pytest

from equipoise import cli


def equipoise(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[object, str]:
    """Return exit status and error stream of the command line; a run that ends well has status 0."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
            patch.setattr("sys.argv", ["equipoise", *map(str, arguments)])
            cli.main()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return ended.value.code or 0, capsys.readouterr().err.strip()
