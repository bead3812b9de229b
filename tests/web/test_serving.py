"""The process of the blinded portal holds nothing of the vault; a port that is taken is told before all else."""

import socket
import subprocess
import sys

import pytest

from equipoise.errors import DataError
from equipoise.web.serving import Listening, require_free

PORTAL = """
from equipoise.web.serving import without_vault
without_vault()
import equipoise.web.shell.process
from equipoise.web.shell.urls import urlpatterns
"""


def run(lines: str) -> subprocess.CompletedProcess[str]:
    """Run lines in a process of their own."""
    return subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=False)


def test_the_vault_cannot_be_imported_where_the_portal_runs() -> None:
    told = run("from equipoise.web.serving import without_vault\nwithout_vault()\nimport equipoise.vault.service")
    assert "other side of the blind" in told.stderr


def test_a_process_that_holds_the_vault_does_not_become_the_portal() -> None:
    told = run("import equipoise.vault.doses\nfrom equipoise.web.serving import without_vault\nwithout_vault()")
    assert "holds modules of the vault" in told.stderr


def test_the_frame_of_the_portal_needs_nothing_of_the_vault() -> None:
    told = run(PORTAL.replace("from equipoise.web.shell.urls import urlpatterns\n", ""))
    assert told.returncode == 0, told.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken, free = Listening("127.0.0.1", other.getsockname()[1]), Listening("127.0.0.1", 0)
        with pytest.raises(DataError, match=f"port {taken.port} .*--vault-port"):
            require_free((free, taken))
        require_free((free,))
    require_free((taken,))


def test_two_portals_do_not_share_a_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = Listening("127.0.0.1", other.getsockname()[1])
    with pytest.raises(DataError, match=f"port {port.port}"):
        require_free((port, port))
