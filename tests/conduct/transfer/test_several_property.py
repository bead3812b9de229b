"""Several forms as one step: what the same forms lead to one by one, or nothing, with every refusal named."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conduct.forms.desk import EVENT, SCREENED, VITALS, WHO, Desk

from equipoise.conduct.door.fact import Fact
from equipoise.conduct.door.state import Hold, Scope
from equipoise.conduct.forms.entry import FormSaved, SaveForm
from equipoise.conduct.transfer.several import MOST, SaveForms
from equipoise.errors import DecisionRefused


def form(name: str = "vitals", visit: str = "SCR", **said: object) -> SaveForm:
    given = {"values": VITALS, "repeat": 1, "on": SCREENED, "participant": WHO} | said
    return SaveForm(form=name, visit=visit, **given)  # type: ignore[arg-type]


def together(*forms: SaveForm, site: str | None = "01") -> SaveForms:
    return SaveForms(site=site, forms=forms)


def refused(desk: Desk, intent: SaveForms) -> list[str]:
    before = msgspec.msgpack.encode(desk.trial)
    with pytest.raises(DecisionRefused) as caught:
        desk.do(intent)
    assert msgspec.msgpack.encode(desk.trial) == before
    return str(caught.value).splitlines()


def one_by_one(desk: Desk, forms: Sequence[SaveForm]) -> tuple[list[Fact], int]:
    """Save forms alone, one after the other; return what that leads to, and how many were refused."""
    facts: list[Fact] = []
    wrong = 0
    for one in forms:
        try:
            facts += desk.do(one)
        except DecisionRefused as error:
            wrong += "already says the same" not in str(error)
    return facts, wrong


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.hold("SCR", SCREENED)
    return desk


SEVERAL = st.lists(
    st.builds(
        lambda pulse, reason: form(values=VITALS | {"pulse": pulse}, reason=reason),
        st.integers(68, 76) | st.just(9000),
        st.none() | st.just("copied wrongly"),
    )
    | st.builds(
        lambda repeat, serious, at: form(
            "adverse_event",
            "",
            repeat=repeat,
            values=EVENT | {"ae_started": "2024-03-04", "ae_serious": serious} | at,
            reason="more is known",
        ),
        st.integers(1, 3),
        st.sampled_from("NY"),
        st.just({}) | st.just({"ae_aware": "2024-03-04T09:00"}),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40)
@given(SEVERAL)
def test_together_they_lead_to_what_they_lead_to_one_by_one_or_to_nothing(forms: list[SaveForm]) -> None:
    alone, at_once = Desk(), Desk()
    for one in (alone, at_once):
        one.hold("SCR", SCREENED)
    facts, wrong = one_by_one(alone, forms)
    if wrong:
        heading, *said = refused(at_once, together(*forms))
        assert heading == f"nothing was stored, as {wrong} of {len(forms)} forms cannot be saved:"
        assert len(said) == wrong
    else:
        assert at_once.do(together(*forms)) == facts
        assert at_once.trial == alone.trial


def test_every_form_that_cannot_be_saved_is_named_with_its_refusal(desk: Desk) -> None:
    said = refused(
        desk,
        together(
            form(),
            form(visit="W4"),
            form("vital"),
            form(participant="99-999"),
            form("adverse_event", "", repeat=2),
            form(values=VITALS | {"pulse": "fast"}),
        ),
    )
    assert said[0] == "nothing was stored, as 5 of 6 forms cannot be saved:"
    assert [line.split(": ")[0] for line in said[1:]] == [
        "01-001, vitals, visit W4",
        "01-001, vital, visit SCR",
        "99-999, vitals, visit SCR",
        "01-001, adverse_event, record 2",
        "01-001, vitals, visit SCR",
    ]
    assert "has not been recorded as held" in said[1]
    assert "did you mean vitals?" in said[2]
    assert "Got fast" in said[5]


def test_what_stands_there_is_passed_over_and_a_change_needs_its_reason(desk: Desk) -> None:
    (fact,) = desk.do(together(form(), form()))
    assert isinstance(fact, FormSaved)
    assert desk.do(together(form())) == []
    changed = form(values={"pulse": 75})
    assert "please say why" in refused(desk, together(changed))[1]
    (fact,) = desk.do(together(form(), msgspec.structs.replace(changed, reason="copied wrongly")))
    assert isinstance(fact, FormSaved)
    assert fact.values == {"pulse": 75}


def test_a_participant_of_another_site_is_refused_as_nobody_is(desk: Desk) -> None:
    (_, foreign), (_, nobody) = (
        refused(desk, together(form(participant=who), site="02")) for who in (WHO, "99-999")
    )
    assert foreign.replace(WHO, "99-999") == nobody
    assert desk.do(together(form(), site=None))


def test_a_lock_of_one_of_the_forms_refuses_them_all(desk: Desk) -> None:
    at = datetime(2024, 3, 4, tzinfo=UTC)
    desk.trial.holds.append(Hold(scope=Scope(form="vitals"), locked=True, by="wang", at=at))
    event = form("adverse_event", "", values=EVENT | {"ae_started": "2024-03-04"})
    _, said = refused(desk, together(event, form()))
    assert said.startswith("01-001, vitals, visit SCR: ")
    assert "locked" in said


@pytest.mark.parametrize("number", [0, MOST + 1])
def test_none_or_too_many_are_refused_at_once(desk: Desk, number: int) -> None:
    assert refused(desk, together(*[form()] * number))[0].startswith(f"one step saves 1 to {MOST} forms")
