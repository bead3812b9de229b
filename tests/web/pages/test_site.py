"""The pages of a site: what is to be done, participants, forms."""

import re
from collections.abc import Callable

from tests.web.portals import Portals


def test_a_site_sees_its_own_participants_and_no_others(portals_at: Callable[..., Portals]) -> None:
    portals = portals_at("allocated", 4)
    people = portals.running.door.trial.participants.values()
    shown = portals.client("coordinator.01").get("/participants/").content.decode()
    for person in people:
        assert (person.id in shown) == (person.site == "01")


def test_a_participant_of_another_site_is_answered_as_nobody_is(portals_at: Callable[..., Portals]) -> None:
    portals = portals_at("allocated", 4)
    other = next(one.id for one in portals.running.door.trial.participants.values() if one.site == "02")
    browser = portals.client("coordinator.01")
    foreign, nobody = browser.get(f"/participants/{other}/"), browser.get("/participants/99-999/")
    assert foreign.status_code == nobody.status_code == 404
    assert without_tokens(foreign.content, other) == without_tokens(nobody.content, "99-999")


def without_tokens(page: bytes, number: str) -> str:
    """Return a page without what differs at every request: the token of its forms, and the address asked for."""
    text = page.decode().replace(number, "NUMBER")
    return re.sub(
        r'(csrfmiddlewaretoken" value|X-CSRFToken&quot;: &quot;|X-CSRFToken": ")("?=?"?)[A-Za-z0-9]{64}', "", text
    )


def test_who_has_not_logged_in_is_sent_to_log_in(portals_at: Callable[..., Portals]) -> None:
    answer = portals_at().client().get("/participants/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
