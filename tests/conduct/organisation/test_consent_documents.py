"""Versions of the consent form: by site, language and date; the newest that is valid is in use."""

from datetime import date

import pytest

from equipoise.conduct.door.state import Consent
from equipoise.conduct.organisation.consent_documents import document_as_signed, document_in_use
from equipoise.conduct.organisation.versions import IssueProtocol
from equipoise.errors import DecisionRefused
from equipoise.protocol import Protocol

from .desk import LATER, Desk


@pytest.fixture
def desk(inr: Protocol) -> Desk:
    desk = Desk(inr)
    desk.open_site("01")
    desk.open_site("02")
    return desk


def in_use(desk: Desk, on: date, *, site: str = "01", language: str = "en") -> str | None:
    document = document_in_use(desk.trial, site, language, on)
    return None if document is None else document.document


def test_a_form_is_in_use_from_its_day_until_the_next_one_is_valid(desk: Desk) -> None:
    desk.approve("1.0", since=date(2026, 3, 1))
    desk.approve("2.0", since=date(2026, 6, 1))
    assert in_use(desk, date(2026, 2, 28)) is None
    assert in_use(desk, date(2026, 3, 1)) == in_use(desk, date(2026, 5, 31)) == "1.0"
    assert in_use(desk, date(2026, 6, 1)) == "2.0"


def test_of_two_forms_valid_from_the_same_day_the_one_approved_later_is_in_use(desk: Desk) -> None:
    desk.approve("1.0")
    desk.approve("1.1")
    assert in_use(desk, desk.today) == "1.1"


def test_each_site_and_each_language_has_its_own_forms(desk: Desk) -> None:
    desk.approve("1.0")
    desk.approve("1.0", language="zh", since=date(2026, 4, 1))
    assert in_use(desk, date(2026, 3, 2), language="zh") is None
    assert in_use(desk, date(2026, 4, 1), language="zh") == "1.0"
    assert in_use(desk, date(2026, 4, 1), site="02") is None


def test_the_same_form_may_be_approved_again_for_a_later_protocol_version(desk: Desk) -> None:
    desk.do(IssueProtocol(protocol=LATER))
    desk.approve("1.0")
    desk.approve("1.0", protocol=LATER, since=date(2026, 6, 1))
    early = document_as_signed(
        desk.trial, "01", Consent(document="1.0", language="en", signed_on=date(2026, 3, 2))
    )
    late = document_as_signed(desk.trial, "01", Consent(document="1.0", language="en", signed_on=date(2026, 6, 2)))
    assert early is not None
    assert late is not None
    assert (early.protocol, late.protocol) == (desk.version, LATER)


def test_a_form_needs_a_name_a_language_of_the_protocol_a_site_and_an_issued_version(desk: Desk) -> None:
    with pytest.raises(DecisionRefused, match="a language of the protocol, en or zh"):
        desk.approve("1.0", language="fr")
    with pytest.raises(DecisionRefused, match="needs a name"):
        desk.approve(" ")
    with pytest.raises(DecisionRefused, match="site 09 has not joined"):
        desk.approve("1.0", site="09")
    with pytest.raises(DecisionRefused, match="was not issued"):
        desk.approve("1.0", protocol=LATER)


def test_a_changed_form_needs_a_new_name(desk: Desk) -> None:
    desk.approve("1.0")
    with pytest.raises(DecisionRefused, match="a changed one needs a new name"):
        desk.approve("1.0", since=date(2026, 6, 1))
