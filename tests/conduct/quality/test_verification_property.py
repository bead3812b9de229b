"""Source verification and review of changes: critical values, a drawn share of others; a change resets both."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conduct.forms.desk import DAY_1, EVENT, VITALS, WHO, Desk, edited

from equipoise.conduct.closing.checklist import checklist
from equipoise.conduct.door.fact import Fact, Intent
from equipoise.conduct.forms.entry import RemoveForm
from equipoise.conduct.quality import review, verification
from equipoise.conduct.quality.review import STRUCK_OUT, ReviewTrail, list_to_review
from equipoise.conduct.quality.verification import VerifySource, is_drawn, list_to_verify
from equipoise.errors import DecisionRefused, ProtocolError

RECORD = "W0/vitals/1"
SHARE = "verify: 0.1"


def verify(desk: Desk, *items: str, record: str = RECORD, seen: int | None = None) -> list[Fact]:
    seen = desk.trial.sequence if seen is None else seen
    return desk.do(
        VerifySource(participant=WHO, records={record: items}, seen=seen), role="monitor", person="zhao"
    )


def sign_off(
    desk: Desk, *items: str, record: str = RECORD, seen: int | None = None, person: str = "zhao"
) -> list[Fact]:
    seen = desk.trial.sequence if seen is None else seen
    intent = ReviewTrail(participant=WHO, records={record: items}, seen=seen, note="as the source")
    return desk.do(intent, role="data manager", person=person)


def to_verify(desk: Desk, record: str = RECORD) -> tuple[str, ...]:
    return next((one.items for one in list_to_verify(desk.protocol, desk.trial) if one.record == record), ())


def to_review(desk: Desk, record: str = RECORD) -> tuple[str, ...]:
    return next((one.items for one in list_to_review(desk.protocol, desk.trial) if one.record == record), ())


def change(desk: Desk, **values: object) -> None:
    desk.save("vitals", "W0", values, reason="read again")


def test_critical_values_are_verified_and_of_others_the_share_that_is_drawn() -> None:
    none, every = (Desk(edited((SHARE, f"verify: {share}"))).start() for share in (0, 1))
    for desk in (none, every):
        desk.save("vitals", "W0")
    assert to_verify(none) == ("weight",)
    assert set(to_verify(every)) == set(VITALS)


@given(st.floats(0.02, 0.98))
@settings(max_examples=20)
def test_the_share_drawn_is_the_share_asked_for_and_a_larger_one_holds_the_smaller(share: float) -> None:
    values = [("t", f"01-{n:03}", "W0/vitals/1", item) for n in range(150) for item in VITALS]
    drawn = [is_drawn(*value, share) for value in values]
    assert abs(sum(drawn) / len(drawn) - share) < 0.06
    assert all(is_drawn(*value, 1.0) for value in values)
    assert all(is_drawn(*value, share + 0.02) for value, one in zip(values, drawn, strict=True) if one)


def test_a_change_resets_the_verification_of_what_was_changed(desk: Desk) -> None:
    desk.save("vitals", "W0")
    verify(desk, *to_verify(desk))
    assert to_verify(desk) == ()
    change(desk, weight=62)
    (one,) = list_to_verify(desk.protocol, desk.trial)
    assert (one.items, one.again) == (("weight",), ("weight",))


def test_a_change_of_a_critical_item_waits_for_its_review_and_the_next_change_again(desk: Desk) -> None:
    desk.save("vitals", "W0")
    change(desk, pulse=88)
    assert to_review(desk) == ()
    change(desk, weight=62)
    assert to_review(desk) == ("weight",)
    assert checklist(desk.protocol, desk.trial, desk.today)["changes of critical items not reviewed"] == 1
    sign_off(desk, "weight")
    assert to_review(desk) == ()
    change(desk, weight=61.5)
    assert to_review(desk) == ("weight",)


def test_a_critical_record_that_was_struck_out_waits_for_review_too(desk: Desk) -> None:
    record = "/adverse_event/1"
    desk.save("adverse_event", "", EVENT)
    desk.do(RemoveForm(participant=WHO, form="adverse_event", repeat=1, reason="of another person"))
    assert to_review(desk, record) == (STRUCK_OUT,)
    sign_off(desk, STRUCK_OUT, record=record)
    assert to_review(desk, record) == ()


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        (VerifySource(participant=WHO, records={}, seen=9**9), "name at least one item"),
        (
            VerifySource(participant=WHO, records={"W0/vital/1": ("weight",)}, seen=9**9),
            "did you mean W0/vitals/1",
        ),
        (VerifySource(participant=WHO, records={RECORD: ("wieght",)}, seen=9**9), "did you mean weight"),
        (VerifySource(participant=WHO, records={RECORD: ("pulse",)}, seen=0), "was saved since you looked at it"),
        (
            ReviewTrail(participant=WHO, records={RECORD: ("weight",)}, seen=9**9, note=" "),
            "what the review found",
        ),
        (
            ReviewTrail(participant=WHO, records={RECORD: ("pulse",)}, seen=9**9, note="ok"),
            "weight waits for review",
        ),
        (ReviewTrail(participant=WHO, records={RECORD: ("weight",)}, seen=0, note="ok"), "was saved since"),
        (ReviewTrail(participant=WHO, records={RECORD: ("weight",)}, seen=9**9, note="ok"), "was saved since"),
        (
            VerifySource(participant=WHO, records={RECORD: ("pulse",)}, seen=9**9),
            "was saved since you looked at it",
        ),
        (ReviewTrail(participant=WHO, records={}, seen=9**9, note="ok"), "name at least one item"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(desk: Desk, intent: Intent, said: str) -> None:
    desk.save("vitals", "W0")
    change(desk, weight=62)
    verify(desk, "weight")
    with pytest.raises(DecisionRefused, match=said):
        desk.do(intent, role="monitor", person="zhao")


def test_what_is_verified_and_has_not_changed_is_not_verified_again(desk: Desk) -> None:
    desk.save("vitals", "W0")
    verify(desk, "weight")
    with pytest.raises(DecisionRefused, match="weight is verified already"):
        verify(desk, "weight")


def test_nobody_reviews_their_own_change(desk: Desk) -> None:
    desk.save("vitals", "W0")
    change(desk, weight=62)
    with pytest.raises(DecisionRefused, match="changed W0/vitals/1 yourself"):
        sign_off(desk, "weight", person="li")


def test_what_nobody_enters_cannot_be_entered_twice() -> None:
    for item, said in (("cd4_cd8", "is derived"), ("hla_class_1", "kept by the vault"), ("cd5", "cd5")):
        with pytest.raises(ProtocolError, match=said):
            edited(("double_entry: [cd4]", f"double_entry: [{item}]"))


def marks_that_outlive_a_change(desk: Desk) -> list[str]:
    """Change what was verified and reviewed; return the items whose marks hold all the same."""
    desk.save("vitals", "W0")
    change(desk, weight=62)
    verify(desk, "weight")
    sign_off(desk, "weight")
    desk.today = DAY_1 + timedelta(days=11)
    change(desk, weight=63)
    return [what for what, waiting in (("verified", to_verify(desk)), ("reviewed", to_review(desk)))
            if "weight" not in waiting]  # fmt: skip


def test_without_the_count_of_changes_marks_would_outlive_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert marks_that_outlive_a_change(Desk().start()) == []
    for module in (verification, review):
        monkeypatch.setattr(module, "holds", lambda marks, entry, record, item: item in marks.get(record, {}))
    assert marks_that_outlive_a_change(desk) == ["verified", "reviewed"]
