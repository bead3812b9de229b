"""What a page lists: the texts of its tables' rows, and steps done by its forms."""

import html
import re
import secrets
import time
from typing import Any

from django.test import Client

_ROW, _CELL = re.compile(r"<tr>(.*?)</tr>", re.DOTALL), re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)


def rows_of(browser: Client, path: str) -> list[list[str]]:
    """Return the cells of each row of all tables of a page, without their marks."""
    answer = browser.get(path)
    assert answer.status_code == 200, path
    found = [_CELL.findall(row) for row in _ROW.findall(answer.content.decode())]
    return [[html.unescape(" ".join(re.sub(r"<[^>]*>", " ", cell).split())) for cell in row] for row in found]


def do(browser: Client, path: str, **fields: Any) -> int:
    """Send a form of a page, under a key of its own; return the status."""
    return browser.post(path, {"key": secrets.token_hex(8), **fields}).status_code


def wait_for(browser: Client, path: str, **fields: Any) -> bytes:
    """Ask for work in the background, wait for its end, and return what it has made."""
    answer = browser.post(path, {"key": secrets.token_hex(8), **fields})
    assert answer.status_code == 302, answer.content.decode()
    job = answer["Location"]
    for _ in range(600):
        page = browser.get(job).content.decode()
        if "at work" not in page:
            break
        time.sleep(0.1)
    assert "refused" not in page, page
    made = browser.get(f"{job}file/")
    return made.content if made.status_code == 200 else b""
