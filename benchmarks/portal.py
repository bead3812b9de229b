"""How quick the pages are: many users at once against a served portal, and a large trial beside a small one.

    uv run python benchmarks/portal.py [--protocol hucmsc_inr] [--folder DIR] [--users 40] [--seconds 120]
        [--think 3] [--participants 3000] [--rounds 5] [--only users,large,vault]

A demonstration is rehearsed, or copied from --folder. `users`: its blinded portal is served by a process of its
own. Three users of four work at sites, the others in every other role; each follows the links of the page before
their eyes, with a pause between (--think, its mean in seconds: an assumption), and at the sites every tenth step
is a new record of an adverse event that is saved. `large`: every page that any role of the blinded portal finds by
its links is asked for in the trial as it is, and in one with 3,000 participants whose records were written event
by event (`grown.py`); before each page something is recorded, as in a trial that goes on. `vault`: the same of the
pages of the vault. Goals: median under 150 ms, 99th percentile under 600 ms, no error, nothing lost; the large
trial at most twice as slow.
"""

import argparse
import collections
import contextlib
import http.client
import http.cookiejar
import itertools
import multiprocessing
import os
import random
import re
import shutil
import socket
import statistics
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from typing import Any

from equipoise.conduct.door.fact import By
from equipoise.conduct.organisation.wall import side_of
from equipoise.conduct.quality.queries import RaiseQuery
from equipoise.record import verify_book
from equipoise.trial.folder import find_door
from equipoise.trial.running import RunningTrial, attach_trial
from equipoise.web.serving import Listening, start_portal
from equipoise.web.shell.settings import BLINDED, UNBLINDED, Portal, Serving

MEDIAN, LAST, RATIO = 150, 600, 2.0
SAVE_EVERY, PATIENCE = 10, 120
ARRIVE = 20
"""Seconds within which all users come and log in."""
AT_SITES = ("coordinator", "investigator", "nurse")
WRITERS = ("coordinator", "investigator")
FORM = "adverse_event"
ENTERED = {"ae_term": "Headache", "ae_serious": "N"}
"""What is entered of an event; of everything else it is said that it is missing."""
TOKEN = re.compile(r'csrfmiddlewaretoken" value="(\w+)"')
LINK = re.compile(r'(?:href|src)="(/[^"#]*)"')
MISSING = re.compile(r'name="(missing-[\w-]+)"')
FIELD = re.compile(r'name="(key|expected)" value="([^"]*)"')
ELSEWHERE = ("/static/", "/account", "/language/", "/acting/", "/api/")
NO_PAGE = (".pdf", ".zip", "/file/", "/report/")


@dataclass
class Told:
    """What the users have seen: seconds a page, by kind; errors; how many forms were acknowledged."""

    pages: list[tuple[float, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)


class Machine(urllib.request.HTTPHandler):
    """Asks from an address of its own on this host."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._own = (f"127.0.1.{number + 1}", 0)

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Open a connection from the address of this machine."""
        return self.do_open(http.client.HTTPConnection, request, source_address=self._own)


class User:
    """Somebody at a browser that keeps cookies, on a machine of their own: logins from one machine are limited."""

    def __init__(
        self, address: str, login: tuple[str, str], told: Told, number: int, think: float, *, writes: bool
    ) -> None:
        dice = random.Random(number)
        self._address, self._told, self._dice, self._think, self._writes = address, told, dice, think, writes
        self._person, self._password = login
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(jar, Machine(number))

    def ask(self, path: str, sent: dict[str, str] | None = None) -> str:
        """Ask for a page or send a form; note how long it took and what went wrong."""
        body = None if sent is None else urllib.parse.urlencode(sent).encode()
        request = urllib.request.Request(self._address + path, body, {"Referer": self._address + path})
        began = time.perf_counter()
        try:
            with self._browser.open(request, timeout=PATIENCE) as answer:
                text: str = answer.read().decode()
        except (urllib.error.URLError, OSError) as error:
            self._told.errors.append(f"{self._person} {path}: {error}")
            return ""
        finally:
            self._told.pages.append((time.perf_counter() - began, path if sent is None else f"send {path}"))
        return text

    def work(self, until: float) -> None:
        """Log in, then look at pages and save records until a moment."""
        time.sleep(self._dice.uniform(0, min(ARRIVE, (until - time.monotonic()) / 4)))
        page = self.ask("/accounts/login/")
        sent = {"login": self._person, "password": self._password, "csrfmiddlewaretoken": token(page)}
        page = self.ask("/accounts/login/", sent)
        for step in itertools.count(1):
            if time.monotonic() > until:
                return
            links = links_of(page)
            to = self._dice.choice(links) if links else "/"
            page = self.ask(to)
            if self._writes and step % SAVE_EVERY == 0:
                self.save(to)
            time.sleep(self._dice.expovariate(1 / self._think) if self._think else 0)

    def save(self, seen: str) -> None:
        """Save a new record of an adverse event."""
        known = re.match(r"/participants/([^/]+)/", seen) or re.search(
            r'href="/participants/([^/]+)/"', self.ask("/participants/")
        )
        if known is None:
            return
        who = known.group(1)
        records = re.findall(
            rf"/participants/{re.escape(who)}/forms/{FORM}/-/(\d+)/", self.ask(f"/participants/{who}/")
        )
        to = f"/participants/{who}/forms/{FORM}/-/{max(map(int, records), default=1)}/"
        page = self.ask(to)
        sent = {"csrfmiddlewaretoken": token(page), "on": date.today().isoformat(), "then": "close"}
        sent |= dict(FIELD.findall(page)) | {f"item-{name}": value for name, value in ENTERED.items()}
        names = (one for one in MISSING.findall(page) if one.removeprefix("missing-") not in ENTERED)
        sent |= dict.fromkeys(names, "NOT DONE")
        said = self.ask(to, sent)
        if "said-success" in said:
            self._told.acknowledged.append(who)


def token(page: str) -> str:
    """Return the token of the first form of a page."""
    found = TOKEN.search(page)
    return found.group(1) if found else ""


def links_of(page: str) -> list[str]:
    """Return the addresses of the pages and pictures that a page leads to or shows."""
    found = dict.fromkeys(unescape(one) for one in LINK.findall(page))
    return [
        one
        for one in found
        if not one.startswith(ELSEWHERE) and not any(end in one.partition("?")[0] for end in NO_PAGE)
    ]


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the blinded portal of a trial; give its address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = Serving(secure=False, second_factor=False)
    process = start_portal(BLINDED, folder, serving, Listening("127.0.0.1", port))
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
    try:
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/accounts/login/", timeout=5).close()
                break
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.join()


def roles_held(running: RunningTrial, portal: Portal) -> dict[str, list[str]]:
    """Return who acts in which role at a portal when they log in, by role."""
    found: dict[str, list[str]] = {}
    for person, known in running.door.refresh().people.items():
        sides = [one.role for one in known.grants if one.until is None]
        here = [one for one in sides if (side_of(running.protocol, one) == "unblinded") == (portal == UNBLINDED)]
        if here:
            found.setdefault(here[0], []).append(person)
    return found


def count_saved(running: RunningTrial) -> int:
    """Return how many forms the record holds as saved."""
    return sum(1 for _ in running.book.read(kinds=["FormSaved"]))


def many_users(folder: Path, users: int, seconds: float, think: float) -> None:
    """Let many users work at once; print how long pages took and whether anything was lost."""
    from equipoise.web.demo import PASSWORD

    with attach_trial(folder) as running:
        before, roles = count_saved(running), roles_held(running, BLINDED)
    at_sites = [(one, role in WRITERS) for role in AT_SITES for one in roles.get(role, ())]
    others = [(people[0], False) for role, people in sorted(roles.items()) if role not in AT_SITES]
    chosen = [
        (others[(n // 4) % len(others)] if n % 4 == 3 else at_sites[(n - n // 4) % len(at_sites)])
        for n in range(users)
    ]
    told = Told()
    with served(folder) as address:
        until = time.monotonic() + seconds
        threads = [
            threading.Thread(
                target=User(address, (who, PASSWORD), told, n, think, writes=writes).work,
                args=(until,),
            )
            for n, (who, writes) in enumerate(chosen)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    with attach_trial(folder) as running:
        recorded = count_saved(running) - before
        events = verify_book(running.book).sequence
    report(told, users, seconds, think, recorded, events)


def report(told: Told, users: int, seconds: float, think: float, recorded: int, events: int) -> None:
    """Print what the users have seen beside the goals."""
    pages = sorted(one * 1000 for one, _ in told.pages)
    median, last = statistics.median(pages), pages[int(len(pages) * 0.99)]
    lost = len(told.acknowledged) - recorded
    print(
        f"\n{users} users for {seconds:.0f} s, pause {think} s: {len(pages)} pages, {len(pages) / seconds:.1f}/s"
    )
    print(f"  median {median:7.0f} ms    goal {MEDIAN} ms    {MEDIAN / median:5.1f} x the goal")
    print(
        f"  99th   {last:7.0f} ms    goal {LAST} ms    {LAST / last:5.1f} x the goal    slowest {pages[-1]:.0f} ms"
    )
    print(
        f"  errors {len(told.errors)}    acknowledged {len(told.acknowledged)}, on record {recorded}, "
        f"lost {max(0, lost)}; the chain of {events:,} events holds"
    )
    for error in told.errors[:5]:
        print(f"    {error}")
    print("  the slowest:")
    for took, path in sorted(told.pages, reverse=True)[:8]:
        print(f"    {took * 1000:7.0f} ms  {path[:100]}")


@dataclass
class Measured:
    """Milliseconds of a page: the first time, then medians by the clock and of the processor."""

    first: float
    wall: float
    cpu: float


Addresses = dict[str, dict[str, str]]
"""By role and route, the address that is asked for."""


def measure(folder: Path, portal: Portal, rounds: int, known: Addresses | None, answer: Any) -> None:
    """Send the addresses that each role finds, and what each page took; runs in a process of its own."""
    with contextlib.ExitStack() as opened:
        if portal == UNBLINDED:
            opened.enter_context(vault_of(folder))
        running = opened.enter_context(attach_trial(folder))
        from equipoise.web.shell.process import set_up_portal

        set_up_portal(portal, running, Serving(hosts=("testserver",), secure=False, second_factor=False))
        addresses, took = known or {}, {}
        for role, people in sorted(roles_held(running, portal).items()):
            browser = log_in(people[0])
            if known is None:
                addresses[role] = find_pages(browser, role)
            for route, address in addresses.get(role, {}).items():
                took[f"{role}\t{route}"] = time_page(running, browser, address, rounds)
        answer.send((addresses, took))


def run_vault(folder: Path) -> None:
    """Serve the vault of a trial from this process."""
    from equipoise.trial.vault_process import serve_vault
    from equipoise.web.demo import PASSPHRASES

    serve_vault(folder, PASSPHRASES)


@contextlib.contextmanager
def vault_of(folder: Path) -> Iterator[None]:
    """Let the vault of a trial run in a process of its own."""
    process = multiprocessing.get_context("spawn").Process(target=run_vault, args=(folder,), daemon=True)
    process.start()
    until = time.monotonic() + PATIENCE
    while find_door(folder, unblinded=True) is None and time.monotonic() < until:
        time.sleep(0.2)
    try:
        yield
    finally:
        process.terminate()
        process.join()


def log_in(person: str) -> Any:
    """Return a browser in which a person is logged in."""
    from django.conf import settings
    from django.test import Client

    from equipoise.web.accounts.models import Account

    browser = Client()
    browser.force_login(Account.objects.of(person), backend=settings.AUTHENTICATION_BACKENDS[1])
    return browser


def find_pages(browser: Any, role: str) -> dict[str, str]:
    """Follow the links from the first page; return the first address of every route that answers with a page."""
    from django.urls import resolve

    found: dict[str, str] = {}
    seen = {"/"}
    todo = collections.deque(["/"])
    while todo:
        address = todo.popleft()
        route = resolve(address.partition("?")[0]).route
        if route in found:
            continue
        answer = browser.get(address)
        if answer.status_code == 302:
            links = [answer["Location"]]
        elif answer.status_code == 200:
            found[route] = address
            is_text = answer["Content-Type"].startswith("text/html")
            links = links_of(answer.content.decode()) if is_text else []
        else:
            links = []
            print(f"    {role}: {address} is shown as a link and answers {answer.status_code}", flush=True)
        todo.extend(one for one in links if one not in seen)
        seen.update(links)
    return found


def time_page(running: RunningTrial, browser: Any, address: str, rounds: int) -> Measured:
    """Ask for a page again and again, something being recorded each time before."""
    walls, cpus = [], []
    for turn in range(rounds + 1):
        if turn:
            record_something(running)
        wall, cpu = time.perf_counter(), time.process_time()
        answer = browser.get(address)
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
        assert answer.status_code in (200, 302), (address, answer.status_code)
    return Measured(walls[0], statistics.median(walls[1:]), statistics.median(cpus[1:]))


_turns = itertools.count()


def record_something(running: RunningTrial) -> None:
    """Raise a query about somebody's first record, one participant after the other."""
    trial = running.door.refresh()
    people = [one for one in trial.participants.values() if one.forms]
    person = people[next(_turns) * 7 % len(people)]
    asks = next(name for name, one in trial.people.items() if any(g.role == "data manager" for g in one.grants))
    now = datetime.now(UTC)
    question = f"is this as it stands in the source? ({now.isoformat()})"
    asked = RaiseQuery(participant=person.id, record=next(iter(person.forms)), question=question)
    running.door.submit(asked, By(asks, "data manager", now))


def ask_process(folder: Path, portal: Portal, rounds: int, known: Addresses | None) -> tuple[Addresses, dict]:
    """Measure the pages of a folder in a process of its own; return the addresses and what they took."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=measure, args=(folder, portal, rounds, known, theirs))
    process.start()
    theirs.close()
    try:
        answer: tuple[Addresses, dict] = mine.recv()
    except EOFError:
        raise SystemExit(f"the pages of {folder} could not be measured; see above") from None
    process.join()
    return answer


def large_and_small(small: Path, large: Path, portal: Portal, rounds: int, participants: int) -> None:
    """Ask for the pages of both trials; print the slower ones, and what lies beyond the goal."""
    addresses, few = ask_process(small, portal, rounds, None)
    _, many = ask_process(large, portal, rounds, addresses)
    rows = sorted(
        ((many[key].wall / few[key].wall, many[key].cpu / max(few[key].cpu, 0.1), key) for key in few),
        reverse=True,
    )
    print(
        f"\n{portal.name} portal: {len(rows)} pages of {len(addresses)} roles; many: {participants} participants"
    )
    print("  ms: the first time, then the median after something was recorded (by the clock, of the processor)")
    print(f"  {'page':44}{'role':22}{'small':>21}{'large':>24}{'times':>8}{'cpu':>7}")
    for number, (ratio, cpu, key) in enumerate(rows):
        role, route = key.split("\t")
        if ratio > RATIO or number < 12:
            a, b = few[key], many[key]
            print(
                f"  /{route[:42]:43}{role[:21]:22}{a.first:7.0f}{a.wall:7.0f}{a.cpu:7.0f}"
                f"{b.first:10.0f}{b.wall:7.0f}{b.cpu:7.0f}{ratio:8.1f}{cpu:7.1f}"
            )
    slow = sum(ratio > RATIO for ratio, _, _ in rows)
    coldest = max((many[key].first, key.replace("\t", " /")) for _, _, key in rows)
    median = statistics.median(ratio for ratio, _, _ in rows)
    print(
        f"  more than {RATIO:.0f} times as slow: {slow} of {len(rows)}; median ratio {median:.2f}; "
        f"slowest the first time: {coldest[0]:.0f} ms ({coldest[1]})"
    )


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--protocol", default="hucmsc_inr")
    parser.add_argument("--folder", type=Path, help="folder of a demonstration that nobody has open; it is copied")
    parser.add_argument("--users", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--think", type=float, default=3, help="mean pause between two steps of a user, seconds")
    parser.add_argument("--participants", type=int, default=3000)
    parser.add_argument("--large", type=Path, help="folder of a large trial made before by this program")
    parser.add_argument("--rounds", type=int, default=5, help="how often each page is asked for")
    parser.add_argument("--only", default="users,large,vault")
    given = parser.parse_args()
    # not before: the process of the blinded portal begins with what this file imports, and may hold no vault
    from grown import copy_folder, grow

    from equipoise.web.demo import make_demo

    wanted = given.only.split(",")
    place = Path(tempfile.mkdtemp(prefix="equipoise-portal-"))
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"  [{time.monotonic() - began:5.0f} s] {what}", flush=True)

    print(f"{os.cpu_count()} cores, load of the machine at the beginning {os.getloadavg()[0]:.1f}", flush=True)
    small, large = place / "small", given.large or place / "large"
    try:
        if given.folder is None:
            say(f"rehearsing {given.protocol}")
            make_demo(given.protocol, small, lambda *_: None)
        else:
            copy_folder(given.folder, small)
        if "users" in wanted:
            copy_folder(small, place / "used")
            say(f"{given.users} users at work")
            many_users(place / "used", given.users, given.seconds, given.think)
        if {"large", "vault"} & {*wanted} and not large.exists():
            say(f"making a trial of {given.participants} participants")
            grow(small, large, given.participants, say)
        for name, portal in (("large", BLINDED), ("vault", UNBLINDED)):
            if name in wanted:
                say(f"asking for the pages of the {portal.name} portal")
                large_and_small(small, large, portal, given.rounds, given.participants)
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
