"""Pages of a site as a browser calls them: a form is posted with a key of its own, as the page has it."""

import re
import uuid
from datetime import date, timedelta
from html import unescape
from typing import Any

from django.test import Client
from tests.web.portals import Portals

Answer = Any


def post(browser: Client, address: str, /, **fields: str) -> Answer:
    """Post a form; `key` of the page is a fresh one unless it is given. Underscores in names stand for hyphens."""
    return browser.post(address, {"key": uuid.uuid4().hex, **{n.replace("__", "-"): v for n, v in fields.items()}})


def step(browser: Client, number: str, name: str, /, **fields: str) -> Answer:
    """Do a step of a participant on its own page."""
    return post(browser, f"/participants/{number}/steps/{name}/", **fields)


def form(number: str, name: str, visit: str = "-", repeat: int = 1, page: str = "") -> str:
    """Return the address of a form."""
    return f"/participants/{number}/forms/{name}/{visit}/{repeat}/{page}"


def fill(browser: Client, address: str, on: date, /, *, then: str = "close", **values: str) -> Answer:
    """Open a form, fill it in and save it, as it was when it was opened."""
    opened = browser.get(address)
    assert opened.status_code == 200, opened.status_code
    found = re.search(r'name="expected" value="(\d+)"', opened.content.decode())
    assert found is not None
    fields = {f"item-{name}": value for name, value in values.items() if "__" not in name}
    fields |= {name.removesuffix("__"): value for name, value in values.items() if name.endswith("__")}
    sent = {"key": uuid.uuid4().hex, "expected": found[1], "on": on.isoformat(), "then": then, **fields}
    return browser.post(address, sent)


def text(answer: Answer) -> str:
    """Return a page as text."""
    return unescape(answer.content.decode())


def yesterday(portals: Portals) -> date:
    """Return the day before today at site 01."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    zone = portals.running.door.trial.sites["01"].zone
    return datetime.now(UTC).astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
