"""The portal as it runs: nothing of the vault in its process, and a proxy in front whose word it takes."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.invariants.conftest import TrialAt
from tests.invariants.work import prepared_work

PROBE = """
import importlib, pkgutil, sys
from pathlib import Path
from equipoise.web import serving
from equipoise.web.shell.settings import BLINDED, Serving

def probe(*given, **more):
    from django.urls import get_resolver
    from tests.web.holding.pages import pages_of
    pages = pages_of(BLINDED)
    assert len(pages) > 50, pages
    import equipoise
    refused = 0
    for found in pkgutil.walk_packages(equipoise.__path__, "equipoise.", onerror=lambda name: None):
        if found.name.startswith(("equipoise.vault", "equipoise.web.vault_pages")):
            try:
                importlib.import_module(found.name)
            except ImportError:
                refused += 1
            else:
                raise SystemExit(f"{found.name} could be imported")
    there = [name for name in sys.modules if name.startswith(("equipoise.vault", "equipoise.web.vault_pages"))]
    assert there == [], there
    shown = [page.route for page in pages if "vault_pages" in page.answers.__module__]
    assert shown == [], shown
    print("refused", refused)

serving.serve = probe
serving.run_portal(BLINDED, Path(sys.argv[1]), Serving(), serving.Listening("127.0.0.1", 0))
"""


@pytest.fixture
def folder(trial_at: TrialAt) -> Path:
    """The folder of a trial at work."""
    name, home, _ = prepared_work("wheel")
    return trial_at.copy(name, home).folder


def test_the_process_of_the_portal_can_import_nothing_of_the_vault(folder: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROBE, str(folder)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert int(told.stdout.split()[-1]) >= 2


TLS = """
import sys, threading, http.client
from equipoise.web.shell import process
import waitress
def app(environ, start):
    start("200 OK", [("Content-Type", "text/plain")])
    told = (environ.get(name) for name in ("wsgi.url_scheme", "REMOTE_ADDR", "HTTP_X_FORWARDED_PROTO"))
    return [" ".join(map(str, told)).encode()]
process.application = lambda: app
process.LARGEST = 1000
create = waitress.create_server
def serve(application, **settings):
    server = create(application, **{**settings, "port": 0})
    threading.Thread(target=server.run, daemon=True).start()
    line = http.client.HTTPConnection("127.0.0.1", server.effective_port)
    line.request("GET", "/", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"})
    print(line.getresponse().read().decode())
    for size in (900, 1100):
        line = http.client.HTTPConnection("127.0.0.1", server.effective_port)
        line.request("POST", "/", b"x" * size)
        print(line.getresponse().status)
waitress.serve = serve
process.serve("127.0.0.1", 0, behind_tls=sys.argv[1] == "yes")
"""


@pytest.mark.parametrize(("behind", "told"), [("yes", "https 192.0.2.7 https"), ("no", "http 127.0.0.1 None")])
def test_what_a_proxy_says_counts_behind_tls_alone_and_what_is_too_large_is_not_taken(
    behind: str, told: str
) -> None:
    ran = subprocess.run([sys.executable, "-c", TLS, behind], capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == [told, "200", "413"], ran.stderr
