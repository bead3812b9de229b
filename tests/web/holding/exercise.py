"""Every page tried in every role: looked at, and all that its forms can send, by who is shown them or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from tests.web.portals import Portals

from equipoise.web.shell.settings import Portal

from .pages import Page, filling, pages_of, query_of, samples
from .people import person_of, roles_at
from .reading import Reading

NOT_FOR_YOU, NOTHING_THERE, NOT_SO = 403, 404, 405
"""Answers that say no: not for this role, nothing of that kind, not in this way."""
EVERYBODY_S = ("accounts/", "account/", "welcome/", "language/", "acting/")
"""What everybody may ask for, held by the tests of logging in; here one role looks at it."""
OF_ONE_REQUEST = ("csrfmiddlewaretoken", "key")
UNASKED = {
    **dict.fromkeys(("actor", "by", "person", "role"), "sponsor"),
    **{"at": "2020-01-01", "zone": "UTC", "site": "02", "participant": "02-001"},
    **{"blind": "unblinded", "arm": "canary_high", "sequence": "1", "id": "1"},
}
"""What is sent with every form that does not ask for it: who acts, where and when is not for the sender to say."""


@dataclass
class Tried:
    """What became of a page.

    looked: the status of looking at it, by role. sent: the statuses of sending what its forms hold, by role.
    shown: the roles that some page shows such a form. recorded: roles that are shown none, and yet something was
    recorded. mistaken: what was recorded of somebody else than who sent it, or of another site.
    """

    address: str
    looked: dict[str, int] = field(default_factory=dict)
    sent: dict[str, set[int]] = field(default_factory=dict)
    bodies: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    shown: dict[str, set[str]] = field(default_factory=dict)
    recorded: set[str] = field(default_factory=set)
    mistaken: list[str] = field(default_factory=list)

    @property
    def may_look(self) -> set[str]:
        """The roles that may look at it."""
        return {role for role, status in self.looked.items() if status not in (NOT_FOR_YOU, NOT_SO, NOTHING_THERE)}

    @property
    def may_send(self) -> set[str]:
        """The roles that are shown a form for it, and may send it."""
        return {
            role
            for role, statuses in self.sent.items()
            if role in self.shown and statuses - {NOT_FOR_YOU, NOTHING_THERE, NOT_SO}
        }


def try_all(portals: Portals, portal: Portal) -> dict[str, Tried]:
    """Try every page of a portal in every role that it lets in; a step of a participant is a page of its own."""
    clients = {role: portals.client(person_of(role), side=portal) for role in roles_at(portal)}
    for browser in clients.values():
        browser.raise_request_exception = False
    fill = filling(portals.script)
    tried = {
        name: Tried(address)
        for page in pages_of(portal)
        for name, address in addresses(page, fill).items()
        if not page.route.startswith("accounts/logout/")
    }
    for name, page in tried.items():
        for role, browser in clients.items():
            look(tried, page, role, browser)
            if name.startswith(EVERYBODY_S):
                break
    for name, page in tried.items():
        if not name.startswith(EVERYBODY_S):
            send(portals, page, clients)
    return tried


def addresses(page: Page, fill: Mapping[str, tuple[object, ...]]) -> dict[str, str]:
    """Return an address of a page, by the name that it has in the table: that of a step has the step in it."""
    steps = fill["step"] if "step" in page.parameters else ("",)
    found = {}
    for step in steps:
        given = {**fill, "step": (step,)} if step else fill
        (values,) = samples(page, given)
        asked = query_of(page, values, fill)
        name = page.route.replace("<str:step>", str(step)) if step else page.route
        found[name] = page.address(**values) + (f"?{urlencode(asked)}" if asked else "")
    return found


def look(tried: Mapping[str, Tried], page: Tried, role: str, browser: Client) -> None:
    """Look at a page in a role, and note what its forms would send, and to which page."""
    answer = browser.get(page.address)
    page.looked[role] = answer.status_code
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
        return
    for form in Reading(answer.content.decode(), page.address).forms:
        to = named(form.action)
        if form.method == "post" and to in tried:
            for body in form.bodies():
                kept = {name: text for name, text in body.items() if name not in OF_ONE_REQUEST}
                key = repr((form.action, sorted(kept.items())))
                tried[to].bodies[key] = (form.action, kept)
                tried[to].shown.setdefault(role, set()).add(key)


def named(address: str) -> str:
    """Return the name that an address has in the table; empty where no page has it."""
    try:
        found = resolve(address.partition("?")[0])
    except Resolver404:
        return ""
    return found.route.replace("<str:step>", str(found.kwargs.get("step", "")))


def send(portals: Portals, page: Tried, clients: Mapping[str, Client]) -> None:
    """Send what the forms of a page hold: first in every role that is not shown them, then in those that are.

    Where nobody is shown a form, something is sent by one who may look and by one who may not.
    """
    trying = clients
    if not page.bodies:
        looked = {status: role for role, status in page.looked.items()}
        trying = {role: clients[role] for role in looked.values()}
    for role, browser in sorted(trying.items(), key=lambda one: one[0] in page.shown):
        before = portals.running.door.refresh().sequence
        mine = page.shown.get(role)
        wanted = [page.bodies[key] for key in mine or page.bodies] or [(page.address, {})]
        page.sent[role] = {send_more(browser, to, body) for to, body in wanted}
        if mine is None and portals.running.door.refresh().sequence != before:
            page.recorded.add(role)
        for event in portals.running.book.read(after=before):
            if (event.actor, event.role) != (person_of(role), role) or event.site not in sites_of(portals, role):
                page.mistaken.append(f"{role}: {event.kind} by {event.actor}, {event.role}, at {event.site}")


def send_more(browser: Client, to: str, body: Mapping[str, str]) -> int:
    """Send a form with more than it asks for, and wait for what it begins; return the status."""
    answer = browser.post(to, {**UNASKED, **body})
    await_work(answer)
    return answer.status_code


def await_work(answer: HttpResponse) -> str:
    """Wait for the end of the work that an answer leads to; return its address, empty where there is none."""
    from equipoise.web.beside import background

    address = answer.headers.get("Location", "")
    if named(address) != "work/<str:name>/":
        return ""
    assert background._jobs[address.split("/")[2]].wait(120)
    return address


def sites_of(portals: Portals, role: str) -> set[str | None]:
    """Return the sites of which something can be recorded by who stands for a role."""
    trial = portals.running.door.trial
    held = {grant.site for grant in trial.people[person_of(role)].grants}
    return {None, *(trial.sites if None in held else held)}
