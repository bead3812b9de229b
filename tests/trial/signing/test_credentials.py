"""A password is kept as a hash only, one that is wrong is refused in a sentence, and three of them pause."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from equipoise.errors import DataError, DecisionRefused
from equipoise.trial.signing.credentials import (
    FAILURES,
    PAUSE,
    PasswordWrong,
    check_password,
    has_password,
    put_password,
    set_password,
)

RIGHT, OTHER = "correct horse 电池", "another good one"
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "keys" / "passwords.json"
    set_password(file, "li", RIGHT, NOW, cost="minimal")
    return file


def fail(file: Path, times: int, at: datetime = NOW) -> list[str]:
    said = []
    for _ in range(times):
        with pytest.raises(DecisionRefused) as refused:
            check_password(file, "li", OTHER, at)
        said.append(str(refused.value))
    return said


def test_only_a_hash_is_kept_in_a_file_of_its_owner(file: Path) -> None:
    assert RIGHT not in file.read_text(encoding="utf-8")
    assert "$argon2id$" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0
    assert (has_password(file, "li"), has_password(file, "wang")) == (True, False)


def test_the_right_password_passes_however_its_characters_are_composed(file: Path) -> None:
    check_password(file, "li", RIGHT, NOW)
    set_password(file, "wang", "mot de passe é", NOW, cost="minimal")
    check_password(file, "wang", "mot de passe e\u0301", NOW)


def test_three_wrong_passwords_pause_even_the_right_one_and_no_longer_than_said(file: Path) -> None:
    first, second, third = fail(file, 3)
    assert "this is not the password of li; nothing was signed, 2 more tries are left" in first
    assert "1 more tries" in second
    assert "nothing is for 15 minutes" in third
    with pytest.raises(DecisionRefused, match="nothing is signed as li before 2026-03-02 08:15 UTC"):
        check_password(file, "li", RIGHT, NOW + PAUSE - timedelta(seconds=1))
    check_password(file, "li", RIGHT, NOW + PAUSE)
    assert "2 more tries" in fail(file, 1)[0]


def test_after_the_pause_three_tries_are_left_again(file: Path) -> None:
    fail(file, 3)
    assert "2 more tries" in fail(file, 1, NOW + PAUSE)[0]


def test_the_right_password_wipes_out_wrong_ones(file: Path) -> None:
    fail(file, 2)
    check_password(file, "li", RIGHT, NOW)
    assert "2 more tries" in fail(file, 1)[0]


def test_many_tries_at_the_same_time_are_no_more_than_three(file: Path) -> None:
    def guess(number: int) -> str:
        try:
            check_password(file, "li", f"guess number {number}", NOW)
        except DecisionRefused as refused:
            return "looked at" if isinstance(refused, PasswordWrong) else "not looked at"
        return "right"

    with ThreadPoolExecutor(8) as pool:
        said = Counter(pool.map(guess, range(24)))
    assert said == {"looked at": FAILURES, "not looked at": 24 - FAILURES}


def test_passwords_that_are_set_at_the_same_time_are_all_kept(file: Path) -> None:
    people = [f"person {number}" for number in range(12)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: put_password(file, one, RIGHT, NOW, cost="minimal"), people))
    assert all(has_password(file, one) for one in ("li", *people))


def test_who_has_none_and_what_is_too_short_is_told(file: Path) -> None:
    with pytest.raises(DecisionRefused, match="wang has no password to sign with yet"):
        check_password(file, "wang", RIGHT, NOW)
    with pytest.raises(DataError, match=r"needs 12 characters or more.*Got 5"):
        set_password(file, "wang", "short", NOW, cost="minimal")


def test_a_password_is_changed_by_who_knows_the_present_one(file: Path) -> None:
    with pytest.raises(DecisionRefused, match="not the password of li"):
        set_password(file, "li", OTHER, NOW, cost="minimal")
    set_password(file, "li", OTHER, NOW, present=RIGHT, cost="minimal")
    check_password(file, "li", OTHER, NOW)


def test_a_damaged_file_is_told(file: Path) -> None:
    file.write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="is damaged"):
        check_password(file, "li", RIGHT, NOW)
