"""What every role reaches on the pages of both portals is said in Chinese: also words that a page is given."""

import re
from collections import Counter
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from tests.invariants.conftest import TrialAt
from tests.invariants.scripted import AT_SITE, FOR_ALL
from tests.invariants.work import prepared_work
from tests.web.portals import serve

from equipoise.conduct.quality.queries import RaiseQuery
from equipoise.report.language.chinese import CHINESE as OF_REPORTS
from equipoise.report.language.phrases import Phrases
from equipoise.web.shell.settings import BLINDED, UNBLINDED, Portal

AT_THE_VAULT = ("pharmacist", "safety.unblinder", "custodian", "investigator.01")
SEEN_OF_EACH = 1
"""How many addresses of a page are looked at by a person: the same template again says little new."""

LINK = re.compile(r'(?:href|hx-get)="([^"#]+)"')


def look(browser: Client, begin: str = "/") -> dict[str, str]:
    """Return the pages that links lead to, by address."""
    waiting, seen, counted = [begin], dict[str, str](), Counter[str]()
    while waiting:
        address = waiting.pop()
        route = _route(address)
        if address in seen or counted[route] >= SEEN_OF_EACH:
            continue
        counted[route] += 1
        answer = browser.get(address, follow=True)
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        seen[address] = answer.content.decode()
        links = [urljoin(address, unescape(one)) for one in LINK.findall(seen[address])]
        waiting += [one for one in links if _route(one)]
    return seen


def _route(address: str) -> str:
    parts = urlsplit(address)
    if parts.netloc or parts.path.startswith(("/static/", "/accounts/logout")):
        return ""
    try:
        return str(resolve(parts.path).route) or "/"
    except Resolver404:
        return ""


@pytest.mark.parametrize("side", [BLINDED, UNBLINDED], ids=lambda side: str(side.name))
def test_what_pages_say_is_chinese(trial_at: TrialAt, monkeypatch: pytest.MonkeyPatch, side: Portal) -> None:
    name, folder, _ = prepared_work("wheel")
    script = trial_at.copy(name, folder)
    who = next(iter(script.trial.participants))
    script.do(
        RaiseQuery(participant=who, record="W0/vitals/1", item="weight", question="As on the chart?"), "monitor"
    )
    portals = serve(script)
    for module in ("line", "asking", "code_break", "pharmacy.order"):
        monkeypatch.setattr(f"equipoise.web.vault_pages.{module}.vault_line", lambda: script.vault, raising=False)
    asked, unknown, say = set[str](), set[str](), Phrases.__call__

    def listened(self: Phrases, phrase: str, **values: object) -> str:
        if self.language == "zh":
            asked.add(phrase)
            named = "=" in phrase  # the name of a stratum, which holds the codes of the protocol
            if phrase not in {**OF_REPORTS, **self._chinese} and re.search("[a-z]{2}", phrase) and not named:
                unknown.add(phrase)
        return say(self, phrase, **values)

    monkeypatch.setattr(Phrases, "__call__", listened)
    people = AT_THE_VAULT if side is UNBLINDED else (*FOR_ALL, *(f"{role}.01" for role in AT_SITE))
    pages = [page for person in people for page in look(portals.client(person, side=side, language="zh")).values()]
    assert len(asked) > 100
    assert not unknown
    assert all('lang="zh' in page[:200] for page in pages if "<html" in page)
