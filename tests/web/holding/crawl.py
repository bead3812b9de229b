"""Everything that a role can reach: by links from the first page, and at every address that is registered."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from pypdf import PdfReader
from tests.web.portals import Portals

from equipoise.web.shell.settings import BLINDED, Portal

from .exercise import EVERYBODY_S, OF_ONE_REQUEST, addresses, await_work
from .pages import filling, pages_of
from .people import person_of
from .reading import Reading

SEEN_OF_EACH = 1
"""How many addresses of a page are looked at by a role: the same template again tells little new."""
LATEST = ("accounts/logout/",)
World = dict[str, bytes]


def crawl(portals: Portals, role: str, *, of_each: int = SEEN_OF_EACH, side: Portal = BLINDED) -> World:
    """Look at all that a role can reach on a side; return the answers, by role and address."""
    browser, found, counted = portals.client(person_of(role), side=side), World(), Counter[str]()
    browser.raise_request_exception = False
    waiting = ["/", *start(portals, side)]
    while waiting:
        address = waiting.pop(0)
        route = route_of(address)
        if route is None or f"{role} {address}" in found or counted[route] >= of_each:
            continue
        counted[route] += 1
        answer = browser.get(address)
        found[f"{role} {address}"] = as_bytes(answer)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            waiting += Reading(answer.content.decode(), address).links
        elif answer.status_code == 302:
            waiting.append(answer["Location"])
    return found


def start(portals: Portals, side: Portal) -> Iterator[str]:
    """Give an address of every page that is registered, and some that lead nowhere."""
    fill = filling(portals.script)
    for page in pages_of(side):
        if not page.route.startswith(EVERYBODY_S):
            yield from addresses(page, fill).values()
    yield from ("/participants/99-999/", "/nowhere/", "/participants/?number=01-00", "/quality/?site=01")


def route_of(address: str) -> str | None:
    """Return the page that an address is of; None where it is none, leads elsewhere, or ends the session."""
    parts = urlsplit(address)
    if parts.netloc not in ("", "testserver") or not parts.path.startswith("/"):
        return None
    try:
        route = resolve(parts.path).route
    except Resolver404:
        return None if parts.path.startswith("/static/") else parts.path
    return None if route.startswith(LATEST) else route


def send_everything(portals: Portals, role: str, seen: World) -> World:
    """Send every form that a role was shown, as it stands; return the answers."""
    browser, found = portals.client(person_of(role)), World()
    browser.raise_request_exception = False
    for place in [one for one in seen if one.startswith(f"{role} ")]:
        address = place.removeprefix(f"{role} ")
        page = seen[place].partition(b"\n\n")[2].decode(errors="replace")
        for form in Reading(page, address).forms:
            route = route_of(form.action) or ""
            if form.method == "post" and route and not route.startswith(EVERYBODY_S):
                for body in form.bodies():
                    kept = {name: text for name, text in body.items() if name not in OF_ONE_REQUEST}
                    kept |= {name: "a look" for name, text in kept.items() if name == "purpose" and not text}
                    key = f"{role} sends {form.action} {sorted(kept.items())}"
                    if key not in found:
                        answer = send(browser, form.action, kept)
                        found[key] = as_bytes(answer)
                        if made := await_work(answer):
                            found[f"{key} page"] = as_bytes(browser.get(made))
                            found[f"{key} file"] = as_bytes(browser.get(f"{made}file/"))
    return found


def send(browser: Client, address: str, body: dict[str, str]) -> HttpResponse:
    """Send a form, with no key: what was done is done anew."""
    answer: HttpResponse = browser.post(address, body)  # type: ignore[assignment]
    return answer


def as_bytes(answer: HttpResponse) -> bytes:
    """Write an answer as it goes over the line, without what is drawn for each request, and what is packed."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(name.encode() + archive.read(name) for name in sorted(archive.namelist()))
    elif content[:5] == b"%PDF-":
        content += "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).encode()
    head = "".join(f"{name}: {value}\n" for name, value in sorted(answer.headers.items()))
    return masked(f"{answer.status_code}\n{head}{sorted(answer.cookies)}\n\n".encode() + content)


_TOKEN = re.compile(rb'(csrfmiddlewaretoken" value="|X-CSRFToken(?:&quot;|"): (?:&quot;|"))[A-Za-z0-9]{64}')
_JOB = re.compile(rb"(/wor[k]/)[\w-]{12}(?=/)")
_SET = re.compile(rb'(<p>set <span class="date">)[^<]*')
_KEY = re.compile(rb'(name="key" value=")[0-9a-f]{32}')


def masked(answer: bytes) -> bytes:
    """Leave out what is drawn anew: tokens against forged requests, keys of requests, names of background work.

    Also the moment at which the password of the tests was set, by the clock of the machine.
    """
    for drawn in (_TOKEN, _KEY, _JOB, _SET):
        answer = drawn.sub(rb"\1", answer)
    return answer
