"""The portals of a scripted trial, called in this process as a browser would call them."""

import subprocess
import threading
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import django
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import translation
from tests.invariants.scripted import Scripted

from equipoise.line import Door
from equipoise.trial.running import RunningTrial
from equipoise.web.beside import line
from equipoise.web.shell.process import create_schema
from equipoise.web.shell.settings import BLINDED, UNBLINDED, Portal, Serving, portal_settings
from equipoise.web.shell.trial import serve_trial

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Portals:
    """Both portals of one trial; `script` goes on with the trial itself."""

    script: Scripted

    @property
    def running(self) -> RunningTrial:
        """The trial."""
        return self.script.running

    def client(self, person: str | None = None, *, side: Portal = BLINDED, language: str = "en") -> Client:
        """Return a browser, logged in as a person of the trial, at one of the portals."""
        from equipoise.trial.signing.credentials import has_password, put_password
        from equipoise.web.accounts.models import Account

        settings.ROOT_URLCONF, settings.EQUIPOISE_PORTAL = side.urls, side
        browser = Client(headers={"Accept-Language": "zh-Hans" if language == "zh" else "en"})
        if person is not None:
            file = self.running.folder.credentials
            if not has_password(file, person):
                put_password(file, person, PASSWORD, datetime.now(UTC), cost="minimal")
            browser.force_login(Account.objects.of(person), backend=settings.AUTHENTICATION_BACKENDS[1])
        return browser


def serve(script: Scripted, *, second_factor: bool = False) -> Portals:
    """Serve a scripted trial from this process, in place of whatever was served before."""
    running = script.running
    serving = Serving(hosts=("testserver",), secure=False, second_factor=second_factor)
    wanted: dict[str, Any] = portal_settings(BLINDED, running.folder, running.server.url("portal"), serving)
    serve_trial(running)
    if not settings.configured:
        wanted["INSTALLED_APPS"] = [*wanted["INSTALLED_APPS"], *UNBLINDED.pages]
        settings.configure(**wanted)
        django.setup()
    settings.EQUIPOISE_SECOND_FACTOR = second_factor
    translation.deactivate()  # the newest request of another test may have been in Chinese
    cache.clear()  # it counts the tries to log in
    connection.close()
    connection.settings_dict.update(wanted["DATABASES"]["default"])
    _make_tables(running)
    _forget()
    script.at_the_end += [connection.close, _wait_for_work]
    return Portals(script)


def _make_tables(running: RunningTrial) -> None:
    """Make the tables of the accounts: by their migrations the first time in a process, then as they came out."""
    with running.server.connect_admin() as admin:
        served = admin.execute("SELECT to_regnamespace(%s) IS NOT NULL", (BLINDED.schema,)).fetchone() == (True,)
        if _tables and not served:
            admin.execute(_tables[0].encode())
            return
    create_schema(BLINDED, running)
    call_command("migrate", interactive=False, verbosity=0)
    if not served:
        options = ("--schema", BLINDED.schema, "--inserts", "--dbname", running.server.admin_url)
        told = subprocess.run([running.server.binary("pg_dump"), *options], stdout=subprocess.PIPE, check=True)
        # lines that psql alone would understand begin with a backslash
        _tables.append("\n".join(one for one in told.stdout.decode().splitlines() if not one.startswith("\\")))


_tables: list[str] = []


def _forget() -> None:
    """Forget what pages keep of the trial that was served before; it goes by where that lay in memory."""
    from equipoise.web.beside import background
    from equipoise.web.pages.oversight import listings
    from equipoise.web.shell import answers

    kept: tuple[MutableMapping[Any, Any], ...] = (
        *(answers._answers, answers._each, answers._news),
        *(background._jobs, listings._listed),
    )
    for one in kept:
        one.clear()


def _wait_for_work() -> None:
    """Wait for what pages have begun in threads, which would go on in a database that is gone."""
    for thread in threading.enumerate():
        if thread.name.startswith("work "):
            thread.join()


def put_vault_at_hand(script: Scripted, patch: pytest.MonkeyPatch) -> None:
    """Let the pages of the vault find that of this trial, opened in this process.

    What finds it is put in its place, not `vault_line`: a page that is imported later would keep the one of this
    test for all that follow.
    """
    door = Door("the vault of the script", b"its key")
    patch.setattr(line, "find_door", lambda *_, **__: door)
    patch.setattr(line, "_lines", {door.key: script.vault})
