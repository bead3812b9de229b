"""The sealed envelopes: one participant a page, opened by the password only, in English and in Chinese."""

import io
import re

import pytest
from fontTools.ttLib import TTFont
from pypdf import PageObject, PdfReader
from pypdf.errors import FileNotDecryptedError

from equipoise.errors import DecisionRefused
from equipoise.line import take_next_slot
from equipoise.protocol import Protocol
from equipoise.record import Book
from equipoise.record.server import Server
from equipoise.standards.fonts import FONT_FOLDER
from equipoise.vault.ceremony.schedule import Ceremony
from equipoise.vault.envelopes import WORDS, Envelope, render_envelopes
from equipoise.vault.service import Vault

from .worlds import SECRETS, open_vault, stamp

PASSWORD = "a long password 密码"
PEOPLE = ["01-001", "01-002", "01-003", "01-004", "01-005", "01-006"]
LABELS = ("High dose", "Low dose", "Placebo")


def pages(pdf: bytes, password: str = PASSWORD) -> list[str]:
    """The text of each page, white space made even."""
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.decrypt(password)
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]


def texts_with_heights(page: PageObject) -> list[tuple[str, float]]:
    """The pieces of text of a page, each with its height above the lower edge."""
    found: list[tuple[str, float]] = []
    page.extract_text(visitor_text=lambda text, place, *_: found.append((text, place[5])))
    return found


@pytest.fixture
def vault(vault_server: Server, held: Ceremony, trial: Protocol) -> Vault:
    with vault_server.connect("conduct") as conduct:
        for person in PEOPLE:
            take_next_slot(conduct, "site=01", person, person)
    return open_vault(vault_server, held, trial)


def test_each_page_holds_one_participant_s_arm_and_it_is_the_true_one(vault: Vault) -> None:
    pdf = vault.print_envelopes(stamp("p1", "key holder"), "01", PEOPLE, PASSWORD)
    found = pages(pdf)
    opened = vault.unblind_all(stamp("u1", "key holder"), SECRETS, "hash")
    numbers = {one.participant: one.number for one in vault.allocations()}
    assert len(found) == len(PEOPLE)
    assert len(set(opened.values())) > 1
    for person, page in zip(PEOPLE, found, strict=True):
        label = vault.protocol.arms[opened[person]].label.say()
        assert [other for other in LABELS if other in page] == [label]
        assert [other for other in PEOPLE if other in page] == [person]
        assert [number for number in numbers.values() if number in page] == [numbers[person]]


def test_without_the_password_nothing_can_be_read(vault: Vault) -> None:
    pdf = vault.print_envelopes(stamp("p1", "key holder"), "01", PEOPLE, PASSWORD)
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.is_encrypted
    for wrong in ("", "another password", PASSWORD.upper()):
        assert not reader.decrypt(wrong)
    with pytest.raises(FileNotDecryptedError):
        reader.pages[0].extract_text()
    assert b"/AESV3" in pdf
    assert not any(word.encode() in pdf for word in (*LABELS, *PEOPLE))


def test_the_file_says_nothing_beside_its_pages(vault: Vault) -> None:
    reader = PdfReader(io.BytesIO(vault.print_envelopes(stamp("p1", "key holder"), "01", PEOPLE, PASSWORD)))
    reader.decrypt(PASSWORD)
    said = str(reader.metadata)
    assert not any(word in said for word in (*LABELS, *PEOPLE))
    assert not reader.outline


def test_printing_is_on_record_with_whose_envelopes_they_were(vault: Vault, vault_server: Server) -> None:
    for _ in range(2):
        vault.print_envelopes(stamp("p1", "key holder"), "01", PEOPLE[:2], PASSWORD)
    (event,) = Book(vault_server.connect("vault"), "vault_record").read()
    assert event.kind == "EnvelopesPrinted"
    assert '"participants":["01-001","01-002"]' in event.payload
    with pytest.raises(DecisionRefused, match="another step"):
        vault.print_envelopes(stamp("p1", "key holder"), "01", PEOPLE[:3], PASSWORD)


def test_nobody_a_stranger_a_short_password_and_a_role_that_may_not_are_refused(vault: Vault) -> None:
    for people, password, role, said in (
        ([], PASSWORD, "key holder", "Got nobody"),
        (["01-099"], PASSWORD, "key holder", "no randomisation number"),
        (PEOPLE, "short", "key holder", "password of 12 characters"),
        (PEOPLE, PASSWORD, "coordinator", "may print envelopes"),
    ):
        with pytest.raises(DecisionRefused, match=said):
            vault.print_envelopes(stamp("p1", role), "01", people, password)
    assert not list(vault.book.read())


def test_a_chinese_envelope_is_set_with_its_own_characters(vault: Vault) -> None:
    pdf = vault.print_envelopes(stamp("p1", "key holder"), "01", PEOPLE[:1], PASSWORD, language="zh")
    (page,) = pages(pdf)
    page = page.replace(" ", "")
    assert any(label in page for label in ("高剂量组", "低剂量组", "安慰剂组"))
    assert "随机号" in page
    assert "脐带间充质干细胞" in page


def test_the_fonts_have_every_character_of_our_words() -> None:
    covered = set(TTFont(FONT_FOLDER / "EquipoiseSans-Regular.otf").getBestCmap())
    said = "".join(str(text) for words in WORDS.values() for text in words.values())
    assert {character for character in said if ord(character) not in covered} == set()
    assert set(WORDS["en"]) == set(WORDS["zh"])


def test_every_sheet_has_the_same_size_and_the_arm_lies_in_the_folded_third() -> None:
    envelopes = [
        Envelope("demo", "A trial", "01", f"01-00{i}", f"R-0000{i}-0", arm, [f"drug: {i} mg"])
        for i, arm in enumerate(("Placebo", "A long name of an arm that is given three times a day"))
    ]
    reader = PdfReader(io.BytesIO(render_envelopes(envelopes, PASSWORD)))
    reader.decrypt(PASSWORD)
    third = float(reader.pages[0].mediabox.height) / 3
    assert len({tuple(page.mediabox) for page in reader.pages}) == 1
    for page, envelope in zip(reader.pages, envelopes, strict=True):
        heights = [y for text, y in texts_with_heights(page) if envelope.arm[:6] in text]
        assert heights
        assert all(third < height < 2 * third for height in heights)
