"""Programs with tokens at the portal of the scripted trial."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.web.portals import Portals


@dataclass
class Program:
    """A program that has a token."""

    browser: Client
    secret: str

    def get(self, path: str, **query: Any) -> Any:
        """Ask a question; return the answer."""
        return self.browser.get(f"/api/v1{path}", query, headers=self._headers())

    def read(self, path: str, **query: Any) -> Any:
        """Ask a question that is answered; return the JSON."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    def post(self, path: str, body: Mapping[str, Any] | str, key: str = "", *, query: str = "") -> Any:
        """Send a body; return the answer."""
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        content = body if isinstance(body, str) else json.dumps(body)
        return self.browser.post(
            f"/api/v1{path}{query}", content, content_type="application/json", headers=headers
        )

    def send(self, path: str, files: Mapping[str, Any], *, query: str = "") -> Any:
        """Send files; return the answer."""
        return self.browser.post(f"/api/v1{path}{query}", files, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


def program_of(
    portals: Portals,
    person: str,
    *,
    role: str = "",
    purpose: str = "a test",
    records: bool = True,
    days: int = 1,
) -> Program:
    """Return a program with a token of a person, in the first role that they hold, or in one of theirs."""
    from equipoise.web.accounts.models import Account
    from equipoise.web.api.tokens import make_token

    grants = portals.running.door.trial.people[person].grants
    grant = next(one for one in grants if role in ("", one.role))
    browser = portals.client()
    account = Account.objects.of(person)
    secret, _ = make_token(account, grant, purpose, days, datetime.now(UTC), records=records)
    return Program(browser, secret)


ProgramOf = Callable[..., Program]
Answer = HttpResponse


@pytest.fixture
def program() -> ProgramOf:
    """Give programs: `program(portals, "coordinator.01")`."""
    return program_of
