"""An amendment by upload: tried without a trace, then issued, once, by who confirms it."""

import re
import tempfile
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.invariants.scripted import TRIAL
from tests.web.portals import Portals

PortalsAt = Callable[..., Portals]


def amended() -> bytes:
    """The protocol of the script with another title."""
    text = TRIAL.read_text(encoding="utf-8")
    line = next(one for one in text.splitlines() if one.strip().startswith("title:"))
    return text.replace(line, line.replace("en: ", "en: Amended ", 1), 1).encode()


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("new.yaml", content)


def carried(page: str) -> str:
    """What the page of the dry run carries to the issue."""
    return page.split('name="content" value="')[1].split('"', maxsplit=1)[0]


def test_an_amendment_is_tried_then_issued_with_the_trial_typed(portals_at: PortalsAt) -> None:
    portals = portals_at("allocated", 2)
    browser, before = portals.client("sponsor"), portals.running.book.head()
    page = browser.post("/versions/amend/", {"protocol": upload(amended())})
    assert page.status_code == 200
    assert portals.running.book.head() == before
    assert re.search(r"<del>[^<]+</del> → <ins>Amended [^<]+</ins>", page.content.decode())
    content = carried(page.content.decode())
    refused = browser.post("/versions/issue/", {"content": content, "trial": "another"})
    assert refused.status_code == 422
    assert carried(refused.content.decode()) == content
    assert portals.running.book.head() == before
    trial = portals.running.door.trial
    typed = {"content": content, "trial": trial.trial, "key": "k1"}
    assert browser.post("/versions/issue/", typed).status_code == 302
    assert browser.post("/versions/issue/", typed).status_code == 302
    assert len(trial.versions) == 2
    assert browser.get(f"/versions/of/{trial.versions[-1]}/").status_code == 200
    assert browser.get("/versions/").status_code == 200


def test_a_version_that_another_process_has_issued_is_read_by_this_one(portals_at: PortalsAt) -> None:
    portals = portals_at()
    browser, door = portals.client("sponsor"), portals.running.door
    page = browser.post("/versions/amend/", {"protocol": upload(amended())}).content.decode()
    first = dict(door.protocols)
    typed = {"content": carried(page), "trial": door.trial.trial}
    assert browser.post("/versions/issue/", typed).status_code == 302
    door.protocols = first
    assert portals.client("coordinator.01").get("/participants/").status_code == 200
    assert set(door.protocols) == set(door.trial.versions)


def test_a_file_in_error_is_told_by_its_line_and_by_no_path_of_this_machine(portals_at: PortalsAt) -> None:
    portals = portals_at()
    browser = portals.client("sponsor")
    answer = browser.post("/versions/amend/", {"protocol": upload(amended().replace(b"arms:", b"armz:", 1))})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "amendment.yaml" in page
    assert tempfile.gettempdir() not in page
    assert browser.post("/versions/amend/", {}).status_code == 422
    assert browser.post("/versions/amend/", {"protocol": upload(b"\xff\xfe\x00: [")}).status_code == 422
    assert browser.post("/versions/issue/", {"content": "***", "trial": "t"}).status_code == 422
