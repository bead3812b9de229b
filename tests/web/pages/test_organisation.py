"""The pages of sponsor, administrator and auditor: people and their ways in, sites, versions, how it stands."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

import msgspec
import pytest
from django.test import Client
from tests.web.portals import Portals

from equipoise.conduct.door.chapters import read_fact
from equipoise.trial.signing.credentials import has_password

PortalsAt = Callable[..., Portals]
READ = ("/standing/", "/anchors/", "/sites/", "/sites/of/01/", "/versions/")
SHOWN: dict[str, tuple[str, ...]] = {
    "administrator": (*READ, "/people/", "/people/of/nurse.01/", "/rights/"),
    "sponsor": (*READ, "/people/", "/people/of/nurse.01/", "/rights/", "/versions/amend/"),
    "auditor": (*READ, "/people/", "/people/of/nurse.01/", "/rights/", "/auditor/"),
    "data.manager": READ,
    "statistician": READ,
    "monitor": (),
    "coordinator.01": (),
    "investigator.01": (),
    "nurse.01": (),
    "laboratory": (),
}
PAGES = sorted({page for pages in SHOWN.values() for page in pages})
STEPS = {
    "/people/enter/": ("administrator", "sponsor"),
    "/people/attest/": ("administrator", "sponsor"),
    "/people/of/nurse.01/grant/": ("administrator", "sponsor"),
    "/people/of/nurse.01/end/": ("administrator", "sponsor"),
    "/people/of/nurse.01/link/": ("administrator", "sponsor"),
    "/people/of/nurse.01/second-factor/": ("administrator", "sponsor"),
    "/sites/open/": ("administrator", "sponsor"),
    "/sites/of/01/activate/": ("sponsor",),
    "/sites/of/01/consent/": ("sponsor",),
    "/sites/of/01/close/": ("sponsor",),
    "/versions/issue/": ("sponsor",),
}


def last(portals: Portals) -> tuple[str, dict[str, object]]:
    """The newest event: its kind, and what it says."""
    *_, event = portals.running.book.read(after=portals.running.book.head().sequence - 1)
    return event.kind, msgspec.structs.asdict(read_fact(event))


def post(browser: Client, address: str, **typed: str) -> tuple[int, str]:
    """Send a form; return the status and the page."""
    answer = browser.post(address, typed)
    return answer.status_code, answer.content.decode()


def test_each_page_is_shown_to_its_roles_and_to_no_other(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    for person, shown in SHOWN.items():
        browser = portals.client(person)
        for page in PAGES:
            assert (person, page, browser.get(page).status_code) == (person, page, 200 if page in shown else 403)


def test_each_step_is_for_its_roles_and_no_other(portals_at: PortalsAt) -> None:
    portals = portals_at()
    before = portals.running.book.head().sequence
    for person in SHOWN:
        browser = portals.client(person)
        for address, roles in STEPS.items():
            if person not in roles:
                assert (person, address, post(browser, address)[0]) == (person, address, 403)
    assert portals.running.book.head().sequence == before


def test_everybody_begins_with_a_page_of_their_own(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    first = {
        "administrator": "/people/",
        "sponsor": "/standing/",
        "auditor": "/auditor/",
        "statistician": "/statistics/",
    }
    for person in SHOWN:
        answer = portals.client(person).get("/")
        assert (person, answer.status_code) == (person, 302 if person in first else 200)
        assert answer.headers.get("Location") == first.get(person)
        assert portals.client(person).get("/today/").status_code == 200


def test_a_person_is_entered_gets_a_role_and_a_link_that_works_once(portals_at: PortalsAt) -> None:
    portals = portals_at()
    browser = portals.client("administrator")
    assert post(browser, "/people/enter/", person="li", name="Li Na", role="sponsor")[0] == 302
    assert last(portals) == ("PersonEntered", {"person": "li", "name": "Li Na"})
    role = {"role": "nurse", "site": "01", "since": "2026-03-01", "until": "", "training": "GCP of 3 May"}
    assert post(browser, "/people/of/li/grant/", **role, person="nurse.01", by="sponsor")[0] == 302
    assert last(portals)[1]["person"] == "li"
    status, page = post(browser, "/people/of/li/link/")
    assert (status, last(portals)) == (200, ("LinkGiven", {"person": "li"}))
    token = page.split("/welcome/#")[1].split("<")[0].strip()
    assert "/welcome/" not in browser.get("/people/of/li/").content.decode()
    chosen = {"token": token, "password": "a password of my own", "again": "a password of my own"}
    assert portals.client().post("/welcome/", chosen).status_code == 302
    assert last(portals) == ("PasswordSet", {"changed": False})
    assert portals.client().post("/welcome/", chosen).status_code == 410
    assert portals.client("li").get("/participants/").status_code == 200


def test_a_refused_delegation_says_why_and_keeps_what_was_typed(portals_at: PortalsAt) -> None:
    portals = portals_at()
    browser = portals.client("sponsor")
    typed = {"role": "pharmacist", "site": "", "since": "2026-03-01", "until": "", "training": "seen <b>today</b>"}
    status, page = post(browser, "/people/of/nurse.01/grant/", **typed)
    assert status == 422
    assert "on the blinded side of the blind" in page
    assert "seen &lt;b&gt;today&lt;/b&gt;" in page
    assert '<option value="pharmacist" selected>' in page
    status, page = post(browser, "/people/of/nurse.01/grant/", **{**typed, "since": "1 March"})
    assert (status, "1 March" in page) == (422, True)
    assert post(browser, "/people/of/nobody/grant/", **typed)[0] == 404


@pytest.mark.parametrize("hour", [4, 20], ids=["one day everywhere", "the next day at the site"])
def test_a_role_that_ends_ends_access(portals_at: PortalsAt, monkeypatch: pytest.MonkeyPatch, hour: int) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime(2026, 6, 1, hour, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr("equipoise.web.shell.here.datetime", Clock)
    portals = portals_at()
    nurse = portals.client("nurse.01")
    assert nurse.get("/").status_code == 200
    assert post(portals.client("administrator"), "/people/of/nurse.01/end/", ended="nurse", at="01")[0] == 302
    assert last(portals)[0] == "RoleEnded"
    assert nurse.get("/").status_code == 403


@pytest.mark.parametrize(("person", "may"), [("pharmacist", False), ("sponsor", False), ("administrator", False)])
def test_an_administrator_opens_no_way_to_the_arms_nor_to_themselves(
    portals_at: PortalsAt, person: str, may: bool
) -> None:
    portals = portals_at()
    before = portals.running.book.head().sequence
    status, page = post(portals.client("administrator"), f"/people/of/{person}/link/")
    assert (status == 200, "/welcome/" in page) == (may, may)
    assert portals.running.book.head().sequence == before
    assert not has_password(portals.running.folder.credentials, "pharmacist")


def test_the_sponsor_opens_a_way_to_the_pharmacist(portals_at: PortalsAt) -> None:
    portals = portals_at()
    assert post(portals.client("sponsor"), "/people/of/pharmacist/link/")[0] == 200
    assert last(portals) == ("LinkGiven", {"person": "pharmacist"})


def test_a_lost_second_factor_is_taken_away_and_the_sessions_end(portals_at: PortalsAt) -> None:
    from allauth.mfa.models import Authenticator

    from equipoise.web.accounts.models import Account

    portals = portals_at()
    nurse, account = portals.client("nurse.01"), Account.objects.of("nurse.01")
    Authenticator.objects.create(user=account, type="totp", data={})
    browser = portals.client("administrator")
    assert post(browser, "/people/of/nurse.01/second-factor/", reason="")[0] == 422
    assert Authenticator.objects.filter(user=account).exists()
    assert post(browser, "/people/of/nurse.01/second-factor/", reason="came in person")[0] == 302
    assert last(portals) == ("SecondFactorReset", {"person": "nurse.01"})
    assert not Authenticator.objects.filter(user=account).exists()
    assert nurse.get("/")["Location"].startswith("/accounts/login/")


def test_access_is_attested_on_the_list_that_was_looked_at(portals_at: PortalsAt) -> None:
    portals = portals_at()
    browser = portals.client("administrator")
    seen = str(portals.running.door.trial.sequence)
    assert post(browser, "/people/attest/", seen=seen, note="")[0] == 422
    post(browser, "/people/enter/", person="li", name="Li Na")
    status, page = post(browser, "/people/attest/", seen=seen, note="nothing to end")
    assert (status, "have changed since you looked" in page, "nothing to end" in page) == (422, True, True)
    seen = str(portals.running.door.trial.sequence)
    assert post(browser, "/people/attest/", seen=seen, note="nothing to end")[0] == 302
    assert last(portals)[0] == "AccessAttested"


def test_rights_name_every_role_with_who_holds_it(portals_at: PortalsAt) -> None:
    page = portals_at().client("auditor").get("/rights/").content.decode()
    assert "Nurse.01 (01)" in page
    assert "Grant role" in page
    assert "who holds which role" in page


def test_a_site_is_opened_and_closed_with_its_number_typed_again(portals_at: PortalsAt) -> None:
    portals = portals_at()
    browser = portals.client("sponsor")
    typed = {"site": "03", "name": "Third", "country": "China", "zone": "Asia/Shangai"}
    status, page = post(browser, "/sites/open/", **typed)
    assert (status, 'value="Third"' in page) == (422, True)
    assert post(browser, "/sites/open/", **{**typed, "zone": "Asia/Shanghai"}, closed_on="2026-01-01")[0] == 302
    assert portals.running.door.trial.sites["03"].closed_on is None
    assert post(browser, "/sites/of/03/close/", again="30")[0] == 422
    assert post(browser, "/sites/of/03/close/", again="03")[0] == 302
    assert last(portals)[0] == "SiteClosed"


def test_a_consent_form_is_approved_for_one_language(portals_at: PortalsAt) -> None:
    portals = portals_at()
    browser, version = portals.client("sponsor"), portals.script.version
    typed = {
        "document": "2.0",
        "language": "zh",
        "of_protocol": version,
        "valid_from": "2026-03-01",
        "renew": "yes",
    }
    assert post(browser, "/sites/of/01/consent/", **{**typed, "language": "xx"})[0] == 422
    assert post(browser, "/sites/of/01/consent/", **{**typed, "language": "en"})[0] == 302
    assert (last(portals)[0], last(portals)[1]["renew"]) == ("ConsentDocumentApproved", True)
    assert post(browser, "/sites/of/01/activate/", protocol=version, approved_on="2026-03-01")[0] == 422


def test_how_it_stands_is_told_in_numbers_and_names_no_arm(portals_at: PortalsAt) -> None:
    page = portals_at("allocated", 4).client("sponsor").get("/standing/").content.decode()
    assert "4 of" in page
    assert "canary" not in page.lower()
