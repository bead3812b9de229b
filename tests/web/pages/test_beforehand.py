"""What is worked out before anybody looks: whoever looks then waits for nothing of it."""

import threading
from collections.abc import Callable

import pytest
from tests.web.portals import Portals

At = Callable[..., Portals]
PAGES = ("/today/", "/quality/", "/quality/verification/", "/quality/review/", "/quality/deviations/", "/safety/")


def test_who_looks_first_finds_what_the_pages_ask_about_everybody(
    portals_at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    portals = portals_at("infused", 4)
    from equipoise.web.pages.beforehand import answer_beforehand
    from equipoise.web.shell import answers

    manager, coordinator = portals.client("data.manager"), portals.client("coordinator.01")
    answer_beforehand(portals.running)
    known = {key: dict(one.known) for key, one in answers._each.items()}
    assert known
    again = list[int]()
    monkeypatch.setattr("equipoise.conduct.forms.completeness.Expectations.check", lambda *_: again.append(1))
    monkeypatch.setattr("equipoise.web.pages.quality.verification.list_to_verify", lambda *_: again.append(1))
    assert coordinator.get("/").status_code == 200
    for page in (*PAGES, "/closing/"):
        assert manager.get(page).status_code == 200, page
    assert not again
    assert all(dict(answers._each[key].known) == one for key, one in known.items())


def test_it_is_asked_again_on_and_on_until_the_pages_are_no_longer_served(
    portals_at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    portals = portals_at("allocated", 2)
    from equipoise.web.pages import beforehand

    asked = threading.Semaphore(0)
    monkeypatch.setattr(beforehand, "answer_beforehand", lambda _: asked.release())
    monkeypatch.setattr(beforehand, "PAUSE", 0.01)
    with beforehand.answering(portals.running):
        assert all(asked.acquire(timeout=60) for _ in range(3))
    assert not [one for one in threading.enumerate() if one.name == "answers beforehand"]
