"""How quick the pages are: many users at once against served portals, and a large trial beside a small one.

    uv run python benchmarks/portal.py [--protocol hucmsc_inr] [--folder DIR] [--users 40] [--seconds 120]
        [--think 3] [--only users,large]

A demonstration is rehearsed (or taken from --folder) and served by its two processes. Users of the sites look at
pages as they would, with a pause between (--think, its mean in seconds: an assumption), and every tenth step is a
new record of an adverse event that is saved. Then the main pages are asked for in one process, of the trial as it
is and of one with 3,000 participants, copies of those that are there. Goals: median under 150 ms, 99th percentile
under 600 ms, no error, nothing lost; the large trial at most twice as slow.
"""

import argparse
import contextlib
import http.cookiejar
import itertools
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
from datetime import date
from pathlib import Path

import msgspec

from equipoise.trial.running import attach_trial
from equipoise.web.demo import PASSWORD, make_demo
from equipoise.web.serving import Listening, start_portal
from equipoise.web.shell.settings import BLINDED, Serving

LARGE, ROUNDS, SAVE_EVERY = 3000, 7, 10
PATIENCE = 120
AT_SITES = ("coordinator", "investigator", "nurse")
FORM = "adverse_event"
TOKEN = re.compile(r'csrfmiddlewaretoken" value="(\w+)"')
LINK = re.compile(r'href="(/participants/[^"/]+/(?:forms/[^"]+)?)"')
MISSING = re.compile(r'name="(missing-[\w-]+)"')
FIELD = re.compile(r'name="(key|expected)" value="([^"]*)"')
MAIN_PAGES = (
    "/",
    "/participants/",
    "/participants/{who}/",
    "/quality/",
    "/quality/queries/",
    "/safety/",
    "/statistics/",
)


@dataclass
class Told:
    """What the users have seen: seconds a page, by kind; errors; how many forms were acknowledged."""

    pages: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)


class User:
    """Somebody at a browser that keeps cookies."""

    def __init__(self, address: str, person: str, told: Told, dice: random.Random, think: float) -> None:
        self._address, self._person, self._told, self._dice, self._think = address, person, told, dice, think
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(jar)

    def ask(self, path: str, sent: dict[str, str] | None = None) -> str:
        """Ask for a page or send a form; note how long it took and what went wrong."""
        body = None if sent is None else urllib.parse.urlencode(sent).encode()
        request = urllib.request.Request(self._address + path, body, {"Referer": self._address + path})
        began = time.perf_counter()
        try:
            with self._browser.open(request, timeout=PATIENCE) as answer:
                text: str = answer.read().decode()
        except (urllib.error.URLError, OSError) as error:
            self._told.errors.append(f"{path}: {error}")
            return ""
        finally:
            self._told.pages.append(time.perf_counter() - began)
        return text

    def work(self, until: float) -> None:
        """Log in, then look at pages and save records until a moment."""
        time.sleep(self._dice.uniform(0, self._think))
        page = self.ask("/accounts/login/")
        sent = {"login": self._person, "password": PASSWORD, "csrfmiddlewaretoken": token(page)}
        self.ask("/accounts/login/", sent)
        for step in itertools.count(1):
            if time.monotonic() > until:
                return
            home = self.ask(self._dice.choice(("/", "/participants/")))
            links = LINK.findall(home)
            if not links:
                continue
            to = self._dice.choice(links)
            self.ask(to)
            if step % SAVE_EVERY == 0:
                self.save(to.split("/")[2])
            time.sleep(self._dice.expovariate(1 / self._think) if self._think else 0)

    def save(self, who: str) -> None:
        """Save a new record of an adverse event, all of whose values are said to be missing."""
        records = re.findall(
            rf"/participants/{re.escape(who)}/forms/{FORM}/-/(\d+)/", self.ask(f"/participants/{who}/")
        )
        to = f"/participants/{who}/forms/{FORM}/-/{max(map(int, records), default=1)}/"
        page = self.ask(to)
        sent = {"csrfmiddlewaretoken": token(page), "on": date.today().isoformat(), "then": "close"}
        sent |= dict(FIELD.findall(page)) | dict.fromkeys(MISSING.findall(page), "NOT DONE")
        said = self.ask(to, sent)
        if "said-success" in said:
            self._told.acknowledged.append(who)


def token(page: str) -> str:
    """Return the token of the first form of a page."""
    found = TOKEN.search(page)
    return found.group(1) if found else ""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the blinded portal of a trial; give its address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start_portal(
        BLINDED, folder, Serving(secure=False, second_factor=False), Listening("127.0.0.1", port)
    )
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/accounts/login/", timeout=5).close()
            break
        time.sleep(0.2)
    yield address
    process.terminate()
    process.join()


def count_saved(folder: Path) -> tuple[int, list[str]]:
    """Return how many forms the record holds as saved, and who works at the sites."""
    with attach_trial(folder) as running:
        saved = sum(1 for _ in running.book.read(kinds=["FormSaved"]))
        people = running.door.refresh().people
        return saved, [one for one, known in people.items() if any(g.role in AT_SITES for g in known.grants)]


def many_users(folder: Path, users: int, seconds: float, think: float) -> None:
    """Let many users work at once; print how long pages took and whether anything was lost."""
    before, people = count_saved(folder)
    told = Told()
    with served(folder) as address:
        until = time.monotonic() + seconds
        chosen = list(itertools.islice(itertools.cycle(people), users))
        threads = [
            threading.Thread(target=User(address, who, told, random.Random(n), think).work, args=(until,))
            for n, who in enumerate(chosen)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    after, _ = count_saved(folder)
    pages = sorted(told.pages)
    median, last = statistics.median(pages) * 1000, pages[int(len(pages) * 0.99)] * 1000
    print(f"{users} users for {seconds:.0f} s, pause {think} s: {len(pages)} pages, {len(pages) / seconds:.1f}/s")
    print(f"  median {median:7.0f} ms    {150 / median:6.1f} x the goal (150 ms)")
    print(f"  99th   {last:7.0f} ms    {600 / last:6.1f} x the goal (600 ms)")
    print(f"  errors {len(told.errors)}; acknowledged {len(told.acknowledged)}, on record {after - before}")
    for error in told.errors[:5]:
        print(f"    {error}")


def large_and_small(folder: Path) -> None:
    """Ask for the main pages of the trial as it is, and of one with 3,000 participants; print the ratios."""
    from equipoise.web.shell.process import set_up_portal

    with attach_trial(folder) as running:
        hosts = Serving(hosts=("testserver",), secure=False, second_factor=False)
        set_up_portal(BLINDED, running, hosts)
        from django.conf import settings
        from django.test import Client

        from equipoise.web.accounts.models import Account

        trial = running.door.refresh()
        person = next(
            who for who, one in trial.people.items() if any(g.role == "data manager" for g in one.grants)
        )
        browser = Client()
        browser.force_login(Account.objects.of(person), backend=settings.AUTHENTICATION_BACKENDS[1])
        who, small = next(iter(trial.participants)), len(trial.participants)
        pages = [page.format(who=who) for page in MAIN_PAGES]
        took = [measure(browser, pages)]
        copies = itertools.islice(itertools.cycle(trial.participants.values()), LARGE)
        numbered = ((f"{one.site}-{number:04}", one) for number, one in enumerate(copies))
        people = {name: msgspec.structs.replace(one, id=name) for name, one in numbered}
        running.door.trial = msgspec.structs.replace(trial, participants={who: trial.participants[who], **people})
        took.append(measure(browser, pages))
    print(f"pages of {small} and of {LARGE} participants (ms; the first time, then the median)")
    for page in pages:
        (first, again), (first_large, large) = took[0][page], took[1][page]
        print(
            f"  {page:28} {first:7.0f} {again:7.0f}   {first_large:7.0f} {large:7.0f}   {large / again:5.1f} times"
        )


def measure(browser: object, pages: list[str]) -> dict[str, tuple[float, float]]:
    """Return milliseconds for each page: the first time, and the median of the next."""
    found = {}
    for page in pages:
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            answer = browser.get(page)  # type: ignore[attr-defined]
            times.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, (page, answer.status_code)
        found[page] = (times[0], statistics.median(times[1:]))
    return found


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--protocol", default="hucmsc_inr")
    parser.add_argument("--folder", type=Path, help="folder of a demonstration; a copy is not made")
    parser.add_argument("--users", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument(
        "--think", type=float, default=3, help="mean pause between two steps of a user, in seconds"
    )
    parser.add_argument("--only", default="users,large")
    given = parser.parse_args()
    place = None if given.folder else Path(tempfile.mkdtemp(prefix="equipoise-portal-"))
    folder = given.folder or place / "trial"
    try:
        if place is not None:
            make_demo(given.protocol, folder, lambda *_: None)
        if "users" in given.only:
            many_users(folder, given.users, given.seconds, given.think)
        if "large" in given.only:
            large_and_small(folder)
    finally:
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
