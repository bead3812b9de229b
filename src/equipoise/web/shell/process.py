"""A portal as a process: Django set up for one trial, its tables brought up to date, served by waitress."""

from typing import Any

import django
from django.conf import settings
from psycopg import sql

from ...record import role_name
from ...trial.running import RunningTrial
from .settings import Portal, Serving, portal_settings
from .trial import serve_trial

THREADS = 8
LARGEST = 110_000_000
"""Bytes that a request may have: a dictionary of medical terms is the largest thing that is sent."""


def set_up_portal(portal: Portal, running: RunningTrial, serving: Serving) -> None:
    """Set Django up for a trial, once a process, and create or migrate its tables in a schema of their own."""
    create_schema(portal, running)
    settings.configure(**portal_settings(portal, running.folder, running.server.url(portal.role), serving))
    serve_trial(running)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)


def create_schema(portal: Portal, running: RunningTrial) -> None:
    """Create the schema of a portal's accounts, which belongs to its role and to nobody else."""
    statement = sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}")
    with running.server.connect_admin() as connection:
        connection.execute(statement.format(sql.Identifier(portal.schema), sql.Identifier(role_name(portal.role))))


def application() -> Any:
    """Return the WSGI application, with all its pages imported: the first visitor does not wait for them."""
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    made = get_wsgi_application()
    _ = get_resolver().url_patterns
    return made


def serve(host: str, port: int, *, behind_tls: bool = False) -> None:
    """Serve until the process is asked to end.

    behind_tls: whether all come through a proxy, whose word counts for how and whence a browser has come.
    """
    import waitress

    proxy: dict[str, Any] = (
        {"trusted_proxy": "*", "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto"} if behind_tls else {}
    )
    waitress.serve(
        application(),
        host=host,
        port=port,
        threads=THREADS,
        max_request_body_size=LARGEST,
        ident=None,
        clear_untrusted_proxy_headers=True,
        **proxy,
    )
