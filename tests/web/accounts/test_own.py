"""A person's own page: the password, and the sessions that are open elsewhere."""

from collections.abc import Callable

from tests.web.portals import PASSWORD, Portals

PortalsAt = Callable[..., Portals]
NEW = "another password of mine"


def kinds(portals: Portals) -> list[str]:
    return [event.kind for event in portals.running.book.read()]


def test_everybody_sees_their_own_account(portals_at: PortalsAt) -> None:
    portals = portals_at()
    for person in ("administrator", "nurse.01", "auditor"):
        page = portals.client(person).get("/account/").content.decode()
        assert person in page


def test_a_changed_password_is_an_event_and_ends_the_sessions_elsewhere(portals_at: PortalsAt) -> None:
    portals = portals_at()
    here, elsewhere = portals.client("nurse.01"), portals.client("nurse.01")
    typed = {"present": PASSWORD, "password": NEW, "again": NEW}
    assert here.post("/account/password/", {**typed, "again": "something else altogether"}).status_code == 422
    assert here.post("/account/password/", {**typed, "password": "short", "again": "short"}).status_code == 422
    assert "PasswordSet" not in kinds(portals)
    assert here.post("/account/password/", {**typed, "present": "not the password"}).status_code == 422
    assert kinds(portals)[-1] == "PasswordRefused"
    assert here.post("/account/password/", typed).status_code == 302
    assert kinds(portals)[-1] == "PasswordSet"
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_sessions_elsewhere_are_ended_and_nobody_elses(portals_at: PortalsAt) -> None:
    portals = portals_at()
    here, elsewhere, other = (portals.client(one) for one in ("nurse.01", "nurse.01", "nurse.02"))
    assert here.post("/account/sessions/").status_code == 302
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert other.get("/account/").status_code == 200
